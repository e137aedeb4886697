"""Delays with a common divisor are chains that know nothing of each other."""

import numpy as np
import pytest

from rnnzoo import cells
from rnnzoo.loop.chains import into_chains, out_of_chains
from rnnzoo.loop.run import run
from rnnzoo.loop.scan import Rows
from rnnzoo.platform import tf


def test_a_delay_of_three_is_three_vanilla_networks():
    vanilla, far = cells.SimpleRNNCell(5), cells.SkipDelayRNNCell(5, delays=(3,))
    for cell in (vanilla, far):
        cell.build((None, 4))
    far.set_weights(vanilla.get_weights())
    rng = np.random.default_rng(0)
    x = tf.constant(rng.normal(size=(2, 8, 4)), tf.float32)
    newest_first = [tf.constant(rng.normal(size=(2, 5)), tf.float32) for _ in range(3)]
    outputs, _, _ = run(far, x, newest_first)
    for chain in range(3):
        alone, _, _ = run(vanilla, x[:, chain::3], [newest_first[2 - chain]])
        np.testing.assert_allclose(outputs[:, chain::3], alone, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("steps", [6, 7])
def test_steps_lengths_and_states_of_each_chain(steps):
    # Step t of row r is the number 10 t + r; so is the state of each step before the first.
    numbers = 10.0 * np.arange(-4, steps)[:, None, None] + np.arange(3)[None, :, None]
    past, term = numbers[:4], tf.constant(numbers[4:])
    rows = Rows(term, [tf.constant(s) for s in past[::-1]], lengths=tf.constant([steps, 0, 3]))
    chains = into_chains(rows, 2, width=1)
    for t in range(steps):
        np.testing.assert_array_equal(chains.input_term[t // 2][3 * (t % 2) :][:3], term[t])
    even_then_odd = [np.concatenate([past[2], past[3]]), np.concatenate([past[0], past[1]])]
    for ours, expected in zip(chains.initial_state, even_then_odd, strict=True):
        np.testing.assert_array_equal(ours, expected)
    of_even, of_odd = [(steps + 1) // 2, 0, 2], [steps // 2, 0, 1]
    np.testing.assert_array_equal(chains.lengths, [*of_even, *of_odd])
    np.testing.assert_array_equal(out_of_chains(chains.input_term, 2, steps), term)
