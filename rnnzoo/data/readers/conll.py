"""Tagged words in columns, one a line: CoNLL's layouts and two columns, known by what they hold."""

from __future__ import annotations

import collections
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from rnnzoo.data.readers.rows import LeftOut, listed, numbers_share, place_of
from rnnzoo.errors import DataError, WrongValue

# The columns of CoNLL-U that hold one tag a word, by the names the format gives them.
COLUMNS = {"upos": 3, "xpos": 4, "deprel": 7}
_NAMES = {
    10: ("id", "form", "lemma", "upos", "xpos", "feats", "head", "deprel", "deps", "misc"),
    14: (
        "id", "form", "lemma", "plemma", "pos", "ppos", "feat", "pfeat", "head", "phead", "deprel",
        "pdeprel", "fillpred", "pred",
    ),
}  # fmt: skip

_WORD_ID = re.compile(r"[1-9][0-9]*")
# Of several words written as one (1-2), and of words that are not written at all (8.1).
_OTHER_ID = re.compile(r"[1-9][0-9]*-[1-9][0-9]*|[0-9]+\.[1-9][0-9]*")


class Tagged(NamedTuple):
    """A sequence and its tags, one for each element.

    Attributes:
        tokens: a tuple of words, or a string, whose elements are its characters.
        tags: a tuple of as many strings.
    """

    tokens: tuple[str, ...] | str
    tags: tuple[str, ...]


@dataclass(frozen=True)
class Columns:
    """Which columns are what.

    Attributes:
        layout: in words.
        word, tag: their places; -1 is the last.
        width: how many there are.
        ids: the place of the words' numbers in their sentence, if there are such.
        header: whether the first line names the columns.
        note: what to say of the choice.
    """

    layout: str
    word: int
    tag: int
    width: int
    ids: int | None = None
    header: bool = False
    note: str = ""


def read_columns(
    lines: Iterable[str], path: Any, columns: Columns, left_out: LeftOut
) -> Iterator[Tagged]:
    """The sentences of a file, in order; a blank line ends a sentence.

    Lines with # are comments where words have numbers; else those at a sentence's begin whose
    columns are others than the words'. The words of a multiword token are read, not its written
    form (1-2), and empty nodes (8.1) are left out.

    Raises:
        ValueError: a malformed line, with file and line number.
    """
    words: list[str] = []
    tags: list[str] = []
    header = columns.header
    for number, line in enumerate(lines, 1):
        if not line.strip():
            if words:
                yield Tagged(tuple(words), tuple(tags))
                words, tags = [], []
            continue
        if header:
            header = False
            continue
        try:
            pair = _parsed(line, columns, len(words), left_out, number)
        except WrongValue as error:
            raise DataError(f"{path}, line {number}: {error}", path, number) from None
        if pair:
            words.append(pair[0])
            tags.append(pair[1])
    if words:
        yield Tagged(tuple(words), tuple(tags))


def _parsed(line, columns, words_before, left_out, number):
    cells = split(line)
    if line[0] == "#" and _is_comment(line, cells, columns, words_before):
        if columns.ids is None:  # where a word may begin so, too
            left_out.add("comments", number)
        return None
    if columns.ids is not None:
        if len(cells) != columns.width:
            of = "" if columns.width == 10 else f" ({columns.layout})"
            raise WrongValue(
                f"expected {columns.width} columns separated by tabs{of}, got {len(cells)}: "
                f"{line[:200]!r}"
            )
        identity = cells[columns.ids]
        if _OTHER_ID.fullmatch(identity):
            if "." in identity:
                left_out.add("empty nodes", number)
            return None
        if columns.layout == "CoNLL-U":
            if not _WORD_ID.fullmatch(identity):
                raise WrongValue(f"expected an ID such as 1, 1-2 or 1.1, got {identity[:40]!r}")
            if int(identity[:9]) != words_before + 1:
                raise WrongValue(
                    f"expected word {words_before + 1} of the sentence, got {identity}"
                )
    elif cells[0] == "-DOCSTART-":
        left_out.add("-DOCSTART- lines", number)
        return None
    if len(cells) <= max(columns.word, columns.tag, columns.tag == -1):
        csv = "; of commas between them, --columns 1,2 tells" if "," in line else ""
        raise WrongValue(f"expected a word and a tag, got {line[:200]!r}{csv}")
    word, tag = cells[columns.word].strip(" "), cells[columns.tag].strip(" ")
    if not word or not tag:
        raise WrongValue(f"the {'tag' if word else 'word'} is empty")
    return word, tag


def split(line: str) -> list[str]:
    """The columns of a line, at tabs or else at spaces alone: a word may hold others."""
    return line.split("\t") if "\t" in line else re.split(" +", line.strip(" "))


def _is_comment(line, cells, columns, words_before):
    if columns.ids is not None:
        return True
    if len(cells) != columns.width:
        return True
    return not words_before and line.startswith("# ") and "=" in line  # no #hashtag


# --- which layout ---------------------------------------------------------------------------------


def columns_of(
    head: Sequence[str],
    path: Path,
    column: str,
    asked: Sequence[str] | None,
    known: Sequence[str],
    words_alone: bool = False,
) -> Columns:
    """The layout of a file by its first lines.

    Args:
        head: these.
        path: of the file.
        column: which tag of a CoNLL-U file, one of `COLUMNS`.
        asked: the columns of word and tag, if they were asked for.
        known: names of columns, of which a first line may be made.
        words_alone: whether the words are wanted, and no tags: they take these' place.

    Raises:
        ValueError: it can't be told which column is the word and which the tag.
    """
    rows = _rows(head)
    width = _width(rows)
    row: list[str] = next((row for _, row in rows if len(row) == width), [])
    if counted := width == 10 and (_counts(rows, 0) or path.suffix.lower() == ".conllu"):
        found = Columns("CoNLL-U", 1, COLUMNS[column], 10, 0, note=f"column {column}")
    elif counted := width >= 14 and _counts(rows, 0):
        found = Columns("CoNLL-2009", 1, 10 if column == "deprel" else 4, width, 0)
    elif width >= 11 and _counts(rows, 2):
        found = Columns("CoNLL-2012", 3, 4, width, 2)
        counted = True
    else:
        counted = width > 1 and _counts(rows, 0)
        tag = 2 if counted and width == 3 else -1
        found = Columns(f"{width} columns", int(counted), tag, width, 0 if counted else None)
    names: Sequence[str] | None = _NAMES.get(width) if counted else None
    if not counted and len(rows) > 1 and all(cell.lower() in known for cell in rows[0][1]):
        names = rows[0][1]
        found = Columns(found.layout, found.word, found.tag, width, None, header=True)
    if asked:
        word, tag = (place_of(one, names, row, path) for one in asked)
        said = f"word {word + 1}, tag {tag + 1} of {width}"
        return Columns(found.layout, word, tag, width, found.ids, found.header, said)
    if words_alone:
        return replace(found, tag=found.word, note="")
    body = [cells for _, cells in rows[found.header :] if len(cells) == width]
    # CoNLL's own layouts say which columns are what; of other ones it is told by what is in them.
    if found.layout.startswith("CoNLL"):
        return found
    why = _doubt(body, rows, width, counted, path)
    if why:
        raise DataError(
            f"{path}: {why}; its columns are {listed(names, row)}. Say which are word and tag: "
            f'--columns 1,2, in Python columns=("1", "2")',
            path,
        )
    if width > 2 and not counted:
        note = f"word 1, tag {width} of {width} (--columns for others)"
        return Columns(found.layout, 0, -1, width, None, found.header, note)
    return found


def _rows(head):
    """The columns of each line, with whether it is the first of its sentence; no comments."""
    rows, first = [], True
    for line in head:
        if not line.strip():
            first = True
        elif not line.startswith(("#", "-DOCSTART-")):
            rows.append((first, split(line)))
            first = False
    # A file may be of nothing but words that begin so.
    return rows or [(True, split(line)) for line in head if line.strip()]


def _width(rows):
    return collections.Counter(len(row) for _, row in rows).most_common(1)[0][0]


def _counts(rows, place):
    """Whether a column numbers the words of each sentence, from 1 or 0."""
    before, right = None, 0
    for begins, row in rows:
        before = None if begins else before
        cell = row[place] if len(row) > place else ""
        if _OTHER_ID.fullmatch(cell):
            right += 1
            continue
        number = int(cell) if cell.isdecimal() and len(cell) < 7 else None
        right += cell in ("0", "1") if before is None else number == before + 1
        before = number
    return right > 0.9 * len(rows)


def _doubt(body, rows, width, counted, path):
    """Why a file's columns are hardly words and tags, in words; None if they may be."""
    if width < 2 or not body:
        return None  # the first line without a tag is told of
    cells = [" ".join(row) for row in body]
    if numbers_share(body) > 0.95:
        return "it looks like a table of numbers, as load_series reads, and not like words and tags"
    if len(rows) >= 10 and len(body) < 0.8 * len(rows):
        widths = sorted({len(row) for _, row in rows})
        return (
            f"it looks like plain text, and not like words and tags in columns: its lines have "
            f"{widths[0]} to {widths[-1]} words, such as {cells[0][:40]!r}"
        )
    if sum(" " in row[-1].strip() and " " in row[0].strip() for row in body) > 0.3 * len(body):
        return "it looks like pairs of sentences, as load_pairs reads, and not like words and tags"
    if sum(" " in row[0].strip() for row in body) > 0.3 * len(body):
        return "its first column holds sentences, and not a word in each line"
    if not counted and width > 2 and numbers_share([row[:1] for row in body]) > 0.9:
        return "its first column holds numbers, which don't count words"
    if counted:
        return "several columns may be tags" if width > 3 else "no column of tags" * (width < 3)
    words, tags = (len({row[place] for row in body}) for place in (0, -1))
    if len(body) >= 20 and (tags > len(body) / 2 or tags > 2 * words):
        return (
            f"its last column has {tags:,} different values in {len(body):,} lines, its first "
            f"{words:,}: hardly tags and words"
        )
    return None
