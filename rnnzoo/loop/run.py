"""A cell over a batch of sequences: what the layers call.

`run` sees to masks, direction, dropout, parts of a batch and outputs; `scan` runs the loop.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from rnnzoo.loop.checkpoints import run_in_segments
from rnnzoo.loop.over_time import fold, number_of_steps, spread, swap, unfold
from rnnzoo.loop.parts import joined, split
from rnnzoo.loop.scan import (
    Rows,
    masks_of_all_steps,
    next_state,
    past_of_all_steps,
    recurrent_term,
    scan,
)
from rnnzoo.loop.weights import cell_weights, weights_scope
from rnnzoo.platform import keras, tf

if TYPE_CHECKING:
    from rnnzoo.cells import Cell

ops = keras.ops


@tf.autograph.experimental.do_not_convert
def run(
    cell: Cell,
    sequences: tf.Tensor,
    initial_state: list[tf.Tensor],
    mask: tf.Tensor | None = None,
    reverse: bool = False,
    zero_masked: bool = False,
    dropout: list[tf.Tensor] | None = None,
    compiled: Callable | None = None,
    checkpoint_every: int | None = None,
) -> tuple[tf.Tensor, tf.Tensor, list[tf.Tensor]]:
    """Run a cell over a batch of sequences.

    Args:
        cell: a built `rnnzoo.Cell`.
        sequences: (batch, time, features), or (batch, time, positions, features) of a cell with
            positions: then all that is (batch, size) or (batch, time, size) here has them, too.
        initial_state: list of (batch, size), one for each entry of cell.state_size.
        mask: None or (batch, time) of bool, True at real steps; any pattern, an empty row too. A
            masked step leaves the state as it is and puts out the last real step's output, or
            zeros before the first. Or (batch, time, positions) of bool: a masked position has
            the state and the output zero, as a step in time can be left out, but a place in
            space can't.
        reverse: whether time runs backwards. Outputs come in the order they were computed in.
        zero_masked: whether masked steps put out zeros instead.
        dropout: None, or a list of (batch, size), one for each of cell.state_names, that multiply
            the state on its way into `recur`. No gradient is taken by them.
        compiled: as for `rnnzoo.loop.scan.scan`.
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
    by_position = False
    if mask is not None:
        mask = tf.cast(mask, tf.bool)
        by_position = mask.shape.rank == 3
        if by_position:
            # The mask goes along as one more feature, wherever parts and segments are cut.
            real = mask[..., None]
            sequences = tf.where(real, sequences, tf.zeros_like(sequences))
            sequences = tf.concat([sequences, tf.cast(real, sequences.dtype)], axis=-1)
            mask = None
    if mask is not None:
        lengths = tf.reduce_sum(tf.cast(mask, tf.int32), axis=1)
        sequences = _real_steps_left(sequences, mask, lengths)

    def run_padded(sequences, initial_state, weights, lengths):
        return _run_right_padded(
            cell, sequences, initial_state, weights, lengths, dropout, compiled, by_position
        )

    weights = cell_weights(cell)
    if checkpoint_every is None:
        outputs, final_state = run_padded(sequences, initial_state, weights, lengths)
    else:
        outputs, final_state = run_in_segments(
            run_padded,
            sequences,
            initial_state,
            weights,
            lengths,
            every=checkpoint_every,
            state_dtype=cell.state_dtype,
        )
    if mask is not None:
        last_real = tf.cumsum(tf.cast(mask, tf.int32), axis=1) - 1
        outputs = tf.gather(outputs, tf.maximum(last_real, 0), axis=1, batch_dims=1)
        outputs = tf.where(spread(last_real >= 0, outputs), outputs, tf.zeros_like(outputs))
    last_output = outputs[:, -1]
    if zero_masked and mask is not None:
        outputs = tf.where(spread(mask, outputs), outputs, tf.zeros_like(outputs))
    return outputs, last_output, final_state


@tf.autograph.experimental.do_not_convert
def step(cell: Cell, x: tf.Tensor, states: list[tf.Tensor]) -> tuple[tf.Tensor, list[tf.Tensor]]:
    """One time step of a built cell: x (batch, features), all past states -> output, new ones."""
    with weights_scope(cell, cell_weights(cell)):
        return cell.step(ops.cast(x, cell.compute_dtype), states)


def _real_steps_left(sequences, mask, lengths):
    """Right-pad: the real steps of each row first, in order, then zeros."""
    time = tf.range(tf.shape(mask)[1])[None]
    order = tf.argsort(tf.where(mask, time, time + tf.shape(mask)[1]), axis=1)
    sequences = tf.gather(sequences, order, axis=1, batch_dims=1)
    real = time < lengths[:, None]
    # Zeros, as a padded step may hold anything, NaN too, and 0 * NaN would reach the gradients.
    return tf.where(spread(real, sequences), sequences, tf.zeros_like(sequences))


def _run_right_padded(
    cell, sequences, initial_state, weights, lengths, dropout, compiled, by_position
):
    """Outputs of all steps, and the state after the last of each row's ``lengths`` steps."""
    parts = split((sequences, initial_state, lengths, dropout), batch_size=sequences.shape[0])
    with weights_scope(cell, weights):
        time_major = [swap(x) for x, *_ in parts]
        real = [x[..., -1] > 0 if by_position else None for x in time_major]
        if by_position:
            time_major = [x[..., :-1] for x in time_major]
        input_terms = [unfold(cell.project(fold(x)), like=x) for x in time_major]
        parts = [
            Rows(term, *rest, of_part)
            for term, (_, *rest), of_part in zip(input_terms, parts, real, strict=True)
        ]
        states = scan(cell, parts, compiled)
        return joined(
            [_read_out(cell, rows, of_rows) for rows, of_rows in zip(parts, states, strict=True)]
        )


def _read_out(cell, rows, states):
    """Outputs and final state of some rows, from their states over time."""
    history = history_of(cell, rows.initial_state, states)
    # Most cells put out a state. Then this update of all steps has no reader, and is pruned.
    past = fold(past_of_all_steps(cell.delays, history))
    masks = masks_of_all_steps(rows.dropout, number_of_steps(rows.input_term))
    outputs, new_state = next_state(
        cell, fold(rows.input_term), recurrent_term(cell, past, masks), past, fold(rows.real)
    )
    for new, over_time in zip(new_state, states, strict=True):
        if outputs is new:
            outputs = over_time
            break
    else:
        outputs = unfold(outputs, like=states[0])

    def back(lag, h):
        if rows.lengths is None:
            return h[-lag]
        return tf.gather(swap(h), rows.lengths + cell.lag - lag, batch_dims=1)

    final_state = [back(lag, h) for lag in range(1, cell.lag + 1) for h in history]
    return swap(outputs), final_state


def history_of(
    cell: Cell, initial_state: list[tf.Tensor], states: list[tf.Tensor]
) -> list[tf.Tensor]:
    """For each state name (lag + time, batch, size): the initial states, oldest first, and on.

    Args:
        cell: a `rnnzoo.Cell`.
        initial_state: (batch, size), one for each entry of cell.state_size.
        states: (time, batch, size), one for each of cell.state_names.
    """
    width = len(cell.state_names)
    oldest_first = [initial_state[i * width :][:width] for i in reversed(range(cell.lag))]
    return [
        tf.concat([tf.stack(initial), over_time], axis=0)
        for *initial, over_time in zip(*oldest_first, states, strict=True)
    ]
