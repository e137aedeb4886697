"""The layers on the Keras backend at hand: `make test-backends` runs these on JAX and PyTorch too.

There they run in Keras's own loop. What they do must be the same; what is particular to the fast
loop is tested elsewhere.
"""

import numpy as np
import pytest

import rnnzoo
from rnnzoo import layers
from rnnzoo.platform import keras

ops = keras.ops
BATCH, TIME, FEATURES, UNITS = 3, 6, 4, 5


class MinimalGatedCell(rnnzoo.Cell, package="test_backends"):
    def build(self, input_shape):
        self.kernel = self.add_weight(shape=(input_shape[-1], 2 * self.units))
        self.recurrent_kernel = self.add_weight(shape=(self.units, 2 * self.units))

    def project(self, x):
        return x @ self.kernel

    def recur(self, state):
        return state[0] @ self.recurrent_kernel

    def update(self, input_term, recurrent_term, state):
        x_f, x_h = ops.split(input_term, 2, axis=-1)
        u_f, u_h = ops.split(recurrent_term, 2, axis=-1)
        f = ops.sigmoid(x_f + u_f)
        h = (1 - f) * state[0] + f * ops.tanh(x_h + f * u_h)
        return h, [h]


MAKE = {
    "LSTM": lambda **how: layers.LSTM(UNITS, **how),
    "GRU": lambda **how: layers.GRU(UNITS, **how),
    "SimpleRNN": lambda **how: layers.SimpleRNN(UNITS, **how),
    "LeakyRNN": lambda **how: layers.LeakyRNN(UNITS, learn_time_constants=True, **how),
    "SkipDelayRNN (1,)": lambda **how: layers.SkipDelayRNN(UNITS, delays=(1,), **how),
    "SkipDelayRNN (2,)": lambda **how: layers.SkipDelayRNN(UNITS, delays=(2,), **how),
    "SkipDelayRNN (1, 4)": lambda **how: layers.SkipDelayRNN(UNITS, delays=(1, 4), **how),
    "own cell": lambda **how: layers.Recurrent(MinimalGatedCell(UNITS), **how),
    "deep own cell": lambda **how: layers.Recurrent(
        rnnzoo.cells.DeepTransitionCell(MinimalGatedCell(UNITS), skip=True), **how
    ),
}


# On TensorFlow, tests/layers has more of the same.
if_others = pytest.mark.slow if keras.backend.backend() == "tensorflow" else ()
# There, of cells those that tests/cells has not tried by themselves.
HERE = {"own cell", "deep own cell", "SkipDelayRNN (1, 4)"}
each_name = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in HERE else if_others) for name in MAKE]
)
numpy = ops.convert_to_numpy


def close(a, b):
    np.testing.assert_allclose(numpy(a), numpy(b), rtol=0, atol=1e-5)


def sequences():
    return np.random.default_rng(0).normal(size=(BATCH, TIME, FEATURES)).astype("float32")


def right_padded(*lengths):
    return np.arange(TIME) < np.array(lengths)[:, None]


def stepped(cell, x, mask):
    """The cell, a row and a step at a time: outputs and final states."""
    outputs, finals = np.zeros((BATCH, TIME, UNITS), "float32"), []
    for row in range(BATCH):
        state = cell.get_initial_state(1)
        last = np.zeros(UNITS, "float32")
        for t in range(TIME):
            if mask[row, t]:
                output, state = cell.step(ops.convert_to_tensor(x[row : row + 1, t]), state)
                last = numpy(output)[0]
            outputs[row, t] = last
        finals.append([numpy(s)[0] for s in state])
    return outputs, *(np.stack(of_name) for of_name in zip(*finals, strict=True))


@each_name
def test_cells_keep_the_contract(name):
    rnnzoo.check_cell(MAKE[name]().cell)


@pytest.mark.parametrize(
    ("lengths", "backwards"),
    [
        (None, False),
        ((6, 2, 4), True),
        pytest.param(None, True, marks=if_others),
        pytest.param((6, 2, 4), False, marks=if_others),
    ],
)
@each_name
def test_outputs_and_final_state_are_those_of_the_steps(name, lengths, backwards):
    how = {"return_state": True, "go_backwards": backwards}
    layer, x = MAKE[name](return_sequences=True, **how), sequences()
    real = right_padded(*(lengths or [TIME] * BATCH))
    # A list of one mask is what a Keras layer passes on that has several outputs.
    mask = [ops.convert_to_tensor(real)] if lengths else None
    outputs, *final = layer(x, mask=mask)
    in_order = np.s_[:, ::-1] if backwards else np.s_[:]
    expected = stepped(layer.cell, x[in_order].copy(), real[in_order])
    for ours, theirs in zip((outputs, *final), expected, strict=True):
        close(ours, theirs)

    last_only = MAKE[name](**how)
    last_only.build(x.shape)
    last_only.set_weights(layer.get_weights())
    for ours, theirs in zip(last_only(x, mask=mask), (outputs[:, -1], *final), strict=True):
        close(ours, theirs)


@pytest.mark.parametrize("direction", ["forwards", "backwards", "both ways"])
@pytest.mark.parametrize("lengths", [pytest.param(None, marks=if_others), (6, 2, 4)])
@pytest.mark.parametrize(
    "name", ["LSTM", *(pytest.param(name, marks=if_others) for name in ("GRU", "SimpleRNN"))]
)
def test_same_as_keras_with_the_same_weights(name, lengths, direction):
    how = {"return_sequences": True, "return_state": True}
    how["go_backwards"] = direction == "backwards"
    ours, theirs = MAKE[name](**how), getattr(keras.layers, name)(UNITS, **how)
    if direction == "both ways":
        ours, theirs = map(keras.layers.Bidirectional, (ours, theirs))
    x = sequences()
    mask = lengths and ops.convert_to_tensor(right_padded(*lengths))
    ours.build(x.shape)
    theirs.build(x.shape)
    theirs.set_weights(ours.get_weights())
    for a, b in zip(ours(x, mask=mask), theirs(x, mask=mask), strict=True):
        close(a, b)


@pytest.mark.parametrize("name", [pytest.param(name, marks=if_others) for name in MAKE])
def test_trains_in_both_directions_and_is_the_same_after_loading(name, tmp_path):
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((None, FEATURES)),
            keras.layers.Bidirectional(MAKE[name]()),
            keras.layers.Dense(1),
        ]
    )
    model.compile(keras.optimizers.Adam(0.05), "mse")
    before = model.get_weights()
    x = sequences()
    history = model.fit(x, x.sum((1, 2))[:, None], epochs=8, verbose=0).history["loss"]
    assert history[-1] < history[0]
    for weight, old in zip(model.trainable_weights, before, strict=True):
        assert np.abs(numpy(weight) - old).max() > 0, weight.path
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    close(again.predict(x, verbose=0), model.predict(x, verbose=0))


def test_convolutions_are_those_of_the_steps():
    front, x = layers.ConvStack([4, 5], kernel_size=3, strides=2), sequences()
    front.build(x.shape)
    mask = ops.convert_to_tensor(right_padded(6, 2, 4))
    frames, real = front(x, mask=mask), numpy(front.compute_mask(x, mask))
    assert real.tolist() == [[True, True], [True, False], [True, False]]
    close(frames[1:2, :1], front(x[1:2, :2]))
    state = front.initial_state(BATCH)
    for t in range(TIME):
        frame, full, state = front.step(x[:, t], state)
        close(frame, front(x[:, : t + 1])[:, -1])
        assert numpy(full).all() == (t % 4 == 3)


def test_states_of_another_number_are_refused():
    with pytest.raises(ValueError, match="takes 2 initial states"):
        layers.LSTM(UNITS)(sequences(), initial_state=[ops.zeros((BATCH, UNITS))])
