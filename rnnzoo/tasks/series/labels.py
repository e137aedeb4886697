"""The labels of sequences: one each, one at each step, or any number of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from rnnzoo.data.step_labels import entries
from rnnzoo.errors import WrongValue

Label = str | int


def one_each(y: Any, count: int) -> list[Label]:
    """A label of each example, as a list of strings or ints.

    Raises:
        ValueError: there are not as many as examples, or they are something else.
    """
    # As Python objects, as a column of strings comes too; so no string is made of a number.
    labels = np.asarray(_given(y), object)
    if labels.shape != (count,) or not count:
        raise WrongValue(
            f"y of shape {labels.shape}: expected a string or a whole number for each of the "
            f"{count} examples"
        )
    return [_label(label, f"for each of the {count} examples") for label in labels]


def one_or_each_step(y: Any, lengths: Sequence[int]) -> list[Label] | np.ndarray:
    """A label of each example; or of each of its steps, None where there is none, as
    `rnnzoo.data.step_labels` has them.

    Args:
        y: labels, or sequences of them, in which None, NaN or "" is none.
        lengths: steps of each example.

    Raises:
        ValueError: there are not as many as examples or steps, or they are something else.

    Example:
        >>> one_or_each_step([["a", None], ["b"]], [2, 1])[0].tolist()
        ['a', None]
    """
    y = _given(y)
    if getattr(y, "ndim", 0) < 2 and not any(isinstance(of_one, _SEQUENCES) for of_one in y):
        return one_each(y, len(lengths))
    if len(y) != len(lengths):
        raise WrongValue(f"y of {len(y)} entries: expected labels for each of {len(lengths)}")
    found = []
    for place, (of_one, length) in enumerate(zip(y, lengths, strict=True)):
        labels = np.asarray(of_one, object)
        if labels.shape != (length,):
            raise WrongValue(
                f"y holds labels of shape {labels.shape} at {place}: expected one for each of the "
                f"{length} steps of that example, None where there is none"
            )
        found.append(np.array([_label_or_none(label) for label in labels], object))
    if all(label is None for of_one in found for label in of_one):
        raise WrongValue("y holds no label: expected some that are not None")
    return entries(found)


_SEQUENCES = (list, tuple, np.ndarray)


def _label_or_none(label):
    if label is None or label == "" or label != label:
        return None
    return _label(label, "for each step")


def several_each(y: Any, count: int, known: Sequence[Label] | None) -> list[tuple[Label, ...]]:
    """The labels of each example, sorted.

    Args:
        y: for each example a list of labels, or a string of them parted by "|" or ";"; or a matrix
            (examples, labels) of 0 and 1.
        count: of the examples.
        known: the labels of such a matrix, in order.

    Raises:
        ValueError: there are not as many as examples, or they are something else.

    Example:
        >>> several_each([["wet", "cold"], [], "cold;wet"], 3, None)
        [('cold', 'wet'), (), ('cold', 'wet')]
        >>> several_each(np.array([[0, 1], [1, 1]]), 2, ("cold", "wet"))
        [('wet',), ('cold', 'wet')]
    """
    y = _given(y)
    if len(y) != count or not count:
        raise WrongValue(f"y of {len(y)} entries: expected labels for each of the {count} examples")
    if isinstance(y, np.ndarray) and y.ndim == 2 and y.dtype.kind in "biuf":
        if known is None or y.shape[1] != len(known) or not np.isin(y, (0, 1)).all():
            columns = "as many columns as classes" if known is None else f"{len(known)} columns"
            raise WrongValue(
                f"y of shape {y.shape}: expected a matrix of 0 and 1 with {columns}, which the "
                "model was given (classes=...); or a list of labels for each example"
            )
        y = [[known[i] for i in np.flatnonzero(row).tolist()] for row in y]
    return [ordered(parted(labels)) for labels in y]


def parted(labels: Any) -> list[Label]:
    """Labels as a list: a string may hold several, parted by "|" or ";".

    >>> parted("cold | wet")
    ['cold', 'wet']
    """
    if isinstance(labels, str):
        return [label.strip() for label in re.split("[|;]", labels) if label.strip()]
    if isinstance(labels, (int, np.integer)) and not isinstance(labels, bool):
        return [int(labels)]
    if not isinstance(labels, (list, tuple, set, frozenset, np.ndarray)):
        raise WrongValue(f"y holds {labels!r}: expected a list of labels for each example")
    return [_label(label, "in the list of each example") for label in labels]


def ordered(labels: Iterable[Label]) -> tuple[Label, ...]:
    """Each label once: the whole numbers, then the strings."""
    return tuple(sorted(set(labels), key=lambda label: (isinstance(label, str), label)))


def _given(y):
    if y is None:
        raise WrongValue("y is missing: expected a label for each example of x")
    return y


def _label(label, where):
    label = label.item() if isinstance(label, np.generic) else label
    label = label.decode() if isinstance(label, bytes) else label
    if isinstance(label, bool) or not isinstance(label, (str, int)):
        raise WrongValue(f"y holds {label!r}: expected a string or a whole number {where}")
    return label


def names_of(labels: Iterable[Label], count: int | None = None) -> tuple[Label, ...]:
    """The labels that there are; of whole numbers below ``count`` not all need to occur.

    >>> names_of([2, 0, 2], count=4)
    (0, 1, 2, 3)
    """
    names = ordered(labels)
    if count is not None and all(isinstance(name, int) and 0 <= name < count for name in names):
        return tuple(range(count))
    return names
