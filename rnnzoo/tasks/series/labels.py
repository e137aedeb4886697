"""The labels of sequences: one each, one at each step, or any number of them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from rnnzoo.data.readers.label_sets import Label, LabelMatrix, matrix_of, ordered, parted
from rnnzoo.data.step_labels import entries
from rnnzoo.errors import WrongValue

_LISTS = (list, tuple, set, frozenset, np.ndarray)


def one_each(y: Any, count: int) -> list[Label]:
    """A label of each example, as a list of strings or ints.

    Raises:
        ValueError: there are not as many as examples, or they are something else.
    """
    # As Python objects, as a column of strings comes too; so no string is made of a number.
    labels = np.asarray(_given(y), object)
    if labels.shape != (count,) or not count:
        several = "; for several labels each, make the model with multi_label=True"
        raise WrongValue(
            f"y of shape {labels.shape}: expected a string or a whole number for each of the "
            f"{count} examples{several * (labels.ndim == 2)}"
        )
    return [_label(label, f"for each of the {count} examples") for label in labels]


def are_several(y: Any, lengths: Sequence[int]) -> bool:
    """Whether labels are any number for each example, as far as they tell.

    As many as there are steps in each example are labels by step.

    Args:
        y: labels, as `fit` takes them.
        lengths: steps of each example.

    Raises:
        ValueError: that can't be told: a matrix with one 1 in each row.

    Example:
        >>> are_several([["wet"], []], [9, 9]), are_several(["wet", "cold|wet"], [9, 9])
        (True, False)
        >>> are_several([[0, 1, 1]], [9]), are_several([[0, 1, 1]], [3])
        (True, False)
    """
    if isinstance(y, LabelMatrix):
        return True
    if (
        y is not None
        and len(y) == len(lengths)
        and all(
            isinstance(of_one, _SEQUENCES) and len(of_one) == length
            for of_one, length in zip(y, lengths, strict=True)
        )
    ):
        return False
    matrix = None
    with contextlib.suppress(WrongValue):  # other numbers are told of as labels
        matrix = _matrix(y, None)
    if matrix is None:
        lists = y if isinstance(y, (list, tuple)) or np.ndim(y) == 1 else ()
        return any(isinstance(of_one, _LISTS) and len(of_one) != 1 for of_one in lists)
    if matrix.has.shape[1] > 1 and (matrix.has.sum(axis=1) == 1).all():
        raise WrongValue(
            f"y of shape {matrix.has.shape} has one 1 in each row: for one class each give their "
            "places, y.argmax(axis=1); for any number of labels make the model with "
            "multi_label=True"
        )
    return matrix.has.shape[1] > 1


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
                f"{length} steps of that example, None where there is none; for any number of "
                "labels for each example make the model with multi_label=True"
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


def several_each(y: Any, count: int, known: Sequence[Label] | None) -> LabelMatrix:
    """The labels of each example.

    Args:
        y: for each example a list of labels, or a string of them parted by "|" or ";"; or 0 and 1,
            a matrix (examples, labels), lists of equal length, or a frame of pandas or polars,
            whose columns are named as the labels.
        count: of the examples.
        known: the labels of a matrix without names, in order; None: they are 0, 1, ...

    Raises:
        ValueError: there are not as many as examples, or they are something else.

    Example:
        >>> several_each([["wet", "cold"], [], "cold;wet"], 3, None).sets()
        [('cold', 'wet'), (), ('cold', 'wet')]
        >>> several_each(np.array([[0, 1], [1, 1]]), 2, ("cold", "wet")).sets()
        [('wet',), ('cold', 'wet')]
        >>> several_each([[0, 1, 0], [0, 0, 0]], 2, None).sets()
        [(1,), ()]
    """
    y = _given(y)
    found = y if isinstance(y, LabelMatrix) else _matrix(y, known)
    if found is None:
        y = list(y)
        _check_count(len(y), count)
        return matrix_of([_listed(labels) for labels in y])
    _check_count(len(found.has), count)
    return found


def _check_count(given, count):
    if given != count or not count:
        raise WrongValue(f"y of {given} entries: expected labels for each of the {count} examples")


def _matrix(y, known):
    """0 and 1 in whatever holds them; None of all else."""
    names, named = known, _columns(y)
    if named is not None:
        names, y = named
    elif isinstance(y, (list, tuple)) and _are_rows(y, known):
        y = np.array(y)
    elif not (isinstance(y, np.ndarray) and y.ndim == 2 and y.dtype.kind in "biuf"):
        return None
    if not np.isin(y, (0, 1)).all() or (names is not None and y.shape[1] != len(names)):
        columns = "" if names is None else f" with {len(names)} columns, one for each label"
        raise WrongValue(
            f"y of shape {y.shape}: expected a matrix of 0 and 1{columns}; or a list of labels for "
            "each example"
        )
    names = range(y.shape[1]) if names is None else names
    return LabelMatrix(tuple(names), y.astype(np.int32))


def _columns(y):
    """The names and the values of a frame's columns; None of what is none."""
    names = getattr(y, "column_names", None)  # pyarrow's
    names = getattr(y, "columns", None) if names is None else names
    if names is None:
        return None
    labels = [_label(name, "as the name of each column") for name in names]
    return labels, np.stack([np.asarray(y[name], object) for name in names], axis=1)


def _are_rows(y, known):
    """Whether lists are rows of 0 and 1, and not of labels: as long as there are labels."""
    width = len(y[0]) if len(y) and isinstance(y[0], _LISTS) else 0
    if width < 2 or not all(isinstance(row, _LISTS) and len(row) == width for row in y):
        return False
    numbers = all(isinstance(n, (bool, int, float, np.number, np.bool_)) for row in y for n in row)
    if not numbers or not all(n in (0, 1) for row in y for n in row):
        return False
    return known is None or width == len(known) or any(len(set(row)) < width for row in y)


def _listed(labels):
    """Labels as a list: a string may hold several, parted by "|" or ";"."""
    if isinstance(labels, str):
        return parted(labels)
    if isinstance(labels, (int, np.integer)) and not isinstance(labels, bool):
        return [int(labels)]
    if not isinstance(labels, _LISTS):
        raise WrongValue(f"y holds {labels!r}: expected a list of labels for each example")
    return [_label(label, "in the list of each example") for label in labels]


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
