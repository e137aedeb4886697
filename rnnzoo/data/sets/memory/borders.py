"""Recordings of `watch`, one after the other: at a border, what was remembered must be forgotten.

A sequence is of one person: five pieces of 40 to 100 steps from anywhere in recordings, a class at
each step; neighbours are of different classes. Nothing marks a border. Pieces overlap, as there are
more of them than recordings: 200 sequences of two people are not 200 independent ones. (Gers,
Schmidhuber and Cummins 2000, Learning to forget: continual prediction with LSTM, joined strings in
this way.)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnzoo.data.series import Examples, Series
from rnnzoo.data.sets.memory.drawn import splits
from rnnzoo.data.sets.watch import LICENSE, URL, files
from rnnzoo.data.step_labels import entries

COUNTS = {"train": 1_000, "validation": 200, "test": 200}
PIECES = 5
SHORTEST, LONGEST = 40, 100  # steps of a piece, of which 50 are a second
CLASSES = tuple(files.CLASSES.values())


def series(name: str = "borders", seed: int = 0) -> Series:
    """The sequences (200 to 500, 6), split by subject as `watch` is.

    Args:
        name: of the data.
        seed: of what is drawn.

    Raises:
        MissingPackage: the package that carries the recordings is not installed.
        ValueError: its file is another one.

    Example:
        >>> train = series().train
        >>> len(of_labels(train.labels[0]))
        4
    """
    parts = {}
    for split, count, random in splits(COUNTS, seed):
        by_subject: dict[str, list[dict[str, Any]]] = {}
        for recording in files.read_recordings(split):
            by_subject.setdefault(recording["subject"], []).append(recording)
        subjects = tuple(random.choice([*by_subject], size=count).tolist())
        joined = [one_after_the_other(by_subject[subject], random) for subject in subjects]
        x, labels = zip(*joined, strict=True)
        parts[split] = Examples(x, entries(labels), subjects)
    return Series.from_parts(
        name,
        parts,
        {"source": URL, "license": LICENSE, "seed": seed},
        classes=CLASSES,
        channels=files.CHANNELS,
        interval=0.02,
    )


def one_after_the_other(
    recordings: Sequence[dict[str, Any]], random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """A sequence (time, 6) float32 of pieces, and the class of each step, int32 (time,).

    Args:
        recordings: of one person, as `files.read_recordings` has them.
        random: that decides.
    """
    pieces: list[np.ndarray] = []
    classes: list[int] = []
    while len(pieces) < PIECES:
        recording = recordings[int(random.integers(len(recordings)))]
        label = CLASSES.index(recording["label"])
        if classes[-1:] == [label]:
            continue
        steps = int(random.integers(SHORTEST, LONGEST + 1))
        begin = random.integers(len(recording["x"]) - steps + 1)
        pieces.append(recording["x"][begin : begin + steps])
        classes.append(label)
    return np.concatenate(pieces), np.repeat(np.array(classes, np.int32), [*map(len, pieces)])


def of_labels(labels: np.ndarray) -> np.ndarray:
    """The steps at which another recording begins, by the class of each step.

    >>> of_labels(np.array([2, 2, 0, 0, 0, 1])).tolist()
    [2, 5]
    """
    return np.flatnonzero(np.diff(labels)) + 1
