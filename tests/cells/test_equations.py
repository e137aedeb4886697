"""Each cell against its equation, written out again in NumPy, and stepped against looped."""

import numpy as np
import pytest

from rnnzoo import cells
from rnnzoo.loop.run import run, step
from rnnzoo.platform import keras

BATCH, TIME, FEATURES, UNITS = 3, 7, 4, 5


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def simple_rnn(x, h, W, U, b):
    hs = []
    for x_t in x:
        h = np.tanh(x_t @ W + h @ U + b)
        hs.append(h)
    return hs


def leaky_rnn(tau):
    def reference(x, h, W, U, b, *_):
        hs = []
        for x_t in x:
            h = (1 - 1 / tau) * h + (1 / tau) * np.tanh(x_t @ W + h @ U + b)
            hs.append(h)
        return hs

    return reference


def skip_delay_rnn(delays):
    def reference(x, *arguments):
        past, (W, *Us, b) = list(arguments[: max(delays)]), arguments[max(delays) :]
        hs = []
        for x_t in x:
            h = x_t @ W + b
            for d, U in zip(delays, Us, strict=True):
                h = h + past[d - 1] @ U
            past = [np.tanh(h), *past]
            hs.append(past[0])
        return hs

    return reference


def gru(x, h, W, U, b):
    n, hs = UNITS, []
    for x_t in x:
        a, p = x_t @ W + b[0], h @ U + b[1]
        z = sigmoid(a[:, :n] + p[:, :n])
        r = sigmoid(a[:, n : 2 * n] + p[:, n : 2 * n])
        candidate = np.tanh(a[:, 2 * n :] + r * p[:, 2 * n :])
        h = z * h + (1 - z) * candidate
        hs.append(h)
    return hs


def lstm(x, h, c, W, U, b):
    n, hs = UNITS, []
    for x_t in x:
        a = x_t @ W + h @ U + b
        i, f, g, o = (a[:, k * n : (k + 1) * n] for k in range(4))
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        hs.append(h)
    return hs


LEARNED = {"time_constants": (1, 9), "learn_time_constants": True}
CASES = {
    "simple_rnn": (cells.SimpleRNNCell, {}, simple_rnn),
    "leaky_one": (cells.LeakyRNNCell, {"time_constants": 4.0}, leaky_rnn(4.0)),
    "leaky_each": (
        cells.LeakyRNNCell,
        {"time_constants": [1, 2, 3, 4, 5]},
        leaky_rnn(np.arange(1.0, 6.0)),
    ),
    "leaky_pair": (
        cells.LeakyRNNCell,
        {"time_constants": (1, 16)},
        leaky_rnn(np.array([1.0, 2.0, 4.0, 8.0, 16.0])),
    ),
    "skip": (cells.SkipDelayRNNCell, {"delays": (1, 3)}, skip_delay_rnn((1, 3))),
    "skip_far": (cells.SkipDelayRNNCell, {"delays": (4, 2)}, skip_delay_rnn((2, 4))),
    "gru": (cells.GRUCell, {}, gru),
    "lstm": (cells.LSTMCell, {}, lstm),
    "lstm_other": (cells.LSTMCell, {"recurrent_activation": lambda x: keras.ops.sigmoid(x)}, lstm),
}


def build(cell_class, options, dtype="float64"):
    cell = cell_class(UNITS, **options, bias_initializer="random_normal", dtype=dtype)
    cell.build((None, FEATURES))
    return cell


def data(cell):
    rng = np.random.default_rng(1)
    x = rng.normal(size=(BATCH, TIME, FEATURES))
    return x, [rng.normal(size=(BATCH, size)) for size in cell.state_size]


@pytest.mark.parametrize("case", CASES)
def test_loop_computes_the_equation(case):
    cell_class, options, reference = CASES[case]
    cell = build(cell_class, options)
    x, state = data(cell)
    outputs, last, final = run(cell, x, [keras.ops.convert_to_tensor(s) for s in state])
    expected = reference(x.transpose(1, 0, 2), *state, *cell.get_weights())
    np.testing.assert_allclose(outputs, np.stack(expected, axis=1), rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(last, expected[-1], rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(final[0], expected[-1], rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("case", CASES)
def test_stepped_equals_looped(case):
    cell_class, options, _ = CASES[case]
    cell = build(cell_class, options)
    x, state = data(cell)
    state = [keras.ops.convert_to_tensor(s) for s in state]
    outputs, _, final = run(cell, x, state)
    for t in range(TIME):
        output, state = step(cell, x[:, t], state)
        np.testing.assert_allclose(outputs[:, t], output, rtol=1e-10, atol=1e-12)
    for a, b in zip(final, state, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("case", [case for case in CASES if case != "lstm_other"])
def test_cells_keep_the_contract(case):
    cell_class, options, _ = CASES[case]
    cells.check_cell(cell_class(UNITS, **options))


@pytest.mark.parametrize(
    "options",
    [(cells.LeakyRNNCell, {"time_constants": 1}), (cells.SkipDelayRNNCell, {"delays": (1,)})],
)
def test_tau_of_one_and_delay_of_one_are_exactly_the_vanilla_network(options):
    vanilla, other = build(cells.SimpleRNNCell, {}), build(*options)
    other.set_weights(vanilla.get_weights())
    x, state = data(vanilla)
    state = [keras.ops.convert_to_tensor(s) for s in state]
    np.testing.assert_array_equal(run(other, x, state)[0], run(vanilla, x, state)[0])


def test_learned_time_constants_start_where_told_and_stay_at_least_one():
    cell = build(cells.LeakyRNNCell, LEARNED)
    np.testing.assert_allclose(cell.tau, np.geomspace(1, 9, UNITS), rtol=2e-3)
    cell.time_constant_logit.assign([-50.0, -5.0, 0.0, 5.0, 50.0])
    assert (keras.ops.convert_to_numpy(cell.tau) >= 1).all()
    x, state = data(cell)
    tau = keras.ops.convert_to_numpy(cell.tau)
    expected = leaky_rnn(tau)(x.transpose(1, 0, 2), *state, *cell.get_weights())
    outputs = run(cell, x, [keras.ops.convert_to_tensor(s) for s in state])[0]
    np.testing.assert_allclose(outputs, np.stack(expected, axis=1), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: cells.LSTMCell(0), "units must be a positive integer, got 0"),
        (lambda: cells.GRUCell(2.5), "units must be a positive integer, got 2.5"),
        (lambda: cells.LeakyRNNCell(4, time_constants=0.5), "at least 1, got 0.5"),
        (lambda: cells.LeakyRNNCell(4, time_constants=(-1, 2)), "at least 1"),
        (lambda: cells.LeakyRNNCell(4, time_constants=[1, 2, 3]), "each of the 4 units"),
        (lambda: cells.SkipDelayRNNCell(4, delays=()), "different positive integers"),
        (lambda: cells.SkipDelayRNNCell(4, delays=(0, 1)), "different positive integers"),
        (lambda: cells.SkipDelayRNNCell(4, delays=(2, 2)), "different positive integers"),
    ],
)
def test_mistakes_are_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()
