"""Truncation: what a backpropagation over the last k steps alone leaves out of the gradient."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lecture import adding
from lecture.curves import chosen, draw_curve, finish, rows_of, values_of
from lecture.noise import EDGES, by_batch
from rnnzoo.files import picture

SIZES = {"units": 32, "rows": 32, "steps": 50, "updates": 4000, "batches": 8, "seed": 0}


def measure(units: int, rows: int, steps: int, updates: int, batches: int, seed: int) -> list[dict]:
    """A row for each cell, fresh and trained, and each k."""
    found = []
    for cell in adding.LAYERS:
        for so_many in (0, updates):
            model, error = adding.network(cell, units, rows, steps, so_many, seed)
            parts, spans = by_batch(model, adding.batches(batches, rows, steps, seed))
            whole = parts.sum(axis=1)
            ks = [first for first, _ in spans if first]
            # Of each batch ||g - g of the last k steps|| / ||g||.
            left_out = [parts[:, spans.index(span) :].sum(axis=1) for span in spans if span[0]]
            shares = np.linalg.norm(left_out, axis=2) / np.linalg.norm(whole, axis=1)
            found += rows_of(
                "k",
                ks,
                shares.T,
                cell=cell,
                trained_updates=so_many,
                squared_error=f"{error:.4g}",
            )
    return found


def draw(rows: list[dict], path: Path) -> None:
    """Two panels: fresh and trained."""
    with picture(path, figsize=(9, 4.2)) as figure:
        axes = figure.subplots(1, 2, sharey=True)
        for axis, updates in zip(axes, values_of(rows, "trained_updates"), strict=True):
            for i, cell in enumerate(values_of(rows, "cell")):
                curve = chosen(rows, cell=cell, trained_updates=updates)
                label = f"{cell} (squared error {curve[0]['squared_error']:.2g})"
                draw_curve(axis, curve, "k", i, label, line=True)
            state = f"after {updates:,.0f} updates" if updates else "fresh"
            finish(
                axis,
                "steps of backpropagation, k",
                "share of the gradient that is left out",
                state,
                legend="mean and range of batches",
                xscale="log",
                yscale="log",
            )
            axis.set_xticks(EDGES[1:], [str(k) for k in EDGES[1:]])
            axis.xaxis.minorticks_off()
            axis.set_ylim(1e-6, 3)
        axes[1].set_ylabel("")
        figure.suptitle("Adding problem of 50 steps: what k steps of backpropagation leave out")
