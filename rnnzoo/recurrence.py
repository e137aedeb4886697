"""The loop: a cell over time, with masks, direction and its own backpropagation through time.

`run` is what the layers call: sequences in, outputs and final state out. `scan` is the only place
that knows about time. With s_t for a cell's state and p_t, r_t for its two terms ::

    forward    r_t = recur(s_{t-d} ...),  s_t = update(p_t, r_t, s_{t-d} ...)         t = 1 ... T
    backward   dL/ds_{t-d} += (d s_t / d s_{t-d})^T dL/ds_t                            t = T ... 1
    weights    dL/dw = sum_t (d s_t / d w)^T dL/ds_t

The first two are loops that hold nothing but what must be sequential. The third is one
vector-Jacobian product over all time steps stacked, so that every weight's gradient is a single
large matrix product, as in the sums over time of Werbos (1990), Backpropagation through time.
"""

import contextlib

# Keras has no public name for the scope in which weights read as the compute dtype. A layer's
# __call__ enters it, but a gradient function runs after that has ended.
from keras.src.backend import AutocastScope

from rnnzoo.platform import keras, tf

ops = keras.ops


@tf.autograph.experimental.do_not_convert
def run(cell, sequences, initial_state, mask=None, reverse=False, zero_masked=False, dropout=None):
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
            the state on its way into `recur`.

    Returns:
        outputs (batch, time, output_size), the last output (batch, output_size) and the final
        state, a list as initial_state.
    """
    if reverse:
        sequences = tf.reverse(sequences, axis=[1])
        mask = None if mask is None else tf.reverse(mask, axis=[1])
    if mask is not None:
        mask = tf.cast(mask, tf.bool)
        lengths = tf.reduce_sum(tf.cast(mask, tf.int32), axis=1)
        sequences = _move_real_steps_left(sequences, mask, lengths)
    with _weights_as_tensors(cell):
        time_major = tf.transpose(sequences, (1, 0, 2))
        input_term = _unfold(cell.project(_fold(time_major)), like=time_major)
        history = scan(cell, input_term, initial_state, dropout)
        # Most cells put out a state. Then this update of all steps has no reader, and is pruned.
        past, recurrent_term = _all_steps(cell, history, dropout)
        outputs, new_state = cell.next(_fold(input_term), recurrent_term, past)
    for state, rows in zip(new_state, history, strict=True):
        if outputs is state:
            outputs = rows[cell.lag :]
            break
    else:
        outputs = _unfold(outputs, like=time_major)
    outputs = tf.transpose(outputs, (1, 0, 2))
    if mask is None:
        return outputs, outputs[:, -1], [h[-lag] for lag in range(1, cell.lag + 1) for h in history]

    history = [tf.transpose(h, (1, 0, 2)) for h in history]
    final_state = [
        tf.gather(h, lengths + cell.lag - lag, axis=1, batch_dims=1)
        for lag in range(1, cell.lag + 1)
        for h in history
    ]
    last_real = tf.cumsum(tf.cast(mask, tf.int32), axis=1) - 1
    outputs = tf.gather(outputs, tf.maximum(last_real, 0), axis=1, batch_dims=1)
    outputs = tf.where(last_real[..., None] >= 0, outputs, tf.zeros_like(outputs))
    last_output = outputs[:, -1]
    if zero_masked:
        outputs = tf.where(mask[..., None], outputs, tf.zeros_like(outputs))
    return outputs, last_output, final_state


@tf.autograph.experimental.do_not_convert
def step(cell, x, states):
    """One time step of a built cell: x (batch, features), all past states -> output, new ones."""
    with _weights_as_tensors(cell):
        return cell.step(ops.cast(x, cell.compute_dtype), states)


@tf.autograph.experimental.do_not_convert
def scan(cell, input_term, initial_state, dropout=None):
    """The states of a cell over time, by a loop with its own backpropagation through time.

    Args:
        cell: a built `rnnzoo.Cell`.
        input_term: ``cell.project(x)``, a tensor or nested structure of (time, batch, n).
        initial_state: list of (batch, size), one for each entry of cell.state_size.
        dropout: as for `run`.

    Returns:
        For each of cell.state_names a history (lag + time, batch, size): first the ``lag`` initial
        states, oldest first, then the state after each step.
    """
    weights = _float_weights(cell)
    values = [w.value for w in weights]
    flat_input_term = tf.nest.flatten(input_term)
    n_terms, n_states = len(flat_input_term), len(initial_state)

    @tf.custom_gradient
    def states_over_time(*arguments):
        # Everything differentiable is an argument: what is captured would get no gradient.
        terms = tf.nest.pack_sequence_as(input_term, arguments[:n_terms])
        values = arguments[n_terms + n_states :]
        with _scope(cell, weights, values):
            history = _forward(cell, terms, arguments[n_terms:][:n_states], dropout)

        def gradient(*d_history):
            with _scope(cell, weights, values):
                return _backward(cell, terms, values, history, d_history, dropout)

        return history, gradient

    return states_over_time(*flat_input_term, *initial_state, *values)


def _forward(cell, terms, initial_state, dropout):
    steps, width = _steps(terms), len(cell.state_names)
    newest_first = [initial_state[i : i + width] for i in range(0, len(initial_state), width)]
    rows = [
        tf.TensorArray(s.dtype, cell.lag + steps, element_shape=s.shape, clear_after_read=False)
        for s in newest_first[0]
    ]
    for i, state in enumerate(reversed(newest_first)):
        rows = [r.write(i, s) for r, s in zip(rows, state, strict=True)]

    def body(t, state, rows):
        # The newest state is carried, not read back: XLA would copy a whole array that is read
        # and written in one step.
        past = [
            s if d == 1 else r.read(cell.lag + t - d)
            for d in cell.delays
            for s, r in zip(state, rows, strict=True)
        ]
        _, new = cell.next(_at(t, terms), _recurrent_term(cell, past, dropout), past)
        state = _shaped_like(state, new)
        rows = [r.write(cell.lag + t, s) for r, s in zip(rows, state, strict=True)]
        return t + 1, state, rows

    _, _, rows = _loop(steps, body, (list(newest_first[0]), rows))
    return [r.stack() for r in rows]


def _backward(cell, terms, values, history, d_history, dropout):
    """Gradients with respect to the terms, the initial state and the weights, in that order."""
    steps, width = _steps(terms), len(cell.state_names)
    with tf.GradientTape() as over_all_steps:
        over_all_steps.watch((terms, values))
        past, recurrent = _all_steps(cell, history, dropout)
        _, states = cell.next(_fold(terms), recurrent, past)
    past, recurrent = _unfold((past, recurrent), like=tf.nest.flatten(terms)[0])

    def rows_like(d, size):
        return tf.TensorArray(d.dtype, size, element_shape=d.shape[1:], clear_after_read=False)

    zeros = [tf.zeros_like(d[0]) for d in d_history]
    # What step t adds to dL/ds_{t-d} waits in row t of its delay's array until the walk back comes
    # to step t - d. Over a delay of 1 that is the next step, so there it is simply carried.
    waiting = {d: [rows_like(x, steps + d) for x in d_history] for d in cell.delays if d > 1}
    for d, arrays in waiting.items():
        for i in range(d):
            arrays = [a.write(steps + i, z) for a, z in zip(arrays, zeros, strict=True)]
        waiting[d] = arrays

    def body(i, carried, waiting, totals):
        t = steps - 1 - i
        d_state = [d[cell.lag + t] + c for d, c in zip(d_history, carried, strict=True)]
        for d, arrays in waiting.items():
            d_state = [x + a.read(t + d) for x, a in zip(d_state, arrays, strict=True)]
        totals = [a.write(t, x) for a, x in zip(totals, d_state, strict=True)]
        d_past = _step_vjp(cell, _at(t, terms), _at(t, recurrent), _at(t, past), d_state, dropout)
        by_delay = {d: d_past[j * width :][:width] for j, d in enumerate(cell.delays)}
        waiting = {
            d: [a.write(t, x) for a, x in zip(arrays, by_delay[d], strict=True)]
            for d, arrays in waiting.items()
        }
        return i + 1, _shaped_like(carried, by_delay.get(1, carried)), waiting, totals

    totals = [rows_like(d, steps) for d in d_history]
    _, carried, waiting, totals = _loop(steps, body, (zeros, waiting, totals))
    d_terms, d_values = over_all_steps.gradient(
        states, (terms, values), output_gradients=[a.concat() for a in totals]
    )
    d_initial = []
    for lag in range(1, cell.lag + 1):
        d_state = [d[cell.lag - lag] for d in d_history]
        if lag == 1:
            d_state = [x + c for x, c in zip(d_state, carried, strict=True)]
        for d, arrays in waiting.items():
            if d >= lag:
                d_state = [x + a.read(d - lag) for x, a in zip(d_state, arrays, strict=True)]
        d_initial += d_state
    return *tf.nest.flatten(d_terms), *d_initial, *d_values


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
    """The derivative by the past states of one step, whose recurrent term is known already."""
    with tf.GradientTape() as through_update:
        through_update.watch((recurrent, past))
        _, state = cell.next(term, recurrent, past)
    with tf.GradientTape() as through_recur:
        through_recur.watch(past)
        # Only its derivative is used, so where that needs no value the product is pruned.
        again = _recurrent_term(cell, past, dropout)
    d_recurrent, d_direct = through_update.gradient(
        state, (recurrent, past), d_state, unconnected_gradients="zero"
    )
    d_through = through_recur.gradient(again, past, d_recurrent, unconnected_gradients="zero")
    return [a + b for a, b in zip(d_direct, d_through, strict=True)]


def _recurrent_term(cell, past, dropout):
    return cell.recurrent_term(past if dropout is None else _drop(past, dropout))


def _drop(past, dropout):
    return [s * dropout[i % len(dropout)] for i, s in enumerate(past)]


def _all_steps(cell, history, dropout):
    """What `update` is given at all time steps at once: past states and recurrent term, folded."""
    steps = ops.shape(history[0])[0] - cell.lag
    past = [h[cell.lag - d :][:steps] for d in cell.delays for h in history]
    dropped = past if dropout is None else _drop(past, dropout)
    return _fold(past), cell.recurrent_term(_fold(dropped))


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


def _float_weights(cell):
    return [w for w in cell.variables if keras.backend.is_float_dtype(w.dtype)]


@contextlib.contextmanager
def _weights_as_tensors(cell):
    """The cell's weights, read and cast to the compute dtype once, for all that is done within."""
    weights = _float_weights(cell)
    with AutocastScope(cell.compute_dtype):
        values = [tf.convert_to_tensor(w.value) for w in weights]
    with _scope(cell, weights, values):
        yield


@contextlib.contextmanager
def _scope(cell, weights, values):
    with AutocastScope(cell.compute_dtype), keras.StatelessScope() as scope:
        for weight, value in zip(weights, values, strict=True):
            # Not the constructor's mapping: that casts back to the weight's own dtype.
            scope.add_update((weight, value))
        yield
