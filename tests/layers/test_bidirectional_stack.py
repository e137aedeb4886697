"""A stack that reads both ways: as Keras's, however long its neighbours are."""

import numpy as np
import pytest

from rnnzoo import layers
from rnnzoo.platform import keras

X = np.random.default_rng(0).normal(size=(2, 5, 3)).astype("float32")
MASK = np.array([[True] * 5, [True, True, True, False, False]])


@pytest.fixture(scope="module")
def stack():
    keras.utils.set_random_seed(0)
    stack = layers.BidirectionalStack([layers.LSTM(4), layers.LSTM(4)], dropout=0.3)
    stack.build((None, None, 3))
    return stack


def test_outputs_and_final_states_are_those_of_keras(stack):
    x, names = X, iter(stack(X)[1])
    for forward, backward in zip(stack.layers, stack.backward_layers, strict=True):
        theirs = keras.layers.Bidirectional(
            keras.layers.LSTM(4, return_sequences=True, return_state=True)
        )
        theirs.build(x.shape)
        theirs.set_weights(forward.get_weights() + backward.get_weights())
        x, h, c, h_back, c_back = theirs(x)
        for halves in ((h, h_back), (c, c_back)):
            found = stack(X)[1][next(names)]
            np.testing.assert_allclose(found, np.concatenate(halves, axis=-1), atol=1e-6)
    np.testing.assert_allclose(stack(X)[0], x, atol=1e-6)


def test_what_pads_is_not_read(stack):
    y, state = stack(X, mask=MASK)
    alone, alone_state = stack(X[1:, :3])
    np.testing.assert_allclose(y[1:, :3], alone, atol=1e-6)
    np.testing.assert_allclose(stack.last(y)[1:], stack.last(alone), atol=1e-6)
    for name, value in alone_state.items():
        np.testing.assert_allclose(state[name][1:], value, atol=1e-6)


def test_the_last_outputs_and_the_state_are_what_a_stack_of_twice_the_units_goes_on_from(stack):
    y, state = stack(X, mask=MASK)
    np.testing.assert_allclose(stack.last(y), state["layer_1_h"], atol=1e-6)
    after = layers.RecurrentStack([layers.LSTM(8), layers.LSTM(8)])
    assert after.state_sizes == stack.state_sizes and after.state_names == list(state)
    assert after(X, state=state)[0].shape == (2, 5, 8)
    assert stack.compute_output_shape((2, 5, 3)) == (
        tuple(y.shape),
        {name: tuple(value.shape) for name, value in state.items()},
    )


def test_made_again_from_its_config(stack):
    again = layers.BidirectionalStack.from_config(stack.get_config())
    again.build((None, None, 3))
    again.set_weights(stack.get_weights())
    np.testing.assert_array_equal(again(X)[0], stack(X)[0])
    assert np.any(again(X, training=True)[0] != stack(X)[0])


def test_what_reads_backwards_already_is_refused():
    with pytest.raises(ValueError, match="a stack takes forward Recurrent layers"):
        layers.BidirectionalStack([layers.GRU(4, go_backwards=True)])
