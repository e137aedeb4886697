"""Channels by name, words in place of numbers, values that are missing: everywhere the same."""

import numpy as np
import pandas
import polars
import pytest

import rnnzoo
from rnnzoo.data import Examples, Reading, Recordings, Series, channel_statistics
from rnnzoo.platform import keras, tf
from rnnzoo.tasks.series.channels import ReadChannels

NAN = np.nan
NAMES = ("speed", "hand", "age")
HANDS = ("left", "right", "both")


def recordings(count=24, seed=0, missing=0.2, classes=2, **fields):
    """Of speed, the hand and the age; speed and hand are missing here and there."""
    random = np.random.default_rng(seed)
    x = []
    for i in range(count):
        time = random.integers(5, 9)
        speed = 50 + (i % classes) * np.linspace(0, 9, time) + random.normal(size=time)
        hand = random.integers(0, 3, size=time).astype(float)
        speed[random.random(time) < missing] = NAN
        hand[random.random(time) < missing] = NAN
        x.append(np.stack([speed, hand, np.full(time, 20 + i)], axis=1).astype("float32"))
    labels = np.array(["flat", "rising", "other"])[np.arange(count) % classes]
    known = {"channels": NAMES, "categories": {"hand": HANDS}, "labels": labels}
    ids = tuple(f"r{i}" for i in range(count))
    known |= {"x": x, "ids": ids, "reading": Reading(layout="test")}
    return Recordings(**{**known, **fields})


def fitted(given, name="activity_gru", epochs=1, **options):
    keras.utils.set_random_seed(0)
    model = rnnzoo.create_model(name, **{"units": 5, "dropout": 0.0, **options})
    model.compile(keras.optimizers.Adam(0.03))
    model.fit(given, epochs=epochs, batch_size=7, verbose=0)
    return model


@pytest.fixture(scope="module")
def model():
    return fitted(recordings(), answer="mean", epochs=3)


def read_by_hand(x, before, words, masked):
    """The equations of `ReadChannels`, a step at a time."""
    rows, v = [], np.array(before, float)
    for step in x:
        v = np.where(np.isnan(step), v, step)
        row = [value for value, count in zip(v, words, strict=True) if not count]
        for value, count in zip(v, words, strict=True):
            row += [float(value == k) for k in range(count)]
        rows.append(row + [float(np.isnan(step[i])) for i in masked])
    return np.array(rows)


def test_layer_looped_stepped_compiled():
    random = np.random.default_rng(0)
    x = random.integers(0, 3, size=(3, 9, 3)).astype("float32")
    x[random.random(x.shape) < 0.5] = NAN
    x[1] = NAN
    layer = ReadChannels(before=[0.5, -1, 7], words=[0, 2, 0], masked=[1, 2])
    expected = np.stack([read_by_hand(row, [0.5, -1, 7], [0, 2, 0], [1, 2]) for row in x])
    y, last = layer(x)
    assert y.shape == (3, 9, layer.width)
    np.testing.assert_array_equal(y, expected)
    for compiled in (tf.function(layer), tf.function(layer, jit_compile=True)):
        np.testing.assert_array_equal(compiled(x)[0], expected)
    state = layer.initial_state(3)
    for t in range(9):
        step, state = layer(x[:, t], state)
        np.testing.assert_array_equal(step, expected[:, t])
    np.testing.assert_array_equal(state, last)
    again = ReadChannels.from_config(layer.get_config())
    np.testing.assert_array_equal(again(x)[0], expected)


def test_statistics_leave_out_what_is_missing():
    random = np.random.default_rng(0)
    x = [random.normal([1e4, -3, 5], [1e-2, 2, 1], size=(n, 3)) for n in (50, 3, 400)]
    x[0][::3, 0], x[1][:, 1] = NAN, NAN
    found = channel_statistics(Examples(x, np.zeros(3, int)))
    everything = np.concatenate(x)
    np.testing.assert_allclose(found.mean, np.nanmean(everything, axis=0), rtol=1e-12)
    np.testing.assert_allclose(found.std, np.nanstd(everything, axis=0), rtol=1e-6)
    assert found.missing.tolist() == [True, True, False]


def test_fit_predict_serve_step_and_read_agree(model, tmp_path):
    assert model.channels == NAMES and model.preprocessor.channels.masked == (0, 1)
    given = recordings(11, seed=1)
    answers = model.probabilities(given, batch_size=4)
    # By hand from the mean of what was there in training.
    train = np.concatenate(recordings().x)
    mean, std = np.nanmean(train, axis=0), np.nanstd(train, axis=0)
    for x, answer in zip(given.x, answers, strict=True):
        read = read_by_hand(x, [mean[0], -1, mean[2]], [0, 3, 0], [0, 1])
        read[:, :2] = (read[:, :2] - mean[[0, 2]]) / std[[0, 2]]
        h, _ = model.recurrent(read[None].astype("float32"))
        by_step = tf.nn.softmax(model.output_layer(h))[0].numpy()
        np.testing.assert_allclose(answer, by_step.mean(axis=0), atol=1e-5)
    measured = model.evaluate(given, batch_size=4, return_dict=True, verbose=0)
    right = np.mean(np.array(model.classify(given)) == given.labels)
    assert measured["accuracy"] == pytest.approx(right)
    nats = [-np.log(p[model.classes.index(y)]) for p, y in zip(answers, given.labels, strict=True)]
    assert measured["loss"] == pytest.approx(np.mean(nats), rel=1e-5)

    model.save(tmp_path / "model.keras")
    loaded = rnnzoo.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded.probabilities(given), model.probabilities(given))
    served = tf.saved_model.load(model.export(tmp_path / "saved"))
    known = served.channels()
    assert known["channels"].numpy().tolist() == [b"speed", b"hand", b"age"]
    assert known["categories"].numpy().tolist()[1] == [b"left", b"right", b"both"]
    for x, answer in zip(given.x[:3], answers, strict=False):
        reply = served.serve(x[None])["probabilities"]
        np.testing.assert_allclose(reply[0], answer, atol=1e-6)
        padded = np.pad(x, [(0, 3), (0, 0)], constant_values=NAN)
        reply = served.serve_padded(padded[None], np.array([len(x)], "int32"))
        np.testing.assert_allclose(reply["probabilities"][0], answer, atol=1e-6)
        for function, parts in (
            (served.step, list(x)),
            (served.read, np.split(x, [1, 3])),
        ):
            state = served.init(tf.constant(1))
            for part in parts:
                reply = dict(function(part[None], state))
                state = {key: reply[key] for key in state}
            np.testing.assert_allclose(reply["probabilities"][0], answer, atol=1e-5)


def test_channels_in_another_order_are_put_right(model):
    given = recordings(5, seed=2)
    answers = model.probabilities(given)
    # Other order, other numbers of the words.
    numbers = np.array([2, 0, 1])
    x = []
    for one in given.x:
        age, hand, speed = one[:, 2], one[:, 1].copy(), one[:, 0]
        there = ~np.isnan(hand)
        hand[there] = numbers[hand[there].astype(int)]
        x.append(np.stack([age, speed, hand], axis=1))
    words = {"hand": ("right", "both", "left")}
    other = recordings(5, x=x, channels=("age", "speed", "hand"), categories=words)
    np.testing.assert_array_equal(model.probabilities(other), answers)
    measured = model.evaluate(other, return_dict=True, verbose=0)
    assert measured == model.evaluate(given, return_dict=True, verbose=0)
    # Without names, by place.
    np.testing.assert_array_equal(model.probabilities(given.x), answers)


def test_other_columns_and_words_are_said(model):
    given = recordings(3, seed=3)
    answers = model.probabilities(given)
    wider = [np.concatenate([one[:, :1] * 0, one], axis=1) for one in given.x]
    more = recordings(3, x=wider, channels=("noise", *NAMES))
    with pytest.warns(UserWarning, match="left out, as the model does not read them: 'noise'$"):
        np.testing.assert_array_equal(model.probabilities(more), answers)
    unknown = recordings(3, seed=3, categories={"hand": ("left", "foot", "both")})
    with pytest.warns(UserWarning, match="'hand' is 'foot', which training did not meet"):
        read = model.probabilities(unknown)
    none = [one.copy() for one in given.x]
    for one in none:
        one[one[:, 1] == 1, 1] = -1
    np.testing.assert_array_equal(read, model.probabilities(none))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"channels": ("speed", "arm", "age"), "categories": {}}, r"no channel 'hand'.* arm, age"),
        ({"categories": {"hand": HANDS, "age": ("old",)}}, "'age' holds words, where the model"),
        ({"categories": {}}, "'hand' holds numbers, where the model reads words"),
    ],
)
def test_channels_that_do_not_fit_are_named(change, message, model):
    with pytest.raises(ValueError, match=message):
        model.classify(recordings(2, **change))


def test_missing_values_that_training_did_not_meet():
    model = fitted(recordings(missing=0))
    assert model.preprocessor.channels.masked == ()
    x = recordings(1, missing=0).x[0]
    gaps = x.copy()
    gaps[0, 0] = gaps[3:, 0] = NAN
    filled = x.copy()
    filled[0, 0] = np.concatenate(recordings(missing=0).x)[:, 0].mean()
    filled[3:, 0] = x[2, 0]
    with pytest.warns(UserWarning, match="missing values of 'speed': .* can't tell$"):
        answer = model.probabilities([gaps])
    np.testing.assert_allclose(answer, model.probabilities([filled]), atol=1e-6)
    reply = model.endpoints["serve"](gaps[None])["probabilities"]
    np.testing.assert_allclose(reply, answer, atol=1e-6)
    # A second training keeps the network, which reads as many numbers as before.
    model.fit(recordings(seed=5), verbose=0)
    assert model.preprocessor.channels.masked == ()


def test_what_is_missing_tells_classes_apart():
    """Whether a value is there may be all that there is to see."""
    random = np.random.default_rng(0)
    x = random.normal(size=(60, 6, 1)).astype("float32")
    x[::2, 2] = NAN
    model = fitted(x_of(x, ["full", "gap"], labels=["gap", "full"] * 30), epochs=15)
    assert model.classify(x) == ["gap", "full"] * 30


@pytest.mark.slow
def test_a_constant_column_tells_classes_apart():
    random = np.random.default_rng(0)
    x = random.normal(size=(60, 6, 3)).astype("float32")
    x[..., 1] = np.arange(60)[:, None] % 2 * 40 + 20  # an age
    labels = ["young", "old"] * 30
    model = fitted(x_of(x, "xyz", labels=labels), epochs=15)
    assert model.classify(x) == labels
    x[..., 1] = np.arange(60)[:, None] % 3  # a device
    labels = ["b", "a", "b"] * 20
    model = fitted(x_of(x, "xyz", labels=labels, categories={"y": ("p", "q", "r")}), epochs=15)
    assert model.classify(x) == labels


def x_of(x, channels, labels, **fields):
    known = {"channels": tuple(channels)[: x.shape[-1]], "labels": np.array(labels)}
    return Recordings(x=list(x), reading=Reading(layout="test"), **known, **fields)


@pytest.mark.slow
def test_a_window_of_training_reads_what_the_whole_recording_does(tmp_path):
    """Looped, stepped, exported, evaluated, and cut to windows that begin within gaps."""
    random = np.random.default_rng(0)
    x = random.normal(7, 2, size=(12, 40, 2)).astype("float32")
    x[..., 1] = np.arange(40)
    x[:, 3:12, 0] = x[:, 20:29, 0] = NAN
    given = x_of(x, "xt", labels=["a", "b"] * 6)
    model = fitted(given, window=5, hop=2)
    known = model.preprocessor
    assert known.channels.masked == (0,)
    whole = [read_by_hand(one, known.mean, [0, 0], [0]) for one in x]
    standardized = [(one - [*known.mean, 0]) / [*np.sqrt(known.variance), 1] for one in whole]

    def answer(of_window):
        h, _ = model.recurrent(of_window[None].astype("float32"))
        seen = tf.concat([tf.reduce_mean(h, axis=1), tf.reduce_max(h, axis=1)], axis=-1)
        return tf.nn.softmax(model.head(seen))[0].numpy()

    feed = model.feed_class(known.splits(train=(given, None)), known, 16, 5, augment=0)
    (windows, lengths, before), labels, _ = next(iter(feed.training()))
    answers = tf.exp(model((windows, lengths, before)))
    assert np.isnan(windows[:, 0, 0]).sum() > 4
    for window, last, of_window in zip(windows, before[:, 0], answers, strict=True):
        begin = int(window[0, 1])
        row = next(i for i, one in enumerate(x) if np.array_equal(
            one[begin : begin + 5], window, equal_nan=True
        ) and (np.isnan(last[0]) or last[0] in one[: begin + 1, 0]))  # fmt: skip
        expected = answer(standardized[row][begin : begin + 5])
        np.testing.assert_allclose(of_window, expected, atol=1e-5)

    # A recording's answer is the mean over windows that read the same.
    expected = [
        np.mean([answer(one[begin : begin + 5]) for begin in range(0, 37, 2)], axis=0)
        for one in standardized
    ]
    probabilities = model.probabilities(given)
    np.testing.assert_allclose(probabilities, expected, atol=1e-5)
    measured = model.evaluate(given, return_dict=True, verbose=0)
    right = np.array(expected)[np.arange(12), np.arange(12) % 2]
    assert measured["loss"] == pytest.approx(-np.log(right).mean(), rel=1e-4)
    served = tf.saved_model.load(model.export(tmp_path / "saved"))
    np.testing.assert_allclose(served.serve(x)["probabilities"], expected, atol=1e-5)
    state = served.init(tf.constant(12))
    for t in range(40):
        reply = dict(served.step(x[:, t], state))
        state = {key: reply[key] for key in state}
    np.testing.assert_allclose(reply["probabilities"], expected, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [f"activity_{kind}" for kind in ("gru", "conv_gru", "bilstm")],
)
def test_which_channels_are_missing_is_learned_where_features_are_given(name, tmp_path):
    given = recordings()
    given = recordings(x=[one[:, [0, 2]] for one in given.x], channels=(), categories={})
    options = {"features": (2,), "classes": ["flat", "rising"]}
    model = rnnzoo.create_model(name, units=4, **options)
    before = [weight.copy() for weight in model.get_weights()]
    model.fit(given, epochs=0, verbose=0)
    assert model.preprocessor.channels.masked == (0,)
    # What the layers read before is as it was.
    front = model.front or model.recurrent
    wider = front.weights[0].numpy()
    assert wider.shape[-2] == 3
    assert any(np.array_equal(wider[..., :2, :], weight) for weight in before)
    model.fit(given, epochs=1, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = rnnzoo.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded.probabilities(given), model.probabilities(given))
    loaded.fit(given, epochs=1, verbose=0)  # with the optimizer's state
    # Reset, on data with other gaps: all that was missing once stays known.
    x = [one[:, ::-1] for one in given.x]
    model.fit(recordings(x=x, channels=(), categories={}), vocabulary="reset", verbose=0)
    assert model.preprocessor.channels.masked == (0, 1)


def noisy(count=40, gaps=(), faint=(), seed=0):
    """Noise of three channels, some with gaps, some a hundred thousand times fainter in a third."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(count, 12, 3)).astype("float32")
    for channel in faint:
        x[::3, :, channel] *= 1e-5
    for channel in gaps:
        x[:, 4, channel] = NAN
    return x, ["a", "b"] * (count // 2)


@pytest.mark.slow
def test_what_was_learned_of_a_channel_stays_with_it_when_others_come():
    keras.utils.set_random_seed(0)
    model = rnnzoo.create_model("activity_gru", units=4, window=12)
    model.compile(keras.optimizers.Adam(0.0))
    model.fit(*noisy(gaps=(0,), faint=(1,)), verbose=0)
    before, inputs = model.recurrent.weights[0].numpy(), model.preprocessor.inputs
    assert inputs[3:] == [("missing", 0, 0), ("shape", 1, 0), ("size", 1, 0)]
    model.fit(*noisy(gaps=(0, 2), faint=(1,), seed=1), vocabulary="reset", verbose=0)
    after, others = model.recurrent.weights[0].numpy(), model.preprocessor.inputs
    assert others[3:] == [
        ("missing", 0, 0), ("missing", 2, 0), ("shape", 1, 0), ("size", 1, 0)
    ]  # fmt: skip
    for place, what in enumerate(inputs):
        np.testing.assert_array_equal(after[others.index(what)], before[place])


@pytest.mark.slow
def test_a_reset_to_the_same_mean_reads_gaps_too():
    x = np.array([[[1.0], [3.0]]] * 8, "float32")
    model = rnnzoo.create_model("activity_rnn", units=2)
    model.fit(x, ["a", "b"] * 4, verbose=0)
    x = np.array([[[1.0], [NAN], [3.0]]] * 8, "float32")
    model.fit(x, ["a", "b"] * 4, vocabulary="reset", verbose=0)
    assert model.preprocessor.channels.masked == (0,)
    assert np.isfinite(model.probabilities(x)).all()


def test_too_much_missing_is_refused_in_arrays_too():
    x = np.zeros((4, 10, 2), "float32")
    x[:, :6, 1] = NAN
    with pytest.raises(ValueError, match=r"more than 50% of the values of channel 2 \(60%\)"):
        rnnzoo.create_model("activity_rnn", units=2).fit(x, ["a", "b"] * 2, verbose=0)


def test_training_says_what_it_decided(capsys, tmp_path):
    model = rnnzoo.create_model("activity_rnn", units=2)
    model.fit(recordings(), verbose=2)
    first = capsys.readouterr().out.splitlines()[0]
    assert first.startswith("missing values of 'speed', 'hand': the last value is carried forward")
    assert first.endswith("'hand' is one of left, right, both")


@pytest.mark.slow
def test_run_with_named_channels_and_gaps(tmp_path, monkeypatch, capsys):
    def series(_):
        given = recordings(30)
        classes = ("flat", "rising")
        labels = np.array([classes.index(label) for label in given.labels], np.int32)
        subjects = tuple(f"p{i % 5}" for i in range(30))
        examples = Examples(given.x, labels, subjects)
        parts = {
            "train": examples.at(np.arange(0, 18)),
            "validation": examples.at(np.arange(18, 25)),
            "test": examples.at(np.arange(25, 30)),
        }
        words = {"hand": HANDS}
        return Series.from_parts("own", parts, classes=classes, channels=NAMES, categories=words)

    monkeypatch.setattr(rnnzoo.tasks.SequenceClassifier.feed_class, "load", staticmethod(series))
    settings = {"overrides": {"units": 3}, "epochs": 1, "batch_size": 4, "window": 4, "test": True}
    metrics = rnnzoo.train("activity_gru", "own", tmp_path / "run", export=True, **settings)
    said = capsys.readouterr().out
    assert "missing values of 'speed', 'hand': the last value is carried forward" in said
    assert metrics["channels"] == list(NAMES)
    assert metrics["metadata"]["subjects"]["train"] == ["p0", "p1", "p2", "p3", "p4"]
    assert np.isfinite(metrics["test"]["loss"])
    model = rnnzoo.load_model(tmp_path / "run")
    assert model.channels == NAMES
    served = tf.saved_model.load(tmp_path / "run" / "saved_model")
    x = recordings(1, seed=9).x[0]
    np.testing.assert_allclose(
        served.serve(x[None])["probabilities"], model.probabilities([x]), atol=1e-6
    )


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (
            lambda: rnnzoo.create_model("activity_rnn").fit([[[1, NAN]]] * 2, ["a", "b"]),
            "channel 2 has no value in any training example",
        ),
        (
            lambda: rnnzoo.create_model("activity_rnn", features=(3,)).fit(recordings()),
            "'hand' holds words, where the model reads numbers",
        ),
        (lambda: fitted(recordings(labels=None)), "y is missing"),
    ],
)
def test_mistakes_are_named(act, message):
    with pytest.raises(ValueError, match=message):
        act()


def test_shipped_weights_answer_as_before():
    model = rnnzoo.create_model("activity_lstm", pretrained=True)
    assert model.channels == () and model.preprocessor.channels.masked == ()
    known = model.preprocessor
    x = np.random.default_rng(0).normal(known.mean, np.sqrt(known.variance), size=(2, 20, 6))
    h, _ = model.recurrent((x - known.mean) / np.sqrt(known.variance))
    pooled = tf.concat([tf.reduce_mean(h, axis=1), tf.reduce_max(h, axis=1)], axis=-1)
    expected = tf.nn.softmax(model.output_layer(pooled) + np.log(known.priors))
    np.testing.assert_allclose(model.probabilities(x), expected, atol=1e-5)


def table(count=8, **columns):
    """Rows of recordings of two channels and a hand, and the class of each recording."""
    random = np.random.default_rng(1)
    steps = 5 * count
    rows = {
        "recording": [f"r{i // 5}" for i in range(steps)],
        "time": [i % 5 * 0.02 for i in range(steps)],
        "a": random.normal(size=steps).tolist(),
        "b": random.normal(7, size=steps).tolist(),
        "hand": [HANDS[i // 5 % 2] for i in range(steps)],
        "label": [("up", "down")[i // 5 % 2] for i in range(steps)],
    }
    return {**rows, **columns}


def test_frames_and_files_are_read_by_name(tmp_path):
    rows = table()
    model = fitted(polars.DataFrame(rows))
    assert model.channels == ("a", "b", "hand") and model.preprocessor.channels.interval == 0.02
    x = np.stack([rows["a"], rows["b"], np.arange(40) // 5 % 2], axis=1).reshape(8, 5, 3)
    answers = model.probabilities(x)
    order = ["hand", "b", "recording", "a", "time"]
    frame = pandas.DataFrame(rows)[order]
    np.testing.assert_allclose(model.probabilities(frame), answers, atol=1e-6)
    by_one = [part[order] for _, part in pandas.DataFrame(rows).groupby("recording")]
    np.testing.assert_allclose(model.probabilities(by_one), answers, atol=1e-6)
    frame.to_csv(tmp_path / "table.csv", index=False, sep=";", decimal=",")
    np.testing.assert_allclose(model.probabilities(tmp_path / "table.csv"), answers, atol=1e-6)
    measured = model.evaluate(pandas.DataFrame(rows), return_dict=True, verbose=0)
    assert measured == model.evaluate(x, rows["label"][::5], return_dict=True, verbose=0)
    with pytest.raises(ValueError, match="no column 'b'"):
        model.classify(frame.drop(columns="b"))


@pytest.mark.slow
def test_words_of_all_frames_are_learned():
    rows = pandas.DataFrame(table())
    rows["hand"] = [HANDS[i // 5 % 3] for i in range(40)]
    by_one = [part.drop(columns="label") for _, part in rows.groupby("recording")]
    labels = list(rows["label"][::5])
    keras.utils.set_random_seed(0)
    model = rnnzoo.create_model("activity_gru", units=3)
    model.fit(by_one, labels, verbose=0)
    assert model.preprocessor.channels.categories == {"hand": HANDS}
    in_one = polars.DataFrame(table(hand=list(rows["hand"])))
    np.testing.assert_allclose(model.probabilities(by_one), model.probabilities(in_one), atol=1e-6)
    pairs = [rows[rows["recording"].isin(names)].drop(columns="label") for names in
             (["r0", "r1", "r2"], ["r3", "r4", "r5", "r6", "r7"])]  # fmt: skip
    loss = model.evaluate(pairs, labels, verbose=0)
    assert loss == model.evaluate(in_one, verbose=0)


@pytest.mark.slow
def test_how_the_table_of_training_was_read_travels_with_the_model(tmp_path):
    steps = np.arange(60)
    frame = polars.DataFrame(
        {
            "stamp": steps % 5 * 0.1,
            "walk": steps // 5 % 3,
            "who": 100 + steps // 15,
            "a": np.sin(steps),
            "unused": np.cos(steps),
            "kind": steps // 5 % 2,
        }
    )
    columns = {"time": "stamp", "id": "walk", "group": "who", "label": "kind", "features": "a"}
    model = fitted(rnnzoo.data.read_recordings(frame, **columns))
    assert model.channels == ("a",) and model.classes == (0, 1)
    x = frame["a"].to_numpy().reshape(12, 5, 1)
    answers = model.probabilities(x)
    model.save(tmp_path / "model.keras")
    for one in (model, rnnzoo.load_model(tmp_path / "model.keras")):
        assert one.preprocessor.channels.read_by == {**columns, "features": ["a"]}
        # Without a warning of what is known to be none of the channels.
        np.testing.assert_allclose(one.probabilities(frame), answers, atol=1e-6)
        some = frame.select("a", "walk", "who", "stamp")[::-1]
        np.testing.assert_allclose(one.probabilities(some), answers[::-1], atol=1e-6)
        measured = one.evaluate(frame, return_dict=True, verbose=0)
        labels = frame["kind"].to_list()[::5]
        assert measured == one.evaluate(x, labels, return_dict=True, verbose=0)
        # Told otherwise.
        other = frame.rename({"walk": "trip", "stamp": "t"})
        read = one.probabilities(other, id="trip", time="t")
        np.testing.assert_allclose(read, answers, atol=1e-6)
        assert one.classify(other, id="trip", time="t") == one.classify(x)
        assert len(one.probabilities(frame, id="none", time="none", group="none")) == 1
    with pytest.warns(UserWarning, match="no column 'walk', which told the id in training: all"):
        model.probabilities(frame[:5].drop("walk"))
    with pytest.raises(ValueError, match="id: arrays have no columns to name"):
        model.classify(x, id="walk")


def test_columns_without_names_are_read_by_place(tmp_path):
    rows = np.random.default_rng(0).normal(size=(5, 2))
    np.savetxt(tmp_path / "bare.csv", rows, delimiter=",")
    model = fitted(x_of(rows[None].repeat(2, 0), "ab", labels=["up", "down"]))
    np.testing.assert_allclose(
        model.probabilities(tmp_path / "bare.csv"), model.probabilities(rows[None]), atol=1e-6
    )
