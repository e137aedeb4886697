"""Rows with any number of labels, split so that each label keeps its shares."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def stratified(
    has: np.ndarray, counts: Sequence[int], random: np.random.Generator
) -> list[np.ndarray]:
    """Rows of each part, such that each part has its share of each label.

    The label with the fewest rows left comes first, as common ones can still make up for it: each
    of its rows goes where most of that label are wanted, of equals where most rows are. The first
    part wants at least one of each label, so that there is something to train on.

    Args:
        has: 1 where a row has a label, (rows, labels).
        counts: how many rows each part is to have about; they add up to all.
        random: decides among equals.

    Returns:
        Row numbers, sorted, an array for each part.

    Source: Sechidis, Tsoumakas & Vlahavas 2011, On the stratification of multi-label data.

    Example:
        >>> has = np.array([[1, 0]] * 8 + [[1, 1]] * 4)
        >>> parts = stratified(has, (6, 6), np.random.default_rng(0))
        >>> [has[rows].sum(axis=0).tolist() for rows in parts]
        [[6, 2], [6, 2]]
    """
    has = np.asarray(has, bool)
    rows_wanted = np.array(counts, float)
    wanted = np.outer(rows_wanted / len(has), has.sum(axis=0))  # (parts, labels)
    wanted[0] = np.maximum(wanted[0], 1)
    part_of = np.full(len(has), -1)

    def put(row, first):
        """A row where most are wanted: by one measure, then by rows, then at random."""
        part = max(
            range(len(counts)), key=lambda part: (first[part], rows_wanted[part], random.random())
        )
        part_of[row] = part
        rows_wanted[part] -= 1
        wanted[part] -= has[row]

    left = has.sum(axis=0)
    while left.any():
        label = int(np.argmin(np.where(left > 0, left, len(has) + 1)))
        for row in random.permutation(np.flatnonzero(has[:, label] & (part_of < 0))):
            put(row, wanted[:, label])
            left = left - has[row]
    for row in random.permutation(np.flatnonzero(part_of < 0)):
        put(row, rows_wanted)
    return [np.flatnonzero(part_of == part) for part in range(len(counts))]
