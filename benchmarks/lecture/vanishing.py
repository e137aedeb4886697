r"""Vanishing and exploding: through a vanilla network a gradient falls or grows like lambda^k.

::

    dL_T/dh_t = J^T ... J^T dL_T/dh_T,    J = diag(tanh') U^T
    U = lambda times an orthogonal matrix, no tanh:    ||dL_T/dh_{T-k}|| = lambda^k ||dL_T/dh_T||
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

import rnnzoo
from lecture.curves import chosen, draw_curve, finish, rows_of, values_of
from lecture.networks import gaussian, gradient_norms, orthogonal, with_recurrent_weights
from rnnzoo.files import picture
from rnnzoo.platform import keras

SIZES = {"units": 64, "rows": 8, "steps": 101, "seeds": 3}
RADII = (0.9, 1.0, 1.1)
LARGEST = "largest singular value"
MATRICES = {"orthogonal": orthogonal, "gaussian": gaussian}


def measure(units: int, rows: int, steps: int, seeds: int) -> list[dict]:
    """A row for each matrix, activation, lambda and k; the gradient, and products of Jacobians."""
    found = []
    ks = np.unique([*range(0, steps, 5), steps - 1])
    settings = [("orthogonal", "linear"), ("orthogonal", "tanh"), ("gaussian", "linear")]
    for matrix, activation in settings:
        for radius in RADII:
            gradients, largest = [], []
            for seed in range(seeds):
                keras.utils.set_random_seed(seed)
                rng = np.random.default_rng(seed)
                x = rng.normal(0, 0.01, (rows, steps, 4))
                layer = rnnzoo.layers.SimpleRNN(units, activation, dtype="float64")
                kernel = radius * MATRICES[matrix](units, rng)
                with_recurrent_weights(layer, x, kernel)
                norms = gradient_norms(layer, x, seed)
                gradients.append(np.mean(norms / norms[:, :1], axis=0)[ks])
                if matrix == "gaussian":
                    products = rnnzoo.analysis.jacobian_products(layer, x[:1], spans=ks[1:])
                    of_all = np.exp(products.log_singular_values[0, :, 0])
                    largest.append([1.0, *of_all])
            what = {"matrix": matrix, "activation": activation, "radius": radius}
            law = radius ** ks.astype(float)
            found += rows_of("k", ks, gradients, law, of="gradient", **what)
            if largest:
                found += rows_of("k", ks, largest, law, of=LARGEST, **what)
    return found


def draw(rows: list[dict], path: Path) -> None:
    """Three panels: where the law is exact, with a tanh, and with a matrix of another kind."""
    panels = [
        ("orthogonal", "linear", "orthogonal U, linear"),
        ("orthogonal", "tanh", "orthogonal U, tanh, inputs of 0.01"),
        ("gaussian", "linear", "Gaussian U, linear"),
    ]
    with picture(path, figsize=(11, 4.2)) as figure:
        axes = figure.subplots(1, 3, sharey=True)
        for axis, (matrix, activation, title) in zip(axes, panels, strict=True):
            of_panel = chosen(rows, matrix=matrix, activation=activation)
            for i, radius in enumerate(values_of(of_panel, "radius")):
                curve = chosen(of_panel, radius=radius, of="gradient")
                draw_curve(axis, curve, "k", i, rf"$\lambda$ = {radius}")
                if curve := chosen(of_panel, radius=radius, of=LARGEST):
                    label = f"{LARGEST} of $U^k$" if i == 0 else None
                    draw_curve(axis, curve, "k", i, label, hollow=True)
            finish(
                axis,
                "steps back, k = T - t",
                r"$\|\partial L_T/\partial h_t\|\,/\,\|\partial L_T/\partial h_T\|$",
                title,
                legend=r"points measured, lines $\lambda^k$",
                yscale="log",
                ylim=(1e-6, 1e9),  # room for the legend
            )
        for axis in axes[1:]:
            axis.set_ylabel("")
        figure.suptitle("A vanilla network: the gradient of the last step's loss by earlier states")
