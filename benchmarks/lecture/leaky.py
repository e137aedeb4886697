"""Leaky units: with a large time constant the state changes slowly, and gradients reach further.

::

    J = (1 - 1/tau) I + (1/tau) U^T          (no tanh)
    U = lambda I:                 ||dL_T/dh_{T-k}|| = ((1 - 1/tau) + lambda/tau)^k, exactly
    U = lambda Q, orthogonal:     the mean over eigenvalues lambda e^(i phi) of U of
                                  |(1 - 1/tau) + lambda e^(i phi) / tau|^(2k), and its root
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

import rnnzoo
from lecture.curves import chosen, draw_curve, finish, rows_of, values_of
from lecture.networks import gradient_norms, orthogonal, with_recurrent_weights
from rnnzoo.files import picture
from rnnzoo.platform import keras

SIZES = {"units": 64, "rows": 8, "steps": 101, "seeds": 3, "long": 4000}
RADIUS = 0.9
TAUS = (1, 4, 16, 64)
IDENTITY, ORTHOGONAL = "lambda I", "lambda Q"
GRADIENT, TIME, CHANGE = "gradient", "autocorrelation time", "change a step"
ALONE, CONNECTED = "unconnected units", "tanh, orthogonal U"


def measure(units: int, rows: int, steps: int, seeds: int, long: int) -> list[dict]:
    """A row for each matrix, tau and k; and for each tau how fast the state changes.

    Args:
        units, rows, steps, seeds: of the networks whose gradients are measured.
        long: steps of the sequences on which the state's own pace is measured.
    """
    found = []
    ks = np.unique([*range(0, steps, 5), steps - 1])
    for matrix in (IDENTITY, ORTHOGONAL):
        for tau in TAUS:
            measured, predicted = [], []
            for seed in range(seeds):
                rng = np.random.default_rng(seed)
                x = rng.normal(size=(rows, steps, 4))
                U = RADIUS * (np.eye(units) if matrix == IDENTITY else orthogonal(units, rng))
                layer = rnnzoo.layers.LeakyRNN(units, tau, activation="linear", dtype="float64")
                norms = gradient_norms(with_recurrent_weights(layer, x, U), x, seed)
                measured.append((norms / norms[:, :1]).mean(axis=0)[ks])
                sizes = np.abs(1 - 1 / tau + np.linalg.eigvals(U) / tau)
                predicted.append(np.sqrt((sizes[:, None] ** (2 * ks)).mean(axis=0)))
            what = {"of": GRADIENT, "matrix": matrix, "tau": tau}
            found += rows_of("k", ks, measured, np.mean(predicted, axis=0), **what)
    for kind in (ALONE, CONNECTED):
        times, changes = np.transpose(
            [[pace(kind, tau, units, long, seed) for tau in TAUS] for seed in range(seeds)],
            (2, 0, 1),
        )
        keeps = 1 - 1 / np.array(TAUS)
        law = [crossing(lambda lag, keep=keep: keep**lag, long) for keep in keeps]
        alone = kind == ALONE
        found += rows_of("tau", TAUS, times, law if alone else None, of=TIME, matrix=kind)
        law = np.sqrt(2 * (1 - keeps))
        found += rows_of("tau", TAUS, changes, law if alone else None, of=CHANGE, matrix=kind)
    return found


def pace(kind: str, tau: float, units: int, steps: int, seed: int) -> tuple[float, float]:
    """On white noise, how long the state takes to change, and by how much it does in a step.

    Returns:
        The steps until the autocorrelation has fallen to 1/e; and the root mean square change of
        the state by that of the state.
    """
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(4, steps, 4)).astype(np.float32)
    activation = "linear" if kind == ALONE else "tanh"
    layer = rnnzoo.layers.LeakyRNN(units, tau, activation=activation, return_sequences=True)
    U = np.zeros((units, units)) if kind == ALONE else orthogonal(units, rng)
    h = np.asarray(with_recurrent_weights(layer, x, U)(x))[:, min(steps // 4, 5 * int(tau)) :]
    h = h.astype(np.float64) - h.mean(axis=1, keepdims=True)

    def correlation(lag):
        return (h[:, lag:] * h[:, : h.shape[1] - lag]).mean() / (h * h).mean()

    change = np.sqrt((np.diff(h, axis=1) ** 2).mean() / (h * h).mean())
    return crossing(correlation, h.shape[1] // 2), change


def crossing(correlation: Callable[[int], float], longest: int) -> float:
    """The steps until a correlation has fallen from 1 to 1/e, by a straight line between steps.

    Of white noise that is 0.63.
    """
    before, lag = 1.0, 1
    while (after := correlation(lag)) > np.exp(-1) and lag < longest:
        before, lag = after, lag + 1
    return lag - 1 + (before - np.exp(-1)) / (before - after)


def draw(rows: list[dict], path: Path) -> None:
    """Four panels: the gradient with both matrices, and how fast the state changes."""
    with picture(path, figsize=(9, 7.4)) as figure:
        axes = figure.subplots(2, 2)
        titles = {
            IDENTITY: rf"U = $\lambda$ I, $\lambda$ = {RADIUS}, linear: exact",
            ORTHOGONAL: rf"U = $\lambda$ Q, orthogonal, $\lambda$ = {RADIUS}, linear",
        }
        for axis, (matrix, title) in zip(axes[0], titles.items(), strict=True):
            for i, tau in enumerate(values_of(chosen(rows, matrix=matrix), "tau")):
                curve = chosen(rows, of=GRADIENT, matrix=matrix, tau=tau)
                draw_curve(axis, curve, "k", i, rf"$\tau$ = {tau:.0f}")
            finish(
                axis,
                "steps back, k = T - t",
                r"$\|\partial L_T/\partial h_t\|\,/\,\|\partial L_T/\partial h_T\|$",
                title,
                legend="points measured, lines predicted",
                yscale="log",
            )
        names = {
            TIME: ("autocorrelation time, steps", "how long the state takes to change"),
            CHANGE: ("change a step, by the size of the state", "how much it changes in a step"),
        }
        for axis, (of, (ylabel, title)) in zip(axes[1], names.items(), strict=True):
            for i, kind in enumerate((ALONE, CONNECTED)):
                curve = chosen(rows, of=of, matrix=kind)
                draw_curve(axis, curve, "tau", i, kind, line=kind == CONNECTED)
            finish(
                axis,
                r"time constant $\tau$, steps",
                ylabel,
                f"{title}, on white noise",
                legend="points measured, solid line predicted",
                xscale="log",
                yscale="log",
            )
            axis.set_xticks(TAUS, [str(tau) for tau in TAUS])
            axis.xaxis.minorticks_off()
        figure.suptitle("Leaky units: large time constants, slow states, gradients that reach far")
