"""Text to train on: a data set by its name, or the user's own files."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rnnzoo.data.base import Data
from rnnzoo.data.pipelines import splits
from rnnzoo.data.readers import rows
from rnnzoo.data.readers.text import PLAIN, read_texts
from rnnzoo.data.registry import list_datasets, load_dataset, no_such_source
from rnnzoo.data.sniffing import check_task
from rnnzoo.errors import WrongValue

TASK = "text-generation"


@dataclass(frozen=True, kw_only=True)
class Text(Data[str]):
    """A text in three parts that share nothing; what was not set aside is empty.

    The other attributes are those of `rnnzoo.data.Data`; ``metadata`` may hold ``python`` (version)
    and ``files`` (count), too.
    """

    validation: str = ""
    test: str = ""

    @staticmethod
    def joined(parts: Sequence[str]) -> str:
        return "".join(parts)

    @staticmethod
    def digest(part: str) -> str:
        return hashlib.sha256(part.encode()).hexdigest()


def load_text(
    source: str | os.PathLike = "python_source",
    *,
    encoding: str | None = None,
    plain: bool = False,
    validation: float = 0.1,
    test: float = 0.0,
) -> Text:
    """Load a text by name or path.

    Args:
        source: one of ``rnnzoo.list_datasets(task="text-generation")``, such as
            ``"tiny_shakespeare"``; or the path of a text file, or of a folder: then all files in it
            and below, in natural order, joined by newlines, without those whose name begins with a
            dot. Files may be packed (gzip, bzip2, xz, zip). Of JSON lines with a key "text", and of
            a .csv file with a column of that name, these are read.
        encoding: of an own text, such as ``"cp1252"``. By default it is found out: UTF-8, UTF-16
            and UTF-32 for sure, others by a guess, which the reading tells.
        plain: whether files are taken as the text that they are, though they are tables, JSON, or
            look like data of another task, which is refused otherwise.
        validation: share of an own text, from its end, that is held out for validation. The named
            data sets come with their own splits.
        test: share of an own text after that, for testing.

    Raises:
        FileNotFoundError: no data set of that name and no such path; or the standard library's
            source is not installed.
        ValueError: there is no text, it is in another encoding or for another task, or the shares
            leave nothing to train on.
        ConnectionError: it must be downloaded, and the network does not answer, or with something
            else.

    >>> text = load_text()
    >>> len(text.train) > 10 * len(text.validation)
    True
    """
    if source in list_datasets(task=TASK):
        return load_dataset(source, TASK)
    splits.check_shares(validation, test, to_validate=False)
    if not os.fspath(source):
        names = ", ".join(list_datasets(task=TASK))
        raise WrongValue(f"source='': expected a path or one of {names}")
    path = Path(source)
    if not path.exists():
        raise no_such_source(path, "a text file, nor a folder", TASK)
    text, reading = read_texts(path, encoding, plain)
    if reading.layout == PLAIN and not plain:
        insist = "--plain, in Python plain=True, takes it as the text that it is"
        odd = check_task(path, TASK, encoding, insist)
        reading = rows.with_more(reading, warnings=[] if reading.warnings else odd)
    parts = splits.in_order(text, validation, test)
    metadata = {"source": path.absolute().name, "files": reading.counts.get("files", 1)}
    return Text.from_parts(str(source), parts, metadata, reading=reading)
