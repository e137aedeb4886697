"""Vectors of words that were learned elsewhere: files of word2vec, GloVe and fastText."""

from __future__ import annotations

import itertools
import os
from collections.abc import Container
from dataclasses import dataclass

import numpy as np

from rnnzoo.data.readers.opening import open_binary
from rnnzoo.errors import DataError

# Words of a file that are kept whether wanted or not. The files begin with the most frequent ones.
MOST = 50_000
_LONGEST = 2**16  # bytes of a line, or of a word


@dataclass(frozen=True, eq=False)
class WordVectors:
    """Words in lower case, and a vector of each.

    Attributes:
        words: distinct.
        values: float32 (words, size).
        said: what was read and what was left out, in a line.
    """

    words: tuple[str, ...]
    values: np.ndarray
    said: str

    @property
    def size(self) -> int:
        """The length of a vector."""
        return self.values.shape[1]


def read_vectors(
    path: str | os.PathLike[str], wanted: Container[str] = (), most: int = MOST
) -> WordVectors:
    r"""The vectors of the words wanted, and of those that a file begins with.

    Files are text, a word and its numbers a line, with or without a first line that says how many
    words there are and how many numbers each has (word2vec, fastText; GloVe); or word2vec's binary
    ones. They may be packed. Words are read in lower case: of several that are the same so, the one
    that is in lower case itself, or else the first one.

    Args:
        path: of the file.
        wanted: words, in lower case.
        most: how many words are kept beside those.

    Raises:
        ValueError: the file is none of these, or damaged; the line is named.
        OSError: it can't be opened.

    Example:
        >>> import pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp(), "few.vec")
        >>> _ = path.write_text("3 2\nThe 1 2\ndog 3 4\nemu 5 6\n")
        >>> read = read_vectors(path, wanted={"emu"}, most=1)
        >>> read.words, read.values.tolist()
        (('the', 'emu'), [[1.0, 2.0], [5.0, 6.0]])
        >>> read.said.split(": ")[1]
        '2 of 3 words, 2 numbers each'
    """
    kept: dict[str, tuple[str, np.ndarray]] = {}
    total = size = 0
    with open_binary(path) as file:
        promised, entries = _entries(file, path)
        for number, (word, values) in enumerate(entries):
            total = number + 1
            lower = word.lower()
            known = kept.get(lower)
            if known is not None and (known[0] == lower or word != lower):
                continue
            if known is None and number >= most and lower not in wanted:
                continue
            vector = np.array(values(), np.float32)
            if not np.isfinite(vector).all():
                raise DataError(f"{path}: the vector of {word!r} has numbers that are none", path)
            size = len(vector)
            kept[lower] = word, vector
    if not kept:
        raise DataError(f"{path} holds no vectors of words that are wanted, of {total:,}", path)
    said = f"{path}: {len(kept):,} of {total:,} words, {size:,} numbers each"
    if promised not in (None, total):
        said += f" (its first line says {promised:,} words: is it complete?)"
    return WordVectors(tuple(kept), np.stack([vector for _, vector in kept.values()]), said)


def _entries(file, path):
    """How many words there should be, or None; of each a function to its numbers, which most words
    are not asked for.
    """
    first = file.readline(_LONGEST)
    header = first.split()
    if len(header) == 2 and all(part.isdigit() for part in header):
        count, size = map(int, header)
        rest = file.peek(_LONGEST)[:_LONGEST]
        if not rest.strip() or _begins_as_text(rest):
            return count, _lines(file, path, size, before=1)
        return count, _binary(file, path, count, size)
    size = len(header) - 1
    if size < 2 or not _is_text(first, size):
        raise DataError(
            f"{path}, line 1: expected a word and its numbers, as files of word2vec, GloVe and "
            f"fastText have them, got {first[:60]!r}",
            path,
            1,
        )
    entries = _lines(file, path, size, before=1)
    return None, itertools.chain([_entry(first, path, size, 1)], entries)


def _is_text(line, size):
    """Whether bytes begin with a word and so many numbers."""
    numbers = line.split(b"\n")[0].rsplit(None, size)[-size:]
    try:
        return len([float(number) for number in numbers]) == size
    except ValueError:
        return False


def _begins_as_text(block):
    """Whether the line with which bytes begin, perhaps cut, is one of a word and numbers."""
    whole = block.lstrip().split(b"\n")[0].split()[:-1]
    return len(whole) > 1 and _is_text(b"word " + whole[-1], 1)


def _lines(file, path, size, before):
    for number, line in enumerate(file, before + 1):
        if not line.isspace():
            yield _entry(line, path, size, number)


def _entry(line, path, size, number):
    # From the end, as a word may hold blanks.
    word, *numbers = line.rstrip().rsplit(None, size)

    def values():
        try:
            return [float(each) for each in numbers]
        except ValueError:
            raise _odd(line, path, size, number) from None

    if len(numbers) != size:
        raise _odd(line, path, size, number)
    return word.decode("utf-8", "replace"), values


def _odd(line, path, size, number):
    return DataError(
        f"{path}, line {number}: expected a word and {size} numbers, got {line[:60]!r}; is the "
        "file complete?",
        path,
        number,
    )


def _binary(file, path, count, size):
    for number in range(1, count + 1):
        word = bytearray()
        while (byte := file.read(1)) not in (b" ", b""):
            word += byte
            if len(word) > _LONGEST:
                raise DataError(f"{path}, word {number}: not as word2vec writes binary files", path)
        data = file.read(4 * size)
        if len(data) != 4 * size:
            raise DataError(
                f"{path} ends within word {number:,} of {count:,}: is the file complete?", path
            )
        name = bytes(word).lstrip(b"\n").decode("utf-8", "replace")
        yield name, lambda data=data: np.frombuffer(data, "<f4")
