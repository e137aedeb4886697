"""What recurrent layers are given while a model reads, and what becomes of their states."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnzoo.cells import Cell
from rnnzoo.errors import WrongType, WrongValue
from rnnzoo.keras_internals import all_layers
from rnnzoo.layers import Recurrent
from rnnzoo.loop.over_time import spread, swap
from rnnzoo.loop.run import history_of, run
from rnnzoo.loop.scan import past_of_all_steps
from rnnzoo.platform import keras, tf
from rnnzoo.plugins import did_you_mean
from rnnzoo.sizes import is_size

ops = keras.ops


class Watched(Cell, package="rnnzoo"):
    """A cell whose states can be seen, and nudged.

    ::

        s_t = F(s_{t-1}, x_t) + e_t          so that dL/de_t is dL/ds_t, of all paths from s_t on

    It reads x_t and e_t side by side, and puts out what the cell does, and behind it s_t.
    """

    def __init__(self, cell: Cell):
        super().__init__(cell.units, dtype=cell.dtype_policy)
        self.cell = cell
        self.delays, self.state_names = cell.delays, cell.state_names
        self.positions = cell.positions
        self.built = True

    @property
    def state_size(self) -> list[int]:
        return self.cell.state_size

    @property
    def sizes(self) -> list[int]:
        """Of the states after one step."""
        return self.state_size[: len(self.state_names)]

    @property
    def output_size(self) -> int:
        return self.cell.output_size + sum(self.sizes)

    def project(self, x: Any) -> Any:
        x, nudge = x[..., : -sum(self.sizes)], x[..., -sum(self.sizes) :]
        return [self.cell.project(ops.cast(x, self.compute_dtype)), nudge]

    def recur(self, state: list[Any]) -> Any:
        return self.cell.recur(state)

    def update(self, input_term: Any, recurrent_term: Any, state: list[Any]) -> Any:
        input_term, nudge = input_term
        output, before = self.cell.next(input_term, recurrent_term, state)
        after = [s + e for s, e in zip(before, tf.split(nudge, self.sizes, axis=-1), strict=True)]
        # Where the output is a state, it is the nudged one.
        output = next((a for a, b in zip(after, before, strict=True) if output is b), output)
        return tf.concat([output, *after], axis=-1), after


@dataclass(frozen=True, eq=False)
class Reading:
    """One call of a layer: what it was given, and what came of it, step by step.

    Where steps are (batch, time), they are as in the input; `in_order` gives them as they were
    read, the real ones first.
    """

    layer: Recurrent
    sequences: tf.Tensor
    """(batch, time, ..., features)."""
    initial_state: list[tf.Tensor]
    """(batch, ..., size), one for each entry of the cell's state_size."""
    real: tf.Tensor
    """bool (batch, time), False at masked steps."""
    nudges: tf.Tensor
    """Zeros (batch, time, ..., sizes of the states together)."""
    outputs: tf.Tensor
    """(batch, time, ..., output size): of the cell; masked steps repeat the last real one."""
    states: list[tf.Tensor]
    """(batch, time, ..., size), one for each of the cell's state_names."""

    @functools.cached_property
    def lengths(self) -> tf.Tensor:
        """(batch,): the real steps of each row."""
        return tf.reduce_sum(tf.cast(self.real, tf.int32), axis=1)

    @functools.cached_property
    def order(self) -> tf.Tensor:
        """(batch, time): which step was read first, second ...; the real ones, then the others."""
        steps = tf.shape(self.real)[1]
        time = tf.range(steps)
        if self.layer.go_backwards:
            time = steps - 1 - time
        return tf.argsort(tf.where(self.real, time, time + steps), axis=1)

    def in_order(self, x: tf.Tensor) -> tf.Tensor:
        """(batch, time, ...) as it was read: the real steps of each row, in the layer's order."""
        return tf.gather(x, self.order, axis=1, batch_dims=1)

    def by_step(self) -> tuple[tf.Tensor, list[tf.Tensor]]:
        """What `Cell.step` takes at all steps in order: x and past states, (time, batch, ...)."""
        cell = self.layer.cell
        x, *states = (swap(self.in_order(of)) for of in (self.sequences, *self.states))
        history = history_of(cell, self.initial_state, states)
        return x, past_of_all_steps(tuple(range(1, cell.lag + 1)), history)


def recurrent_layers(model: Any, layer: str | Recurrent | None = None) -> dict[str, Recurrent]:
    """The recurrent layers of a model by name; where two share a name, by their paths.

    Args:
        model: a Keras model, or a layer that is one or holds some.
        layer: None, or one of them, or its name.

    Raises:
        TypeError: not a model. ValueError: there is no such layer, or none at all.
    """
    if not isinstance(model, keras.layers.Layer):
        raise WrongType(f"expected a Keras model, got {type(model).__name__}")
    every_layer = {id(one): one for one in all_layers(model)}.values()
    found = [one for one in every_layer if isinstance(one, Recurrent)]
    fast = [one for one in found if isinstance(one.cell, Cell)]
    if not fast:
        slow = "; its cells are plain Keras cells" if found else ""
        raise WrongValue(
            f"{model.name} has no recurrent layer of rnnzoo{slow}: expected one of rnnzoo.layers, "
            "or rnnzoo.Recurrent with a rnnzoo.Cell"
        )
    by_name = named(fast)
    if layer is None:
        return by_name
    chosen = {k: one for k, one in by_name.items() if layer in (k, one.name) or layer is one}
    if not chosen:
        name = getattr(layer, "name", layer)
        raise WrongValue(
            f"{model.name} has no recurrent layer {name!r}{did_you_mean(str(name), by_name)}: "
            f"expected one of {', '.join(by_name)}"
        )
    return chosen


def check_layer(layer: Any) -> None:
    """Raise a TypeError or ValueError unless it is a recurrent layer of ours itself.

    What a model reads is not what its layers read.
    """
    found = recurrent_layers(layer)
    if not isinstance(layer, Recurrent):
        raise WrongType(
            f"{layer.name} is no recurrent layer, it holds {', '.join(found)}: take one, as "
            "recurrent_layers(model)[name], and what that reads"
        )


def spans_of(given: Any, least: int) -> list[int]:
    """Numbers of steps that rise from ``least``.

    Raises:
        ValueError: they are no such numbers.
    """
    numbers = list(given) if isinstance(given, Iterable) else []
    if not numbers or not all((is_size(n) or n == 0) and n >= least for n in numbers):
        raise WrongValue(
            f"spans={given!r}: expected whole numbers of steps, {least} or up, such as (1, 10, 100)"
        )
    return sorted({int(n) for n in numbers})


def named(things: Sequence[Any]) -> dict[str, Any]:
    """Layers or weights by name; where two share one, by path, and by "path #2" if that is one."""
    names = [one.name for one in things]
    found: dict[str, Any] = {}
    for one in things:
        name = one.path if names.count(one.name) > 1 else one.name
        twins = sum(key.partition(" #")[0] == name for key in found)
        found[f"{name} #{twins + 1}" if twins else name] = one
    return found


def by_layer(model: Any, readings: Sequence[Reading]) -> dict[str, list[Reading]]:
    """What each layer of a model read, by its name."""
    found: dict[str, list[Reading]] = {}
    for name, layer in recurrent_layers(model).items():
        if calls := [reading for reading in readings if reading.layer is layer]:
            found[name] = calls
    return found


def read_by(layer: Recurrent, x: Any, mask: Any = None) -> Reading:
    """What a layer reads of x (batch, time, features), with a mask (batch, time) or None."""
    check_layer(layer)
    with watching([layer]) as readings:
        layer(np.asarray(x), mask=None if mask is None else np.asarray(mask, bool))
    return readings[0]


@contextlib.contextmanager
def watching(
    layers: Sequence[Recurrent], tape: tf.GradientTape | None = None
) -> Iterator[list[Reading]]:
    """Where each call of these layers is noted in the list, in eager execution.

    Args:
        layers: with a `rnnzoo.Cell` each.
        tape: None, or what is to watch the nudges, and what the layers put out.
    """
    readings: list[Reading] = []
    states = [(v, v.numpy()) for layer in layers if layer.stateful for v in layer.states or ()]
    for layer in layers:
        layer.__dict__["run_loop"] = _watched(layer, readings, tape)  # no attribute to be tracked
    try:
        yield readings
    finally:
        for layer in layers:
            del layer.__dict__["run_loop"]
        for variable, value in states:
            variable.assign(value)
    if not readings:
        raise WrongValue(
            f"{', '.join(layer.name for layer in layers)}: not called where it can be watched, as "
            "within a tf.function"
        )


def _watched(layer, readings, tape):
    """What a layer's `run_loop` is where it is watched."""
    dtype = layer.cell.state_dtype

    def run_loop(sequences, initial_state, mask, recurrent_mask):
        if not tf.executing_eagerly() or recurrent_mask is not None:
            raise WrongValue(f"{layer.name} is watched in eager calls, with training=False")
        sizes, compiled = _compiled(layer)
        width = sum(sizes)
        nudges = tf.zeros((*sequences.shape[:-1], width), dtype)
        if tape is not None:
            tape.watch(nudges)
        side_by_side = tf.concat([tf.cast(sequences, dtype), nudges], axis=-1)
        found, _, final_state = compiled(side_by_side, initial_state, mask)
        by_time = mask is not None and mask.shape.rank == 2
        real = tf.cast(mask, tf.bool) if by_time else tf.ones(sequences.shape[:2], tf.bool)
        # Steps come as they were computed.
        turned = (lambda x: tf.reverse(x, axis=[1])) if layer.go_backwards else (lambda x: x)
        outputs, states = turned(found[..., :-width]), turned(found[..., -width:])
        if tape is not None:
            tape.watch(outputs)
        states = tf.split(states, sizes, axis=-1)
        readings.append(Reading(layer, sequences, initial_state, real, nudges, outputs, states))
        computed = turned(outputs)
        last_output = computed[:, -1]
        if layer.zero_output_for_mask and by_time:
            computed = tf.where(spread(turned(real), computed), computed, tf.zeros_like(computed))
        return computed, last_output, final_state

    return run_loop


def _compiled(layer):
    """The sizes of a layer's states, and the loop over its watched cell, which it keeps: batches
    of one shape are traced once.
    """

    def make():
        watched = Watched(layer.cell)
        loop = functools.partial(run, watched, reverse=layer.go_backwards)
        return watched.sizes, tf.function(loop, autograph=False, reduce_retracing=True)

    return kept_by(layer, ("loop", layer.go_backwards), make)


def kept_by(layer: Recurrent, what: Any, make: Callable[[], Any]) -> Any:
    """What a layer keeps for those who look into it: made once, and gone with the layer."""
    kept = layer.__dict__.setdefault("_analysis", {})  # no attribute to be tracked
    if what not in kept:
        kept[what] = make()
    return kept[what]
