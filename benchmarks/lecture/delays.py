"""Delays: a gradient takes k/D steps instead of k, where connections skip over D time steps.

::

    delays (D,):      ||dL_T/dh_{T-k}|| = lambda^(k/D) ||dL_T/dh_T||, and 0 where D doesn't divide k
    delays (1, D):    n_k = a^2 n_{k-1} + b^2 n_{k-D}, n_0 = 1: the mean of the squared length over
                      independent orthogonal matrices a Q_1, b Q_D, as different paths add up like
                      directions that are independent
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

import rnnzoo
from lecture.curves import chosen, draw_curve, finish, rows_of, values_of
from lecture.networks import gradient_norms, orthogonal, with_recurrent_weights
from rnnzoo.files import picture

SIZES = {"units": 64, "rows": 8, "steps": 97, "seeds": 3}
RADIUS = 0.9
DELAYS = (1, 4, 16)


def measure(units: int, rows: int, steps: int, seeds: int) -> list[dict]:
    """A row for each set of delays and k."""
    found = []
    for longest in DELAYS:
        for delays in [(longest,), (1, longest)] if longest > 1 else [(1,)]:
            # Both ways have the same size, and together that of one way of the vanilla network.
            size = RADIUS / np.sqrt(len(delays))
            ks = np.arange(0, steps, longest if len(delays) == 1 else 1)
            measured = []
            for seed in range(seeds):
                rng = np.random.default_rng(seed)
                x = rng.normal(size=(rows, steps, 4))
                layer = rnnzoo.layers.SkipDelayRNN(
                    units, delays, activation="linear", dtype="float64"
                )
                matrices = [size * orthogonal(units, rng) for _ in delays]
                norms = gradient_norms(with_recurrent_weights(layer, x, *matrices), x, seed)
                measured.append((norms / norms[:, :1]).mean(axis=0)[ks])
            predicted = lengths(delays, size, steps)[ks]
            found += rows_of(
                "k", ks, measured, predicted, delays=" ".join(map(str, delays)), longest=longest
            )
    return found


def lengths(delays: tuple[int, ...], size: float, steps: int) -> np.ndarray:
    """(steps,): the length that is predicted for the gradient after each k, from 1 on at k = 0."""
    squares = np.zeros(steps)
    squares[0] = 1
    for k in range(1, steps):
        squares[k] = sum(size**2 * squares[k - d] for d in delays if d <= k)
    return np.sqrt(squares)


def draw(rows: list[dict], path: Path) -> None:
    """Two panels: one delay, and one beside the connection to the next step."""
    with picture(path, figsize=(9, 4.2)) as figure:
        axes = figure.subplots(1, 2, sharey=True)
        names = values_of(rows, "delays")
        alone = [name for name in names if isinstance(name, float)]
        beside = [name for name in names if isinstance(name, str)]
        panels = [
            (alone, rf"delays=(D,), lines $\lambda^{{k/D}}$, $\lambda$ = {RADIUS}", 0),
            (beside, r"delays=(1, D), lines: the sum over all paths", 1),
        ]
        for axis, (delays, title, first) in zip(axes, panels, strict=True):
            for i, delay in enumerate(delays):
                label = f"delays=({delay:.0f},)" if first == 0 else f"delays=({delay})"
                curve = chosen(rows, delays=delay)
                every = max(1, len(curve) // 32)
                draw_curve(axis, curve, "k", first + i, label.replace(" ", ", "), every=every)
            finish(
                axis,
                "steps back, k = T - t",
                r"$\|\partial L_T/\partial h_t\|\,/\,\|\partial L_T/\partial h_T\|$",
                title,
                legend="points measured",
                yscale="log",
            )
        axes[1].set_ylabel("")
        figure.suptitle("Connections that skip over time, linear, orthogonal matrices")
