"""What layers call: masks of any pattern, direction, one step."""

import numpy as np
import pytest

from rnnzoo.loop.run import run, step
from rnnzoo.platform import keras, tf


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("mask", ["right", "left", "holes", "empty_row"], indirect=True)
@pytest.mark.parametrize("cell", ["skip", "lstm"], indirect=True)
def test_padded_equals_unpadded(cell, x, state, mask, reverse):
    batch, time, _ = x.shape
    # What stands in a masked step must not matter, not even if it is no number.
    x = tf.where(mask[..., None], x, np.nan)
    outputs, last, final = run(cell, x, state, mask, reverse=reverse)
    for row in range(batch):
        real = np.flatnonzero(mask[row])
        first_state = [s[row : row + 1] for s in state]
        if len(real) == 0:
            np.testing.assert_array_equal(outputs[row], np.zeros((time, cell.units)))
            alone_last, alone_final = np.zeros((1, cell.units)), first_state
        else:
            alone, alone_last, alone_final = run(
                cell, tf.gather(x, real, axis=1)[row : row + 1], first_state, reverse=reverse
            )
            at = [time - 1 - i for i in reversed(real)] if reverse else real
            np.testing.assert_allclose(
                tf.gather(outputs[row], at), alone[0], rtol=1e-10, atol=1e-12
            )
        np.testing.assert_allclose(last[row], alone_last[0], rtol=1e-10, atol=1e-12)
        for a, b in zip(final, alone_final, strict=True):
            np.testing.assert_allclose(a[row], b[0], rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("mask", ["left"], indirect=True)
@pytest.mark.parametrize("cell", ["lstm"], indirect=True)
def test_no_number_in_the_padding_reaches_no_gradient(cell, x, state, mask, gradients):
    x = tf.where(mask[..., None], x, np.nan)
    for g in gradients(run, cell, x, state, mask):
        assert np.isfinite(g).all()


@pytest.mark.parametrize("mask", ["holes"], indirect=True)
def test_reversed_equals_backwards_on_the_reversed_input(cell, x, state, mask, unrolled):
    backwards = run(cell, x, state, mask, reverse=True)
    forwards = run(cell, x[:, ::-1], state, mask[:, ::-1])
    by_hand = unrolled(cell, x, state, mask, reverse=True)
    for a, b, c in zip(*map(keras.tree.flatten, (backwards, forwards, by_hand)), strict=True):
        np.testing.assert_array_equal(a, b)
        np.testing.assert_allclose(a[0], c[0], rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("cell", ["lstm"], indirect=True)
def test_one_time_step(cell, x, state):
    outputs, last, final = run(cell, x[:, :1], state)
    output, stepped = step(cell, x[:, 0], state)
    for a, b in zip([outputs[:, 0], last, *final], [output, output, *stepped], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)


@pytest.mark.parametrize("mask", ["holes"], indirect=True)
@pytest.mark.parametrize("cell", ["gru"], indirect=True)
def test_zeros_at_masked_steps_where_asked_for(cell, x, state, mask):
    kept, last, _ = run(cell, x, state, mask)
    zeroed, also_last, _ = run(cell, x, state, mask, zero_masked=True)
    np.testing.assert_array_equal(zeroed, tf.where(mask[..., None], kept, 0))
    np.testing.assert_array_equal(last, also_last)
