"""Text to train on: a data set by its name, or the user's own files."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from rnnzoo.data.base import Data
from rnnzoo.data.documents import Documents, apart, parted
from rnnzoo.data.pipelines import splits
from rnnzoo.data.readers import rows
from rnnzoo.data.readers.documents import read_documents
from rnnzoo.data.readers.text import PLAIN, read_texts
from rnnzoo.data.registry import list_datasets, load_dataset, no_such_source
from rnnzoo.data.sniffing import check_task
from rnnzoo.errors import WrongValue

TASK = "text-generation"


@dataclass(frozen=True, kw_only=True, repr=False)
class Text(Data[str]):
    """A text in three parts that share nothing; what was not set aside is empty.

    The other attributes are those of `rnnzoo.data.Data`; ``metadata`` may hold ``python`` (version)
    and ``files`` (count), too.

    Attributes:
        documents: by split, the texts that it is joined of with a label each; None: they have none.
    """

    validation: str = ""
    test: str = ""
    documents: Mapping[str, Documents] | None = None

    @classmethod
    def of_documents(cls, name: str, documents: Mapping[str, Documents], *more: Any, **fields: Any):
        """Texts with their labels, by split; other arguments as for `from_parts`."""
        parts = {split: part.text for split, part in documents.items()}
        return cls.from_parts(name, parts, *more, documents=documents, **fields)

    @property
    def lacks(self) -> str:
        labels = {*self.documents["train"].labels} if self.documents else ()
        if len(labels) != 1:
            return ""
        return (
            f"all texts have the label {min(labels)}, and a model that is told labels needs two at "
            "least; one that is told none reads them without --labelled"
        )

    def as_test(self) -> Self:
        whole = super().as_test()
        if self.documents is None:
            return whole
        test = Documents.joined([self.documents[split] for split in splits.SPLITS])
        documents = dict.fromkeys(splits.SPLITS, Documents()) | {"test": test}
        return replace(whole, documents=documents, test=test.text)

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
    labelled: bool = False,
    columns: str | Sequence[str | int] | None = None,
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
        labelled: whether texts come with a label each, as a model that is conditioned on one reads
            them: of a folder, whose folders are the labels of what is in them, or of a table with
            columns "text" and "label". What is held out is then some of the texts, the same ones
            each time, and none that hardly differs from one that is trained on.
        columns: of text and label in a table, by names or numbers from 1, where they are called
            otherwise; only with `labelled`.
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
        named = load_dataset(source, TASK)
        if labelled and named.documents is None:
            raise WrongValue(f"{source} has no labels; expected python_lines, or texts of your own")
        return named
    splits.check_shares(validation, test, to_validate=False)
    if columns is not None and not labelled:
        raise WrongValue(
            f"columns={columns!r}: only texts with labels are in two, which char_lstm is told "
            "by --set condition=input, and `rnnzoo data --labelled` shows (in Python labelled=True)"
        )
    if not os.fspath(source):
        names = ", ".join(list_datasets(task=TASK))
        raise WrongValue(f"source='': expected a path or one of {names}")
    path = Path(source)
    if not path.exists():
        raise no_such_source(path, "a text file, nor a folder", TASK)
    if labelled:
        documents, reading = read_documents(path, columns, encoding)
        found = apart(documents, validation, test)
        by_split = parted(documents, found.split_of)
        reading = rows.with_more(reading, **found.told(documents.texts))
        of_source = {"source": path.absolute().name}
        return Text.of_documents(str(source), by_split, of_source, reading=reading)
    text, reading = read_texts(path, encoding, plain)
    if reading.layout == PLAIN and not plain:
        insist = "--plain, in Python plain=True, takes it as the text that it is"
        odd = check_task(path, TASK, encoding, insist)
        reading = rows.with_more(reading, warnings=odd)
    parts = splits.in_order(text, validation, test)
    metadata = {"source": path.absolute().name, "files": reading.counts.get("files", 1)}
    return Text.from_parts(str(source), parts, metadata, reading=reading)
