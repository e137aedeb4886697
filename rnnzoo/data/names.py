"""Names to train on, short sequences that end by themselves: a data set, or the user's own file."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rnnzoo.data.base import Data
from rnnzoo.data.pipelines import splits
from rnnzoo.data.readers import rows
from rnnzoo.data.readers.names import read_names
from rnnzoo.data.registry import list_datasets, load_dataset, no_such_source
from rnnzoo.errors import DataError

TASK = "name-generation"


@dataclass(frozen=True, kw_only=True, repr=False)
class Names(Data[tuple[str, ...]]):
    """Distinct names in three parts; no two parts hold names that hardly differ.

    The other attributes are those of `rnnzoo.data.Data`.
    """

    @staticmethod
    def joined(parts: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
        return tuple(name for part in parts for name in part)

    @staticmethod
    def digest(part: tuple[str, ...]) -> str:
        return hashlib.sha256(json.dumps(part).encode()).hexdigest()


def load_names(
    source: str | os.PathLike = "python_names",
    *,
    columns: str | Sequence[str | int] | None = None,
    encoding: str | None = None,
    validation: float = 0.1,
    test: float = 0.1,
) -> Names:
    """Load names by name of the data set, or by path.

    Args:
        source: one of ``rnnzoo.list_datasets(task="name-generation")``, such as ``"python_names"``;
            or the path of a file with a name a line, or with a column of them (.csv, .tsv, JSON
            lines). A name may be a word or a line, of at most 256 characters; blanks around it are
            taken away, and each counts once. Files may be packed (gzip, bzip2, xz, zip).
        columns: the column of a table by its name or number from 1, where it isn't called "name",
            "word" or the like.
        encoding: of the file, see `rnnzoo.load_text`.
        validation, test: shares that are held out, the same ones each time. What hardly differs is
            not held out from each other.

    Raises:
        FileNotFoundError: no data set of that name and no such file.
        ValueError: the file is not as above, or too small to split.

    Example:
        >>> names = load_names()
        >>> {*names.train} & {*names.test}
        set()
    """
    if source in list_datasets(task=TASK):
        return load_dataset(source, TASK)
    splits.check_shares(validation, test, to_validate=False)
    path = Path(source)
    if not path.is_file():
        raise no_such_source(path, "a file of names", TASK)
    names, reading = read_names(path, columns, encoding)
    spellings = [*map(spelling, names)]
    apart = splits.by_text({each: each for each in spellings}, validation, test)
    split_of = apart.split_of
    if "train" not in split_of.values():
        raise DataError(
            f"{path} holds {len(names)} name(s), {len(split_of)} of them different: too few to "
            "train on some and to hold some out",
            path,
        )
    parts = parted(names, split_of)
    reading = rows.with_more(reading, **apart.told(spellings))
    return Names.from_parts(str(source), parts, {"source": path.absolute().name}, reading=reading)


def parted(names: Iterable[str], split_of: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """By split its names, of the split of each `spelling`."""
    names = list(names)
    parts = splits.parted(names, [split_of[spelling(name)] for name in names])
    return {split: tuple(part) for split, part in parts.items()}


def spelling(name: str) -> str:
    """What names share that are in one split: a name without case and underscores.

    >>> spelling("_HTTPServer") == spelling("http_server")
    True
    """
    return name.casefold().replace("_", "")
