"""Labels of sequences: one for each, or one for each of its steps.

The first are an array (n,). The second are an array (n,) of dtype object, whose entries are arrays
(time,), so that rows are chosen of either in the same way.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

NONE = -1  # the id at a step that has no label; of labels that are numbers it is NaN


def entries(values: Sequence[Any]) -> np.ndarray:
    """Values of any kind, such as arrays, as the entries of an array of dtype object.

    >>> entries([np.zeros(2), np.zeros(2)]).shape
    (2,)
    """
    found = np.empty(len(values), object)
    for place, value in enumerate(values):
        found[place] = value
    return found


def are_by_step(labels: Any) -> bool:
    """Whether each of some sequences has a label at each of its steps.

    >>> are_by_step(entries([np.array([0, 1])])), are_by_step(np.array([0, 1]))
    (True, False)
    """
    return isinstance(labels, np.ndarray) and any(
        isinstance(of_one, np.ndarray) for of_one in labels[:1] if labels.dtype.kind == "O"
    )


def none_of(dtype: Any) -> float:
    """What stands for no label: `NONE` among ids, NaN among numbers."""
    return np.nan if np.dtype(dtype).kind == "f" else NONE


def are_there(labels: np.ndarray) -> np.ndarray:
    """Where there is a label, of ids or of numbers.

    >>> are_there(np.array([0, -1])).tolist(), are_there(np.array([-1.0, np.nan])).tolist()
    ([True, False], [True, False])
    """
    return ~np.isnan(labels) if labels.dtype.kind == "f" else labels != NONE


def occurring(labels: np.ndarray) -> set[Any]:
    """The labels that there are, also of entries that are sets or arrays of them; None is none.

    >>> sorted(occurring(entries([np.array(["a", None], object), np.array(["b"], object)])))
    ['a', 'b']
    """
    if labels.dtype != object:
        return set(labels.tolist())
    return set().union(*labels) - {None}


def numbers_in(labels: Any) -> np.ndarray:
    """The finite numbers among labels, of sequences or of their steps, float64 (n,).

    >>> numbers_in(entries([np.array([1, np.nan], np.float32), np.array([2], np.float32)])).tolist()
    [1.0, 2.0]
    """
    numbers = np.concatenate(labels) if are_by_step(labels) else np.asarray(labels)
    numbers = numbers.astype(np.float64)
    return numbers[np.isfinite(numbers)]


def numbered(labels: np.ndarray) -> tuple[list[Any], np.ndarray]:
    """The labels in order, and the place there of each; at steps without one `NONE`.

    >>> numbered(entries([np.array(["b", None, "a"], object)]))
    (['a', 'b'], array([array([ 1, -1,  0], dtype=int32)], dtype=object))
    """
    if are_by_step(labels):
        names = sorted(occurring(labels))
        return names, placed(labels, names)
    found, ids = np.unique(labels, return_inverse=True)
    return found.tolist(), ids.astype(np.int32)


def placed(labels: Sequence[Any] | np.ndarray, names: Sequence[Any]) -> np.ndarray:
    """The place among names of each label at each step, `NONE` where that is None."""
    place = {None: NONE, **{name: i for i, name in enumerate(names)}}
    return entries([np.array([place[label] for label in of_one], np.int32) for of_one in labels])
