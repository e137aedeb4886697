"""The loop: a cell over time, with masks, direction and its own backpropagation through time.

`run` is what the layers call: sequences in, outputs and final state out. `scan` is the only place
that knows about time. With s_t for a cell's state and p_t, r_t for its two terms ::

    forward    r_t = recur(s_{t-d} ...),  s_t = update(p_t, r_t, s_{t-d} ...)         t = 1 ... T
    backward   dL/ds_{t-d} += (d s_t / d s_{t-d})^T dL/ds_t                            t = T ... 1
    weights    dL/dw = sum_t (d s_t / d w)^T dL/ds_t

The first two are loops that hold nothing but what must be sequential; each core takes some rows of
the batch through them. The third is one
vector-Jacobian product over all time steps stacked, so that every weight's gradient is a single
large matrix product, as in the sums over time of Werbos (1990), Backpropagation through time.
"""

import contextlib
import functools
import math
from typing import Any, NamedTuple

# Keras has no public name for the scope in which weights read as the compute dtype. A layer's
# __call__ enters it, but a gradient function runs after that has ended.
from keras.src.backend import AutocastScope

from rnnzoo.loop import parts as parallel
from rnnzoo.platform import keras, tf

ops = keras.ops


@tf.autograph.experimental.do_not_convert
def run(
    cell,
    sequences,
    initial_state,
    mask=None,
    reverse=False,
    zero_masked=False,
    dropout=None,
    compiled=None,
    checkpoint_every=None,
):
    """Run a cell over a batch of sequences.

    Args:
        cell: a built `rnnzoo.Cell`.
        sequences: (batch, time, features).
        initial_state: list of (batch, size), one for each entry of cell.state_size.
        mask: None or (batch, time) of bool, True at real steps; any pattern, an empty row too. A
            masked step leaves the state as it is and puts out the last real step's output, or
            zeros before the first.
        reverse: whether time runs backwards. Outputs come in the order they were computed in.
        zero_masked: whether masked steps put out zeros instead.
        dropout: None, or a list of (batch, size), one for each of cell.state_names, that multiply
            the state on its way into `recur`. No gradient is taken by them.
        compiled: as for `scan`.
        checkpoint_every: None, or the number of steps after each of which the state is kept for
            the way back; all else that the gradients need is computed again from there.

    Returns:
        outputs (batch, time, output_size), the last output (batch, output_size) and the final
        state, a list as initial_state.
    """
    if reverse:
        sequences = tf.reverse(sequences, axis=[1])
        mask = None if mask is None else tf.reverse(mask, axis=[1])
    lengths = None
    if mask is not None:
        mask = tf.cast(mask, tf.bool)
        lengths = tf.reduce_sum(tf.cast(mask, tf.int32), axis=1)
        sequences = _move_real_steps_left(sequences, mask, lengths)
    if checkpoint_every is None:
        outputs, final_state = _run_right_padded(
            cell, sequences, initial_state, lengths, dropout, compiled
        )
    else:
        outputs, final_state = _run_with_checkpoints(
            cell, sequences, initial_state, lengths, dropout, compiled, checkpoint_every
        )
    if mask is not None:
        last_real = tf.cumsum(tf.cast(mask, tf.int32), axis=1) - 1
        outputs = tf.gather(outputs, tf.maximum(last_real, 0), axis=1, batch_dims=1)
        outputs = tf.where(last_real[..., None] >= 0, outputs, tf.zeros_like(outputs))
    last_output = outputs[:, -1]
    if zero_masked and mask is not None:
        outputs = tf.where(mask[..., None], outputs, tf.zeros_like(outputs))
    return outputs, last_output, final_state


def _run_right_padded(cell, sequences, initial_state, lengths, dropout, compiled):
    """Outputs of all steps, and the state after the last of each row's ``lengths`` steps."""
    parts = parallel.split(
        (sequences, initial_state, lengths, dropout), batch_size=sequences.shape[0]
    )
    with _scope(cell, _weights(cell)):
        time_major = [tf.transpose(x, (1, 0, 2)) for x, *_ in parts]
        input_terms = [_unfold(cell.project(_fold(x)), like=x) for x in time_major]
        parts = [Rows(term, *rest) for term, (_, *rest) in zip(input_terms, parts, strict=True)]
        states = scan(cell, parts, compiled)
        return parallel.joined(
            [_read_out(cell, rows, of_rows) for rows, of_rows in zip(parts, states, strict=True)]
        )


def _read_out(cell, rows, states):
    """Outputs and final state of some rows, from their states over time."""
    history = _history(cell, rows.initial_state, states)
    # Most cells put out a state. Then this update of all steps has no reader, and is pruned.
    past = _fold(_past(cell.delays, history))
    outputs, new_state = cell.next(
        _fold(rows.input_term),
        _recurrent_term(cell, past, _for_all_steps(rows.dropout, past)),
        past,
    )
    for new, over_time in zip(new_state, states, strict=True):
        if outputs is new:
            outputs = over_time
            break
    else:
        outputs = _unfold(outputs, like=states[0])

    def back(lag, h):
        if rows.lengths is None:
            return h[-lag]
        return tf.gather(tf.transpose(h, (1, 0, 2)), rows.lengths + cell.lag - lag, batch_dims=1)

    final_state = [back(lag, h) for lag in range(1, cell.lag + 1) for h in history]
    return tf.transpose(outputs, (1, 0, 2)), final_state


def _run_with_checkpoints(cell, sequences, initial_state, lengths, dropout, compiled, every):
    """`_run_right_padded`, segment by segment of ``every`` steps (Chen et al. 2016).

    The way forward keeps the state before each segment, the way back runs the segment again. So
    beside the sequences, the outputs and their gradients, memory holds the state before each
    segment and what the gradients of a single one need.
    """
    steps, batch = ops.shape(sequences)[1], ops.shape(sequences)[0]
    missing = -steps % every
    if not (isinstance(missing, int) and missing == 0):
        lengths = tf.fill((batch,), steps) if lengths is None else lengths
        sequences = tf.pad(sequences, [(0, 0), (0, missing), (0, 0)])
    segments = (steps + missing) // every
    arguments = (sequences, list(initial_state), _weights(cell))

    def segment(k, x, state, weights):
        real = None if lengths is None else tf.clip_by_value(lengths - k * every, 0, every)
        with _scope(cell, weights):
            return _run_right_padded(cell, x, state, real, dropout, compiled)

    @tf.custom_gradient
    def whole(*flat):
        sequences, initial_state, weights = tf.nest.pack_sequence_as(arguments, flat)

        def at(k, x):
            # Not x[:, a:b]: where k is known to the loop only, XLA finds no size for that.
            batch, _, size = ops.shape(x)
            return tf.slice(x, (0, k * every, 0), (batch, every, size))

        def forward(k, state, before, outputs):
            before = _write(before, k, state)
            now, after = segment(k, at(k, sequences), state, weights)
            return k + 1, _shaped_like(state, after), before, outputs.write(k, now)

        before = [_rows(s.dtype, segments, s.shape) for s in initial_state]
        outputs = tf.TensorArray(cell.state_dtype, segments)
        _, final_state, before, outputs = _loop(segments, forward, (initial_state, before, outputs))
        before = [b.stack() for b in before]

        def gradient(d_outputs, *d_final_state):
            d_outputs = tf.pad(d_outputs, [(0, 0), (0, missing), (0, 0)])

            def backward(i, d_state, d_sequences, d_weights):
                k = segments - 1 - i
                of_segment = at(k, sequences), [b[k] for b in before], list(weights)
                with tf.GradientTape() as tape:
                    tape.watch(of_segment)
                    again = segment(k, *of_segment)
                d_x, d_before, d_w = tape.gradient(
                    again, of_segment, (at(k, d_outputs), d_state), unconnected_gradients="zero"
                )
                # The sum in the state's dtype: in 16 bits it loses what later segments add.
                d_weights = [a + tf.cast(b, a.dtype) for a, b in zip(d_weights, d_w, strict=True)]
                return i + 1, _shaped_like(d_state, d_before), d_sequences.write(k, d_x), d_weights

            _, d_state, d_sequences, d_weights = _loop(
                segments,
                backward,
                (
                    list(d_final_state),
                    tf.TensorArray(sequences.dtype, segments),
                    [tf.zeros_like(w, cell.state_dtype) for w in weights],
                ),
            )
            d_weights = [tf.cast(d, w.dtype) for d, w in zip(d_weights, weights, strict=True)]
            return _segments_joined(d_sequences), *d_state, *d_weights

        return (_segments_joined(outputs)[:, :steps], *final_state), gradient

    outputs, *final_state = whole(*tf.nest.flatten(arguments))
    return outputs, final_state


def _segments_joined(array):
    """(segments, batch, every, n) -> (batch, segments * every, n)."""
    x = tf.transpose(array.stack(), (1, 0, 2, 3))
    batch, segments, every, size = ops.shape(x)
    return tf.reshape(x, (batch, segments * every, size))


@tf.autograph.experimental.do_not_convert
def step(cell, x, states):
    """One time step of a built cell: x (batch, features), all past states -> output, new ones."""
    with _scope(cell, _weights(cell)):
        return cell.step(ops.cast(x, cell.compute_dtype), states)


class Rows(NamedTuple):
    """Some rows of a batch, as `scan` takes them."""

    input_term: Any
    """``cell.project(x)``, a tensor or nested structure of (time, batch, n)."""
    initial_state: list
    """(batch, size), one for each entry of cell.state_size."""
    lengths: Any = None
    """None or (batch,) of int: the steps after which a row's state stands still, so that what a
    growing state would become out there can't reach the gradients."""
    dropout: Any = None
    """As for `run`."""


@tf.autograph.experimental.do_not_convert
def scan(cell, parts, compiled=None):
    """The states of a cell over time, by a loop with its own backpropagation through time.

    Args:
        cell: a built `rnnzoo.Cell`.
        parts: list of `Rows`; their loops run side by side.
        compiled: None, or a function that takes one of the two loops, ``f(cell, ...)``, and
            returns it compiled for this cell, ``g(...)``; the same g each time. Only the loops are
            compiled: the products over all time steps, before and after, are faster outside.

    Returns:
        For each part, for each of cell.state_names, its value after each step, a tensor
        (time, batch, size).
    """
    stride = math.gcd(*cell.delays)
    delays = tuple(d // stride for d in cell.delays)
    steps, width = _steps(parts[0].input_term), len(cell.state_names)
    parts = [_chains(rows, stride, width) for rows in parts]
    arguments = (
        [(rows.input_term, list(rows.initial_state)) for rows in parts],
        [v.value for v in _float_variables(cell)],
    )
    if compiled is None:

        def compiled(loop):
            return functools.partial(loop, cell)

    @tf.custom_gradient
    def states_over_time(*flat):
        # Everything differentiable is an argument: what is captured would get no gradient.
        inputs, weights = tf.nest.pack_sequence_as(arguments, flat)
        kept = [
            compiled(_forward)(delays, weights, *of_part, rows.lengths, rows.dropout)
            for of_part, rows in zip(parallel.all_before_any(inputs), parts, strict=True)
        ]
        states = [[h[max(delays) :] for h in history] for history, _ in kept]

        def gradient(*d_states):
            d_states = tf.nest.pack_sequence_as(states, d_states)
            walked_back = [
                compiled(_backward)(delays, weights, term, *of_part, d, rows.dropout)
                for (term, _), of_part, d, rows in zip(
                    inputs, kept, parallel.all_before_any(d_states), parts, strict=True
                )
            ]
            d_inputs, d_weights = [], []
            for (term, _), (history, recurrent), rows, (
                d_term,
                d_recurrent,
                d_state,
                d_initial,
            ) in zip(inputs, kept, parts, parallel.all_before_any(walked_back), strict=True):
                d_inputs += [d_term, d_initial]
                d_weights.append(
                    _weights_vjp(
                        cell,
                        weights,
                        _fold((term, recurrent, _past(delays, history))),
                        _fold((d_term if d_recurrent is None else d_recurrent, d_state)),
                        rows.dropout,
                    )
                )
            return *tf.nest.flatten(d_inputs), *map(_sum, zip(*d_weights, strict=True))

        return tf.nest.flatten(states), gradient

    states = states_over_time(*tf.nest.flatten(arguments))
    states = [_one_chain(s, stride, steps) for s in states]
    return [states[i : i + width] for i in range(0, len(states), width)]


def _chains(rows, stride, width):
    """The rows as the loop takes them where all delays are multiples of ``stride``.

    h_t then depends on h_{t - stride}, h_{t - 2 stride} ... only: ``stride`` chains that know
    nothing of each other. They become rows of the batch, and time has a ``stride``-th of the steps.
    """
    if stride == 1:
        return rows
    term, state, lengths, dropout = rows
    steps, batch = _steps(term), ops.shape(state[0])[0]
    missing = -steps % stride
    if not (isinstance(missing, int) and missing == 0):
        lengths = tf.fill((batch,), steps) if lengths is None else lengths
        term = tf.nest.map_structure(lambda x: tf.pad(x, [(0, missing), (0, 0), (0, 0)]), term)
    term = tf.nest.map_structure(
        lambda x: tf.reshape(x, (ops.shape(x)[0] // stride, batch * stride, *x.shape[2:])), term
    )
    # Step t is step t // stride of chain t % stride; chain 0 begins with the oldest state.
    state = [
        tf.concat([state[(i - chain - 1) * width + name] for chain in range(stride)], axis=0)
        for i in range(stride, len(state) // width + 1, stride)
        for name in range(width)
    ]
    if lengths is not None:
        lengths = tf.concat([(lengths + stride - 1 - j) // stride for j in range(stride)], axis=0)
    if dropout is not None:
        dropout = [tf.tile(mask, (stride, 1)) for mask in dropout]
    return Rows(term, state, lengths, dropout)


def _one_chain(states, stride, steps):
    """What `_chains` took apart, put together."""
    if stride == 1:
        return states
    chain_steps, rows, *size = ops.shape(states)
    states = tf.reshape(states, (chain_steps * stride, rows // stride, *size))
    # A slice that leaves nothing out has a gradient that copies nevertheless.
    return states if states.shape[0] == steps else states[:steps]


def _forward(cell, delays, weights, terms, initial_state, lengths, dropout):
    with _scope(cell, weights):
        return _forward_in_scope(cell, delays, terms, initial_state, lengths, dropout)


def _forward_in_scope(cell, delays, terms, initial_state, lengths, dropout):
    steps, lag, width = _steps(terms), max(delays), len(cell.state_names)
    newest_first = [initial_state[i : i + width] for i in range(0, len(initial_state), width)]
    rows = [_rows(s.dtype, lag + steps, s.shape) for s in newest_first[0]]
    for i, state in enumerate(reversed(newest_first)):
        rows = [r.write(i, s) for r, s in zip(rows, state, strict=True)]
    # What a step looks back on: h_t is entry t modulo lag. (XLA copies a whole array that is read
    # and written in one step, so it had better be this one; over a delay of 1 none is needed.)
    recent = []
    if lag > 1:
        recent = [_rows(s.dtype, lag, s.shape) for s in newest_first[0]]
        for i, state in enumerate(reversed(newest_first)):
            recent = _write(recent, i, state)

    first = [s for d in delays for s in newest_first[d - 1]]
    recurrent = keras.tree.map_structure(
        lambda r: _rows(r.dtype, steps, r.shape), _recurrent_term(cell, first, dropout)
    )

    def body(t, term, state, recent, rows, recurrent):
        past = [
            s
            for d in delays
            for s in (state if d == 1 else [r.read((t + lag - d) % lag) for r in recent])
        ]
        recurrent_t = _recurrent_term(cell, past, dropout)
        _, new = cell.next(term, recurrent_t, past)
        if lengths is not None:
            real = t < lengths
            new = [tf.where(_per_row(real, n), n, s) for n, s in zip(new, state, strict=True)]
        state = _shaped_like(state, new)
        recent = _write(recent, t % lag, state) if recent else []
        rows = _write(rows, lag + t, state)
        next_term = _at(ops.minimum(t + 1, steps - 1), terms)
        return t + 1, next_term, state, recent, rows, _write(recurrent, t, recurrent_t)

    # Each term is read a step ahead: a slice at a variable place within the update kept XLA from
    # vectorising it. (The way back does more reading and less else; there it did not pay.)
    *_, rows, recurrent = _loop(
        steps, body, (_at(0, terms), list(newest_first[0]), recent, rows, recurrent)
    )
    return [r.stack() for r in rows], keras.tree.map_structure(lambda r: r.stack(), recurrent)


def _backward(cell, delays, weights, terms, history, recurrent, d_outputs, dropout):
    """Derivatives by the terms, the states and the initial state.

    That by the recurrent terms is None if it is the same tensors as that by the input terms.
    """
    steps, lag, width = _steps(terms), max(delays), len(cell.state_names)
    past = _past(delays, history)
    zeros = [tf.zeros_like(d[0]) for d in d_outputs]
    # What step t adds to dL/ds_{t-d} waits in entry t modulo d of its delay's array until the walk
    # back comes to step t - d. Over a delay of 1 that is the next step: there it is just carried.
    waiting = {d: [_rows(x.dtype, d, x.shape[1:]) for x in d_outputs] for d in delays if d > 1}
    for d, arrays in waiting.items():
        for i in range(d):
            arrays = _write(arrays, i, zeros)
        waiting[d] = arrays
    # dL by the state, the input term and the recurrent term of each step.
    by_step = [
        [_rows(x.dtype, steps, x.shape[1:]) for x in tf.nest.flatten(of)]
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
        term, recurrent_t, past_t, d_output = _at(t, (terms, recurrent, past, list(d_outputs)))
        d_state = [d + c for d, c in zip(d_output, carried, strict=True)]
        for d, arrays in waiting.items():
            d_state = [x + a.read(t % d) for x, a in zip(d_state, arrays, strict=True)]
        with _scope(cell, [tf.transpose(w) if w.shape.rank == 2 else w for w in transposed]):
            d_terms, d_recurrent, d_past = _step_vjp(
                cell, term, recurrent_t, past_t, d_state, dropout
            )
        # Where a cell adds its two terms, their derivatives are one tensor: keep it once.
        one_derivative = [id(d) for d in d_terms] == [id(d) for d in d_recurrent]
        by_step = [
            _write(by_step[0], t, d_state),
            _write(by_step[1], t, d_terms),
            by_step[2] if one_derivative else _write(by_step[2], t, d_recurrent),
        ]
        by_delay = {d: d_past[j * width :][:width] for j, d in enumerate(delays)}
        waiting = {d: _write(arrays, t % d, by_delay[d]) for d, arrays in waiting.items()}
        carried = _shaped_like(carried, by_delay.get(1, carried))
        return i + 1, carried, waiting, by_step

    _, carried, waiting, by_step = _loop(steps, body, (zeros, waiting, by_step))
    d_states, d_terms, d_recurrent = ([a.stack() for a in arrays] for arrays in by_step)
    d_initial = []
    for back in range(1, lag + 1):
        d_state = carried if back == 1 else zeros
        for d, arrays in waiting.items():
            if d >= back:
                d_state = [x + a.read(d - back) for x, a in zip(d_state, arrays, strict=True)]
        d_initial += d_state
    return d_terms, None if one_derivative else d_recurrent, d_states, d_initial


def _loop(steps, body, loop_variables):
    return tf.while_loop(
        lambda i, *_: i < steps,
        body,
        (0, *loop_variables),
        maximum_iterations=steps,
        parallel_iterations=1,
    )


def _shaped_like(old, new):
    """New values of loop variables, told the static shapes of the old ones."""
    for a, b in zip(old, new, strict=True):
        b.set_shape(a.shape)
    return new


def _step_vjp(cell, term, recurrent, past, d_state, dropout):
    """Derivatives by one step's input term, recurrent term and past states."""
    with tf.GradientTape() as through_update:
        through_update.watch((term, recurrent, past))
        _, state = cell.next(term, recurrent, past)
    with tf.GradientTape() as through_recur:
        through_recur.watch(past)
        # Only its derivative is used, so where that needs no value the product is pruned.
        again = _recurrent_term(cell, past, dropout)
    d_term, d_recurrent, d_direct = through_update.gradient(
        state, (term, recurrent, past), d_state, unconnected_gradients="zero"
    )
    d_through = through_recur.gradient(again, past, d_recurrent, unconnected_gradients="zero")
    d_past = [a + b for a, b in zip(d_direct, d_through, strict=True)]
    return tf.nest.flatten(d_term), tf.nest.flatten(d_recurrent), d_past


def _weights_vjp(cell, weights, at_all_steps, derivatives, dropout):
    """Derivatives by the weights: sums over all time steps, folded into one batch."""
    terms, recurrent, past = at_all_steps
    d_recurrent, d_states = derivatives
    with _scope(cell, weights), tf.GradientTape() as tape:
        tape.watch(weights)
        again = _recurrent_term(cell, past, _for_all_steps(dropout, past))
        _, states = cell.next(terms, recurrent, past)
    return tape.gradient(
        (again, states),
        weights,
        output_gradients=(tf.nest.pack_sequence_as(again, d_recurrent), d_states),
    )


def _recurrent_term(cell, past, dropout):
    if dropout is not None:
        past = [s * dropout[i % len(dropout)] for i, s in enumerate(past)]
    return cell.recurrent_term(past)


def _for_all_steps(dropout, folded):
    """The masks of one step, repeated for all steps, folded."""
    if dropout is None:
        return None
    steps = ops.shape(folded[0])[0] // ops.shape(dropout[0])[0]
    return [tf.tile(mask, (steps, 1)) for mask in dropout]


def _history(cell, initial_state, states):
    """For each state name (lag + time, batch, size): the initial states, oldest first, and on."""
    width = len(cell.state_names)
    oldest_first = [initial_state[i * width :][:width] for i in reversed(range(cell.lag))]
    return [
        tf.concat([tf.stack(initial), over_time], axis=0)
        for *initial, over_time in zip(*oldest_first, states, strict=True)
    ]


def _sum(derivatives):
    """Sum of the parts' derivatives; None if the loop makes no use of the weight."""
    return None if derivatives[0] is None else tf.add_n(derivatives)


def _past(delays, history):
    """What each step is given: for each delay and each state name (time, batch, size)."""
    lag = max(delays)
    steps = ops.shape(history[0])[0] - lag
    return [h[lag - d :][:steps] for d in delays for h in history]


def _per_row(of_rows, like):
    """(batch,) -> (batch, 1, ...), to go with a tensor of more axes."""
    return tf.reshape(of_rows, (-1, *[1] * (like.shape.rank - 1)))


def _rows(dtype, size, shape):
    return tf.TensorArray(dtype, size, element_shape=shape, clear_after_read=False)


def _write(arrays, t, values):
    return tf.nest.map_structure(lambda a, v: a.write(t, v), arrays, values)


def _fold(structure):
    """(time, batch, ...) -> (time * batch, ...): all time steps as the rows of one batch."""
    return tf.nest.map_structure(lambda x: tf.reshape(x, (-1, *x.shape[2:])), structure)


def _unfold(structure, like):
    """(time * batch, ...) -> (time, batch, ...)."""
    leading = ops.shape(like)[:2]
    return tf.nest.map_structure(lambda x: tf.reshape(x, (*leading, *x.shape[1:])), structure)


def _steps(terms):
    return ops.shape(tf.nest.flatten(terms)[0])[0]


def _at(t, structure):
    return tf.nest.map_structure(lambda x: x[t], structure)


def _move_real_steps_left(sequences, mask, lengths):
    """Right-pad: the real steps of each row first, in order, then zeros."""
    time = tf.range(tf.shape(mask)[1])[None]
    order = tf.argsort(tf.where(mask, time, time + tf.shape(mask)[1]), axis=1)
    sequences = tf.gather(sequences, order, axis=1, batch_dims=1)
    real = time < lengths[:, None]
    # Zeros, as a padded step may hold anything, NaN too, and 0 * NaN would reach the gradients.
    return tf.where(real[..., None], sequences, tf.zeros_like(sequences))


def _weights(cell):
    """The cell's weights as tensors, read and cast to the compute dtype once."""
    with AutocastScope(cell.compute_dtype):
        return [tf.convert_to_tensor(v.value) for v in _float_variables(cell)]


def _float_variables(cell):
    return [v for v in cell.variables if keras.backend.is_float_dtype(v.dtype)]


@contextlib.contextmanager
def _scope(cell, weights):
    """Where the cell's weights are these tensors."""
    with AutocastScope(cell.compute_dtype), keras.StatelessScope() as scope:
        for variable, weight in zip(_float_variables(cell), weights, strict=True):
            # Not the constructor's mapping: that casts back to the variable's own dtype.
            scope.add_update((variable, weight))
        yield
