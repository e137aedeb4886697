"""How a loss depends on states of long ago, and how far back its gradient comes from."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from rnnzoo.analysis.batches import first_batch, loss_of_last_steps, together
from rnnzoo.analysis.watching import Reading, by_layer, named, recurrent_layers, spans_of, watching
from rnnzoo.errors import WrongValue
from rnnzoo.layers import Recurrent
from rnnzoo.loop.over_time import fold, spread, swap
from rnnzoo.loop.run import step
from rnnzoo.platform import keras, tf

Loss = Callable[[Any, Any], Any]


@dataclass(frozen=True, eq=False)
class GradientFlow:
    """||dL_T/ds_t|| for each row of a batch, by the steps from t to T.

    L_T is a row's loss at its last step, or its only one; of a layer that reads backwards, at its
    first. T is the last step of the layer that it depends on. A state s of several tensors, as
    (h, c) of an LSTM, is one long vector; by its c is meant how L_T depends on c_t through later
    steps, as h_t is a state of its own.
    """

    layer: str
    norms: np.ndarray = field(repr=False)
    """(rows, steps) by T - t, from 0 on; NaN where the row has no such step."""
    by_state: dict[str, np.ndarray] = field(repr=False)
    """The same of each of the layer's states alone."""
    direct: bool
    """Whether what is above the layer reads its outputs before T, too, as a mean over time does, or
    a layer on top: then the loss depends on early states not by this layer's memory alone."""

    @property
    def mean(self) -> np.ndarray:
        """(steps,): the mean over the rows that are as long."""
        return np.nanmean(self.norms, axis=0)

    @property
    def left(self) -> np.ndarray:
        """(rows, steps): the norms by the row's first one that is not 0, which is that of T; or of
        T - 1, where a cell's output is none of its states.
        """
        first = (self.norms > 0).argmax(axis=1)
        return self.norms / self.norms[np.arange(len(first)), first][:, None]

    @property
    def typical(self) -> np.ndarray:
        """(steps,): the median row of `left`; as far back as half of the rows go."""
        there = (~np.isnan(self.norms)).mean(axis=0) >= 0.5
        return np.nanmedian(self.left[:, there], axis=0)


@dataclass(frozen=True, eq=False)
class GradientBySpan:
    """The gradient of L_T by the weights of a layer's cell, split by how far back it comes from.

    ::

        dL_T/dw = sum over t <= T of (ds_t/dw, with s_{t-1} held)^T dL_T/ds_t

    of which a span [a, b) has the terms with a <= T - t < b. L_T as for `GradientFlow`, summed over
    the batch.
    """

    layer: str
    spans: list[tuple[int, int]]
    gradients: dict[str, np.ndarray] = field(repr=False)
    """By the weight's name, or its path where two share one, (spans, *its shape); over the spans
    they add up to dL_T/dw."""

    @property
    def norms(self) -> np.ndarray:
        """(spans,): the length of each span's part, all weights of the cell together."""
        parts = [g.reshape(len(g), -1).astype(np.float64) for g in self.gradients.values()]
        return np.linalg.norm(np.concatenate(parts, axis=1), axis=1)


def gradient_flow(
    model: keras.Model,
    batch: Any,
    layer: str | Recurrent | None = None,
    *,
    loss: Loss | None = None,
    window: int | None = None,
) -> dict[str, GradientFlow]:
    """How strongly the loss at the last step depends on the states before it.

    Where it falls like a straight line on a logarithmic scale, gradients vanish (Bengio et al.
    1994, Learning long-term dependencies with gradient descent is difficult). It takes one pass
    through the model, and one back.

    Args:
        model: of ours, or a Keras model with layers of `rnnzoo.layers` and one answer.
        batch: raw examples (x, y) of a task, or a text; or a tf.data.Dataset, of which the first
            batch is taken; of another model (x, y).
        layer: None for all recurrent layers, or one of them, or its name.
        loss: of a Keras model that isn't compiled: ``loss(y, answers)``, (batch,) or (batch, time).
        window: of raw examples the time steps that they are cut to, as for `fit`.

    Returns:
        By the layer's name; of a layer that is called twice, the rows of both calls. Those that the
        loss doesn't depend on, such as fillers, are left out.

    Raises:
        ValueError: the model has no such layer, or no loss; or that depends on no state.

    Example:
        >>> import numpy as np, rnnzoo
        >>> from rnnzoo.platform import keras
        >>> layer = rnnzoo.layers.LSTM(8, name="memory")
        >>> model = keras.Sequential([layer, keras.layers.Dense(1)])
        >>> x, y = np.random.default_rng(0).normal(size=(4, 30, 2)), np.zeros((4, 1))
        >>> flow = rnnzoo.analysis.gradient_flow(model, (x, y), loss="mse")["memory"]
        >>> flow.norms.shape, sorted(flow.by_state)
        ((4, 30), ['c', 'h'])
    """
    flows = {}
    for name, calls in _by_states(model, batch, layer, loss, window).items():
        names = calls[0].reading.layer.cell.state_names
        # By state (rows, steps); a row of the loss has no part in what another row reads.
        squares = [together([_squares(call)[i] for call in calls]) for i in range(len(names))]
        total = np.sum(squares, axis=0)
        rows = np.nansum(total, axis=1) > 0
        total, *squares = (of[rows][:, : _longest(total[rows])] for of in (total, *squares))
        flows[name] = GradientFlow(
            name,
            np.sqrt(total),
            {state: np.sqrt(of) for state, of in zip(names, squares, strict=True)},
            any(call.direct for call in calls),
        )
    if not any(len(flow.norms) for flow in flows.values()):
        raise WrongValue(
            f"the loss depends on no state of {', '.join(flows)}: there is no gradient"
        )
    return flows


def gradient_by_span(
    model: keras.Model,
    batch: Any,
    layer: str | Recurrent | None = None,
    *,
    spans: Sequence[int] | None = None,
    loss: Loss | None = None,
    window: int | None = None,
) -> dict[str, GradientBySpan]:
    """How far back the gradient of a layer's weights comes from.

    What a truncated backpropagation through time over k steps leaves out is all behind k.

    Args:
        model, batch, layer, loss, window: as for `gradient_flow`.
        spans: where they begin and end, in steps back from the last; what is behind all of them is
            one span more. Default 0, 1, 2, 4, 8 ...

    Returns:
        By the layer's name.

    Raises:
        ValueError: as `gradient_flow`; or spans are no numbers of steps.

    Example:
        >>> import numpy as np, rnnzoo
        >>> from rnnzoo.platform import keras
        >>> layer = rnnzoo.layers.GRU(8, name="memory")
        >>> model = keras.Sequential([layer, keras.layers.Dense(1)])
        >>> x, y = np.random.default_rng(0).normal(size=(4, 30, 2)), np.zeros((4, 1))
        >>> found = rnnzoo.analysis.gradient_by_span(model, (x, y), spans=(0, 5), loss="mse")
        >>> split = found["memory"]
        >>> split.spans, split.gradients["recurrent_kernel"].shape
        ([(0, 5), (5, 30)], (2, 8, 24))
    """
    splits = {}
    for name, calls in _by_states(model, batch, layer, loss, window).items():
        of_spans = _spans(spans, max(call.reading.sequences.shape[1] for call in calls))
        found = [_weights_by_span(call, of_spans) for call in calls]
        gradients = {weight: sum(of_call[weight] for of_call in found) for weight in found[0]}
        splits[name] = GradientBySpan(name, of_spans, gradients)
    return splits


@dataclass(frozen=True, eq=False)
class Call:
    """One call of a layer, and the gradients of the loss by what became of it."""

    reading: Reading
    d_states: tf.Tensor
    """(batch, time, ..., sizes of the states together), as the input's steps."""
    d_outputs: tf.Tensor
    """(batch, time, ..., size of the output)."""

    @property
    def sizes(self) -> list[int]:
        """Of the states."""
        return [state.shape[-1] for state in self.reading.states]

    @functools.cached_property
    def steps_back(self) -> np.ndarray:
        """Of each step in order, (batch, time): 0 at the last that the loss depends on, < 0 behind.

        Behind it is padding that the layer was not told of.
        """
        both = [tf.cast(_sums(tf.abs(d)), tf.float64) for d in (self.d_states, self.d_outputs)]
        read = self.reading.in_order(tf.where(self.reading.real, tf.add_n(both), 0)).numpy()
        padding = np.logical_and.accumulate(read[:, ::-1] == 0, axis=1).sum(axis=1)
        return np.arange(read.shape[1])[::-1] - padding[:, None]

    @property
    def direct(self) -> bool:
        """Whether the loss reads outputs before the last step."""
        read = self.reading.in_order(_sums(tf.abs(self.d_outputs))).numpy() > 0
        return bool((read & (self.steps_back > 0)).any())


def _by_states(model, batch, layer, loss, window):
    """By layer its calls: what it read, and the gradients by its states and its outputs."""
    layers = list(recurrent_layers(model, layer).values())
    batch = first_batch(model, batch, window)
    if not model.built:
        model(batch.x)
    calls = _calls(model, batch, loss, [one for one in layers if not one.go_backwards], False)
    if backwards := [one for one in layers if one.go_backwards]:
        # Where its outputs are turned round, as those of Bidirectional, the first step is its last.
        turned = _calls(model, batch, loss, backwards, True)
        as_read = _calls(model, batch, loss, backwards, False)
        calls += max(turned, as_read, key=lambda of: sum((c.steps_back >= 0).sum() for c in of))
    by_reading = {id(call.reading): call for call in calls}
    return {
        name: [by_reading[id(reading)] for reading in of_layer]
        for name, of_layer in by_layer(model, [call.reading for call in calls]).items()
    }


def _calls(model, batch, loss, layers, backwards):
    """The calls of some layers, with the gradients of one loss."""
    if not layers:
        return []
    with tf.GradientTape() as tape, watching(layers, tape) as readings:
        total = loss_of_last_steps(model, batch, loss, backwards)
    if not np.isfinite(total):
        raise WrongValue("the loss is not finite: expected x, y and weights that are")
    found = tape.gradient(
        total, [(r.nudges, r.outputs) for r in readings], unconnected_gradients="zero"
    )
    return [Call(reading, *of) for reading, of in zip(readings, found, strict=True)]


def _squares(call):
    """Of each state the squared gradients (rows, time) by steps back, NaN behind."""
    rows, at = np.nonzero(call.steps_back >= 0)
    squares = []
    for d_state in tf.split(call.d_states, call.sizes, axis=-1):
        d_state = tf.cast(d_state, tf.float64)  # a square of 32 bits would soon be 0
        by_step = _sums(call.reading.in_order(d_state * d_state)).numpy()
        squares.append(np.full(by_step.shape, np.nan))
        squares[-1][rows, call.steps_back[rows, at]] = by_step[rows, at]
    return squares


def _sums(x):
    """(rows, time, ...) -> (rows, time)."""
    return tf.reduce_sum(x, axis=range(2, x.shape.rank))


def _longest(rows):
    """The steps of the longest row, of (rows, time) with NaN behind."""
    return int((~np.isnan(rows)).sum(axis=1).max(initial=0))


def _spans(edges, steps):
    """Pairs (from, to) over all steps."""
    powers = [0, *(2**i for i in range(steps.bit_length()))]
    edges = powers if edges is None else [0, *spans_of(edges, 0)]
    edges = sorted({edge for edge in edges if edge < steps})
    return list(itertools.pairwise([*edges, steps]))


def _weights_by_span(call, spans):
    """By weight (spans, *shape): what each step adds, given the state before it, summed by span."""
    reading, sizes = call.reading, call.sizes
    cell = reading.layer.cell
    x, past = reading.by_step()
    d_outputs, d_states = (swap(reading.in_order(of)) for of in (call.d_outputs, call.d_states))
    weights = named([w for w in cell.weights if keras.backend.is_float_dtype(w.dtype)])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([weight.value for weight in weights.values()])  # frozen ones, too
        output, new = step(cell, fold(x), fold(past))
        new = list(new[: len(cell.state_names)])
    # An output that is a state has its part in the state's gradient.
    is_state = any(output is state for state in new)
    targets = new if is_state else [output, *new]
    cotangents = [*tf.split(d_states, sizes, axis=-1)]
    cotangents = cotangents if is_state else [d_outputs, *cotangents]
    # As numbers with a point: of others oneDNN says on stderr that it transposes none.
    back = swap(tf.constant(call.steps_back, d_states.dtype))
    found: dict[str, list] = {name: [] for name in weights}
    for first, last in spans:
        within = (back >= first) & (back < last)
        of_span = [tf.where(spread(within, d), d, tf.zeros_like(d)) for d in cotangents]
        gradients = tape.gradient(
            targets,
            [weight.value for weight in weights.values()],
            output_gradients=[
                tf.cast(fold(d), target.dtype) for d, target in zip(of_span, targets, strict=True)
            ],
            unconnected_gradients="zero",
        )
        for of_weight, gradient in zip(found.values(), gradients, strict=True):
            of_weight.append(tf.convert_to_tensor(gradient).numpy())
    return {name: np.stack(of_spans) for name, of_spans in found.items()}
