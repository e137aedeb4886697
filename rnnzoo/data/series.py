"""Labelled sequences to train on: a data set by its name, or the user's own files."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import numpy as np

from rnnzoo.data.base import Counted, Data, Joined
from rnnzoo.data.pipelines import splits
from rnnzoo.data.readers.series import read_series
from rnnzoo.data.readers.tables import Options, is_frame
from rnnzoo.data.readers.tables.label_columns import OTHER_TASKS
from rnnzoo.data.registry import list_datasets, load_dataset, no_such_source
from rnnzoo.data.sniffing import check_task
from rnnzoo.data.step_labels import are_by_step, entries, numbered, numbers_in
from rnnzoo.errors import DataError, WrongValue

TASK = "sequence-classification"


@dataclass(frozen=True, repr=False)
class Examples(Counted):
    """Labelled sequences.

    Attributes:
        x: of arrays (time, ...); may read each only when it is asked for.
        labels: int32 (n,), label ids: places in the classes; where an example has any number of
            them, 1 at those it has, (n, classes); or those of each step, of dtype object, whose
            entries are int32 (time,), -1 at a step without a label. Where a number is to be
            predicted, float32 in place of int32, NaN in place of -1.
        subjects: whose each is, n strings; None if that is not known.
        weights: float32 (n,); None if all weigh 1.
    """

    x: Sequence[np.ndarray]
    labels: np.ndarray
    subjects: tuple[str, ...] | None = None
    weights: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.x)

    @property
    def by_step(self) -> bool:
        """Whether there is a label at each step."""
        return are_by_step(self.labels)

    def with_steps(self) -> Examples:
        """With a label at each step: where a sequence has one, all of its steps have it."""
        if self.by_step:
            return self
        pairs = zip(self.x, self.labels, strict=True)
        at_steps = entries([np.full(len(x), label, self.labels.dtype) for x, label in pairs])
        return replace(self, labels=at_steps)

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


@dataclass(frozen=True, kw_only=True, repr=False)
class Series(Data[Examples]):
    """Labelled sequences in three parts that share nothing, no subject either.

    The other attributes are those of `rnnzoo.data.Data`; ``metadata`` holds ``subjects`` of each
    part, too, if they are known.

    Attributes:
        classes: the names of the labels; none where they are numbers.
        target: what these numbers are called.
        multi_label: whether an example has any number of them.
        window: the time steps of the windows that sequences are cut to unless one says otherwise;
            None: they stay whole.
        exact: whether an example is what it is by each of its values, as a sum of numbers is:
            training then changes none of them, unless it is told to.
        channels: their names in order; empty where nothing names them.
        categories: by the name of a channel that holds words, the words that its numbers index.
        interval: seconds between steps; None if that is not known.
        read_by: of a table, what others are to be read by as it was, by the name of the option.
    """

    classes: tuple[str | int, ...] = ()
    target: str = ""
    multi_label: bool = False
    window: int | None = None
    exact: bool = False
    channels: tuple[str, ...] = ()
    categories: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    interval: float | None = None
    read_by: Mapping[str, Any] = field(default_factory=dict)

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

    @property
    def lacks(self) -> str:
        return "" if self.classes else unlearnable(numbers_in(self.train.labels))

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
        """Also looks for what is infinite, which would be found late; NaN is missing."""
        labels = np.concatenate(part.labels) if part.by_step else part.labels
        sha256 = hashlib.sha256(np.ascontiguousarray(labels).data)
        for i, x in enumerate(part.x):
            if x.dtype.kind == "f" and np.isinf(x).any():
                step = int(np.argwhere(np.isinf(x))[0][0])
                where = _where(part.x, i)
                raise WrongValue(f"{where} holds a number that is none at time step {step}")
            sha256.update(np.ascontiguousarray(x).data)
        return sha256.hexdigest()


def unlearnable(numbers: np.ndarray) -> str:
    """Why numbers to be predicted can't be learned, as float32 holds them; empty where they can.

    Args:
        numbers: of the training examples, float64 (n,).

    >>> unlearnable(np.array([5.0, 6.0]))
    ''
    """
    if not len(numbers):
        return "no training example has a number to be predicted"
    center, scale = numbers.mean(), numbers.std()
    finest = np.spacing(np.float32(abs(center)))
    if numbers.min() == numbers.max():
        return (
            f"what is to be predicted is {numbers[0]:g} in all {len(numbers):,} training examples, "
            f"as float32 holds it, to {finest:.3g}: there is nothing to learn; name another column "
            "(label=, --target), or, where they differ by less, subtract an offset first"
        )
    if scale <= np.finfo(np.float32).eps * abs(center):
        return (
            f"what is to be predicted is about {center:g} with a standard deviation of "
            f"{scale:.2g}, and float32 holds such numbers to {finest:.3g}: subtract an offset first"
        )
    return ""


def load_series(
    source: Any = "watch",
    *,
    time: str | int | None = None,
    id: str | int | None = None,
    label: str | int | Sequence[str | int] | None = None,
    features: str | Sequence[str | int] | None = None,
    group: str | int | None = None,
    interval: float | None = None,
    encoding: str | None = None,
    labels: str | None = None,
    multi_label: bool | None = None,
    validation: float = 0.15,
    test: float = 0.15,
    split_seed: int = 0,
) -> Series:
    """Load labelled sequences by name, of files, or of a frame.

    A column that is named as time, id, label or group is found by its name where that is plain:
    ``time``, ``timestamp``, ``date``, ``datetime``, ``ts``; ``id``, ``recording``, ``series``,
    ``session``, ``sample``; ``label``, ``class``, ``activity``, ``target``, ``y``; ``subject``,
    ``person``, ``user``, ``participant``, ``group``. What was found, or is not certain, is said in
    ``reading``; where several would do, it must be named. ``"none"`` says that there is none.

    Args:
        source: one of ``rnnzoo.list_datasets(task="sequence-classification")``, such as
            ``"moving_emoji"``;
            a frame of pandas or polars, or a table of pyarrow, a row a time step or, in a wide
            one, a recording;
            the path of such a table: CSV and its kin, Parquet, Arrow (Feather), packed or not;
            a ``.ts`` or ``.arff`` file, of which NAME_TRAIN and NAME_TEST are read together;
            an ``.npz`` file with the arrays ``x`` (examples, time, channels), or, for
            different lengths, ``x`` (total steps, channels) with ``lengths`` (examples,); ``y``
            (examples,), labels of ints or strings; one at each time step, (examples, time) or
            (total steps,), "" where there is none; or (examples, labels) of 0 and 1, whose columns
            ``classes`` may name; and, if known, ``subject`` (examples,);
            or a folder of tables: with a folder for each class, in which folders are groups, or
            with a column of the class. Folders or files called train and test are splits.
        time: the column of the time stamps, by name or number from 1; "columns": a row is a
            recording, and its columns are the steps, which is found out where names tell it.
        id: the column that tells recordings apart; else a file is one.
        label: the column of the class. Where it changes within a recording, see `labels`. Several
            columns are a label each, of which a recording has any number: 1 or 0, true or false,
            yes or no.
        features: the columns of the channels; default: all others of numbers, and those of few
            different words, which become categories.
        group: the column that tells whose a recording is: no group is in two splits.
        interval: seconds between steps, to which uneven sampling is brought by straight lines.
            Without a time column: what it is known to be.
        encoding: of text, such as ``"cp1252"``; else it is found out.
        labels: "step": a class at each time step of whole recordings; a step without one counts
            neither in training nor in scores. "recording": one for each; where it changes, each run
            of one class becomes an example, and the recording its group. Default: by step where
            there is a column that tells recordings apart (`id`) and the class changes within them.
        multi_label: whether a recording has any number of labels, which in one column are parted by
            ``|`` or ``;``; one without any is then an example, and not left out. None: it does
            where ``label`` is several columns, or where what is parted comes again elsewhere.
        validation, test: shares of own data that are held out: of the groups, or, where they are
            not known, of the examples of each class, or of each of several labels, or of the
            recordings, where classes are by step; the same ones each time. With 0 and 0 all of it
            is in the first part, to be measured on, and of NAME_TRAIN and NAME_TEST the file that
            is named is read alone.
        split_seed: of that choice. One that leaves a class nothing to train on is made again.

    Raises:
        FileNotFoundError: no data set of that name and no such path.
        MissingPackage: it needs a package that is not installed.
        ValueError: the data is not as above, is sampled unevenly without an interval, lacks more
            than half of a channel's values, or can be read in several ways.
        ConnectionError: it must be downloaded, and the network does not answer.

    Example:
        >>> import polars
        >>> frame = polars.DataFrame({
        ...     "recording": [f"r{i // 4}" for i in range(80)],
        ...     "time": [i % 4 * 0.02 for i in range(80)],
        ...     "acc": [float(i) for i in range(80)],
        ...     "class": [["up", "down"][i // 4 % 2] for i in range(80)],
        ... })
        >>> series = load_series(frame)
        >>> series.classes, series.channels, series.interval, series.train.x[0].shape
        (('down', 'up'), ('acc',), 0.02, (4, 1))
    """
    options = Options(
        time=time,
        id=id,
        label=label,
        features=features,
        group=group,
        interval=interval,
        encoding=encoding,
        labels=labels,
        multi_label=multi_label,
    )
    told = options != Options(labels=labels, multi_label=multi_label)
    named = named_or_there(source, TASK, told, validation, test, split_seed)
    if named is not None:
        return named
    if not is_frame(source) and options == Options(encoding=encoding):
        check_task(source, TASK, encoding, "--label COLUMN, in Python label=, says what to learn")
    # What is measured on is the file that was named: the other split was perhaps trained on.
    recordings = read_series(source, options, joined=validation + test > 0)
    name = "the frame" if is_frame(source) else os.fspath(source)
    if recordings.labels is None:
        raise _without_classes(recordings, name)
    found, classes = recordings.labels, recordings.label_names
    several = found.ndim == 2
    label_ids = found.astype(np.int32) if several else None
    if label_ids is None:
        names, label_ids = numbered(found)
        classes = tuple(names)
    if len(classes) < 2 and validation + test > 0:
        only = f"the class {classes[0]} only" if classes else "no label"
        raise DataError(f"{name} holds {only}; expected two at least", name)
    examples = Examples(recordings, label_ids, recordings.groups)
    groups = recordings.groups
    if examples.by_step:
        found = entries([frozenset(of_one) - {None} for of_one in found])
        groups = groups or recordings.ids
        check_enough(
            len(recordings), recordings.splits, name, validation, test, "with a class at each step",
            ", or take runs of one class as examples (labels='recording', --labels recording)",
        )  # fmt: skip
    rows = splits.of_recordings(
        found, groups, recordings.splits, name, validation, test, split_seed, classes
    )
    metadata = {"source": name if is_frame(source) else Path(source).absolute().name}
    return Series.from_parts(
        name,
        {split: examples.at(of_split) for split, of_split in rows.items()},
        metadata,
        classes=classes,
        multi_label=several,
        channels=recordings.channels,
        categories=recordings.categories,
        interval=recordings.interval,
        read_by=recordings.read_by,
        reading=recordings.reading,
    )


def named_or_there(
    source: Any, task: str, told: bool, validation: float, test: float, split_seed: int
) -> Series | None:
    """The data set that a source names; None where it is a frame, or a path that exists.

    Args:
        source: as `load_series` takes it.
        task: what the data is for.
        told: whether columns are.
        validation, test, split_seed: how it is to be split.
    """
    framed = is_frame(source)
    if not framed and source in list_datasets(task=task):
        if told:
            raise WrongValue(f"{source} is a data set, which has no columns to name")
        if split_seed:
            raise WrongValue(f"split_seed={split_seed}: {source} is a data set, which is split")
        return load_dataset(source, task)
    splits.check_shares(validation, test, to_validate=False)
    if not framed and not Path(source).exists():
        kinds = "an .npz file, nor a table, nor a folder of tables such as CSV files"
        raise no_such_source(source, kinds, task)
    return None


def check_enough(
    count: int,
    given: Sequence[str] | None,
    name: str,
    validation: float,
    test: float,
    what: str = "",
    else_: str = "",
) -> None:
    """Raise a ValueError unless there are recordings to train on and to hold out.

    Args:
        count: of recordings.
        given: the split of each, where the source tells it.
        name: of the source.
        validation, test: shares that are held out.
        what: the recordings have, in words.
        else_: what else can be done.
    """
    own, needed = count, 1 + (validation > 0) + (test > 0)
    if given is not None:
        own = list(given).count("train")
        needed = 1 + (validation > 0 and "validation" not in given)
    if own < needed:
        raise DataError(
            f"{name} holds {own} recording(s) to train on{what and ' '}{what}: too few to hold "
            f"some out, expected {needed} at least; name what tells them apart (id=, --id){else_}",
            name,
        )


def _without_classes(recordings, name):
    if not recordings.channels:
        return DataError(
            f"{name} holds arrays without classes, which can be answered, and not trained on: "
            "expected an .npz file with x and y",
            name,
        )
    columns = ", ".join(map(repr, recordings.channels[:30]))
    lacks = "no folder of CSV files for each class, and " if Path(name).is_dir() else ""
    reading = recordings.reading
    words = ", ".join(map(repr, recordings.categories))
    more = [f"likely {words}, as of words"] if words else []
    more += [f"left out: {', '.join(reading.left_out)}"] if reading.left_out else []
    return DataError(
        f"{name} holds {lacks}no column that is known to tell the class: name it (label=, "
        + "; ".join(
            [
                f"--label), or one for each of several labels; the others are {columns}",
                *more,
                *reading.warnings,
                OTHER_TASKS,
            ]
        ),
        name,
    )
