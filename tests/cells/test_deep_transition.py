"""Deep transitions against loops in NumPy, around cells of all kinds, and where they are run."""

import numpy as np
import pytest

import rnnzoo
from rnnzoo import cells
from rnnzoo.loop.run import run, step
from rnnzoo.platform import keras, tf
from tests.cells.test_equations import BATCH, FEATURES, TIME, UNITS, data, sigmoid
from tests.layers.checks import SineCell

DEEP = cells.DeepTransitionCell
INSIDE = {
    "simple_rnn": lambda **how: cells.SimpleRNNCell(UNITS, **how),
    "leaky": lambda **how: cells.LeakyRNNCell(UNITS, learn_time_constants=True, **how),
    "delays": lambda **how: cells.SkipDelayRNNCell(UNITS, delays=(2, 4), **how),
    "gru": lambda **how: cells.GRUCell(UNITS, **how),
    "lstm": lambda **how: cells.LSTMCell(UNITS, **how),
    "user": lambda **how: SineCell(UNITS, **how),
    "deep": lambda **how: DEEP(SineCell(UNITS, **how), skip=True),
}


def build(cell, **how):
    cell = DEEP(cell, **how)
    cell.build((None, FEATURES))
    rng = np.random.default_rng(2)
    cell.set_weights([rng.normal(size=w.shape) * 0.5 for w in cell.get_weights()])
    return cell


def arrays(variables):
    return [keras.ops.convert_to_numpy(v) for v in variables]


def looped(cell, x, state):
    return run(cell, x, [keras.ops.convert_to_tensor(s) for s in state])


@pytest.mark.parametrize("skip", [False, True])
@pytest.mark.parametrize("layers", [1, 3])
def test_around_a_vanilla_cell_it_is_the_paper_s_equation(layers, skip):
    cell = build(cells.SimpleRNNCell(UNITS, dtype="float64"), layers=layers, skip=skip)
    W, U, b = cell.cell.get_weights()
    Vs, cs = arrays(cell.kernels), arrays(cell.biases)
    x, (h,) = data(cell)
    expected = []
    for t in range(TIME):
        z = np.tanh(x[:, t] @ W + h @ U + b)
        for V, c in zip(Vs[:-1], cs[:-1], strict=True):
            z = np.tanh(z @ V + c)
        a = z @ Vs[-1] + cs[-1]
        if skip:
            a = a + h @ cell.skip_kernel.numpy()
        h = np.tanh(a)
        expected.append(h)
    outputs, last, final = looped(cell, x, data(cell)[1])
    np.testing.assert_allclose(outputs, np.stack(expected, axis=1), rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(last, h, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(final[0], h, rtol=1e-10, atol=1e-12)


def test_around_an_lstm_c_stays_as_the_lstm_makes_it():
    cell = build(cells.LSTMCell(UNITS, dtype="float64"), skip=True)
    W, U, b = cell.cell.get_weights()
    (V,), (d,), S = arrays(cell.kernels), arrays(cell.biases), cell.skip_kernel.numpy()
    x, (h, c) = data(cell)
    for t in range(TIME):
        i, f, g, o = np.split(x[:, t] @ W + h @ U + b, 4, axis=1)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = np.tanh((sigmoid(o) * np.tanh(c)) @ V + d + h @ S)
    _, last, final = looped(cell, x, data(cell)[1])
    np.testing.assert_allclose(last, h, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(final[1], c, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("inside", INSIDE)
def test_it_keeps_the_contract_around_any_cell(inside):
    # Which compares the gradients of the loop with those of an unrolled one, too.
    cells.check_cell(DEEP(INSIDE[inside](), layers=2, skip=True))


@pytest.mark.parametrize("inside", INSIDE)
def test_stepped_equals_looped(inside):
    cell = build(INSIDE[inside](dtype="float64"), layers=2, skip=True)
    x, state = data(cell)
    outputs, _, final = looped(cell, x, state)
    for t in range(TIME):
        output, state = step(cell, x[:, t], state)
        np.testing.assert_allclose(outputs[:, t], output, rtol=1e-10, atol=1e-12)
    for a, b in zip(final, state, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("skip", [False, True])
def test_gradients_are_those_of_finite_differences(skip):
    cell = build(SineCell(UNITS, dtype="float64"), layers=2, skip=skip)
    x, state = data(cell)
    weights = cell.get_weights()

    def loss(*values):
        cell.set_weights(values)
        return float(tf.reduce_sum(tf.sin(looped(cell, x, state)[0])))

    with tf.GradientTape() as tape:
        value = tf.reduce_sum(tf.sin(looped(cell, x, state)[0]))
    gradients = tape.gradient(value, [w.value for w in cell.trainable_variables])
    rng = np.random.default_rng(3)
    for i, gradient in enumerate(gradients):
        way = rng.normal(size=weights[i].shape)
        there, back = (
            loss(*weights[:i], weights[i] + sign * 1e-6 * way, *weights[i + 1 :])
            for sign in (1, -1)
        )
        found = float(tf.reduce_sum(gradient * way))
        assert found == pytest.approx((there - back) / 2e-6, rel=1e-6, abs=1e-7)


def test_a_skip_carries_a_gradient_over_layers_that_let_none_through():
    def gradient(skip):
        cell = build(SineCell(UNITS, dtype="float64"), skip=skip)
        cell.kernels[0].assign(np.zeros((UNITS, UNITS)))
        x, state = data(cell)
        h = tf.constant(state[0])
        with tf.GradientTape() as tape:
            tape.watch(h)
            last = looped(cell, x, [h])[1]
        return np.abs(tape.gradient(last, h)).max()

    assert gradient(skip=False) == 0
    assert gradient(skip=True) > 0


def test_it_has_the_cell_s_dtype_and_its_own_weights_are_trained():
    cell = DEEP(SineCell(4, dtype="mixed_bfloat16"), layers=2, skip=True)
    assert cell.dtype_policy.name == "mixed_bfloat16"
    cell.build((None, 3))
    names = [w.name for w in cell.trainable_variables]
    assert {"kernel_1", "kernel_2", "bias_1", "bias_2", "skip_kernel"} <= {*names}
    assert len(names) == 5 + 2


def test_saved_and_loaded_with_a_user_s_cell_inside(tmp_path):
    cell = DEEP(SineCell(UNITS), layers=2, skip=True, activation="relu")
    model = keras.Sequential(
        [keras.Input((None, FEATURES)), keras.layers.Bidirectional(rnnzoo.Recurrent(cell))]
    )
    model.compile("sgd", "mse")
    x = np.random.default_rng(0).normal(size=(BATCH, TIME, FEATURES)).astype("float32")
    model.fit(x, np.ones((BATCH, 2 * UNITS)), verbose=0)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))


class WideOutputCell(SineCell, package="test_deep_transition"):
    @property
    def output_size(self):
        return 2 * self.units


class OtherOutputCell(SineCell, package="test_deep_transition"):
    """Puts out a function of its state, as large as that."""

    def update(self, input_term, recurrent_term, state):
        h, state = super().update(input_term, recurrent_term, state)
        return h * h, state


@pytest.mark.parametrize("inside", [OtherOutputCell, cells.ViterbiCell])
def test_an_output_that_is_no_state_is_refused_and_not_lost(inside):
    layer = rnnzoo.Recurrent(DEEP(inside(4)))
    with pytest.raises(ValueError, match=f"{inside.__name__} puts out something else than its fir"):
        layer(np.zeros((2, 3, 4), "float32"))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: DEEP(keras.layers.LSTMCell(4)), "around a rnnzoo.Cell, got LSTMCell"),
        (lambda: DEEP(64), "around a rnnzoo.Cell, got int"),
        (lambda: DEEP(SineCell(4), layers=0), "layers must be a positive integer, got 0"),
        (lambda: DEEP(SineCell(4), layers=1.5), "layers must be a positive integer, got 1.5"),
        (lambda: DEEP(cells.SimpleRNN2DCell(4)), "SimpleRNN2DCell runs over positions"),
        (lambda: DEEP(WideOutputCell(4)), "puts out 8 numbers, and its first state has 4"),
    ],
)
def test_mistakes_are_named(make, message):
    with pytest.raises((TypeError, ValueError), match=message):
        make()
