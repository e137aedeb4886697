"""From texts to ids."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import Any, Self

from rnnzoo.data import Documents, DocumentWindows, Text
from rnnzoo.errors import WrongType, WrongValue
from rnnzoo.tasks.arguments import strings
from rnnzoo.tasks.vocabulary import MARKS, CharacterVocabulary, LabelVocabulary, news


@dataclass(frozen=True)
class TextPreprocessor:
    """How a text generator reads: by a vocabulary of characters.

    Attributes:
        vocabulary: the characters that are known; None as long as none are.
    """

    vocabulary: CharacterVocabulary | Any = None

    def splits(
        self,
        train: tuple[Any, Any] | None = None,
        validation: tuple[Any, Any] | None = None,
        test: tuple[Any, Any] | None = None,
    ) -> Text:
        """What the feed takes, of what `fit` and `evaluate` are given."""
        return Text(
            name="the text", train=_text(train), validation=_text(validation), test=_text(test)
        )

    def learned_from(self, text: Text, vocabulary: str = "extend") -> Self:
        """With the characters of the training split.

        Args:
            text: of which splits.
            vocabulary: "extend": beside those that are known; "reset": in their place; "keep":
                only where none are known.

        Warns:
            UserWarning: characters that are to stay unknown.
        """
        if vocabulary == "keep" and self.vocabulary is not None:
            self.vocabulary.warn_of_unknown(text.train, "The training text")
            return self
        known = self.vocabulary.characters if self.vocabulary and vocabulary == "extend" else ""
        learned = CharacterVocabulary(known + text.train)
        return self if learned == self.vocabulary else replace(self, vocabulary=learned)

    def news(self, before: TextPreprocessor) -> str:
        """What is known beyond what was known before, in words; empty if nothing was."""
        if before.vocabulary is None:
            return ""
        return news("characters", self.vocabulary.characters, before.vocabulary.characters)


@dataclass(frozen=True)
class LabelledTextPreprocessor(TextPreprocessor):
    """How a conditioned generator reads: each text between START and STOP, and its label.

    Attributes:
        vocabulary: the characters that are known; None as long as none are.
        labels: those that are known; None as long as none are.
    """

    labels: LabelVocabulary | Any = None

    def splits(
        self,
        train: tuple[Any, Any] | None = None,
        validation: tuple[Any, Any] | None = None,
        test: tuple[Any, Any] | None = None,
    ) -> Text:
        given = {"train": train, "validation": validation, "test": test}
        documents = {split: _documents(of_split) for split, of_split in given.items()}
        return Text(
            name="the texts",
            documents=documents,
            **{split: part.text for split, part in documents.items()},
        )

    def learned_from(self, text: Text, vocabulary: str = "extend") -> Self:
        documents: Any = text.documents
        labels = sorted({*documents["train"].labels})
        characters = MARKS + "".join(documents["train"].texts)
        learned = super().learned_from(replace(text, train=characters), vocabulary)
        if self.labels is None or vocabulary == "reset":
            return replace(learned, labels=LabelVocabulary(labels, "labels"))
        if vocabulary == "keep":
            self.labels.ids(labels)
            return learned
        known = self.labels.with_others(labels)
        return learned if known is self.labels else replace(learned, labels=known)

    def news(self, before: Any) -> str:
        said = super().news(before)
        if before.labels is None:
            return said
        of_labels = news("labels", self.labels.labels, before.labels.labels)
        return ", ".join(filter(None, (said, of_labels)))

    def windows(self, documents: Documents, window: int) -> DocumentWindows:
        """Of documents, which are not empty, what is read at a time.

        Raises:
            ValueError: a text holds what is to say where it begins and ends.
        """
        if any(mark in text for text in documents.texts for mark in MARKS):
            raise WrongValue(
                "a text holds the control character '\\x02' or '\\x03', by which a model knows "
                "where texts begin and end: take it away"
            )
        ids = [self.vocabulary.ids(marked(text)) for text in documents.texts]
        return DocumentWindows(ids, self.labels.ids(documents.labels), window)


def marked(text: str) -> str:
    """A text between the marks of its beginning and its end."""
    return f"{MARKS[0]}{text}{MARKS[1]}"


def _documents(given: tuple[Any, Any] | None) -> Documents:
    """The texts and labels of ``(x, y)``, lists of strings as long; none of None."""
    if given is None:
        return Documents()
    x, y = given
    if isinstance(x, str) or isinstance(y, str):
        raise WrongType("Expected a list of texts and a list of their labels, got a single string.")
    texts, labels = strings(x, "texts"), strings(y, "labels")
    if len(texts) != len(labels):
        raise WrongValue(f"{len(texts):,} texts and {len(labels):,} labels: expected one of each")
    return Documents(tuple(texts), tuple(labels))


def _text(given):
    """The text of ``(x, y)``, where x is a text or a list of texts and y None; "" of None."""
    if given is None:
        return ""
    x, y = given
    several = isinstance(x, (list, tuple)) and len(x) > 0 and all(isinstance(t, str) for t in x)
    if y is not None or not (isinstance(x, str) or several):
        kinds = type(x).__name__ + ("" if y is None else f" and y of {type(y).__name__}")
        raise WrongType(
            "Expected a text, a list of texts, or a dataset of rnnzoo.data (contiguous, "
            f"shuffled_windows, in_order), got {kinds}."
        )
    if isinstance(x, str) and len(x) < 256 and os.path.isfile(x):
        raise WrongValue(
            f"{x!r} is a file here, and as a text it has {len(x)} characters: give what it holds, "
            f"rnnzoo.load_text({x!r}).train, or a list of texts"
        )
    return "\n".join(strings(x, "text"))
