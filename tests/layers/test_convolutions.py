"""Convolutions over time: right values, the same for any padding, streamed, trained and saved."""

import numpy as np
import pytest

from rnnzoo import layers
from rnnzoo.platform import keras, tf

TIME = 13
X = np.random.default_rng(0).normal(size=(2, TIME, 3)).astype("float32")


def stack(**options):
    keras.utils.set_random_seed(0)
    front = layers.ConvStack([4, 5], kernel_size=[3, 4], strides=[2, 3], **options)
    front.build(X.shape)
    for norm in front.norms:  # not 1 and 0, which any wrong weight could hide behind
        norm.set_weights([w + 0.3 * np.arange(w.size).reshape(w.shape) for w in norm.get_weights()])
    return front


KERAS_NORMS = {
    "layer": keras.layers.LayerNormalization,
    "batch": keras.layers.BatchNormalization,
}


def close(a, b, atol=1e-5):
    np.testing.assert_allclose(np.asarray(a, "float32"), np.asarray(b, "float32"), atol=atol)


@pytest.mark.parametrize("normalization", [None, *KERAS_NORMS])
@pytest.mark.parametrize("time", [1, 5, 6, 7, 12, 13])
def test_same_as_keras_on_a_sequence_that_stands_still_at_both_ends(time, normalization):
    front = stack(normalization=normalization)
    assert (front.reach, front.stride) == (3 + 2 * 3, 6)
    x = np.pad(X[:, :time], ((0, 0), (3, -time % 6), (0, 0)), mode="edge")
    for i, of_ours in enumerate(front.convolutions):
        theirs = keras.layers.Conv1D(
            of_ours.filters,
            front.kernel_size[i],
            front.strides[i],
            use_bias=normalization != "batch",
        )
        theirs.build(x.shape)
        theirs.set_weights(of_ours.get_weights())
        x = theirs(x)
        if normalization:
            norm = KERAS_NORMS[normalization]()
            norm.build(x.shape)
            norm.set_weights(front.norms[i].get_weights()[: len(norm.weights)])
            x = norm(x)
        x = keras.ops.relu(x)
    frames = front(X[:, :time])
    assert frames.shape == front.compute_output_shape((2, time, 3)) == (2, -(-time // 6), 5)
    close(frames, x)


@pytest.mark.parametrize("normalization", KERAS_NORMS)
def test_masked_steps_are_left_out_wherever_they_are(normalization):
    front = stack(normalization=normalization)
    mask = np.zeros((2, TIME), bool)
    mask[0, 2:9] = True
    mask[1, [0, 3, 4, 12]] = True
    x = np.where(mask[..., None], X, np.nan).astype("float32")
    frames = front(x, mask=mask)
    real = np.asarray(front.compute_mask(x, mask))
    assert real.tolist() == [[True, True, False], [True, False, False]]
    for row in range(2):
        alone = front(X[row : row + 1, mask[row]])[0]
        close(np.asarray(frames[row])[real[row]], alone)
    assert not np.asarray(front.compute_mask(x, mask & False)).any()


def test_statistics_of_a_batch_are_those_of_the_frames_that_real_steps_reach():
    """Of rows of 13, 4 and no steps, as NumPy has them of the first two, each by itself."""
    front, lengths = stack(), (TIME, 4, 0)
    x = np.concatenate([X, X[:1]])
    mask = np.arange(TIME) < np.array(lengths)[:, None]
    x = np.where(mask[..., None], x, 1e6).astype("float32")
    rows = [
        np.pad(x[row : row + 1, :steps], ((0, 0), (3, -steps % 6), (0, 0)), mode="edge")
        for row, steps in enumerate(lengths[:2])
    ]
    for norm in front.norms:
        norm.batches.assign(3)
    moving = [[np.asarray(v) for v in norm.get_weights()[2:]] for norm in front.norms]
    frames = front(x, mask=mask, training=True)
    for convolution, norm, before in zip(front.convolutions, front.norms, moving, strict=True):
        rows = [np.asarray(convolution(row)) for row in rows]
        together = np.concatenate([row[0] for row in rows])
        mean, variance = together.mean(axis=0), together.var(axis=0)
        gamma, beta, *after, batches = norm.get_weights()
        for old, new, of_batch in zip(before, after, (mean, variance), strict=False):
            close(new, 0.75 * old + 0.25 * of_batch)
        assert batches == 4
        rows = [
            np.maximum(gamma * (row - mean) / np.sqrt(variance + norm.epsilon) + beta, 0)
            for row in rows
        ]
    for row, expected in enumerate(rows):
        close(frames[row, : expected.shape[1]], expected[0], 1e-4)


def test_a_batch_without_a_real_step_leaves_the_statistics_as_they_are():
    front = stack()
    before = front.get_weights()
    front(X, mask=np.zeros((2, TIME), bool), training=True)
    front(X[:0], training=True)
    for old, new in zip(before, front.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_what_is_kept_is_the_mean_of_all_batches_and_later_of_the_newest():
    norm = stack().norms[0]
    norm.batches.assign(0)
    batches = np.random.default_rng(1).normal(3, 2, size=(80, 2, 8, 4)).astype("float32")
    means = batches.mean(axis=(1, 2))
    for b, x in enumerate(batches):
        norm(x, training=True)
        if b == 9:
            close(norm.moving_mean, means[:10].mean(axis=0))
    kept = means[:20].mean(axis=0)
    for newest in means[20:]:
        kept = norm.momentum * kept + (1 - norm.momentum) * newest
    close(norm.moving_mean, kept)


def test_frozen_it_stays_frozen_when_it_is_loaded():
    front = layers.ConvStack([4], trainable=False)
    again = layers.ConvStack.from_config(front.get_config())
    before = [np.asarray(w) for w in (again(X), again.norms[0].moving_mean)][1]
    again(X, training=True)
    np.testing.assert_array_equal(again.norms[0].moving_mean, before)
    assert not again.trainable_weights


@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
def test_streamed_in_rows_that_began_at_different_times(dtype):
    front = stack(dtype=dtype)
    atol = 1e-5 if dtype == "float32" else 0.05
    states = []
    for row, before in enumerate((2, 5)):
        state = front.initial_state(1)
        *_, state = front.read(X[row : row + 1, :before], state)
        states.append(state)
    state = {name: tf.concat([s[name] for s in states], axis=0) for name in states[0]}
    for t in range(8):
        frame, full, state = front.step(X[:, 5 + t], state)
        for row, before in enumerate((2, 5)):
            seen = np.concatenate([X[row, :before], X[row, 5 : 6 + t]])[None]
            close(frame[row], front(seen)[0, -1], atol)
            assert bool(full[row, 0]) == (seen.shape[1] % 6 == 0)


def test_a_long_stream_counts_no_further_than_it_needs():
    front, long = stack(), np.concatenate([X[:1]] * 5, axis=1)
    *_, state = front.read(long, front.initial_state(1))
    frame, full, state = front.step(long[:, 0], state)
    close(frame, front(np.concatenate([long, long[:, :1]], axis=1))[:, -1])
    assert bool(full[0, 0]) == ((5 * TIME + 1) % 6 == 0)
    assert np.max(state["steps"]) < front.reach + 2 * front.stride


def test_padding_behind_a_short_sequence_reaches_no_recurrent_layer_and_it_trains(tmp_path):
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((None, 3)),
            keras.layers.Masking(),
            layers.ConvStack([4, 4], 3, 2),
            layers.GRU(5),
            keras.layers.Dense(1),
        ]
    )
    short = np.pad(X[:, :5], ((0, 0), (0, 8), (0, 0)))
    close(model(short), model(X[:, :5]))
    model.compile(keras.optimizers.Adam(0.03), "mse")
    before = model.get_weights()
    losses = model.fit(X, X.sum((1, 2)), epochs=8, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    for old, new in zip(before, model.get_weights(), strict=True):
        assert np.abs(old - new).max() > 0
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    close(loaded.predict(X, verbose=0), model.predict(X, verbose=0))


@pytest.mark.parametrize(
    "normalization",
    ["batch", *(pytest.param(other, marks=pytest.mark.slow) for other in (None, "layer"))],
)
def test_in_graphs_with_an_open_batch_and_a_short_last_one(normalization):
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((None, 3)),
            keras.layers.Masking(),
            layers.ConvStack([4, 4], 3, 2, normalization=normalization),
            layers.GRU(5),
            keras.layers.Dense(1),
        ]
    )
    x = np.concatenate([X, X[::-1], X[:1]])
    x[1, 7:] = 0
    before = model.get_weights()
    model.compile(keras.optimizers.Adam(0.03), "mse")
    model.fit(x, x.sum((1, 2)), batch_size=2, verbose=0)
    for old, new in zip(before, model.get_weights(), strict=True):
        assert np.isfinite(new).all() and np.abs(old - new).max() > 0
    close(model.predict(x, batch_size=2, verbose=0), model(x))
    graph = tf.function(
        lambda of: model(of, training=False),
        input_signature=[tf.TensorSpec([None, None, 3], tf.float32)],
    )
    for rows in (1, 5):
        close(graph(x[:rows, :9]), model(x[:rows, :9]))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"filters": []}, r"filters=\[\]: expected some"),
        ({"filters": [True]}, r"filters=\[True\]: expected some"),
        ({"filters": [4, 4], "kernel_size": "5"}, "kernel_size='5': expected"),
        ({"filters": [4, 0]}, r"filters=\[4, 0\]: expected"),
        ({"filters": [4, 4], "strides": [2]}, r"strides=\[2\]: expected .* 2 of them"),
        ({"filters": [4], "kernel_size": 2, "strides": 3}, "never read"),
        ({"filters": [4], "normalization": True}, "normalization=True: expected batch, layer or"),
    ],
)
def test_a_wrong_size_is_named(options, message):
    with pytest.raises(ValueError, match=message):
        layers.ConvStack(**options)
