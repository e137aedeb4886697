"""Networks that the claims are measured on."""

from __future__ import annotations

import numpy as np

import rnnzoo
from rnnzoo.platform import keras


def orthogonal(units: int, rng: np.random.Generator) -> np.ndarray:
    """An orthogonal matrix, each as likely as every other (Haar)."""
    q, r = np.linalg.qr(rng.normal(size=(units, units)))
    return q * np.sign(np.diag(r))


def gaussian(units: int, rng: np.random.Generator) -> np.ndarray:
    """Independent normal entries, divided by the spectral radius."""
    matrix = rng.normal(size=(units, units))
    return matrix / np.abs(np.linalg.eigvals(matrix)).max()


def with_recurrent_weights(
    layer: rnnzoo.layers.Recurrent, x: np.ndarray, *matrices: np.ndarray
) -> rnnzoo.layers.Recurrent:
    """The layer, built for x, with these matrices between its states."""
    layer.build(x.shape)
    cell = layer.cell
    kernels = getattr(cell, "recurrent_kernels", None) or [cell.recurrent_kernel]
    for kernel, matrix in zip(kernels, matrices, strict=True):
        kernel.assign(matrix)
    return layer


def gradient_norms(
    layer: rnnzoo.layers.Recurrent, x: np.ndarray, seed: int, state: str | None = None
) -> np.ndarray:
    """||dL_T/ds_t|| by T - t, (rows, steps), of a squared error behind one linear unit.

    Args:
        layer: it puts out its last state.
        x: (rows, steps, features).
        seed: of the linear unit's weights.
        state: None, or that state alone, such as "c".
    """
    unit = keras.layers.Dense(
        1, kernel_initializer=keras.initializers.RandomNormal(seed=seed), dtype=layer.dtype_policy
    )
    model = keras.Sequential([layer, unit])
    # A target far away: the loss has a gradient in every row.
    target = np.full((len(x), 1), 10.0, x.dtype)
    (flow,) = rnnzoo.analysis.gradient_flow(model, (x, target), loss="mse").values()
    return flow.norms if state is None else flow.by_state[state]
