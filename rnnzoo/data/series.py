"""Labelled sequences to train on: a data set by its name, or the user's own files."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from rnnzoo.data.base import Data, Joined
from rnnzoo.data.pipelines import splits
from rnnzoo.data.readers.series import read_folder, read_npz
from rnnzoo.data.registry import list_datasets, load_dataset, no_such_source
from rnnzoo.errors import DataError, WrongValue

TASK = "sequence-classification"


@dataclass(frozen=True)
class Examples:
    """Labelled sequences.

    Attributes:
        x: of arrays (time, ...); may read each only when it is asked for.
        labels: int32 (n,), label ids: places in the classes.
        subjects: whose each is, n strings; None if that is not known.
        weights: float32 (n,); None if all weigh 1.
    """

    x: Sequence[np.ndarray]
    labels: np.ndarray
    subjects: tuple[str, ...] | None = None
    weights: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.x)

    def at(self, rows: np.ndarray) -> Examples:
        """Some of them, each still read only when it is asked for."""
        subjects = self.subjects and tuple(self.subjects[i] for i in rows)
        weights = None if self.weights is None else self.weights[rows]
        return Examples(_Chosen(self.x, rows), self.labels[rows], subjects, weights)


class _Chosen(Sequence):
    """Some of the sequences, in an order."""

    def __init__(self, x, rows):
        self._x = x
        self._rows = rows

    def __len__(self):
        return len(self._rows)

    def __getitem__(self, i):
        return self._x[self._rows[i]]

    def where(self, i):
        return _where(self._x, self._rows[i])


def _where(x, i):
    """Words for the place of a sequence in what the user gave."""
    return x.where(i) if hasattr(x, "where") else f"example {i}"


@dataclass(frozen=True, kw_only=True)
class Series(Data[Examples]):
    """Labelled sequences in three parts that share nothing, no subject either.

    The other attributes are those of `rnnzoo.data.Data`; ``metadata`` holds ``subjects`` of each
    part, too, if they are known.

    Attributes:
        classes: the names of the labels.
        window: the time steps of the windows that sequences are cut to unless one says otherwise;
            None: they stay whole.
    """

    classes: tuple[str | int, ...]
    window: int | None = None

    @classmethod
    def from_parts(
        cls,
        name: str,
        parts: Mapping[str, Examples],
        metadata: Mapping[str, Any] | None = None,
        **fields: Any,
    ) -> Self:
        data = super().from_parts(name, parts, metadata, **fields)
        if data.train.subjects is not None:
            data.metadata["subjects"] = {
                split: sorted(set(part.subjects or ()), key=lambda s: (len(s), s))
                for split, part in parts.items()
            }
        return data

    @staticmethod
    def joined(parts: Sequence[Examples]) -> Examples:
        parts = [part for part in parts if len(part)]
        if not parts:
            return Examples([], np.zeros(0, np.int32))
        subjects = weights = None
        if all(part.subjects is not None for part in parts):
            subjects = tuple(s for part in parts for s in part.subjects or ())
        if all(part.weights is not None for part in parts):
            weights = np.concatenate([part.weights for part in parts])
        labels = np.concatenate([part.labels for part in parts])
        return Examples(Joined([part.x for part in parts]), labels, subjects, weights)

    @staticmethod
    def digest(part: Examples) -> str:
        """Also looks for what is no number, which would be found late."""
        sha256 = hashlib.sha256(np.ascontiguousarray(part.labels).data)
        for i, x in enumerate(part.x):
            if x.dtype.kind == "f" and not np.isfinite(x).all():
                step = int(np.argwhere(~np.isfinite(x))[0][0])
                where = _where(part.x, i)
                raise WrongValue(f"{where} holds a number that is none at time step {step}")
            sha256.update(np.ascontiguousarray(x).data)
        return sha256.hexdigest()


def load_series(
    source: str | os.PathLike = "watch", *, validation: float = 0.15, test: float = 0.15
) -> Series:
    """Load labelled sequences by name or path.

    Args:
        source: one of ``rnnzoo.list_datasets(task="sequence-classification")``, such as
            ``"moving_emoji"``;
            the path of an ``.npz`` file with the arrays ``x`` (examples, time, channels), or, for
            different lengths, ``x`` (total steps, channels) with ``lengths`` (examples,); ``y``
            (examples,), labels of ints or strings; and, if known, ``subject`` (examples,);
            the path of a folder with a folder of CSV files for each class: a column a channel, a
            row a time step, with or without a line of names.
        validation, test: shares of own data that are held out: of the subjects, or, where they are
            not known, of each class's examples; the same ones each time.

    Raises:
        FileNotFoundError: no data set of that name and no such path.
        MissingPackage: it needs a package that is not installed.
        ValueError: the data is not as above, or holds numbers that are none.
        ConnectionError: it must be downloaded, and the network does not answer.

    Example:
        ``load_series("exercises.npz").train.x[0].shape``
    """
    if source in list_datasets(task=TASK):
        return load_dataset(source, TASK)
    splits.check_shares(validation, test)
    path = Path(source)
    if path.is_dir():
        x, labels, subjects = read_folder(path)
    elif path.is_file() and path.suffix == ".npz":
        x, labels, subjects = read_npz(path)
    else:
        kinds = "an .npz file, nor a folder with a folder of CSV files for each class"
        raise no_such_source(source, kinds, TASK)
    classes, label_ids = np.unique(labels, return_inverse=True)
    if len(classes) < 2:
        raise DataError(f"{path} holds the class {classes[0]} only; expected two at least", path)
    if subjects is None:
        examples = Examples(x, label_ids.astype(np.int32))
        rows = splits.by_class(labels, path, validation, test)
    else:
        names = tuple(subjects.tolist())
        examples = Examples(x, label_ids.astype(np.int32), names)
        rows = splits.by_subject(names, path, validation, test)
    parts = {split: examples.at(of_split) for split, of_split in rows.items()}
    if missing := set(label_ids) - set(parts["train"].labels):
        raise DataError(
            f"{path}: the class {classes[min(missing)]} has no example to train on: all of them "
            "are held out",
            path,
        )
    return Series.from_parts(
        os.fspath(source),
        parts,
        {"source": path.absolute().name},
        classes=tuple(classes.tolist()),
    )
