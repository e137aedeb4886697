"""Gates: how far back gradients reach through fresh networks, and the gates' part in it.

::

    LSTM    dL_T/dc_{t-1} = f_t dL_T/dc_t + ...         so about (mean f)^k
    GRU     dL_T/dh_{t-1} = z_t dL_T/dh_t + ...         so about (mean z)^k
    leaky   (1 - 1/tau) of each unit, left alone:       the root of the mean of (1 - 1/tau)^(2k)
    rnn     diag(tanh') U^T, U orthogonal:              (root mean square of tanh')^k
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

import rnnzoo
from lecture.curves import chosen, draw_curve, finish, rows_of, values_of
from lecture.networks import gradient_norms
from rnnzoo.files import picture
from rnnzoo.platform import keras

SIZES = {"units": 64, "rows": 16, "steps": 201, "seeds": 3}
PLAIN, LSTM, GRU = "vanilla and leaky", "LSTM, by the cell state c", "GRU"
# By panel the network's name, and how strongly its gate is biased to keep the state.
NETWORKS = {
    PLAIN: {"vanilla": None, "leaky, tau 1 to 32": None},
    LSTM: {"forget bias 0": 0.0, "forget bias 1": 1.0, "forget bias 3": 3.0, "forget bias 5": 5.0},
    GRU: {"update bias 0": 0.0, "update bias 1": 1.0, "update bias 3": 3.0, "update bias 5": 5.0},
}


def measure(units: int, rows: int, steps: int, seeds: int) -> list[dict]:
    """A row for each network and k, and the mean gate and the time constant of its units."""
    found = []
    ks = np.unique([1, *range(10, steps, 10), steps - 1])
    for panel, networks in NETWORKS.items():
        for name, bias in networks.items():
            measured, predicted, factors = [], [], []
            for seed in range(seeds):
                keras.utils.set_random_seed(seed)
                rng = np.random.default_rng(seed)
                x = rng.normal(size=(rows, steps, 4))
                layer, factor = fresh(panel, name, units, bias, x)
                norms = gradient_norms(layer, x, seed, "c" if panel == LSTM else None)
                # c_T itself has no later step that the loss reads it through: from k = 1 on.
                measured.append(np.exp(np.log(norms[:, ks] / norms[:, 1:2]).mean(axis=0)))
                predicted.append(np.sqrt((factor[:, None] ** (2.0 * (ks - 1))).mean(axis=0)))
                factors.append(factor.mean())
            found += rows_of(
                "k",
                ks,
                measured,
                np.mean(predicted, axis=0),
                of=panel,
                network=name,
                factor=f"{np.mean(factors):.4f}",
                slope=f"{slope(ks, measured):.4f}",
            )
    return found


def fresh(panel: str, name: str, units: int, bias: float | None, x: np.ndarray):
    """A layer, and the factors by which a gradient is said to shrink in a step: one, or a unit's.

    Args:
        panel, name, bias: of `NETWORKS`.
        units: size of the state.
        x: what it reads.
    """
    if panel == PLAIN:
        leaky = name.startswith("leaky")
        layer = (rnnzoo.layers.LeakyRNN if leaky else rnnzoo.layers.SimpleRNN)(
            units, dtype="float64"
        )
        if leaky:
            return layer, 1 - 1 / rnnzoo.analysis.time_constants(layer)
        jacobians = rnnzoo.analysis.step_jacobians(layer, x, rows=slice(4))
        return layer, np.sqrt([(jacobians**2).sum(axis=(2, 3)).mean() / units])
    layer = (rnnzoo.layers.LSTM if panel == LSTM else rnnzoo.layers.GRU)(units, dtype="float64")
    layer.build(x.shape)
    weights = layer.cell.bias.numpy()
    if panel == LSTM:
        weights[units : 2 * units] = bias
    else:
        weights[0, :units] = bias
    layer.cell.bias.assign(weights)
    keeps = rnnzoo.analysis.gates(layer, x)["forget" if panel == LSTM else "update"]
    return layer, np.array([keeps.mean()])


def slope(ks: np.ndarray, measured: list[np.ndarray]) -> float:
    """The factor a step, of a straight line through the logarithms."""
    return float(np.exp(np.polyfit(ks, np.mean(np.log(measured), axis=0), 1)[0]))


def draw(rows: list[dict], path: Path) -> None:
    """Three panels of one scale."""
    with picture(path, figsize=(11, 4.4)) as figure:
        axes = figure.subplots(1, 3, sharey=True)
        for axis, panel in zip(axes, NETWORKS, strict=True):
            of_panel = chosen(rows, of=panel)
            for i, name in enumerate(values_of(of_panel, "network")):
                curve = chosen(of_panel, network=name)
                draw_curve(axis, curve, "k", i, name)
            finish(
                axis,
                "steps back, k = T - t",
                r"$\|\partial L_T/\partial s_t\|\,/\,\|\partial L_T/\partial s_{T-1}\|$",
                panel,
                legend="points measured, lines predicted",
                yscale="log",
            )
            axis.set_ylim(1e-12, 1e9)  # room for the legend
        for axis in axes[1:]:
            axis.set_ylabel("")
        figure.suptitle("Fresh networks of 64 units on white noise: gradients, and what gates keep")
