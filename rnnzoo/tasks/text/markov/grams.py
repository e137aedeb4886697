"""Sequences of ids and how often each occurs in a text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Grams:
    """Distinct sequences of one length, in lexicographic order, and a number for each.

    Attributes:
        ids: int32 (n, length), each below `size`.
        counts: int64 (n,).
        size: how many ids there are.

    Example:
        >>> grams = Grams.of(np.array([[2, 1], [0, 3], [2, 1]]), np.ones(3, int), size=4)
        >>> grams.ids.tolist(), grams.counts.tolist()
        ([[0, 3], [2, 1]], [1, 2])
    """

    ids: np.ndarray
    counts: np.ndarray
    size: int

    @classmethod
    def of(cls, ids: np.ndarray, counts: np.ndarray, size: int) -> Grams:
        """The distinct ones of some rows, in order, with the sums of their counts."""
        if not len(ids):
            return cls(ids.astype(np.int32), counts.astype(np.int64), size)
        order = np.argsort(_keys(ids, size), kind="stable")
        ids, counts = ids[order], counts[order]
        first = np.flatnonzero(np.r_[True, (ids[1:] != ids[:-1]).any(axis=1)])
        sums = np.add.reduceat(counts, first).astype(np.int64)
        return cls(np.ascontiguousarray(ids[first], np.int32), sums, size)

    def __add__(self, other: Grams) -> Grams:
        ids = np.concatenate([self.ids, other.ids])
        return Grams.of(ids, np.concatenate([self.counts, other.counts]), self.size)

    def __len__(self) -> int:
        return len(self.ids)

    def places(self, ids: np.ndarray) -> np.ndarray:
        """The rows in which sequences are, all of which are there."""
        return np.searchsorted(_keys(self.ids, self.size), _keys(ids, self.size))

    def continuations(self) -> Grams:
        """The sequences without their first id, each with the number of ids that came before it."""
        return Grams.of(self.ids[:, 1:], np.ones(len(self), np.int64), self.size)

    def prefixes(self) -> Grams:
        """The sequences without their last id, each with the number 0."""
        return Grams.of(self.ids[:, :-1], np.zeros(len(self), np.int64), self.size)


def count(chunks: Iterable[np.ndarray], length: int, size: int) -> Grams:
    """Count the sequences of a text that comes in chunks, in one pass.

    Before the text stand ``length - 1`` ids 0, so that as many sequences as ids are counted.

    Args:
        chunks: of ids, integers (n,), each below `size`.
        length: of the sequences.
        size: how many ids there are.

    Example:
        >>> grams = count([np.array([1, 2]), np.array([1, 2])], length=2, size=3)
        >>> dict(zip(map(tuple, grams.ids.tolist()), grams.counts.tolist()))
        {(0, 1): 1, (1, 2): 2, (2, 1): 1}
    """
    before = np.zeros(length - 1, np.int32)
    grams = newest = Grams(np.zeros((0, length), np.int32), np.zeros(0, np.int64), size)
    for chunk in filter(len, chunks):
        ids = np.concatenate([before, chunk.astype(np.int32)])
        windows = np.lib.stride_tricks.sliding_window_view(ids, length)
        newest += Grams.of(windows, np.ones(len(windows), np.int64), size)
        if len(newest) > len(grams) // 4:  # so each merge pays for what it sorts again
            grams, newest = grams + newest, Grams(grams.ids[:0], grams.counts[:0], size)
        before = ids[len(ids) - length + 1 :]
    return grams + newest


def _keys(ids, size):
    """One key a row, which sorts as the rows do: a whole number where it fits, else bytes."""
    length = ids.shape[1]
    if size**length < 2**63:
        powers = np.array([size**i for i in range(length - 1, -1, -1)], np.int64)
        return ids.astype(np.int64) @ powers
    return np.ascontiguousarray(ids, ">u4").view(f"S{4 * length}").ravel()
