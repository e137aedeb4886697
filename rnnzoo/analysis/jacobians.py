"""How each state of a layer depends on the one before, and on those of long before."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from rnnzoo.analysis.watching import check_layer, kept_by, read_by, spans_of
from rnnzoo.errors import WrongType, WrongValue
from rnnzoo.layers import Recurrent
from rnnzoo.loop.over_time import fold
from rnnzoo.loop.run import step
from rnnzoo.platform import tf

# Of the Jacobians that are computed at once, in bytes.
AT_ONCE = 2**26


@dataclass(frozen=True, eq=False)
class JacobianProducts:
    """Products of k successive Jacobians, ``J_T J_{T-1} ... J_{T-k+1} = ds_T/ds_{T-k}``.

    They are kept as logarithms: of a thousand factors the product has no other number.
    """

    spans: np.ndarray
    """(spans,): the k, in steps."""
    log_singular_values: np.ndarray = field(repr=False)
    """(rows, spans, size), the largest first; NaN for those that are so small beside the largest
    that 64 bits don't tell them from rounding."""
    log_spectral_radius: np.ndarray = field(repr=False)
    """(rows, spans): of the eigenvalue that is largest in absolute value; NaN likewise."""

    @property
    def rates(self) -> np.ndarray:
        """(rows, spans): the largest singular value's growth a step, its k-th root."""
        return np.exp(self.log_singular_values[..., 0] / self.spans)


def step_jacobians(
    layer: Recurrent, x: Any, *, rows: slice | Sequence[int] | None = None, mask: Any = None
) -> np.ndarray:
    """``J_t = ds_t/ds_{t-1}`` at each step.

    s_t is all that the next step is handed: h; (h, c) of an LSTM; of a layer with delays
    (h_t, h_{t-1}, ... up to the longest), so that products of J_t are what they should be. At 1,000
    steps of 32 rows and 256 units they take 8 GB in float32, of an LSTM four times that: take some
    rows, or `jacobians_over_time`.

    Args:
        layer: a recurrent layer of ours, built or not.
        x: (batch, time, features), what the layer reads.
        rows: of the batch; None is all.
        mask: (batch, time) of bool as for the layer; every row has the same number of real steps.

    Returns:
        (rows, time, size, size) in the state's dtype; [..., i, j] is ds_t[i] / ds_{t-1}[j], as for
        columns: where states are rows, ``h W``, that is the transpose, diag(tanh') W^T. Steps come
        as the layer reads them.

    Raises:
        TypeError: no recurrent layer. ValueError: one of plain Keras cells or of cells with
            positions; rows of different lengths; numbers that are not finite.

    Example:
        >>> import numpy as np, rnnzoo
        >>> layer = rnnzoo.layers.SimpleRNN(4, dtype="float64")
        >>> x = np.random.default_rng(0).normal(size=(2, 10, 3))
        >>> rnnzoo.analysis.step_jacobians(layer, x).shape
        (2, 10, 4, 4)
    """
    parts = [part for _, part in jacobians_over_time(layer, x, rows=rows, mask=mask)]
    return np.concatenate(parts, axis=1)


def jacobians_over_time(
    layer: Recurrent,
    x: Any,
    *,
    rows: slice | Sequence[int] | None = None,
    mask: Any = None,
    backwards: bool = False,
) -> Iterator[tuple[int, np.ndarray]]:
    """`step_jacobians` bit by bit: pairs of a first step and the Jacobians of some from there on.

    Args:
        layer, x, rows, mask: as for `step_jacobians`.
        backwards: whether the last ones come first.
    """
    check_layer(layer)
    cell = layer.cell
    if cell.positions:
        raise WrongValue(f"{layer.name}: the state of a cell with positions has no one Jacobian")
    if isinstance(rows, (int, np.integer)):
        raise WrongType(f"rows={rows!r}: expected several, such as slice(0, {rows}) or [{rows}]")
    x = np.asarray(x) if rows is None else np.asarray(x)[rows]
    if not len(x):
        raise WrongValue(f"rows={rows!r}: there is none of them in x")
    if mask is not None and rows is not None:
        mask = np.asarray(mask)[rows]
    reading = read_by(layer, x, mask)
    lengths = set(reading.lengths.numpy().tolist())
    if lengths == {0}:
        raise WrongValue("no step is real: the mask is False everywhere")
    if len(lengths) > 1:
        raise WrongValue(
            f"rows of {min(lengths)} to {max(lengths)} steps: expected rows that are as long"
        )
    (steps,) = lengths
    x, past = reading.by_step()
    size, batch = sum(cell.state_size), x.shape[1]
    at_once = max(1, AT_ONCE // (batch * size**2 * past[0].dtype.size))
    of_steps = kept_by(layer, "jacobians", functools.partial(_compiled, cell))
    firsts = range(0, steps, at_once)
    for first in reversed(firsts) if backwards else firsts:
        some = slice(first, min(first + at_once, steps))
        found = of_steps(fold(x[some]), fold([p[some] for p in past])).numpy()
        yield first, found.reshape(-1, batch, size, size).swapaxes(0, 1)


def jacobian_products(
    layer: Recurrent,
    x: Any,
    *,
    spans: Sequence[int] | None = None,
    rows: slice | Sequence[int] | None = None,
    mask: Any = None,
) -> JacobianProducts:
    """What becomes of a small change of the state over k steps: singular values and radius.

    Args:
        layer, x, rows, mask: as for `step_jacobians`.
        spans: the k; default 1, 2, 4, 8 ... up to the number of steps. Each ends at the last step.

    Raises:
        ValueError: as `step_jacobians`; a span that is longer than x.

    Example:
        >>> import numpy as np, rnnzoo
        >>> layer = rnnzoo.layers.SimpleRNN(4, dtype="float64")
        >>> x = np.random.default_rng(0).normal(size=(2, 100, 3))
        >>> products = rnnzoo.analysis.jacobian_products(layer, x, spans=(1, 10, 100))
        >>> products.log_singular_values.shape
        (2, 3, 4)
    """
    steps = int(np.shape(x)[1]) if mask is None else int(np.asarray(mask, bool).sum(axis=1).max())
    spans = [2**i for i in range(steps.bit_length())] if spans is None else spans_of(spans, 1)
    if spans[-1] > steps:
        raise WrongValue(f"spans={spans!r}: expected numbers of steps from 1 to {steps}")
    product, scale, taken = None, 0.0, 0
    found = []
    for _, some in jacobians_over_time(layer, x, rows=rows, mask=mask, backwards=True):
        for at in reversed(range(some.shape[1])):
            jacobian = some[:, at].astype(np.float64)
            product = jacobian if product is None else product @ jacobian
            # Its size is kept apart: else it would soon be 0, or too large.
            largest = np.abs(product).max(axis=(1, 2), keepdims=True)
            largest[largest == 0] = 1
            product, scale = product / largest, scale + np.log(largest[:, 0])
            taken += 1
            if taken in spans:
                found.append(_logarithms(product, scale))
            if taken == spans[-1]:
                singular_values, radius = map(np.stack, zip(*found, strict=True))
                return JacobianProducts(
                    np.array(spans), singular_values.swapaxes(0, 1), radius.swapaxes(0, 1)
                )
    raise AssertionError("the spans end within the steps")


def _logarithms(product, scale):
    """Of each row the singular values (rows, size) and the spectral radius (rows,)."""
    if not np.isfinite(product).all():
        raise WrongValue("x, a weight or a state is not finite, and so no Jacobian is")
    values = np.linalg.svd(product, compute_uv=False)
    radius = np.abs(np.linalg.eigvals(product)).max(axis=1)
    # Rounding adds about as much to all of them.
    rounding = 100 * product.shape[-1] * np.finfo(np.float64).eps * values[:, :1]
    values = np.where(values > rounding, values, np.nan)
    radius = np.where(radius > rounding[:, 0], radius, np.nan)
    return np.log(values) + scale, np.log(radius) + scale[:, 0]


def _compiled(cell):
    # A partial, as TensorFlow would take it for the function of another layer, traced anew.
    of_steps = functools.partial(_jacobians(cell))
    return tf.function(of_steps, autograph=False, reduce_retracing=True)


def _jacobians(cell):
    """A function of x (n, features) and past states (n, size): their steps' (n, size, size)."""
    sizes = list(cell.state_size)
    newest = sum(sizes[: len(cell.state_names)])

    def of_steps(x, past):
        before = tf.concat(past, axis=-1)
        with tf.GradientTape() as tape:
            tape.watch(before)
            _, after = step(cell, x, tf.split(before, sizes, axis=-1))
            after = tf.concat(after[: len(cell.state_names)], axis=-1)
        jacobian = tape.batch_jacobian(after, before)
        # Of what is older, the next state is a copy.
        older = tf.eye(sum(sizes) - newest, sum(sizes), dtype=jacobian.dtype)
        older = tf.broadcast_to(older, (tf.shape(x)[0], *older.shape))
        return tf.concat([jacobian, older], axis=1)

    return of_steps
