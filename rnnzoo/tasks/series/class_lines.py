"""A classifier's answers to a file's recordings, as `rnnzoo predict` prints them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnzoo.tasks.series.answering import answers_at_steps, answers_to

if TYPE_CHECKING:
    from rnnzoo.tasks.series.classifier import SequenceClassifier


def written(model: SequenceClassifier, row: np.ndarray) -> str | int:
    """The class of a recording or of a step in a table; several labels are parted by "|"."""
    if model.multi_label:
        return "|".join(map(str, model.answer_of(row)))
    return model.classes[row.argmax()]


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
    for batch in answers_to(model, path, {}, columns):
        for name, _, row in batch:
            best = row[row > 0.5] if model.multi_label else [row.max()]
            said = "|".join(f"{p:.3f}" for p in best) or "-"
            labels = written(model, row)
            yield f"{path}\t{name}\t{'-' if labels == '' else labels}\t{said}"


def _lines_of_runs(model, path, columns):
    """A line for each run of a class: its first and last step, and the mean probability."""
    for name, _, probabilities in answers_at_steps(model, path, {}, columns):
        classes = probabilities.argmax(axis=1)
        cuts = [0, *(np.flatnonzero(np.diff(classes)) + 1).tolist(), len(classes)]
        for begin, end in zip(cuts, cuts[1:], strict=False):
            p = probabilities[begin:end, classes[begin]].mean()
            yield f"{path}\t{name}\t{begin}-{end - 1}\t{model.classes[classes[begin]]}\t{p:.3f}"
