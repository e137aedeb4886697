"""Smooth channels by their differences: values, found by the data, in fit, stream and export."""

import numpy as np
import pytest

import rnnzoo
from rnnzoo.data import Examples, channel_statistics
from rnnzoo.layers import Differences
from rnnzoo.platform import keras, tf

X = np.random.default_rng(0).normal(size=(2, 9, 3)).astype("float32")


def close(a, b, atol=1e-5):
    np.testing.assert_allclose(np.asarray(a, "float32"), np.asarray(b, "float32"), atol=atol)


def by_numpy(x, places, first, second):
    before = np.concatenate([x[:, :1]] * 2 + [x], axis=1)[..., places]
    d, e = np.diff(before, axis=1)[:, 1:], np.diff(before, n=2, axis=1)
    return np.concatenate([x, d / first, e / second], axis=-1)


@pytest.mark.parametrize("time", [1, 2, 9])
def test_values_are_those_of_numpy_at_once_and_in_any_parts(time):
    layer = Differences([2, 0], [0.5, 2.0], [0.1, 3.0])
    x = X[:, :time]
    expected = by_numpy(x, [2, 0], np.array([0.5, 2.0]), np.array([0.1, 3.0]))
    y = layer(x)
    assert y.shape == layer.compute_output_shape(x.shape)
    close(y, expected)
    for size in (1, 2, 4):
        state, parts = layer.initial_state(2), []
        for begin in range(0, time, size):
            part, state = layer.read(tf.constant(x[:, begin : begin + size]), state)
            parts.append(part)
        close(np.concatenate(parts, axis=1), expected)
    again = Differences.from_config(layer.get_config())
    close(again(x), expected)


@pytest.fixture(params=["float32", "mixed_bfloat16"])
def policy(request):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(request.param)
    yield request.param
    keras.config.set_dtype_policy(before)


def test_in_a_model_of_keras_s_in_fit_predict_and_a_graph_with_an_open_batch(policy, tmp_path):
    """Of curves that half precision would not tell from a straight line."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((None, 3)),
            Differences([0], [1e-3], [1e-4]),
            keras.layers.GlobalMaxPool1D(),
            keras.layers.Dense(1, dtype="float32"),
        ]
    )
    curve = np.float32(100) + 1e-3 * np.cumsum(np.concatenate([X, X[:1, ::-1]]), axis=1)
    model.compile("adam", "mse")
    model.fit(curve, np.ones((3, 1)), batch_size=2, verbose=0)
    pooled = by_numpy(curve, [0], 1e-3, 1e-4).max(axis=1)
    kernel, bias = model.layers[-1].get_weights()
    # Of bfloat16 only the pooled numbers are: to 1 / 256 of each.
    atol = 1e-2 if policy == "float32" else float((pooled @ np.abs(kernel)).max()) / 128
    expected = pooled @ kernel + bias
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    graph = tf.function(
        loaded, input_signature=[tf.TensorSpec([None, None, 3], tf.float32)], autograph=False
    )
    for answer in (model.predict(curve, batch_size=2, verbose=0), graph(tf.constant(curve))):
        close(answer, expected, atol)


def statistics(*x):
    return channel_statistics(Examples(list(x), np.zeros(len(x), int)))


def test_which_channels_are_smooth_curves():
    random, t = np.random.default_rng(0), np.arange(400)
    noise = random.normal(size=400)
    channels = {
        "wave": (np.sin(t / 15), True),
        "wave of another level and size": (1e4 + 50 * np.sin(t / 15), True),
        "quick wave": (np.sin(t), False),
        "white noise": (noise, False),
        "random walk": (np.cumsum(noise), False),
        "switch": (t // 97 % 2, False),
        "constant": (np.full(400, 0.1), False),
        "wave under noise": (np.sin(t / 15) + 0.1 * noise, False),
        "rounding": (1e7 + np.sin(t / 15), False),
    }
    x = np.stack([values for values, _ in channels.values()], axis=1)
    found = statistics(x[:150], x[150:])
    assert dict(zip(channels, found.smooth.tolist(), strict=True)) == {
        name: smooth for name, (_, smooth) in channels.items()
    }
    for order, of_order in ((1, found.first), (2, found.second)):
        d = np.concatenate([np.diff(part, n=order, axis=0) for part in (x[:150], x[150:])])
        np.testing.assert_allclose(of_order, np.sqrt(np.mean(d**2, axis=0)), rtol=1e-9)
    x[5::7] = np.nan
    assert statistics(x).smooth.tolist() == found.smooth.tolist()


def bends(n, seed):
    """Curves of one level, slope and size, of which some bend up at a place and some down."""
    random = np.random.default_rng(seed)
    y = random.integers(0, 2, n)
    t = np.arange(30)
    bend = np.where(y, 1, -1)[:, None] * np.exp(-(((t - random.integers(8, 22, (n, 1))) / 3) ** 2))
    x = random.normal(size=(n, 1)) + np.sin(t / 12 + random.uniform(0, 6, (n, 1))) + 0.05 * bend
    return x[..., None].astype("float32"), np.where(y, "up", "down")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["activity_gru", "activity_conv_gru"])
def test_a_bend_that_is_a_twentieth_of_the_curve_is_learned(name):
    x, y = bends(400, 0)
    right = {}
    for differences in (True, False):
        keras.utils.set_random_seed(0)
        model = rnnzoo.create_model(name, units=16, differences=differences)
        model.compile(keras.optimizers.Adam(0.01))
        model.fit(x, y, epochs=40, verbose=0)
        assert bool(model.preprocessor.channels.smooth) == differences
        of_others, expected = bends(200, 1)
        right[differences] = np.mean(np.array(model.classify(of_others)) == expected)
    assert right[True] > 0.9 > 0.75 > right[False]


@pytest.mark.parametrize(
    "name", ["activity_gru", pytest.param("regress_conv_gru", marks=pytest.mark.slow)]
)
def test_fit_predict_serve_step_and_read_agree(name, tmp_path, capsys):
    """With a word and a gap beside the curve, in windows, short batches and half precision."""
    random = np.random.default_rng(0)
    curve = bends(11, 0)[0]
    x = np.concatenate([random.integers(0, 2, curve.shape), curve, random.normal(size=curve.shape)],
                       axis=2).astype("float32")  # fmt: skip
    x[:, 4:7, 1] = x[3, 5, 2] = np.nan
    y = [*"ab"] * 5 + ["a"] if name.startswith("activity") else random.normal(size=11)
    convolutions = {"conv_filters": (4,), "kernel_size": 3} if "conv" in name else {}
    model = rnnzoo.create_model(name, units=4, window=10, dtype="mixed_bfloat16", **convolutions)
    model.fit(x, y, batch_size=4, epochs=1, verbose=2)
    ((place, first, second),) = model.preprocessor.channels.smooth
    assert place == 1
    whole = [np.diff(curve[..., 0], n=n, axis=1) for n in (1, 2)]
    close([first, second], [np.sqrt(np.nanmean(d**2)) for d in whole], 0.02)
    assert "smooth curves in channel 2: the network reads first and" in capsys.readouterr().out
    told = "probabilities" if name.startswith("activity") else "quantiles"
    answers = model.told(told, x, batch_size=4)
    features, _ = model._of_frames(tf.constant(x[:1]))
    standardized = features[0, :, model.preprocessor.inputs.index(("value", 1, 0))]
    d = np.diff(np.asarray(standardized), prepend=standardized[0])
    deviation = np.sqrt(model.preprocessor.variance[1])
    at = model.preprocessor.inputs.index(("first difference", 1, 0))
    close(features[0, :, at], d * deviation / first, 1e-3)

    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.preprocessor.channels.smooth == model.preprocessor.channels.smooth
    close(loaded.told(told, x), answers, 1e-5)
    saved = tf.saved_model.load(str(model.export(tmp_path / "saved")))
    close(saved.serve(tf.constant(x))[told], answers, 1e-3)
    state = saved.init(2)
    for t in range(x.shape[1]):
        reply = saved.step(tf.constant(x[:2, t]), state)
        state = {key: reply[key] for key in state}
    close(reply[told], answers[:2], 1e-3)
    reply = saved.read(tf.constant(x[:2]), saved.init(2))
    close(reply[told], answers[:2], 1e-3)
