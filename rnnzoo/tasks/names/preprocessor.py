"""From names to ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from rnnzoo.data.names import Names
from rnnzoo.data.readers.names import LONGEST, control_character
from rnnzoo.errors import WrongType, WrongValue
from rnnzoo.platform import tf
from rnnzoo.tasks.arguments import strings
from rnnzoo.tasks.names.lengths import Lengths
from rnnzoo.tasks.vocabulary import MARKS, CharacterVocabulary, news

START, STOP = 1, 2  # the ids of MARKS in every vocabulary, as names hold no control characters


@dataclass(frozen=True)
class NamePreprocessor:
    """How a name generator reads: by a vocabulary of characters, START and STOP among them.

    Attributes:
        vocabulary: the characters that are known; None as long as none are.
        lengths: how long names are; None where a model has no need to know.
    """

    vocabulary: CharacterVocabulary | Any = None
    lengths: Lengths | None = None

    def splits(
        self,
        train: tuple[Any, Any] | None = None,
        validation: tuple[Any, Any] | None = None,
        test: tuple[Any, Any] | None = None,
    ) -> Names:
        """What the feed takes, of what `fit` and `evaluate` are given."""
        return Names(
            name="the names",
            train=_names(train),
            validation=_names(validation),
            test=_names(test),
        )

    def learned_from(self, data: Names, vocabulary: str = "extend") -> Self:
        """With the characters and the lengths of the training split.

        Args:
            data: of which splits.
            vocabulary: "extend": characters beside those that are known; "reset": in their place;
                "keep": only where none are known. Lengths are those of the newest split.

        Warns:
            UserWarning: characters that are to stay unknown.
        """
        text = "".join(data.train)
        if vocabulary == "keep" and self.vocabulary is not None:
            self.vocabulary.warn_of_unknown(text, "The training split")
            learned = self
        else:
            known = self.vocabulary.characters if self.vocabulary and vocabulary == "extend" else ""
            learned = replace(self, vocabulary=CharacterVocabulary(MARKS + known + text))
        if self.lengths is not None:
            learned = replace(learned, lengths=Lengths.of(data.train))
        return self if learned == self else learned

    def news(self, before: NamePreprocessor) -> str:
        """What is known beyond what was known before, in words; empty if nothing was."""
        if before.vocabulary is None:
            return ""
        return news("characters", self.vocabulary.characters, before.vocabulary.characters)

    def encode(self, names: tf.Tensor) -> tf.RaggedTensor:
        """Ids of UTF-8 strings (batch,) between START and STOP, int32 (batch, None); graph code."""
        return self.vocabulary.encode(tf.strings.join([MARKS[0], names, MARKS[1]]))


def checked(given: Any, what: str = "names", empty: bool = False) -> list[str]:
    """A name or a sequence of names, as a list.

    Args:
        given: by the user.
        what: it is, in words.
        empty: whether names of no character are names, too.

    Raises:
        TypeError: it is something else.
        ValueError: one is empty, or too long, or holds a control character.
    """
    names = strings(given, what)
    for name in names:
        check_characters(name, what)
        if not (name or empty):
            raise WrongValue(f"{what}: one is empty; expected some characters in each")
    return names


def check_characters(name: str, what: str) -> None:
    """Raise a ValueError unless a name, or its beginning, is short and of one line."""
    if len(name) > LONGEST:
        raise WrongValue(
            f"{what}: {name[:20]!r}... has {len(name):,} characters, expected at most {LONGEST}; "
            "models of text (char_lstm) take longer ones"
        )
    if odd := control_character(name):
        raise WrongValue(f"{what}: {name!r} holds the control character {odd!r}; expected a line")


def _names(given: tuple[Any, Any] | None) -> tuple[str, ...]:
    """The names of ``(x, y)``, where x is a list of them and y None; none of None."""
    if given is None:
        return ()
    x, y = given
    if y is not None or isinstance(x, str) or not isinstance(x, (Sequence, np.ndarray)):
        kinds = type(x).__name__ + ("" if y is None else f" and y of {type(y).__name__}")
        raise WrongType(f"Expected a list of names, or a dataset of batches, got {kinds}.")
    if not (names := tuple(checked(x))):
        raise WrongValue("Expected a list of names, got an empty one: give one name at least.")
    return names
