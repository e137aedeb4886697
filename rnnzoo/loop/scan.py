"""The loop: a cell over time, with its own backpropagation through time.

With s_t for a cell's state and p_t, r_t for its two terms ::

    terms before     p_t = project(x_t)                                             all t at once
    the loop         r_t = recur(s_{t-d} ...),  s_t = update(p_t, r_t, s_{t-d} ...)   t = 1 ... T
    the loop back    dL/ds_{t-d} += (d s_t / d s_{t-d})^T dL/ds_t                     t = T ... 1
    weights after    dL/dw = sum_t (d s_t / d w)^T dL/ds_t                          all t at once

The two loops hold nothing but what must be sequential; each core takes some rows of the batch
through them. What is before and after them is a few large matrix products: the weights' gradient is
one vector-Jacobian product over all time steps stacked, as in the sums over time of Werbos (1990),
Backpropagation through time.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from rnnzoo.loop.chains import into_chains, out_of_chains
from rnnzoo.loop.over_time import (
    at,
    fold,
    number_of_steps,
    shaped_like,
    spread,
    step_array,
    walk,
    write,
)
from rnnzoo.loop.parts import all_before_any
from rnnzoo.loop.weights import cell_weights, weights_scope
from rnnzoo.platform import keras, tf

if TYPE_CHECKING:
    from rnnzoo.cells import Cell

ops = keras.ops


class Rows(NamedTuple):
    """Some rows of a batch, as `scan` takes them."""

    input_term: Any
    """``cell.project(x)``, a tensor or nested structure of (time, batch, ..., n)."""
    initial_state: list[tf.Tensor]
    """(batch, ..., size), one for each entry of cell.state_size."""
    lengths: tf.Tensor | None = None
    """None or (batch,) of int: the steps after which a row's state stands still, so that what a
    growing state would become out there can't reach the gradients."""
    dropout: list[tf.Tensor] | None = None
    """As for `rnnzoo.loop.run.run`."""
    real: tf.Tensor | None = None
    """None or (time, batch, positions) of bool: where the state is not zero whatever is read."""


class Kept(NamedTuple):
    """What the loop over some rows keeps for the way back."""

    history: list[tf.Tensor]
    """For each state name (lag + time, batch, size): the initial states, oldest first, and on."""
    recurrent_term: Any
    """``cell.recur`` of each step, a tensor or nested structure of (time, batch, n)."""


class Derivatives(NamedTuple):
    """What the loop back over some rows finds: derivatives of the loss, each a flat list."""

    input_term: list[tf.Tensor]
    """(time, batch, n) each."""
    recurrent_term: list[tf.Tensor] | None
    """(time, batch, n) each; None if they are the same tensors as those by the input term."""
    states: list[tf.Tensor]
    """(time, batch, size), one for each state name."""
    initial_state: list[tf.Tensor]
    """(batch, size) each, in the order of `Rows`."""


@tf.autograph.experimental.do_not_convert
def scan(
    cell: Cell, parts: list[Rows], compiled: Callable[[Callable], Callable] | None = None
) -> list[list[tf.Tensor]]:
    """The states of a cell over time, by a loop with its own backpropagation through time.

    Args:
        cell: a built `rnnzoo.Cell`.
        parts: some rows of the batch each; their loops run side by side.
        compiled: None, or a function that takes one of the two loops, ``f(cell, ...)``, and
            returns it compiled for this cell, ``g(...)``; the same g each time. Only the loops are
            compiled: the products over all time steps, before and after, are faster outside.

    Returns:
        For each part, for each of cell.state_names, its value after each step, a tensor
        (time, batch, size).
    """
    compiled = compiled or (lambda loop: functools.partial(loop, cell))
    chains, width = math.gcd(*cell.delays), len(cell.state_names)
    delays, steps = tuple(d // chains for d in cell.delays), number_of_steps(parts[0].input_term)
    parts = [into_chains(rows, chains, width) for rows in parts]
    arguments = (
        [(rows.input_term, list(rows.initial_state)) for rows in parts],
        cell_weights(cell),
    )

    def rows_of(inputs):
        of_parts = zip(inputs, parts, strict=True)
        return [Rows(*given, *rows[2:]) for given, rows in of_parts]

    @tf.custom_gradient
    def states_over_time(*flat):
        # Everything differentiable is an argument: what is captured would get no gradient.
        inputs, weights = tf.nest.pack_sequence_as(arguments, flat)
        given = rows_of(inputs)
        # The loop.
        kept = [compiled(_loop)(delays, weights, rows) for rows in rows_of(all_before_any(inputs))]
        states = [[h[max(delays) :] for h in history] for history, _ in kept]

        def gradient(*d_states):
            d_states = all_before_any(tf.nest.pack_sequence_as(states, d_states))
            # The loop back.
            found = all_before_any(
                [
                    compiled(_loop_back)(delays, weights, rows, k, d)
                    for rows, k, d in zip(given, kept, d_states, strict=True)
                ]
            )
            d_inputs = [(d.input_term, d.initial_state) for d in found]
            # Weights after.
            d_weights = [
                _weights_after(cell, delays, weights, *of_rows)
                for of_rows in zip(given, kept, found, strict=True)
            ]
            return *tf.nest.flatten(d_inputs), *map(_sum, zip(*d_weights, strict=True))

        return tf.nest.flatten(states), gradient

    states = states_over_time(*tf.nest.flatten(arguments))
    states = [out_of_chains(s, chains, steps) for s in states]
    return [states[i : i + width] for i in range(0, len(states), width)]


def _loop(cell, delays, weights, rows) -> Kept:
    """The states of some rows over time, and the recurrent terms."""
    terms, initial_state, lengths, dropout, real = rows
    steps, lag, width = number_of_steps(terms), max(delays), len(cell.state_names)
    newest_first = [initial_state[i : i + width] for i in range(0, len(initial_state), width)]
    history = [step_array(s.dtype, lag + steps, s.shape) for s in newest_first[0]]
    for i, state in enumerate(reversed(newest_first)):
        history = [h.write(i, s) for h, s in zip(history, state, strict=True)]
    # What a step looks back on: h_t is entry t modulo lag. (XLA copies a whole array that is read
    # and written in one step, so it had better be this one; over a delay of 1 none is needed.)
    recent = []
    if lag > 1:
        recent = [step_array(s.dtype, lag, s.shape) for s in newest_first[0]]
        for i, state in enumerate(reversed(newest_first)):
            recent = write(recent, i, state)

    def body(t, term, state, recent, history, recurrent):
        past = [
            s
            for d in delays
            for s in (state if d == 1 else [r.read((t + lag - d) % lag) for r in recent])
        ]
        recurrent_t = recurrent_term(cell, past, dropout)
        _, new = next_state(cell, term, recurrent_t, past, at(t, real))
        if lengths is not None:
            goes_on = t < lengths
            new = [tf.where(spread(goes_on, n), n, s) for n, s in zip(new, state, strict=True)]
        state = shaped_like(state, new)
        recent = write(recent, t % lag, state) if recent else []
        history = write(history, lag + t, state)
        next_term = at(ops.minimum(t + 1, steps - 1), terms)
        return t + 1, next_term, state, recent, history, write(recurrent, t, recurrent_t)

    with weights_scope(cell, weights):
        first = recurrent_term(cell, [s for d in delays for s in newest_first[d - 1]], dropout)
        recurrent = keras.tree.map_structure(lambda r: step_array(r.dtype, steps, r.shape), first)
        # Each term is read a step ahead: a slice at a variable place within the update kept XLA
        # from vectorising it. (The way back does more reading and less else; there it did not pay.)
        *_, history, recurrent = walk(
            steps, body, (at(0, terms), list(newest_first[0]), recent, history, recurrent)
        )
    stacked = keras.tree.map_structure(lambda r: r.stack(), recurrent)
    return Kept([h.stack() for h in history], stacked)


def _loop_back(cell, delays, weights, rows, kept, d_outputs) -> Derivatives:
    """Derivatives by all that each step was made of, from those by its states."""
    history, recurrent = kept
    terms, _, _, dropout, real = rows
    steps, lag, width = number_of_steps(terms), max(delays), len(cell.state_names)
    past = past_of_all_steps(delays, history)
    zeros = [tf.zeros_like(d[0]) for d in d_outputs]
    # What step t adds to dL/ds_{t-d} waits in entry t modulo d of its delay's array until the walk
    # back comes to step t - d. Over a delay of 1 that is the next step: there it is just carried.
    waiting = {d: [step_array(x.dtype, d, x.shape[1:]) for x in d_outputs] for d in delays if d > 1}
    for d, arrays in waiting.items():
        for i in range(d):
            arrays = write(arrays, i, zeros)
        waiting[d] = arrays
    # dL by the state, the input term and the recurrent term of each step.
    by_step = [
        [step_array(x.dtype, steps, x.shape[1:]) for x in tf.nest.flatten(of)]
        for of in (d_outputs, terms, recurrent)
    ]
    one_derivative = False
    # A product with the transpose of a kernel takes twice the time of one with a matrix that lies
    # in memory as it is read: so the loop has the kernels transposed, and transposes them again,
    # which the compiler then cancels against the transpose of the derivative.
    transposed = [tf.transpose(w) if w.shape.rank == 2 else w for w in weights]

    def body(i, carried, waiting, by_step):
        nonlocal one_derivative
        t = steps - 1 - i
        term, recurrent_t, past_t, d_output = at(t, (terms, recurrent, past, list(d_outputs)))
        d_state = [d + c for d, c in zip(d_output, carried, strict=True)]
        for d, arrays in waiting.items():
            d_state = [x + a.read(t % d) for x, a in zip(d_state, arrays, strict=True)]
        with weights_scope(cell, [tf.transpose(w) if w.shape.rank == 2 else w for w in transposed]):
            d_terms, d_recurrent, d_past = _step_derivatives(
                cell, term, recurrent_t, past_t, d_state, dropout, at(t, real)
            )
        # Where a cell adds its two terms, their derivatives are one tensor: keep it once.
        one_derivative = [id(d) for d in d_terms] == [id(d) for d in d_recurrent]
        by_step = [
            write(by_step[0], t, d_state),
            write(by_step[1], t, d_terms),
            by_step[2] if one_derivative else write(by_step[2], t, d_recurrent),
        ]
        by_delay = {d: d_past[j * width :][:width] for j, d in enumerate(delays)}
        waiting = {d: write(arrays, t % d, by_delay[d]) for d, arrays in waiting.items()}
        carried = shaped_like(carried, by_delay.get(1, carried))
        return i + 1, carried, waiting, by_step

    _, carried, waiting, by_step = walk(steps, body, (zeros, waiting, by_step))
    d_states, d_terms, d_recurrent = ([a.stack() for a in arrays] for arrays in by_step)
    d_initial: list[tf.Tensor] = []
    for back in range(1, lag + 1):
        d_state = carried if back == 1 else zeros
        for d, arrays in waiting.items():
            if d >= back:
                d_state = [x + a.read(d - back) for x, a in zip(d_state, arrays, strict=True)]
        d_initial += d_state
    return Derivatives(d_terms, None if one_derivative else d_recurrent, d_states, d_initial)


def _step_derivatives(cell, term, recurrent, past, d_state, dropout, real):
    """Derivatives by one step's input term, recurrent term and past states."""
    with tf.GradientTape() as through_update:
        through_update.watch((term, recurrent, past))
        _, state = next_state(cell, term, recurrent, past, real)
    with tf.GradientTape() as through_recur:
        through_recur.watch(past)
        # Only its derivative is used, so where that needs no value the product is pruned.
        again = recurrent_term(cell, past, dropout)
    d_term, d_recurrent, d_direct = through_update.gradient(
        state, (term, recurrent, past), d_state, unconnected_gradients="zero"
    )
    d_through = through_recur.gradient(again, past, d_recurrent, unconnected_gradients="zero")
    d_past = [a + b for a, b in zip(d_direct, d_through, strict=True)]
    return tf.nest.flatten(d_term), tf.nest.flatten(d_recurrent), d_past


def _weights_after(cell, delays, weights, rows, kept, found):
    """Derivatives by the weights: sums over all time steps, folded into one batch."""
    terms, recurrent, past, real = fold(
        (rows.input_term, kept.recurrent_term, past_of_all_steps(delays, kept.history), rows.real)
    )
    d_recurrent, d_states = fold(
        (found.input_term if found.recurrent_term is None else found.recurrent_term, found.states)
    )
    with weights_scope(cell, weights), tf.GradientTape() as tape:
        tape.watch(weights)
        masks = masks_of_all_steps(rows.dropout, number_of_steps(rows.input_term))
        again = recurrent_term(cell, past, masks)
        _, states = next_state(cell, terms, recurrent, past, real)
    return tape.gradient(
        (again, states),
        weights,
        output_gradients=(tf.nest.pack_sequence_as(again, d_recurrent), d_states),
    )


def _sum(derivatives):
    """Sum of the parts' derivatives; None if the loop makes no use of the weight."""
    return None if derivatives[0] is None else tf.add_n(derivatives)


def recurrent_term(cell: Cell, past: list[tf.Tensor], dropout: list[tf.Tensor] | None) -> Any:
    """``cell.recur`` of the past states, after dropout."""
    if dropout is not None:
        past = [s * dropout[i % len(dropout)] for i, s in enumerate(past)]
    return cell.recurrent_term(past)


def next_state(
    cell: Cell, term: Any, recurrent: Any, past: list[tf.Tensor], real: tf.Tensor | None
) -> tuple[tf.Tensor, list[tf.Tensor]]:
    """``cell.next``, and zeros at positions that are not real."""
    output, state = cell.next(term, recurrent, past)
    if real is None:
        return output, state
    kept = {id(x): tf.where(spread(real, x), x, tf.zeros_like(x)) for x in (output, *state)}
    # An output that is a state stays one: then it need not be computed again after the loop.
    return kept[id(output)], [kept[id(s)] for s in state]


def masks_of_all_steps(dropout: list[tf.Tensor] | None, steps: Any) -> list[tf.Tensor] | None:
    """Dropout's masks of one step, repeated for all steps, folded."""
    if dropout is None:
        return None
    return [tf.tile(mask, (steps, *[1] * (mask.shape.rank - 1))) for mask in dropout]


def past_of_all_steps(delays: tuple[int, ...], history: list[tf.Tensor]) -> list[tf.Tensor]:
    """What each step is given: for each delay and each state name (time, batch, size)."""
    lag = max(delays)
    steps = number_of_steps(history) - lag
    return [h[lag - d :][:steps] for d in delays for h in history]
