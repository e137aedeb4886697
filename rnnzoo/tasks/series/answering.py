"""A model's answers to a file's recordings, as `rnnzoo predict` writes them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnzoo.tasks.series.channels import recordings_of

if TYPE_CHECKING:
    from rnnzoo.tasks.series.model import SeriesModel

_TOGETHER = 32  # recordings that are answered together
_AT_ONCE = 10_000  # rows of steps that are handed on together


def columns(model: SeriesModel) -> tuple[str, ...]:
    """The names of what `rows` gives, behind a recording's id.

    The group, where training had such; of a step its number and, where the interval is known, its
    time; and `SeriesModel.answer_names`.
    """
    at: tuple[str, ...] = ()
    if model.per_step:
        at = ("step",) if model.preprocessor.channels.interval is None else ("step", "seconds")
    group = ("group",) if _has_groups(model) else ()
    return (*group, *at, *model.answer_names)


def rows(
    model: SeriesModel, path: str, answered: Mapping[str, int], **columns: Any
) -> Iterator[list[list[Any]]]:
    """Rows of id and what `columns` names, in batches: one a recording, or one a step.

    Steps count from 0, seconds from the first one.

    Args:
        model: that is ready.
        path: of the file.
        answered: by the name of a recording how many rows of it are there already.
        **columns: what the user says of a table, as for the loader.
    """
    if model.per_step:
        yield from _rows_of_steps(model, path, answered, columns)
        return
    for batch in answers_to(model, path, answered, columns):
        yield [
            [*_whose(model, name, group), *model.answer_cells(row)] for name, group, row in batch
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


# --- one answer a recording -----------------------------------------------------------------------


def answers_to(
    model: SeriesModel, path: str, answered: Mapping[str, int], columns: Mapping[str, Any]
) -> Iterator[list[tuple[str, str | None, np.ndarray]]]:
    """Names, groups and answers of recordings that have none yet, in batches."""
    recordings = recordings_of(path, model.preprocessor.channels, **columns)
    groups = recordings.groups or [None] * len(recordings)
    left = [i for i, name in enumerate(recordings.ids) if name not in answered]
    for first in range(0, len(left), _TOGETHER):
        some = left[first : first + _TOGETHER]
        x = dataclasses.replace(recordings, x=[recordings[i] for i in some])
        answers = model.answers_of(x, _TOGETHER)
        yield [(recordings.ids[i], groups[i], row) for i, row in zip(some, answers, strict=True)]


# --- one answer a step ----------------------------------------------------------------------------


def answers_at_steps(
    model: SeriesModel, path: str, answered: Mapping[str, int], columns: Mapping[str, Any]
) -> Iterator[tuple[str, str | None, np.ndarray]]:
    """Names, groups and the answers at steps of recordings that are not wholly answered."""
    recordings = recordings_of(path, model.preprocessor.channels, **columns)
    x = model.preprocessor.examples(recordings)
    groups = recordings.groups or [None] * len(recordings)
    for name, group, example in zip(recordings.ids, groups, x, strict=True):
        if answered.get(name, 0) < len(example):
            (answers,) = model.answers_of([example])
            yield name, group, answers


def _rows_of_steps(model, path, answered, columns):
    """A row a step, behind those that are there."""
    interval = model.preprocessor.channels.interval
    for name, group, answers in answers_at_steps(model, path, answered, columns):
        for first in range(answered.get(name, 0), len(answers), _AT_ONCE):
            yield [
                [
                    *_whose(model, name, group),
                    step,
                    *([] if interval is None else [f"{step * interval:.9g}"]),
                    *model.answer_cells(answers[step]),
                ]
                for step in range(first, min(first + _AT_ONCE, len(answers)))
            ]
