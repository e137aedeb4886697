"""Windows of series: where they end is all that tells them apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rnnzoo.data.forecasting.panel import Line


class Windows:
    """Stretches of lines of one length, cut from all of them at once.

    A window that begins before its line holds NaN there, and one that ends behind what is known
    holds NaN, too.

    Args:
        lines: which hold nothing that must not be seen.
        length: steps of a window.
        ahead: how many further steps its stamps and known covariates reach, and one less its truth.
        static: int32 (lines, 1 + s), numbers of names and words.

    Example:
        >>> nothing = np.zeros((3, 0), np.float32)
        >>> stamps = np.arange("2024-01-01", "2024-01-04", dtype="datetime64[s]")[:: 24 * 3600]
        >>> line = Line("", stamps, np.array([1.0, 2.0, 3.0]), nothing, nothing)
        >>> windows = Windows([line], length=2, ahead=1, static=np.zeros((1, 1), np.int32))
        >>> windows.at([0], [3])["target"].tolist()
        [[2.0, 3.0]]
    """

    def __init__(self, lines: Sequence[Line], length: int, ahead: int, static: np.ndarray):
        self.length, self.ahead, self.static = length, ahead, static
        lengths = [len(line) for line in lines]
        room = [length + n + ahead for n in lengths]
        # Where in the flat arrays each line begins: behind room for a window before it.
        self._begin = np.cumsum([0, *room])[:-1] + length
        total = sum(room)
        known, past = (lines[0].known.shape[1], lines[0].past.shape[1]) if lines else (0, 0)
        self._target = np.full(total, np.nan, np.float32)
        self._stamps = np.zeros(total, np.int64)
        self._known = np.full((total, known), np.nan, np.float32)
        self._past = np.full((total, past), np.nan, np.float32)
        for line, begin, n in zip(lines, self._begin, lengths, strict=True):
            self._target[begin : begin + n] = line.target
            self._past[begin : begin + n] = line.past
            further = min(len(line.stamps), n + ahead)
            self._stamps[begin : begin + further] = line.stamps[:further].astype(np.int64)
            self._known[begin : begin + further] = line.known[:further]

    def at(self, lines: Sequence[int], ends: Sequence[int]) -> dict[str, np.ndarray]:
        """The windows of some lines, each up to a step: a dict of arrays (windows, ...).

        ``target`` and ``past`` have `length` steps, ``stamps`` and ``known`` ``ahead - 1`` more,
        and ``truth`` (windows, length, ahead) is what comes at each step and after it.
        """
        rows = np.asarray(lines)
        first = self._begin[rows] + np.asarray(ends) - self.length
        steps = first[:, None] + np.arange(self.length)
        further = first[:, None] + np.arange(self.length + self.ahead - 1)
        target = self._target[further]
        truth = np.lib.stride_tricks.sliding_window_view(target, self.ahead, axis=1)
        return {
            "target": target[:, : self.length],
            "past": self._past[steps],
            "stamps": self._stamps[further],
            "known": self._known[further],
            "static": self.static[rows],
            "truth": np.array(truth),
        }
