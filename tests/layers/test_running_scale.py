"""Running scales: right values, whatever the strength, level and padding; streamed and saved."""

import numpy as np
import pytest

import rnnzoo
from rnnzoo.layers import RunningScale
from rnnzoo.layers.running_scale import FLOOR
from rnnzoo.platform import keras, tf

X = np.random.default_rng(0).normal(size=(2, 9, 3)).astype("float32")


def by_hand(x, places, zeros=0.0):
    """The equations, a step at a time, (time, channels) -> (time, channels + 2 places)."""
    rows = []
    for t in range(1, len(x) + 1):
        past = x[:t, places].astype(float)
        scale = past.std(axis=0) + FLOOR
        shape = (past[-1] - past.mean(axis=0)) / scale
        size = np.arcsinh((past[-1] - zeros) / FLOOR) / np.arcsinh(1 / FLOOR)
        rows.append(np.concatenate([x[t - 1], shape, size]))
    return np.array(rows)


def close(a, b, atol=2e-3):
    np.testing.assert_allclose(np.asarray(a), np.asarray(b), atol=atol)


@pytest.mark.parametrize(("gain", "level"), [(1, 0), (1e-3, 0), (1, 1000), (1e3, -5)])
def test_equations(gain, level):
    x = (gain * X + level).astype("float32")
    for zeros in (None, [level, 0.5]):
        layer = RunningScale([2, 0], zeros)
        y = layer(x)
        assert y.shape == layer.compute_output_shape(x.shape) == (2, 9, 7)
        close(y[1], by_hand(x[1], [2, 0], zeros or 0))
        again = RunningScale.from_config(layer.get_config())
        np.testing.assert_array_equal(again(x), y)


def test_masked_steps_are_left_out_wherever_they_are():
    mask = np.ones((2, 9), bool)
    mask[0, [0, 3, 8]] = False
    x = np.where(mask[..., None], X, np.nan).astype("float32")
    y = np.asarray(RunningScale([0, 1])(x, mask=mask))
    close(y[0, mask[0]], by_hand(X[0, mask[0]], [0, 1]))


def test_steps_and_pieces_are_the_whole():
    layer = RunningScale([1])
    whole = layer(X)
    state = layer.initial_state(2)
    first, state = layer.read(X[:, :4], state)
    steps = []
    for t in range(4, 9):
        y, state = layer.step(X[:, t], state)
        steps.append(y)
    close(tf.concat([first, tf.stack(steps, axis=1)], axis=1), whole, atol=1e-5)


def test_a_state_after_others_goes_on_as_if_these_had_been_read():
    layer = RunningScale([0, 1])
    x = tf.random.stateless_normal((3, 90, 2), (1, 2), 100.0, (20.0, 0.01))
    whole, _ = layer.read(x, layer.initial_state(3))
    mean, variance = tf.nn.moments(tf.cast(x[:, :50], tf.float64), axes=[1])
    state = layer.state_after(
        tf.fill((3, 1), 50.0), *(tf.cast(v, tf.float32) for v in (mean, variance))
    )
    close(layer.read(x[:, 50:], state)[0], whole[:, 50:], atol=1e-3)


def faint_and_strong(n, seed):
    """A slow or a fast wave, a hundred thousand times as strong in some recordings."""
    random = np.random.default_rng(seed)
    y = random.integers(0, 2, n)
    gains = 10 ** random.uniform(-3, 2, n)
    phases = random.uniform(0, 6, n)
    waves = np.sin(np.arange(40) * (0.3 + 0.5 * y)[:, None] + phases[:, None])
    return (gains[:, None] * waves)[..., None].astype("float32"), np.where(y, "fast", "slow")


@pytest.mark.slow
def test_a_classifier_reads_faint_recordings_everywhere_alike(tmp_path):
    x, y = faint_and_strong(200, 0)
    keras.utils.set_random_seed(0)
    model = rnnzoo.create_model("activity_gru", units=16, dropout=0.0, window=30)
    model.compile(keras.optimizers.Adam(0.01))
    model.fit(x, y, epochs=20, verbose=0)
    assert model.preprocessor.channels.scaled == (0,)
    x, y = faint_and_strong(100, 1)
    assert np.mean(np.array(model.classify(x)) == y) > 0.9  # 0.74 by raw numbers alone

    p = model.probabilities(x)
    state = model.initial_state(len(x))
    for t in range(x.shape[1]):
        log_probs, state = model.step(x[:, t], state)
    close(tf.exp(log_probs), p, atol=1e-4)
    model.save(tmp_path / "model.keras")
    close(keras.models.load_model(tmp_path / "model.keras").probabilities(x), p, atol=1e-6)
    rnnzoo.export(model, tmp_path / "saved")
    saved = tf.saved_model.load(str(tmp_path / "saved"))
    close(saved.serve(tf.constant(x))["probabilities"], p, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16", "mixed_float16"])
@pytest.mark.parametrize("name", ["activity_gru", "activity_conv_gru"])
def test_uneven_recordings_with_gaps_are_fitted_and_read_alike_in_each_policy(
    name, dtype, tmp_path
):
    random = np.random.default_rng(0)
    lengths = random.integers(12, 40, 23)
    x = [(10 ** random.uniform(-6, 1) * random.normal(size=(n, 2))) for n in lengths]
    x = [of_one.astype("float32") for of_one in x]
    for of_one in x[::4]:
        of_one[3:6, 0] = np.nan
    y = [*"ab"] * 11 + ["a"]
    convolutions = {"conv_filters": (4,), "kernel_size": 3} if "conv" in name else {}
    model = rnnzoo.create_model(name, units=4, window=10, dtype=dtype, **convolutions)
    history = model.fit(x, y, batch_size=7, epochs=2, verbose=0)  # the last batch is short
    assert model.preprocessor.channels.scaled == (0, 1)
    measured = model.evaluate(x, y, batch_size=7, verbose=0, return_dict=True)
    assert np.isfinite([*history.history["loss"], measured["loss"]]).all()
    saved = tf.saved_model.load(str(model.export(tmp_path / "saved")))
    for of_one, p in zip(x[:3], model.probabilities(x, batch_size=7), strict=False):
        close(saved.serve(of_one[None])["probabilities"][0], p, atol=1e-5)
        state = model.initial_state(1)
        for step in of_one:
            log_probs, state = model.step(tf.constant(step[None]), state)
        close(tf.exp(log_probs)[0], p, atol=1e-5)


@pytest.mark.parametrize("gaps", [False, True])
def test_windows_to_train_on_are_read_as_the_parts_of_whole_recordings(gaps):
    x, y = faint_and_strong(20, 0)
    x = np.concatenate([x, 3 + 50 * np.roll(x, 1, axis=0)], axis=2)
    if gaps:
        x[:, :3, 1] = x[:, 15:25, 0] = np.nan
    model = rnnzoo.create_model("activity_gru", units=2, window=10)
    model.adapt(x, y)
    assert model.preprocessor.channels.scaled == (0, 1)
    nothing, _ = model._of_frames(tf.zeros((1, 2, 2)))
    np.testing.assert_allclose(nothing[..., -2:], 0, atol=1e-3)  # of what is no signal at all
    series = model.preprocessor.splits((x, y))
    whole, _ = model._of_frames(tf.constant(x))
    feed = model.feed_class(series, model.preprocessor, 8, 10, augment=0)
    begins = []
    for (windows, _, past), _, _ in feed.training().take(6):
        assert past.shape[1:] == (4, 2)
        read = model._of_windows(windows, False, past)
        for window, found in zip(windows.numpy(), read.numpy(), strict=True):
            (row, begin) = next(
                (i, t) for i in range(20) for t in range(31)
                if np.array_equal(x[i, t : t + 10], window, equal_nan=True)
            )  # fmt: skip
            close(found, whole[row, begin : begin + 10], atol=1e-4)
            begins.append(begin)
    assert len(set(begins)) > 10
    # And so are those of a long recording's answer.
    alone = [model._of_features(whole[:, t : t + 10], None) for t in range(0, 31, 5)]
    close(model.probabilities(x), np.mean(np.exp(alone), axis=0), atol=1e-5)


def test_alike_recordings_are_read_as_they_are():
    x, y = faint_and_strong(50, 0)
    x /= np.abs(x).max(axis=1, keepdims=True)
    model = rnnzoo.create_model("activity_gru", units=2)
    model.compile("adam")
    model.fit(x, y, epochs=1, verbose=0)
    assert model.preprocessor.channels.scaled == ()
