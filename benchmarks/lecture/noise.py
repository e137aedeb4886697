"""Signal to noise: does the long-term part of a gradient drown in what the short-term part varies?

By span of steps [a, b) back, over many batches of the adding problem: the length of the mean
gradient that comes from there, beside the standard deviation of the whole gradient of one batch.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

import rnnzoo
from lecture import adding
from lecture.curves import chosen, column, finish, values_of
from rnnzoo.analysis.pictures import COLOURS, LINES, MARKERS
from rnnzoo.files import picture

SIZES = {"units": 32, "rows": 32, "steps": 50, "updates": 4000, "batches": 100, "seed": 0}
CELLS = ("rnn", "lstm")
EDGES = (0, 1, 2, 4, 8, 16, 32)


def measure(units: int, rows: int, steps: int, updates: int, batches: int, seed: int) -> list[dict]:
    """A row for each cell, fresh and trained, and each span."""
    found = []
    for cell in CELLS:
        for so_many in (0, updates):
            model, error = adding.network(cell, units, rows, steps, so_many, seed)
            parts, spans = by_batch(model, adding.batches(batches, rows, steps, seed))
            means, deviations = parts.mean(axis=0), parts.std(axis=0, ddof=1)
            whole = np.linalg.norm(parts.sum(axis=1).std(axis=0, ddof=1))
            for i, (first, last) in enumerate(spans):
                squared, by_chance = (means[i] ** 2).sum(), (deviations[i] ** 2).sum() / batches
                found.append(
                    {
                        "cell": cell,
                        "trained_updates": so_many,
                        "squared_error": f"{error:.4g}",
                        "from": first,
                        "to": last - 1,
                        # Of a mean over batches a part is chance, whose size is known.
                        "mean_norm": f"{np.sqrt(max(squared - by_chance, 0)):.4g}",
                        "mean_norm_by_chance": f"{np.sqrt(by_chance):.4g}",
                        "deviation": f"{np.sqrt((deviations[i] ** 2).sum()):.4g}",
                        "deviation_of_whole": f"{whole:.4g}",
                    }
                )
    return found


def by_batch(model, of_batches) -> tuple[np.ndarray, list[tuple[int, int]]]:
    """(batches, spans, weights): the mean gradient over each batch's rows; and the spans."""
    found = []
    for x, y in of_batches:
        (split,) = rnnzoo.analysis.gradient_by_span(model, (x, y), spans=EDGES).values()
        flat = [g.reshape(len(split.spans), -1) for g in split.gradients.values()]
        found.append(np.concatenate(flat, axis=1).astype(np.float64) / len(x))
    return np.stack(found), split.spans


def draw(rows: list[dict], path: Path) -> None:
    """Two panels: fresh and trained."""
    with picture(path, figsize=(9, 4.2)) as figure:
        axes = figure.subplots(1, 2, sharey=True)
        for axis, updates in zip(axes, values_of(rows, "trained_updates"), strict=True):
            of_panel = chosen(rows, trained_updates=updates)
            for i, cell in enumerate(values_of(rows, "cell")):
                of_cell = chosen(of_panel, cell=cell)
                at = np.arange(len(of_cell))
                whole = of_cell[0]["deviation_of_whole"]
                look = {"color": COLOURS[i], "marker": MARKERS[i], "markersize": 4}
                signal = column(of_cell, "mean_norm") / whole
                chance = column(of_cell, "mean_norm_by_chance") / whole
                axis.plot(
                    at,
                    np.where(signal > 0, signal, np.nan),
                    linestyle=LINES[0],
                    label=f"{cell}: mean",
                    **look,
                )
                axis.plot(
                    at,
                    column(of_cell, "deviation") / whole,
                    linestyle=LINES[1],
                    fillstyle="none",
                    label=f"{cell}: deviation of this part",
                    **look,
                )
                axis.plot(
                    at,
                    chance,
                    linestyle=LINES[3],
                    color=COLOURS[i],
                    label=f"{cell}: mean that chance would give",
                )
            axis.axhline(1, color="black", linewidth=0.8)
            names = [
                f"{r['from']:.0f}" if r["from"] == r["to"] else f"{r['from']:.0f}-{r['to']:.0f}"
                for r in of_cell
            ]
            axis.set_xticks(at, names)
            errors = ", ".join(
                f"{cell} {chosen(of_panel, cell=cell)[0]['squared_error']:.2g}"
                for cell in values_of(rows, "cell")
            )
            state = f"after {updates:,.0f} updates" if updates else "fresh"
            finish(
                axis,
                "steps back, from - to",
                "length, by the deviation of the whole gradient",
                f"{state}\nsquared error: {errors}",
                yscale="log",
            )
            axis.set_ylim(bottom=1e-5)
        axes[1].set_ylabel("")
        figure.suptitle(
            "Adding problem: signal of each span beside the noise of the whole gradient"
        )
