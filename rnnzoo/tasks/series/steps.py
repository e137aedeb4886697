"""Answers at each step of a file's recordings, as `rnnzoo predict` prints and writes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnzoo.tasks.series.channels import recordings_of

if TYPE_CHECKING:
    from rnnzoo.tasks.series.classifier import SequenceClassifier

AT_ONCE = 10_000  # rows that are handed on together


def step_columns(model: SequenceClassifier) -> tuple[str, ...]:
    """What tells the place of a step: its number and, where the interval is known, its time."""
    return ("step",) if model.preprocessor.channels.interval is None else ("step", "seconds")


def step_rows(
    model: SequenceClassifier, path: str, answered: Mapping[str, int], **columns: Any
) -> Iterator[list[list[Any]]]:
    """What `SequenceClassifier.answer_rows` gives: a row a step, behind those that are there."""
    interval = model.preprocessor.channels.interval
    for name, group, probabilities in _answers(model, path, answered, **columns):
        classes = probabilities.argmax(axis=1)
        for first in range(answered.get(name, 0), len(classes), AT_ONCE):
            yield [
                [
                    *model.whose(name, group),
                    step,
                    *([] if interval is None else [f"{step * interval:.9g}"]),
                    model.classes[classes[step]],
                    *(f"{p:.6f}" for p in probabilities[step]),
                ]
                for step in range(first, min(first + AT_ONCE, len(classes)))
            ]


def run_lines(model: SequenceClassifier, path: str, **columns: Any) -> Iterator[str]:
    """A line for each run of a class: its first and last step, and the mean probability."""
    model.require_ready()
    for name, _, probabilities in _answers(model, path, {}, **columns):
        classes = probabilities.argmax(axis=1)
        cuts = [0, *(np.flatnonzero(np.diff(classes)) + 1).tolist(), len(classes)]
        for begin, end in zip(cuts, cuts[1:], strict=False):
            p = probabilities[begin:end, classes[begin]].mean()
            yield f"{path}\t{name}\t{begin}-{end - 1}\t{model.classes[classes[begin]]}\t{p:.3f}"


def _answers(model, path, answered, **columns):
    """Names, groups and steps' probabilities of recordings that are not wholly answered."""
    recordings = recordings_of(path, model.preprocessor.channels, **columns)
    x = model.preprocessor.examples(recordings)
    groups = recordings.groups or [None] * len(recordings)
    for name, group, example in zip(recordings.ids, groups, x, strict=True):
        if answered.get(name, 0) < len(example):
            (probabilities,) = model.probabilities([example])
            yield name, group, probabilities
