"""Sequences with a number each, or one at each step, to train a regressor on."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rnnzoo.data.pipelines import splits
from rnnzoo.data.readers.series import read_series
from rnnzoo.data.readers.tables import Options, Recordings, is_frame
from rnnzoo.data.readers.tables.recordings import Pieces
from rnnzoo.data.series import Examples, Series, check_enough, named_or_there
from rnnzoo.data.step_labels import are_by_step, entries, numbers_in
from rnnzoo.errors import DataError, WrongValue

TASK = "sequence-regression"
BLOCKS = 20  # of one series that is all there is
SHORTEST = 10  # steps of one of them


def load_regression(
    source: Any = "humidity",
    *,
    time: str | int | None = None,
    id: str | int | None = None,
    label: str | int | None = None,
    features: str | Sequence[str | int] | None = None,
    group: str | int | None = None,
    interval: float | None = None,
    encoding: str | None = None,
    labels: str | None = None,
    validation: float = 0.15,
    test: float = 0.15,
    split_seed: int = 0,
) -> Series:
    """Load sequences with numbers to be predicted, by name, of files, or of a frame.

    What a table may be, and how its columns are found, is told in `rnnzoo.load_series`. Where the
    number stays the same within a recording, it is one for all of it, else one at each step. A
    recording without a number is left out; a step without one counts neither in training nor in
    scores. One series with a number at each step is cut in time into 20 blocks, of which the last
    are held out; blocks are of 10 steps at least.

    Args:
        source: one of ``rnnzoo.list_datasets(task="sequence-regression")``; a frame, or the path of
            a table; a ``.ts`` file with ``@targetLabel true``; or an ``.npz`` file as there, whose
            ``y`` are numbers (examples,), or at each step (examples, time) or (total steps,), NaN
            where there is none.
        time, id, features, group, interval, encoding: as for `rnnzoo.load_series`.
        label: the column of the number (``--target``).
        labels: "step" or "recording": where the number is one; default as it changes or not.
        validation, test, split_seed: shares that are held out, of groups, or else of recordings,
            as there; of one series the last ones, whatever the seed.

    Returns:
        A `rnnzoo.data.Series` without classes, whose labels are float32 numbers.

    Raises:
        FileNotFoundError: no data set of that name and no such path.
        ValueError: the data is not as above, or what is to be predicted is no number.

    Example:
        >>> import polars
        >>> frame = polars.DataFrame({
        ...     "id": [i // 4 for i in range(80)],
        ...     "load": [float(i // 4) for i in range(80)],
        ...     "x": [float(i) for i in range(80)],
        ... })
        >>> series = load_regression(frame, id="id", label="load")
        >>> series.train.x[0].shape, series.train.labels.dtype, series.target
        ((4, 1), dtype('float32'), 'load')
    """
    if isinstance(label, Sequence) and not isinstance(label, str):
        raise WrongValue(f"label={label!r}: expected one column, a number to be predicted")
    options = Options(
        time=time,
        id=id,
        label=label,
        features=features,
        group=group,
        interval=interval,
        encoding=encoding,
        labels=labels,
        multi_label=False,
        numbers=True,
    )
    named = named_or_there(source, TASK, bool(options.told), validation, test, split_seed)
    if named is not None:
        return named
    recordings = read_series(source, options, joined=validation + test > 0)
    name = "the frame" if is_frame(source) else os.fspath(source)
    if recordings.labels is None:
        columns = ", ".join(map(repr, recordings.channels[:30]))
        raise DataError(
            f"{name} holds no column that is known to be what is to be predicted: name it (label=, "
            f"--target); the others are {columns}",
            name,
        )
    metadata = {"source": name if is_frame(source) else Path(source).absolute().name}
    return of_recordings(recordings, name, metadata, validation, test, split_seed)


def of_recordings(
    recordings: Recordings,
    name: str,
    metadata: dict[str, Any],
    validation: float = 0.15,
    test: float = 0.15,
    split_seed: int = 0,
) -> Series:
    """Recordings with numbers, split as `load_regression` does.

    Args:
        recordings: whose labels are numbers.
        name: of the source.
        metadata: what is known of it.
        validation, test, split_seed: as for `load_regression`.
    """
    if validation + test > 0:
        recordings = in_blocks(recordings, validation, test)
    numbers, reading = as_numbers(recordings.labels), recordings.reading
    shown = tuple(
        {"target" if key == "class" else key: value for key, value in one.items()}
        for one in reading.examples
    )
    reading = dataclasses.replace(reading, examples=shown)
    if said := rounded(recordings.labels):
        reading = dataclasses.replace(reading, warnings=(*reading.warnings, said))
    kept = np.flatnonzero([np.isfinite(of_one).any() for of_one in numbers])
    if left_out := len(numbers) - len(kept):
        said = f"{left_out:,} recording(s) without a target"
        reading = dataclasses.replace(reading, left_out=(*reading.left_out, said))
    groups, given = (
        None if of_all is None else [of_all[i] for i in kept]
        for of_all in (recordings.groups, recordings.splits)
    )
    check_enough(len(kept), given, name, validation, test)
    alike = np.zeros(len(kept), np.int32)  # no class is to be shared out
    rows = splits.of_recordings(alike, groups, given, name, validation, test, split_seed)
    examples = Examples(recordings, numbers, recordings.groups)
    return Series.from_parts(
        name,
        {split: examples.at(kept[of_split]) for split, of_split in rows.items()},
        metadata,
        target=str(recordings.read_by.get("label", "")),
        channels=recordings.channels,
        categories=recordings.categories,
        interval=recordings.interval,
        read_by=recordings.read_by,
        reading=reading,
    )


def in_blocks(recordings: Recordings, validation: float, test: float) -> Recordings:
    """One series with a number at each step, cut in time into blocks; all else as it is.

    Held out are the last ones, as the model is to answer to what comes later.

    Args:
        recordings: whose labels are numbers.
        validation, test: shares of the blocks.
    """
    labels: Any = recordings.labels
    if len(recordings) != 1 or not are_by_step(labels) or recordings.splits is not None:
        return recordings
    x, steps = recordings.x[0], len(recordings.x[0])
    count = min(BLOCKS, steps // SHORTEST)
    last = splits.held_out(count, validation, test)
    if sum(last) >= count:
        return recordings
    cuts = [steps * i // count for i in range(count + 1)]
    places = list(zip(cuts, cuts[1:], strict=False))
    ids = tuple(f"{recordings.ids[0]}, steps {begin} to {end - 1}" for begin, end in places)
    counts = [count - sum(last), *last]
    said = (
        f"one series, cut in time into {count} blocks: {counts[0]} to train on, then "
        f"{counts[1]} to validate on, then {counts[2]} to test on"
    )
    reading = recordings.reading
    return dataclasses.replace(
        recordings,
        x=Pieces([(x, begin, end) for begin, end in places], ids),
        ids=ids,
        labels=entries([labels[0][begin:end] for begin, end in places]),
        groups=None,
        splits=tuple(np.repeat(splits.SPLITS, counts).tolist()),
        reading=dataclasses.replace(reading, facts={**reading.facts, "blocks": said}),
    )


def rounded(labels: Any) -> str:
    """What float32 loses of numbers, in words; empty where it is little.

    Args:
        labels: as for `as_numbers`.

    >>> rounded(1.7e9 + np.arange(20.0))
    'numbers of about 1.7e+09 to be predicted have a standard deviation of 5.8, and float32 holds \
them to 128: subtract an offset first'
    >>> rounded(np.arange(20.0))
    ''
    """
    numbers = numbers_in(labels)
    if not len(numbers):
        return ""
    largest, deviation = np.abs(numbers).max(), numbers.std()
    finest = np.spacing(np.float32(largest))
    # Below the first, the same number was computed in two ways.
    if not 1e-12 * largest < deviation < 10 * finest:
        return ""
    return (
        f"numbers of about {numbers.mean():g} to be predicted have a standard deviation of "
        f"{deviation:.2g}, and float32 holds them to {finest:.3g}: subtract an offset first"
    )


def as_numbers(labels: Any) -> np.ndarray:
    """Labels as float32, NaN where there is none; of steps, arrays of them as entries.

    >>> as_numbers(np.array([1, 2])).dtype
    dtype('float32')
    """
    if are_by_step(labels):
        return entries([np.asarray(of_one).astype(np.float32) for of_one in labels])
    return np.asarray(labels).astype(np.float32)
