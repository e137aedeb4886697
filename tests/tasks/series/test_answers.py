"""Answers by last, mean and pool, by windows, with and without convolutions: one however asked."""

import itertools

import numpy as np
import pytest

import rnnzoo
from rnnzoo.platform import keras, tf
from rnnzoo.tasks.series.answers import Pool
from rnnzoo.tasks.series.outputs import OneClass

TIME = 24
X = np.random.default_rng(0).normal(size=(2, TIME, 3)).astype("float32")
WINDOWS = [(None, None), (8, 3), (8, 8), (8, 4)]
CHUNKS = [0, 1, 4, 5, 17, TIME]


def make(conv=True, bidirectional=False, **options):
    keras.utils.set_random_seed(0)
    name = "activity_conv_bilstm" if bidirectional else "activity_conv_gru"
    front = {"conv_filters": (4, 5), "kernel_size": 3, "strides": (2, 3)} if conv else {}
    model = rnnzoo.create_model(
        name,
        **{"units": 4, "classes": ["a", "b", "c"], "features": (3,), "conv_filters": (), **front},
        **options,
    )
    recurrent = model.recurrent  # so that answers differ by what was read
    recurrent.set_weights([3 * w for w in recurrent.get_weights()])
    return model


def served(model, n):
    return model.endpoints["serve"](X[:, :n])["probabilities"].numpy()


def advanced(reply, state):
    return {name: reply[name] for name in state}


ALL = list(itertools.product(["last", "mean", "pool"], [False, True], WINDOWS))
# Each way to answer, and each kind of window, with and without convolutions.
FEW = [ALL[0], ALL[5], ALL[9], ALL[12], ALL[18], ALL[21]]


@pytest.mark.parametrize(
    ("answer", "conv", "windows"),
    [pytest.param(*case, marks=() if case in FEW else pytest.mark.slow) for case in ALL],
)
def test_streaming_answers_as_the_whole_after_each_number_of_steps(answer, conv, windows):
    window, hop = windows
    model = make(conv, answer=answer, window=window, hop=hop)
    step, read, state = model.endpoints["step"], model.endpoints["read"], model.initial_state(2)
    whole = [served(model, n) for n in range(1, TIME + 1)]
    assert np.ptp(whole, axis=0).max() > 0.02
    for t in range(TIME):
        reply = dict(step(X[:, t], state))
        state = advanced(reply, state)
        np.testing.assert_allclose(reply["probabilities"], whole[t], atol=1e-5, err_msg=str(t))
    state = model.initial_state(2)
    for begin, end in itertools.pairwise(CHUNKS):
        reply = dict(read(X[:, begin:end], state))
        state = advanced(reply, state)
        np.testing.assert_allclose(reply["probabilities"], whole[end - 1], atol=1e-5)


@pytest.mark.parametrize("bidirectional", [pytest.param(False, marks=pytest.mark.slow), True])
def test_windows_are_averaged_up_to_the_first_that_reaches_the_end(bidirectional):
    model = make(bidirectional=bidirectional, window=8, hop=3)
    for n, begins in ((5, [0]), (8, [0]), (9, [0, 3]), (11, [0, 3]), (12, [0, 3, 6])):
        each = [tf.exp(model(X[:, begin : min(begin + 8, n)])) for begin in begins]
        np.testing.assert_allclose(served(model, n), np.mean(each, axis=0), atol=1e-5)


@pytest.mark.parametrize("bidirectional", [pytest.param(False, marks=pytest.mark.slow), True])
@pytest.mark.parametrize(
    ("window", "hop"), [pytest.param(None, None, marks=pytest.mark.slow), WINDOWS[1]]
)
def test_company_and_padding_change_nothing(bidirectional, window, hop):
    model = make(bidirectional=bidirectional, window=window, hop=hop)
    lengths = [1, 3, 7, 8, 9, 20, TIME]
    rows = [X[i % 2, :n] for i, n in enumerate(lengths)]
    together = model.probabilities(rows, batch_size=4)
    alone = [served(model, n)[i % 2] for i, n in enumerate(lengths)]
    np.testing.assert_allclose(together, alone, atol=1e-5)
    np.testing.assert_allclose(model.predict(rows), together, atol=1e-6)


def test_many_windows_are_read_some_at_a_time(monkeypatch):
    expected = served(make(window=8, hop=1), TIME)
    monkeypatch.setattr("rnnzoo.tasks.series.windows.AT_ONCE", 5)
    np.testing.assert_allclose(served(make(window=8, hop=1), TIME), expected, atol=1e-6)


@pytest.mark.parametrize("bidirectional", [False, True])
def test_pool_is_mean_and_maximum_of_the_real_steps(bidirectional):
    model = make(conv=False, bidirectional=bidirectional, answer="pool")
    outputs = model.recurrent(model.standardize(X[:1, :9]))
    h = (outputs if bidirectional else outputs[0]).numpy()[0]
    pooled = np.concatenate([h.mean(axis=0), h.max(axis=0)])[None]
    expected = tf.nn.softmax(model.output_layer(pooled))
    padded = np.pad(X[:1, :9], ((0, 0), (0, 5), (0, 0)), constant_values=50)
    np.testing.assert_allclose(tf.exp(model((padded, tf.constant([9])))), expected, atol=1e-5)


def test_pool_of_no_steps_is_zero():
    pool, h = Pool(OneClass()), tf.ones((1, 3, 2))
    seen = pool.more(pool.start(1, 2, 2), h, tf.zeros((1, 3), tf.bool), tf.identity)
    np.testing.assert_allclose(pool.answer(seen, tf.identity), np.log(np.full((1, 4), 0.25)))


def test_output_dropout_acts_in_training_only():
    model = make(output_dropout=0.5, dropout=0.0)
    np.testing.assert_array_equal(model(X), model(X))
    assert np.abs(model(X, training=True) - model(X, training=True)).max() > 0


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
def test_trains_on_a_short_last_batch_saves_and_exports(dtype, tmp_path, plain_tensorflow):
    model = make(window=8, hop=3, dtype=dtype)
    rows = [X[i % 2, : 4 + 3 * i] for i in range(5)]
    model.fit(rows, ["a", "b", "a", "b", "c"], batch_size=2, verbose=0)
    assert (model.preprocessor.window, model.preprocessor.hop) == (8, 3)
    expected = model.endpoints["serve"](X)["probabilities"].numpy()
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(loaded.endpoints["serve"](X)["probabilities"], expected, atol=1e-6)
    np.save(tmp_path / "x.npy", X)
    folder = rnnzoo.export(model, tmp_path / "exported", xla=False)
    plain_tensorflow(EXPORTED, folder, tmp_path)
    atol = 1e-5 if dtype == "float32" else 0.02
    for name in ("serve", "step"):
        np.testing.assert_allclose(np.load(tmp_path / f"{name}.npy"), expected, atol=atol)


EXPORTED = """
import sys
import numpy as np, tensorflow as tf
model, folder = tf.saved_model.load(sys.argv[1]), sys.argv[2]
x = np.load(f"{folder}/x.npy")
np.save(f"{folder}/serve.npy", model.serve(x)["probabilities"])
state = model.init(2)
for t in range(x.shape[1]):
    reply = model.step(x[:, t], state)
    state = {name: reply[name] for name in state}
np.save(f"{folder}/step.npy", reply["probabilities"])
"""


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"hop": 3}, "hop=3: expected a window beside it"),
        ({"window": 4, "hop": 5}, "hop=5: expected at most the window of 4"),
        ({"window": 0}, "window=0"),
    ],
)
def test_wrong_windows_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        make(**options)
