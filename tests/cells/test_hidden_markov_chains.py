"""Hidden Markov models side by side: each as if it were alone."""

import numpy as np
import pytest

from rnnzoo import cells
from rnnzoo.loop.run import run, step
from rnnzoo.platform import keras, tf

BATCH, TIME, UNITS, CHAINS = 2, 6, 3, 4
rng = np.random.default_rng(0)
LOG_PROBS = rng.normal(size=(BATCH, TIME, CHAINS * UNITS)) * 3


@pytest.fixture(scope="module")
def together():
    cell = cells.HiddenMarkovChainsCell(UNITS, CHAINS, dtype="float64")
    cell.build((None, CHAINS * UNITS))
    cell.set_weights([2 * rng.normal(size=w.shape) for w in cell.weights])
    return cell


def alone(together, chain):
    cell = cells.HiddenMarkovCell(UNITS, dtype="float64")
    cell.build((None, UNITS))
    cell.set_weights([weight[chain] for weight in together.get_weights()])
    return cell


def test_the_cell_keeps_the_contract():
    cells.check_cell(cells.HiddenMarkovChainsCell(UNITS, CHAINS), features=CHAINS * UNITS)


def test_each_chain_goes_as_if_it_were_alone(together):
    x = tf.constant(LOG_PROBS)
    outputs, _, final = run(together, x, together.get_initial_state(BATCH))
    for chain in range(CHAINS):
        own = slice(chain * UNITS, (chain + 1) * UNITS)
        cell = alone(together, chain)
        expected, *_ = run(cell, x[..., own], cell.get_initial_state(BATCH))
        np.testing.assert_allclose(outputs[..., own], expected, rtol=1e-12)
    state = together.get_initial_state(BATCH)
    for t in range(TIME):
        output, state = step(together, x[:, t], state)
        np.testing.assert_allclose(output, outputs[:, t], rtol=1e-12)
    for a, b in zip(final, state, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)


def test_a_chain_may_be_as_unlikely_as_it_is(together):
    """Of one chain of all hidden states, those 85 nats below the best are told apart no more."""
    x = tf.constant(LOG_PROBS + np.repeat([0.0, -300, 0, 0], UNITS))
    outputs, *_ = run(together, x, together.get_initial_state(BATCH))
    expected, *_ = run(together, tf.constant(LOG_PROBS), together.get_initial_state(BATCH))
    np.testing.assert_allclose(outputs - expected, x - LOG_PROBS, atol=1e-9)


@pytest.mark.parametrize("chains", [0, -1, 1.5, True, "2"])
def test_a_wrong_number_of_chains_is_named(chains):
    with pytest.raises(ValueError, match="chains must be a positive integer, got"):
        cells.HiddenMarkovChainsCell(2, chains)


def test_another_number_of_features_is_named():
    with pytest.raises(ValueError, match="each of its 6 hidden states, got 4 features"):
        cells.HiddenMarkovChainsCell(3, 2).build((None, 4))


def test_a_config_makes_it_again(together):
    again = cells.HiddenMarkovChainsCell.from_config(together.get_config())
    assert (again.units, again.chains, again.state_size) == (UNITS, CHAINS, [UNITS * CHAINS, 1])
    assert isinstance(again.initializer, keras.initializers.RandomNormal)
