"""Cells, inputs and masks to try the loop with, and the plain loop to compare it with."""

import numpy as np
import pytest

from rnnzoo import cells
from rnnzoo.platform import keras, tf

BATCH, TIME, FEATURES, UNITS = 3, 6, 4, 5
POSITIONS = 3


class SplitTermsCell(cells.Cell):
    """Two input terms, an output that is no state, states of two sizes."""

    state_names = ("h", "count")

    @property
    def state_size(self):
        return [self.units, 1]

    def build(self, input_shape):
        self.a = self.add_weight(shape=(input_shape[-1], self.units))
        self.b = self.add_weight(shape=(input_shape[-1], self.units))
        self.recurrent = self.add_weight(shape=(self.units, self.units))
        self.scale = self.add_weight(shape=(self.units,), initializer="ones", autocast=False)

    def project(self, x):
        return x @ self.a, x @ self.b

    def recur(self, state):
        return state[0] @ self.recurrent

    def update(self, input_term, recurrent_term, state):
        a, b = input_term
        h = keras.ops.tanh(a + recurrent_term) * keras.ops.sigmoid(b)
        return self.scale * h + state[1], [h, 0.5 * state[1] + 1]


CELLS = {
    "split_terms": (SplitTermsCell, {}),
    "simple_rnn": (cells.SimpleRNNCell, {}),
    "leaky": (cells.LeakyRNNCell, {"time_constants": (1, 9)}),
    "leaky_learned": (cells.LeakyRNNCell, {"learn_time_constants": True}),
    "skip": (cells.SkipDelayRNNCell, {"delays": (1, 3)}),
    "skip_far": (cells.SkipDelayRNNCell, {"delays": (2, 4)}),
    "skip_beyond": (cells.SkipDelayRNNCell, {"delays": (1, TIME + 3)}),
    "gru": (cells.GRUCell, {}),
    "lstm": (cells.LSTMCell, {}),
    "lstm_2d": (cells.LSTM2DCell, {}),
}
# Of them those with several terms, states and time steps behind, and with positions.
FEW = {"split_terms", "skip_beyond", "lstm", "lstm_2d"}
MASKS = {
    "none": None,
    "right": [[1, 1, 1, 1, 0, 0], [1, 1, 1, 1, 1, 1], [1, 0, 0, 0, 0, 0]],
    "left": [[0, 0, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1], [0, 0, 0, 0, 0, 1]],
    "holes": [[1, 0, 1, 1, 0, 1], [0, 1, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1]],
    "empty_row": [[0, 0, 0, 0, 0, 0], [1, 1, 0, 1, 1, 0], [0, 0, 0, 0, 0, 0]],
}


# The fixtures `cell` and `mask` take all; parametrize(..., indirect=True) names some.
few_cells = pytest.mark.parametrize(
    "cell",
    [pytest.param(name, marks=() if name in FEW else pytest.mark.slow) for name in CELLS],
    indirect=True,
)


@pytest.fixture(params=CELLS)
def cell(request):
    """A built cell, in float64."""
    cell_class, options = CELLS[request.param]
    if issubclass(cell_class, cells.DenseCell):
        options = {**options, "bias_initializer": "random_normal"}
    cell = cell_class(UNITS, **options, dtype="float64")
    cell.build((None, FEATURES))
    return cell


@pytest.fixture(params=MASKS)
def mask(request):
    """None, or (batch, time) of bool."""
    mask = MASKS[request.param]
    return None if mask is None else tf.constant(np.array(mask, bool))


def positions(cell):
    return (POSITIONS,) if cell.positions else ()


@pytest.fixture
def x(cell):
    rng = np.random.default_rng(2)
    shape = (BATCH, TIME, *positions(cell), FEATURES)
    return tf.constant(rng.normal(size=shape), cell.compute_dtype)


@pytest.fixture
def state(cell):
    rng = np.random.default_rng(3)
    return [
        tf.constant(rng.normal(size=(BATCH, *positions(cell), size)), cell.state_dtype)
        for size in cell.state_size
    ]


@pytest.fixture
def dropout(cell):
    """Masks that drop about half of the state and double the rest."""
    rng = np.random.default_rng(4)
    return [
        tf.constant(
            rng.integers(0, 2, size=(BATCH, *positions(cell), size)) * 2.0, cell.state_dtype
        )
        for size in cell.state_size[: len(cell.state_names)]
    ]


@pytest.fixture
def unrolled():
    """What `run` does, by plain operations, one time step after the other."""

    def unrolled(cell, x, state, mask=None, reverse=False, dropout=None):
        steps = x.shape[1]
        order = reversed(range(steps)) if reverse else range(steps)
        shape = (x.shape[0], *x.shape[2:-1], cell.output_size)
        outputs, output = [], tf.zeros(shape, cell.state_dtype)
        for t in order:
            past = cell.past(state)
            masks = dropout or [tf.ones_like(state[0])] * len(cell.state_names)
            dropped = [s * masks[i % len(masks)] for i, s in enumerate(past)]
            new_output, new = cell.next(cell.project(x[:, t]), cell.recurrent_term(dropped), past)
            new = [*new, *state][: len(state)]
            if mask is not None:
                real = tf.reshape(mask[:, t], (-1, *[1] * (x.shape.rank - 2)))
                new = [tf.where(real, n, s) for n, s in zip(new, state, strict=True)]
                new_output = tf.where(real, new_output, output)
            output, state = new_output, new
            outputs.append(output)
        return tf.stack(outputs, axis=1), output, state

    return unrolled


@pytest.fixture
def loss_of():
    """A loss in which each output, the last one and each final state count differently."""

    def loss_of(result):
        outputs, last, state = result
        weights = tf.reshape(tf.range(tf.size(outputs)), tf.shape(outputs))
        return (
            tf.reduce_sum(tf.sin(outputs * tf.cast(1 + weights % 7, outputs.dtype)))
            + tf.reduce_sum(last**2)
            + sum(tf.reduce_sum(tf.cos(s) * (i + 1)) for i, s in enumerate(state))
        )

    return loss_of


@pytest.fixture
def gradients(loss_of):
    """``gradients(run, cell, x, state, ...)``: the loss; its gradients by x, states and weights."""

    def gradients(function, cell, x, state, *rest, **options):
        values = [w.value for w in cell.trainable_variables]
        with tf.GradientTape() as tape:
            tape.watch((x, state))
            loss = loss_of(function(cell, x, state, *rest, **options))
        return [loss, *tape.gradient(loss, [x, *state, *values])]

    return gradients
