"""A recurrent layer in two dimensions: plain loops, flips, padding, sizes, training and saving."""

import itertools
import logging

import numpy as np
import pytest

import rnnzoo
from rnnzoo import cells, layers
from rnnzoo.platform import keras, tf

HEIGHT, WIDTH, FEATURES, UNITS = 3, 5, 2, 4
X = np.random.default_rng(0).normal(size=(2, HEIGHT, WIDTH, FEATURES))
CELLS = {"rnn": cells.SimpleRNN2DCell, "lstm": cells.LSTM2DCell}
TURNS = [(), (2,), (1,), (1, 2)]  # from the upper left, upper right, lower left, lower right


def layer_of(kind="lstm", dtype="float64", **options):
    keras.utils.set_random_seed(0)
    cell = CELLS[kind](UNITS, bias_initializer="random_normal", dtype=dtype)
    layer = layers.FourDirections2D(cell, **options)
    layer.build((None, None, None, FEATURES))
    return layer


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def rnn(x, left, above, W, U, b):
    return (np.tanh(x @ W + left[0] @ U[:UNITS] + above[0] @ U[UNITS:] + b),)


def lstm(x, left, above, W, U, b):
    a = x @ W + left[0] @ U[:UNITS] + above[0] @ U[UNITS:] + b
    i, f_left, f_above, g, o = np.split(a, 5, axis=-1)
    c = sigmoid(f_left) * left[1] + sigmoid(f_above) * above[1] + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


def swept(x, step, width, weights):
    """From the upper left corner, one pixel after the other."""
    batch, height, columns, _ = x.shape
    outside = (np.zeros((batch, UNITS)),) * width
    state = {}
    for i in range(height):
        for j in range(columns):
            left, above = (state.get(place, outside) for place in ((i, j - 1), (i - 1, j)))
            state[i, j] = step(x[:, i, j], left, above, *weights)
    h = np.stack([state[place][0] for place in itertools.product(range(height), range(columns))], 1)
    return h.reshape(batch, height, columns, UNITS)


def by_plain_loops(layer, x, step, width):
    weights = layer.get_weights()
    corners = [
        np.flip(swept(np.flip(x, axes), step, width, weights[3 * k :][:3]), axes)
        for k, axes in enumerate(TURNS)
    ]
    return np.concatenate(corners, axis=-1)


def close(ours, theirs, atol=1e-10):
    for a, b in zip(tf.nest.flatten(ours), tf.nest.flatten(theirs), strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=atol)


def in_one_graph(layer):
    """``f(x, mask=..., of=...)``: outputs, and gradients of their sines times ``of``.

    It is traced once, for any sizes; the gradients are by the pixels and the weights.
    """

    def results(x, mask, of):
        with tf.GradientTape() as tape:
            tape.watch(x)
            outputs = layer(x, mask=mask)
            loss = tf.reduce_sum(of * tf.sin(outputs))
        return outputs, tape.gradient(loss, [x, *(w.value for w in layer.trainable_variables)])

    graph = tf.function(
        results,
        input_signature=[
            tf.TensorSpec((None, None, None, FEATURES), "float64"),
            tf.TensorSpec((None, None, None), "bool"),
            tf.TensorSpec(None, "float64"),
        ],
        autograph=False,
    )

    def called(x, mask=None, of=1.0):
        return graph(x, np.ones(x.shape[:3], bool) if mask is None else mask, of)

    return called


@pytest.fixture(scope="module")
def layer():
    return layer_of()


@pytest.fixture(scope="module")
def results(layer):
    return in_one_graph(layer)


def test_four_plain_nested_loops():
    layer = layer_of("rnn")
    close(layer(X), by_plain_loops(layer, X, rnn, 1), 1e-12)


@pytest.mark.parametrize("size", [(2, 3, 5), (1, 4, 2), (9, 1, 3), (1, 3, 1), (1, 1, 1)])
def test_pictures_of_any_size_in_one_graph(layer, results, size):
    x = np.random.default_rng(1).normal(size=(*size, FEATURES))
    close(results(x)[0], by_plain_loops(layer, x, lstm, 2))


def test_the_gradient_is_that_of_differences(layer, results):
    rng, of, eps = np.random.default_rng(2), np.arange(16) % 7 - 3.0, 1e-6
    for value, gradient in zip(
        [None, *layer.trainable_variables], results(X, of=of)[1], strict=True
    ):
        before = X if value is None else value.numpy()
        direction = rng.normal(size=before.shape)
        losses = []
        for moved in (before + eps * direction, before - eps * direction):
            if value is not None:
                value.assign(moved)
            y = results(moved if value is None else X)[0]
            losses.append(np.sum(of * np.sin(y)))
        if value is not None:
            value.assign(before)
        along = (losses[0] - losses[1]) / (2 * eps)
        np.testing.assert_allclose(along, np.sum(gradient * direction), rtol=1e-6, atol=1e-8)


def test_a_turned_picture_permutes_the_outputs(layer, results):
    before = layer.get_weights()
    layer.set_weights(before[:3] * 4)  # the same from each corner
    corners = np.split(results(X)[0].numpy(), 4, axis=-1)
    for axes in TURNS[1:]:
        turned = np.split(results(np.flip(X, axes))[0].numpy(), 4, axis=-1)
        for k, of_corner in enumerate(TURNS):
            other = TURNS.index(tuple(sorted(set(of_corner) ^ set(axes))))
            close(turned[other], np.flip(corners[k], axes), 1e-12)
    layer.set_weights(before)


def test_each_output_sees_each_pixel(results):
    pixels = HEIGHT * WIDTH
    x = np.repeat(X[:1], pixels, axis=0)
    # Of the k-th copy of the picture, what the k-th output depends on.
    of = np.eye(pixels).reshape(pixels, HEIGHT, WIDTH, 1)
    _, (d_x, *_) = results(x, of=of)
    assert np.all(np.any(d_x, axis=-1))


def test_padding_at_any_side_changes_nothing(results):
    at = (slice(None), slice(2, 2 + HEIGHT), slice(1, 1 + WIDTH))
    padded, mask = np.full((2, HEIGHT + 3, WIDTH + 3, FEATURES), np.nan), np.zeros((2, 6, 8), bool)
    padded[at], mask[at] = X, True
    y, (d_x, *d_weights) = results(padded, mask)
    assert not np.any(y.numpy()[~mask]) and not np.any(d_x.numpy()[~mask])
    close([y[at], [d_x[at], *d_weights]], results(X))


def test_pictures_of_two_sizes_in_one_batch(results):
    mask = np.ones((2, HEIGHT, WIDTH), bool)
    mask[1, 2:], mask[1, :, 3:] = False, False
    y, _ = results(X, mask)
    close([y[:1], y[1:, :2, :3]], [results(X[:1])[0], results(X[1:, :2, :3])[0]])


@pytest.mark.slow
@pytest.mark.parametrize("options", [{"checkpoint_every": 2}, {"jit_compile": True}], ids=str)
def test_options_change_no_result(layer, results, options):
    other = layer_of(**options)
    other.set_weights(layer.get_weights())
    mask = np.ones((2, HEIGHT, WIDTH), bool)
    mask[1, 2:] = False
    close(in_one_graph(other)(X, mask), results(X, mask))


@pytest.mark.parametrize(("dtype", "atol"), [("float32", 1e-5), ("mixed_bfloat16", 0.05)])
def test_dtype_policies(dtype, atol):
    layer = layer_of(dtype=dtype)
    y = layer(X)
    assert y.dtype == keras.DTypePolicy(dtype).compute_dtype
    assert {w.dtype for w in layer.weights} == {"float32"}
    close(tf.cast(y, "float64"), by_plain_loops(layer, X, lstm, 2), atol)


@pytest.mark.slow
def test_it_trains_on_batches_of_any_size_saves_and_exports(tmp_path):
    keras.utils.set_random_seed(0)
    pictures = keras.Input((None, None, 1))
    h = layers.FourDirections2D(6)(keras.layers.Masking()(pictures))
    model = keras.Model(pictures, keras.layers.Dense(1)(h))
    assert h.shape == (None, None, None, 24)
    model.compile(keras.optimizers.Adam(0.02), "mse")
    x = np.random.default_rng(2).normal(size=(9, 4, 3, 1)).astype("float32")
    y = np.broadcast_to(x.sum(axis=(1, 2), keepdims=True), x.shape)  # takes the whole picture
    before = model.get_weights()
    losses = model.fit(x, y, batch_size=4, epochs=40, verbose=0).history["loss"]
    assert losses[-1] < losses[0] / 4
    assert all(np.any(a != b) for a, b in zip(model.get_weights(), before, strict=True))

    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    model.export(tmp_path / "exported", verbose=False)
    served = tf.saved_model.load(tmp_path / "exported")
    for size in ((9, 4, 3, 1), (1, 2, 7, 1)):
        x = np.random.default_rng(3).normal(size=size).astype("float32")
        expected = model.predict(x, verbose=0)
        close([loaded.predict(x, verbose=0), served.serve(x)], [expected, expected], 1e-5)


def test_a_plain_recurrent_layer_runs_the_cell_on_rows_of_any_kind():
    """Positions are the cell's; that they lie on diagonals is `FourDirections2D`'s alone."""
    rows = keras.Input((6, 3, FEATURES))
    layer = layers.Recurrent(cells.LSTM2DCell(UNITS), return_sequences=True, return_state=True)
    outputs = layer(rows)
    assert [tuple(o.shape) for o in outputs] == [(None, 6, 3, UNITS), *[(None, 3, UNITS)] * 2]
    x = np.random.default_rng(4).normal(size=(2, 6, 3, FEATURES)).astype("float32")
    whole, h, c = keras.Model(rows, outputs).predict(x, verbose=0)
    first, *state = layer(x[:, :4])
    second, *state = layer(x[:, 4:], initial_state=state)
    close([tf.concat([first, second], axis=1), *state], [whole, h, c], 1e-5)


def test_many_layers_called_one_by_one_have_nothing_to_warn_of():
    heard = []
    listener = logging.Handler()
    listener.emit = lambda record: heard.append(record.getMessage())
    tf.get_logger().addHandler(listener)
    try:
        for _ in range(2):
            layer_of("rnn")(X)
    finally:
        tf.get_logger().removeHandler(listener)
    assert heard == []


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: layers.FourDirections2D(cells.LSTMCell(4)), "takes a rnnzoo.cells.GridCell"),
        (lambda: layers.FourDirections2D(0), "units must be a positive integer, got 0"),
        (lambda: layer_of()(X[0]), r"pictures \(batch, height, width, features\)"),
        (lambda: layer_of()(X[:, :0]), "at least one pixel"),
        (lambda: layer_of()(X[..., :1]), "of the 2 features"),
        (lambda: layer_of()(X, mask=np.ones((2, 3))), r"a mask \(batch, height, width\)"),
        (lambda: layer_of()(X, mask=np.ones((2, 3, 4))), "takes a mask"),
        (
            lambda: layers.FourDirections2D(4)(keras.Input((None, None, None))),
            "must know the number of features",
        ),
        (
            lambda: layers.Recurrent(cells.LSTM2DCell(4), dropout=0.5),
            "are not for it",
        ),
        (
            lambda: layers.Recurrent(cells.LSTM2DCell(4))(X[:, 0]),
            r"\(batch, time, positions, features\)",
        ),
    ],
)
def test_mistakes_are_named(call, message):
    with pytest.raises(rnnzoo.errors.RnnzooError, match=message):
        call()
