"""Tagged sentences in the user's files: CoNLL-U, and two columns."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from rnnzoo.data.pipelines.splits import SPLIT_NAME, SPLIT_NAMES
from rnnzoo.errors import DataError, WrongValue

# The columns of CoNLL-U that hold one tag a word, by the names the format gives them.
COLUMNS = {"upos": 3, "xpos": 4, "deprel": 7}

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


def read_conll(path: str | os.PathLike, column: str = "upos") -> Iterator[Tagged]:
    """The sentences of one file, in order; a blank line ends a sentence.

    A file whose name ends in ``.conllu`` is CoNLL-U: ten columns separated by tabs; lines that
    begin with # are comments; the words of a multiword token are read, not its written form (1-2),
    and empty nodes (8.1) are left out. Any other file has two columns or more, separated by tabs or
    else by spaces: the word first and its tag last. There # is a word like others, and -DOCSTART-
    lines are left out.

    Args:
        path: a UTF-8 file.
        column: which tag of a CoNLL-U file, one of `COLUMNS`.

    Raises:
        ValueError: a malformed line, with file and line number.
    """
    path = Path(path)
    parse = _conllu_line(column) if path.suffix.lower() == ".conllu" else _two_column_line
    tokens: list[str] = []
    tags: list[str] = []
    with path.open("rb") as lines:
        for number, data in enumerate(lines, 1):
            try:
                line = data.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
                if line.strip():
                    if pair := parse(line, len(tokens)):
                        tokens.append(pair[0])
                        tags.append(pair[1])
                    continue
            except UnicodeDecodeError as error:
                raise DataError(
                    f"{path}, line {number}: not UTF-8 ({error.reason})", path, number
                ) from None
            except ValueError as error:
                raise DataError(f"{path}, line {number}: {error}", path, number) from None
            if tokens:
                yield Tagged(tuple(tokens), tuple(tags))
                tokens, tags = [], []
    if tokens:
        yield Tagged(tuple(tokens), tuple(tags))


def _conllu_line(column):
    index = COLUMNS[column]

    def parse(line, words_before):
        if line.startswith("#"):
            return None
        columns = line.split("\t")
        if len(columns) != 10:
            raise WrongValue(f"expected 10 columns separated by tabs, got {len(columns)}: {line!r}")
        if _OTHER_ID.fullmatch(columns[0]):
            return None
        if not _WORD_ID.fullmatch(columns[0]):
            raise WrongValue(f"expected an ID such as 1, 1-2 or 1.1, got {columns[0]!r}")
        if int(columns[0]) != words_before + 1:
            raise WrongValue(f"expected word {words_before + 1} of the sentence, got {columns[0]}")
        return _word(columns[1], columns[index])

    return parse


def _two_column_line(line, words_before):
    # At spaces alone: a word may hold others, which don't break it.
    columns = line.split("\t") if "\t" in line else re.split(" +", line.strip(" "))
    if columns[0] == "-DOCSTART-":
        return None
    if len(columns) < 2:
        raise WrongValue(f"expected a word and a tag, got {line!r}")
    return _word(columns[0].strip(" "), columns[-1].strip(" "))


def _word(word, tag):
    if not word or not tag:
        raise WrongValue(f"the {'tag' if word else 'word'} is empty")
    return word, tag


def files_by_split(folder: Path) -> list[tuple[Path, str]]:
    """The files of a folder that are named after a split, sorted by name, each with its split.

    Raises:
        ValueError: none of them is to train on.
    """
    found: list[tuple[Path, str]] = []
    for file in sorted(folder.iterdir()):
        names = {SPLIT_NAMES[name] for name in SPLIT_NAME.findall(file.stem.lower())}
        if file.is_file() and not file.name.startswith(".") and len(names) == 1:
            found.append((file, names.pop()))
    # Beside a treebank's files lie others of the same names: plain text, word vectors.
    conllu = [pair for pair in found if pair[0].suffix.lower() == ".conllu"]
    found = conllu or found
    if "train" not in {split for _, split in found}:
        raise WrongValue(
            f"the folder {folder} holds no file whose name has the word train in it; expected "
            "CoNLL files such as train.conllu, dev.conllu and test.conllu"
        )
    return found
