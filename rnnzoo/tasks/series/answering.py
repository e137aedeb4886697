"""A classifier's answers to a file's recordings, as `rnnzoo predict` prints and writes them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnzoo.tasks.series.channels import recordings_of

if TYPE_CHECKING:
    from rnnzoo.tasks.series.classifier import SequenceClassifier

_TOGETHER = 32  # recordings that are answered together
_AT_ONCE = 10_000  # rows of steps that are handed on together


def lines(model: SequenceClassifier, path: str, **columns: Any) -> Iterator[str]:
    """A line for each recording of a file: path, name, class and probability, between tabs.

    Where it may have several classes: all that are likelier than not, or "-". Where each step is
    answered: a line for each run of a class, the first and the last step and the mean probability
    with it.

    Args:
        model: that is ready.
        path: of the file.
        **columns: what the user says of a table, as for `rnnzoo.load_series`.
    """
    if model.per_step:
        yield from _lines_of_runs(model, path, columns)
        return
    for batch in _recordings(model, path, {}, columns):
        for name, _, row in batch:
            best = row[row > 0.5] if model.multi_label else [row.max()]
            said = "|".join(f"{p:.3f}" for p in best) or "-"
            labels = _written(model, row)
            yield f"{path}\t{name}\t{'-' if labels == '' else labels}\t{said}"


def columns(model: SequenceClassifier) -> tuple[str, ...]:
    """The names of what `rows` gives, behind a recording's id.

    The group, where training had such; of a step its number and, where the interval is known, its
    time; the class, and the probability of each.
    """
    at: tuple[str, ...] = ()
    if model.per_step:
        at = ("step",) if model.preprocessor.channels.interval is None else ("step", "seconds")
    group = ("group",) if _has_groups(model) else ()
    return (*group, *at, "class", *(f"p({label})" for label in model.classes))


def rows(
    model: SequenceClassifier, path: str, answered: Mapping[str, int], **columns: Any
) -> Iterator[list[list[Any]]]:
    """Rows of id and what `columns` names, in batches: one a recording, or one a step.

    Steps count from 0, seconds from the first one.

    Args:
        model, path, **columns: as for `lines`.
        answered: by the name of a recording how many rows of it are there already.
    """
    if model.per_step:
        yield from _rows_of_steps(model, path, answered, columns)
        return
    for batch in _recordings(model, path, answered, columns):
        yield [
            [*_whose(model, name, group), _written(model, row), *(f"{p:.6f}" for p in row)]
            for name, group, row in batch
        ]


def _has_groups(model):
    """Whether answers have a column of groups: where the table of training has told them."""
    return model.preprocessor.channels.read_by.get("group", "none") != "none"


def _whose(model, name, group):
    """The first cells of a recording's row: its id, and its group where training had groups.

    A recording is called by its group and its id; one that is all of a group has no id.
    """
    if not _has_groups(model):
        return [name]
    if group is None or not f"{name}/".startswith(f"{group}/"):
        return [name, ""]
    return [name[len(group) + 1 :], group]


def _written(model, row):
    answer = model.answer_of(row)
    return "|".join(map(str, answer)) if model.multi_label else answer


# --- one answer a recording -----------------------------------------------------------------------


def _recordings(model, path, answered, columns):
    """Names, groups and probabilities of recordings that have no answer, in batches."""
    recordings = recordings_of(path, model.preprocessor.channels, **columns)
    groups = recordings.groups or [None] * len(recordings)
    left = [i for i, name in enumerate(recordings.ids) if name not in answered]
    for first in range(0, len(left), _TOGETHER):
        some = left[first : first + _TOGETHER]
        x = dataclasses.replace(recordings, x=[recordings[i] for i in some])
        answers = model.probabilities(x)
        yield [(recordings.ids[i], groups[i], row) for i, row in zip(some, answers, strict=True)]


# --- one answer a step ----------------------------------------------------------------------------


def _steps(model, path, answered, columns):
    """Names, groups and steps' probabilities of recordings that are not wholly answered."""
    recordings = recordings_of(path, model.preprocessor.channels, **columns)
    x = model.preprocessor.examples(recordings)
    groups = recordings.groups or [None] * len(recordings)
    for name, group, example in zip(recordings.ids, groups, x, strict=True):
        if answered.get(name, 0) < len(example):
            (probabilities,) = model.probabilities([example])
            yield name, group, probabilities


def _rows_of_steps(model, path, answered, columns):
    """A row a step, behind those that are there."""
    interval = model.preprocessor.channels.interval
    for name, group, probabilities in _steps(model, path, answered, columns):
        classes = probabilities.argmax(axis=1)
        for first in range(answered.get(name, 0), len(classes), _AT_ONCE):
            yield [
                [
                    *_whose(model, name, group),
                    step,
                    *([] if interval is None else [f"{step * interval:.9g}"]),
                    model.classes[classes[step]],
                    *(f"{p:.6f}" for p in probabilities[step]),
                ]
                for step in range(first, min(first + _AT_ONCE, len(classes)))
            ]


def _lines_of_runs(model, path, columns):
    """A line for each run of a class: its first and last step, and the mean probability."""
    for name, _, probabilities in _steps(model, path, {}, columns):
        classes = probabilities.argmax(axis=1)
        cuts = [0, *(np.flatnonzero(np.diff(classes)) + 1).tolist(), len(classes)]
        for begin, end in zip(cuts, cuts[1:], strict=False):
            p = probabilities[begin:end, classes[begin]].mean()
            yield f"{path}\t{name}\t{begin}-{end - 1}\t{model.classes[classes[begin]]}\t{p:.3f}"
