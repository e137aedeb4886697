"""Curves of a claim: over seeds, in a table, and as points beside the line that was predicted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rnnzoo.analysis.pictures import COLOURS, LINES, MARKERS


def rows_of(x: str, xs: Sequence[float], measured, predicted=None, **what) -> list[dict]:
    """A row for each point: the mean over seeds, the least and the greatest, and the prediction.

    Args:
        x, xs: the name of the horizontal axis, and the points on it.
        measured: (seeds, points).
        predicted: None, or (points,).
        **what: columns that say which curve it is.
    """
    measured = np.asarray(measured, np.float64)
    figures = {"measured": measured.mean(0), "low": measured.min(0), "high": measured.max(0)}
    if predicted is not None:
        figures["predicted"] = np.asarray(predicted, np.float64)
    return [
        {**what, x: at, **{name: f"{of[i]:.6g}" for name, of in figures.items()}}
        for i, at in enumerate(xs)
    ]


def numbers(rows: list[dict[str, str]]) -> list[dict]:
    """The rows of a file with numbers where there are numbers, and without empty cells."""

    def number(text):
        try:
            return float(text)
        except ValueError:
            return text

    return [{name: number(text) for name, text in row.items() if text != ""} for row in rows]


def chosen(rows: list[dict], **what) -> list[dict]:
    """The rows that have these values in these columns."""
    return [row for row in rows if all(row.get(name) == value for name, value in what.items())]


def column(rows: list[dict], name: str) -> np.ndarray:
    """One column of some rows."""
    return np.array([row[name] for row in rows])


def values_of(rows: list[dict], name: str) -> list:
    """The different values of a column, in order."""
    return list(dict.fromkeys(row[name] for row in rows if name in row))


def draw_curve(
    axis,
    rows: list[dict],
    x: str,
    style: int,
    label: str | None,
    *,
    line: bool = False,
    hollow: bool = False,
    every: int = 1,
) -> None:
    """What was measured, as points with the range of the seeds, and the prediction as a line.

    Args:
        axis: to draw on.
        rows: of one curve, as `rows_of` makes them.
        x: the column for the horizontal axis.
        style: which colour, line and marker.
        label: in the legend, for what was measured.
        line: whether the points are joined, where there is no prediction.
        hollow: whether the points are circles, and the like, that are not filled.
        every: which points are shown, such as each fourth; the line goes through all.
    """
    look = {"color": COLOURS[style % len(COLOURS)]}
    at = column(rows, x)
    axis.plot(
        at,
        column(rows, "measured"),
        marker=MARKERS[style % len(MARKERS)],
        markersize=4,
        markevery=every,
        fillstyle="none" if hollow else "full",
        linestyle=LINES[style % len(LINES)] if line else "none",
        linewidth=1,
        label=label,
        **look,
    )
    axis.fill_between(at, column(rows, "low"), column(rows, "high"), alpha=0.2, linewidth=0, **look)
    if all("predicted" in row for row in rows):
        axis.plot(
            at,
            column(rows, "predicted"),
            linestyle=LINES[style % len(LINES)],
            linewidth=1.2,
            **look,
        )


def finish(axis, xlabel: str, ylabel: str, title: str, legend: str = "", **settings) -> None:
    """Labels, a grid and the legend."""
    axis.set(xlabel=xlabel, ylabel=ylabel, **settings)
    axis.set_title(title, fontsize=10)
    axis.grid(alpha=0.3)
    axis.legend(title=legend or None, fontsize=8, title_fontsize=8)
