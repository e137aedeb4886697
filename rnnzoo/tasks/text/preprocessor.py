"""From texts to ids."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import Any, Self

from rnnzoo.data import Text
from rnnzoo.errors import WrongType, WrongValue
from rnnzoo.tasks.arguments import strings
from rnnzoo.tasks.vocabulary import CharacterVocabulary, news


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
