"""Tagged sequences to train on: a data set by its name, or the user's own files."""

from __future__ import annotations

import hashlib
import itertools
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rnnzoo.data.base import Data
from rnnzoo.data.pipelines import splits
from rnnzoo.data.readers import rows
from rnnzoo.data.readers.conll import COLUMNS, Tagged
from rnnzoo.data.readers.tagged import files_by_split, read_tagged, reading_of
from rnnzoo.data.registry import list_datasets, load_dataset, no_such_source
from rnnzoo.data.sniffing import check_task
from rnnzoo.errors import DataError, WrongValue

TASK = "sequence-tagging"


@dataclass(frozen=True, kw_only=True, repr=False)
class TaggedData(Data[tuple[Tagged, ...]]):
    """Tagged sequences in three parts that share nothing; what was not set aside is empty.

    The other attributes are those of `rnnzoo.data.Data`; ``metadata`` holds ``files`` (count), too,
    and as known ``column`` and ``python`` (version).
    """

    validation: tuple[Tagged, ...] = ()
    test: tuple[Tagged, ...] = ()

    @property
    def lacks(self) -> str:
        parts = (self.train, self.validation, self.test)
        tags = {tag for part in parts for sentence in part for tag in sentence.tags}
        return f"all tags are {min(tags)}; expected two at least" if len(tags) == 1 else ""

    @staticmethod
    def joined(parts: Sequence[tuple[Tagged, ...]]) -> tuple[Tagged, ...]:
        return tuple(itertools.chain.from_iterable(parts))

    @staticmethod
    def digest(part: tuple[Tagged, ...]) -> str:
        sha256 = hashlib.sha256()
        for tokens, tags in part:
            # A word holds no newline; where tokens are characters, the tags say where they end.
            sha256.update(("\n".join((*tokens, "", *tags)) + "\n\n").encode())
        return sha256.hexdigest()


def load_tagged(
    source: str | os.PathLike = "python_tokens",
    *,
    column: str = "upos",
    columns: str | Sequence[str | int] | None = None,
    encoding: str | None = None,
    validation: float = 0.1,
    test: float = 0.0,
) -> TaggedData:
    """Load tagged sequences by name or path.

    Args:
        source: one of ``rnnzoo.list_datasets(task="sequence-tagging")``, such as
            ``"universal_dependencies/en_ewt"``; or the path of a file of words and tags, in any of
            the layouts that `rnnzoo.data.read_tagged` knows; or of a folder with files whose names
            hold the word train, dev (or valid, val, validation, testa) or test (or testb), as
            treebanks come. Behind a path, a colon and a column say which, as on the command line:
            "UD_English-EWT:xpos".
        column: which tag of a CoNLL-U file: "upos", "xpos" or "deprel".
        columns: of word and tag, by names or numbers from 1, such as ``("word", "tag")``, where
            they can't be told or are to be others.
        encoding: of the files, see `rnnzoo.load_text`.
        validation, test: shares of a single file, from its end, that are held out; of a folder
            without a file to validate on, the first is that of the file to train on. A sentence
            that hardly differs from one before it is where that one is.

    Raises:
        FileNotFoundError: no data set of that name and no such path.
        MissingPackage: it needs a package that is not installed.
        ConnectionError: it must be downloaded, and the network does not answer.
        ValueError: a malformed line (with file and line number), no sentences, a folder without
            training data, data of another task, a wrong share or column.

    Example:
        ``load_tagged("UD_English-EWT", column="upos").train[0].tags``
    """
    if source in list_datasets(task=TASK):
        return load_dataset(source, TASK)
    if not os.fspath(source):
        names = ", ".join(list_datasets(task=TASK))
        raise WrongValue(f"source='': expected a path or one of {names}")
    path = Path(source)
    before, _, behind = os.fspath(source).rpartition(":")
    if before and behind in COLUMNS and not path.exists():
        path, column = Path(before), behind
    splits.check_shares(validation, test, to_validate=False)
    if column not in COLUMNS:
        raise WrongValue(f"column={column!r}: expected one of {', '.join(COLUMNS)}")
    odd = []
    if path.exists() and columns is None:
        insist = "--columns 1,2, in Python columns=(1, 2), says which are word and tag"
        odd = check_task(path, TASK, encoding, insist)
    if path.is_dir():
        files, others = files_by_split(path)
    elif path.is_file():
        files, others = [(path, "train")], []
    else:
        raise no_such_source(source, "a CoNLL file, nor a folder", TASK)
    sentences: dict[str, list[Tagged]] = {split: [] for split in splits.SPLITS}
    readings = {}
    for file, split in files:
        name = file.relative_to(path).as_posix()
        read, readings[name] = read_tagged(file, column=column, columns=columns, encoding=encoding)
        sentences[split] += read
    reading = rows.with_more(rows.merged(readings), left_out=others, warnings=odd)
    reading = reading_of([one for part in sentences.values() for one in part], reading)
    given = [split for split, part in sentences.items() if part]
    told: dict[str, Any] = {}
    if path.is_file():
        sentences, told = _split(sentences["train"], validation, test)
    elif not sentences["validation"] and validation:
        held_out, told = _split(sentences["train"], validation, 0)
        sentences |= {split: held_out[split] for split in ("train", "validation")}
        said = f"{len(sentences['validation']):,} sentences of train, as no file is for it"
        reading = rows.with_more(reading, facts={"validation": said})
    reading = rows.with_more(reading, **told)
    texts = {split: [*map(_text, part)] for split, part in sentences.items()}
    reading = rows.with_more(reading, warnings=splits.seen_in_training(texts, given))
    tags = {tag for sentence in sentences["train"] for tag in sentence.tags}
    if tags == {"_"}:
        other = "xpos" if column == "upos" else "upos"
        raise DataError(
            f"{path} has no {column} tags: each is _; choose another column, such as "
            f"{path}:{other}",
            path,
        )
    if not sentences["train"]:
        raise DataError(f"{path} holds too few tagged sentences: none is left to train on", path)
    metadata = {"source": path.absolute().name, "files": len(files)}
    if "CoNLL-U" in reading.layout and columns is None:
        metadata["column"] = column
    parts = {split: tuple(part) for split, part in sentences.items()}
    return TaggedData.from_parts(os.fspath(source), parts, metadata, reading=reading)


def _split(sentences, validation, test):
    """By split its sentences, in order, those that are alike in one; and what to say of it."""
    apart = splits.rows_in_order([*map(_text, sentences)], validation, test)
    of_each = [apart.split_of[row] for row in range(len(sentences))]
    return splits.parted(sentences, of_each), apart.told(range(len(sentences)))


def _text(sentence):
    """The text of characters or words."""
    return sentence.tokens if isinstance(sentence.tokens, str) else " ".join(sentence.tokens)


def pieces(sequence: Tagged, length: int) -> list[Tagged]:
    r"""A sequence cut into pieces of at most ``length`` elements, in order, nothing lost.

    A text is cut behind the last end of a line that fits, if there is one.

    >>> [piece.tokens for piece in pieces(Tagged("ab\ncdef", ("x",) * 7), 4)]
    ['ab\n', 'cdef']
    """
    if length < 1:
        raise WrongValue(f"length={length}: expected at least 1")
    tokens, tags = sequence
    found, begin = [], 0
    while begin < len(tags):
        end = begin + length
        if isinstance(tokens, str) and end < len(tags):
            end = tokens.rfind("\n", begin, end) + 1 or end
        found.append(Tagged(tokens[begin:end], tags[begin:end]))
        begin = end
    return found
