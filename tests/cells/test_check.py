"""check_cell accepts a right user cell and says what is wrong with each wrong one."""

import pytest

import rnnzoo
from rnnzoo.platform import keras


class MinimalGatedCell(rnnzoo.Cell):
    def build(self, input_shape):
        self.kernel = self.add_weight(shape=(input_shape[-1], 2 * self.units))
        self.recurrent_kernel = self.add_weight(
            shape=(self.units, 2 * self.units), name="recurrent_kernel"
        )

    def project(self, x):
        return x @ self.kernel

    def recur(self, state):
        return state[0] @ self.recurrent_kernel

    def update(self, input_term, recurrent_term, state):
        x_f, x_h = keras.ops.split(input_term, 2, axis=-1)
        u_f, u_h = keras.ops.split(recurrent_term, 2, axis=-1)
        f = keras.ops.sigmoid(x_f + u_f)
        h = (1 - f) * state[0] + f * keras.ops.tanh(x_h + f * u_h)
        return h, [h]


class TakesMeanOverTheBatch(MinimalGatedCell):
    def project(self, x):
        return (x - keras.ops.mean(x, axis=0)) @ self.kernel


class ForgetsAName(MinimalGatedCell):
    def update(self, *arguments):
        h, _ = super().update(*arguments)
        return h, [h, h]


class DrawsInside(MinimalGatedCell):
    def update(self, input_term, *arguments):
        return super().update(keras.random.dropout(input_term, 0.5), *arguments)


class GrowsItsState(MinimalGatedCell):
    def update(self, *arguments):
        h, _ = super().update(*arguments)
        return h, [keras.ops.concatenate([h, h], axis=-1)]


class KeepsATensorAside(MinimalGatedCell):
    def project(self, x):
        self.kept = self.recurrent_kernel * 1.0
        return super().project(x)

    def recur(self, state):
        return state[0] @ self.kept


class ReadsAnothersWeight(MinimalGatedCell):
    other = []

    def update(self, *arguments):
        if not self.other:
            self.other.append(keras.Variable(1.0))
        h, _ = super().update(*arguments)
        return h * self.other[0], [h * self.other[0]]


class MistakesItsWidth(MinimalGatedCell):
    output_size = 7


class ReturnsNoState(MinimalGatedCell):
    def update(self, *arguments):
        return super().update(*arguments)[0]


class AsksForTheState(MinimalGatedCell):
    def project(self, x, state):
        return super().project(x)


class LosesAnArgument(MinimalGatedCell):
    def __init__(self, units, slope):
        super().__init__(units)


# check_cell takes gradients in the fast loop, which needs the TensorFlow backend.
by_gradients = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="needs Keras's TensorFlow backend"
)


def test_ten_lines_are_a_cell():
    rnnzoo.check_cell(MinimalGatedCell(4))


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        (lambda: TakesMeanOverTheBatch(4), "project of 7 rows is not the same"),
        (lambda: ForgetsAName(4), r"2 states, but state_names is \('h',\)"),
        (lambda: DrawsInside(4), "update gave two answers"),
        (lambda: GrowsItsState(4), "a state must keep its shape"),
        pytest.param(
            lambda: KeepsATensorAside(4),
            "gradient by recurrent_kernel|gradient by .* differs",
            marks=by_gradients,
        ),
        pytest.param(lambda: ReadsAnothersWeight(4), "the cell's own weights", marks=by_gradients),
        (lambda: MistakesItsWidth(4), "output_size is 7"),
        (lambda: ReturnsNoState(4), r"-> output, \[state"),
        (lambda: AsksForTheState(4), r"the contract is project\(x\)"),
        (lambda: LosesAnArgument(4, slope=1), "leaves out slope"),
        (lambda: rnnzoo.Cell(4), "must define project"),
    ],
)
def test_what_is_wrong_is_said(cell, message):
    with pytest.raises((ValueError, NotImplementedError), match=message):
        rnnzoo.check_cell(cell())


def test_a_plain_keras_cell_is_not_one():
    with pytest.raises(TypeError, match="subclass rnnzoo.Cell"):
        rnnzoo.check_cell(keras.layers.LSTMCell(4))
