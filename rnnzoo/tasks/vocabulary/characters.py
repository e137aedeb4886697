"""Characters <-> ids, the same in Python and in the exported graph."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from rnnzoo.errors import WrongType, WrongValue
from rnnzoo.notices import warn
from rnnzoo.platform import tf
from rnnzoo.tasks.vocabulary.search import search

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"  # how the unknown character is shown
# Before and behind each text or name that is to end by itself: ASCII's start and end of a text.
MARKS = "\x02\x03"


class CharacterVocabulary:
    """The characters a model knows, in code point order.

    Id 0 stands for every character that is not among them; id i is ``characters[i - 1]``. A
    character is one Unicode code point; nothing is normalized.

    Args:
        characters: any string; repetitions and order don't matter.

    Attributes:
        characters: the sorted distinct characters.
        size: number of ids, ``len(characters) + 1``.

    Raises:
        TypeError: `characters` is not a string.
        ValueError: it is empty, or holds a lone surrogate, which no UTF-8 text can.

    Example:
        >>> vocabulary = CharacterVocabulary("hello")
        >>> vocabulary.characters, vocabulary.size
        ('ehlo', 5)
        >>> vocabulary.ids("hole!").tolist()
        [2, 4, 3, 1, 0]
        >>> vocabulary.text([2, 4, 3, 1, 0])
        'hole\N{REPLACEMENT CHARACTER}'
    """

    UNKNOWN = 0

    def __init__(self, characters: str):
        if not isinstance(characters, str):
            raise WrongType(f"Characters must be a string, not {type(characters).__name__}.")
        check_encodable(characters)
        self.characters = "".join(sorted(set(characters)))
        if not self.characters:
            raise WrongValue("A vocabulary needs at least one character; the text is empty.")
        self._points = _code_points(self.characters)

    @property
    def size(self) -> int:
        return len(self.characters) + 1

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CharacterVocabulary) and self.characters == other.characters

    def __hash__(self) -> int:
        return hash(self.characters)

    def __repr__(self) -> str:
        return f"CharacterVocabulary({self.characters!r})"

    def unknown(self, text: str) -> str:
        """The distinct characters of `text` that are not in the vocabulary, sorted."""
        return "".join(sorted(set(text) - set(self.characters)))

    def warn_of_unknown(self, text: str, what: str) -> None:
        """Say which characters of `text` the model does not know; `what` names the text."""
        if unknown := self.unknown(text):
            shown = " ".join(map(repr, unknown[:20])) + (" ..." if len(unknown) > 20 else "")
            warn(
                f"{what} holds {len(unknown)} character(s) that the model does not know, read as "
                f"the unknown character: {shown}"
            )

    def ids(self, text: str) -> np.ndarray:
        """Ids of a string: int32 (len(text),)."""
        points = _code_points(text)
        index = np.minimum(np.searchsorted(self._points, points), len(self._points) - 1)
        return np.where(self._points[index] == points, index + 1, self.UNKNOWN).astype(np.int32)

    def text(self, ids: Iterable[int]) -> str:
        """The string of a sequence of ids."""
        shown = REPLACEMENT + self.characters
        return "".join(shown[i] for i in ids)

    def encode(self, texts: tf.Tensor) -> tf.RaggedTensor:
        """Ids of UTF-8 strings (batch,), as an int32 RaggedTensor (batch, None); graph code."""
        points = tf.strings.unicode_decode(texts, "UTF-8", errors="replace")
        index, found = search(self._points, points.flat_values)
        return points.with_flat_values(tf.where(found, index + 1, self.UNKNOWN))

    def decode(self, ids: tf.Tensor | tf.RaggedTensor) -> tf.Tensor:
        """UTF-8 strings (batch,) of ids, a RaggedTensor or tensor (batch, time); graph code."""
        shown = tf.constant(_code_points(REPLACEMENT + self.characters))
        if isinstance(ids, tf.RaggedTensor):
            points = ids.with_flat_values(tf.gather(shown, ids.flat_values))
        else:
            points = tf.gather(shown, ids)
        return tf.strings.unicode_encode(points, "UTF-8")


def check_encodable(text: str) -> None:
    """Raise a ValueError if UTF-8 has no encoding for the string."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise WrongValue(
            f"The text holds the lone surrogate {text[error.start]!r} at character {error.start}, "
            "which is no character; was a file read with errors='surrogateescape'?"
        ) from None


def _code_points(text: str) -> np.ndarray:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.int32)
