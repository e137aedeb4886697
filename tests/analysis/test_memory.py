"""Gates and time constants."""

import numpy as np
import pytest

import rnnzoo
from rnnzoo.analysis import gates, time_constants
from rnnzoo.errors import WrongType, WrongValue
from rnnzoo.platform import keras

X = np.random.default_rng(0).normal(size=(2, 6, 3))


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


@pytest.mark.parametrize("backwards", [False, True])
def test_gates_of_an_lstm_are_those_of_its_equations(backwards):
    layer = rnnzoo.layers.LSTM(4, dtype="float64", go_backwards=backwards)
    found = gates(layer, X)
    W, U, b = layer.get_weights()
    h = c = np.zeros((2, 4))
    for t in reversed(range(6)) if backwards else range(6):
        i, f, g, o = np.split(X[:, t] @ W + h @ U + b, 4, axis=-1)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        for name, gate in {"input": i, "forget": f, "output": o}.items():
            np.testing.assert_allclose(found[name][:, t], sigmoid(gate), rtol=1e-12)


def test_gates_of_a_gru_are_those_of_its_equations_and_masked_steps_have_none():
    layer = rnnzoo.layers.GRU(4, dtype="float64")
    mask = np.ones((2, 6), bool)
    mask[0, 2:4] = False
    found = gates(layer, X, mask=mask)
    W, U, (b, b_rec) = layer.get_weights()
    for row in range(2):
        h = np.zeros(4)
        for t in range(6):
            if not mask[row, t]:
                assert np.isnan(found["update"][row, t]).all()
                continue
            (x_z, x_r, x_h), (u_z, u_r, u_h) = (
                np.split(of, 3) for of in (X[row, t] @ W + b, h @ U + b_rec)
            )
            z, r = sigmoid(x_z + u_z), sigmoid(x_r + u_r)
            np.testing.assert_allclose(found["update"][row, t], z, rtol=1e-12)
            np.testing.assert_allclose(found["reset"][row, t], r, rtol=1e-12)
            h = z * h + (1 - z) * np.tanh(x_h + r * u_h)


def test_gates_of_a_deep_transition_are_those_of_the_cell_below():
    cell = rnnzoo.cells.LSTMCell(4)
    deep = rnnzoo.cells.DeepTransitionCell(cell, layers=1, skip=True)
    found = gates(rnnzoo.Recurrent(deep), X[:, :1].astype("float32"))
    plain = gates(rnnzoo.Recurrent(cell), X[:, :1].astype("float32"))
    np.testing.assert_allclose(found["forget"], plain["forget"], rtol=1e-6)  # of the first step


def test_gates_of_two_dimensions():
    layer = rnnzoo.Recurrent(rnnzoo.cells.LSTM2DCell(3))
    found = gates(layer, np.zeros((2, 4, 5, 1), "float32"))
    assert {name: gate.shape for name, gate in found.items()} == dict.fromkeys(
        ("input", "forget left", "forget above", "output"), (2, 4, 5, 3)
    )
    np.testing.assert_allclose(found["output"], 0.5)


class Decay(rnnzoo.Cell):
    """A user's cell that says what its gate lets through."""

    def build(self, input_shape):
        self.kernel = self.add_weight(shape=(input_shape[-1], self.units), initializer="ones")

    def project(self, x):
        return x @ self.kernel

    def recur(self, state):
        return state[0]

    def update(self, input_term, recurrent_term, state):
        f = keras.ops.sigmoid(input_term)
        h = f * state[0] + (1 - f)
        return h, [h]

    def gates(self, input_term, recurrent_term, state):
        return {"keep": keras.ops.sigmoid(input_term)}


def test_a_users_cell_says_what_its_gates_are():
    found = gates(rnnzoo.Recurrent(Decay(2, dtype="float64"), dtype="float64"), X)
    wanted = np.repeat(sigmoid(X.sum(axis=-1))[..., None], 2, axis=-1)
    np.testing.assert_allclose(found["keep"], wanted)


def test_time_constants_of_leaky_units_are_theirs():
    learned = rnnzoo.layers.LeakyRNN(3, time_constants=(2, 50), learn_time_constants=True)
    learned.build((None, None, 1))
    np.testing.assert_allclose(time_constants(learned), [2, 10, 50], rtol=1e-5)


def test_time_constants_of_gates_that_keep_nine_of_ten():
    layer = rnnzoo.layers.LSTM(2, kernel_initializer="zeros", recurrent_initializer="zeros")
    layer.build((None, None, 3))
    bias = np.zeros(8, "float32")
    bias[2:4] = np.log(9), np.log(99)  # sigmoid is 0.9 and 0.99
    layer.cell.bias.assign(bias)
    np.testing.assert_allclose(time_constants(layer, X.astype("float32")), [10, 100], rtol=1e-4)


def test_wrong_calls():
    with pytest.raises(WrongValue, match="SimpleRNNCell has no gates"):
        gates(rnnzoo.layers.SimpleRNN(3), X)
    with pytest.raises(WrongValue, match="SimpleRNNCell has no time constants"):
        time_constants(rnnzoo.layers.SimpleRNN(3), X)
    with pytest.raises(WrongValue, match="depends on what it reads: give x"):
        time_constants(rnnzoo.layers.GRU(3))
    with pytest.raises(WrongType, match="take one, as recurrent_layers"):
        gates(keras.Sequential([keras.layers.Dense(16), rnnzoo.layers.LSTM(3)]), X)
    with pytest.raises(WrongValue, match="is not built yet"):
        time_constants(rnnzoo.layers.LeakyRNN(3, learn_time_constants=True))
