"""One answer for a sequence: looped = stepped = exported, and what is learned."""

import json

import numpy as np
import polars
import pytest

import rnnzoo
from rnnzoo.data import Examples
from rnnzoo.platform import keras, tf
from rnnzoo.tasks import SequenceClassifier

CLASSES = ["down", "up", "wave"]


def recordings(count=60, seed=0, channels=2):
    """Lines that fall, rise or wave, of different lengths, far from zero."""
    random = np.random.default_rng(seed)
    x, y = [], []
    for i in range(count):
        t = np.linspace(0, 1, random.integers(8, 20))[:, None]
        line = [-2 * t, 2 * t, np.sin(14 * t + random.uniform(0, 6))][i % 3]
        noise = random.normal(0, 0.1, size=(len(t), channels))
        x.append((100 + line + random.normal() + noise).astype("float32"))
        y.append(CLASSES[i % 3])
    return x, y


def make(name="activity_lstm", data=None, **options):
    keras.utils.set_random_seed(0)
    model = rnnzoo.create_model(name, **{"units": 8, **options})
    x, y = data or recordings()
    model.adapt(x, y)
    return model


def feed(model, x, y, batch_size, **sizes):
    data = model.preprocessor.splits(train=(x, y))
    return model.feed_class(data, model.preprocessor, batch_size, **sizes)


@pytest.fixture(scope="module")
def trained():
    keras.utils.set_random_seed(0)
    model = rnnzoo.create_model("activity_gru", units=16, dropout=0.0)
    model.compile(keras.optimizers.Adam(0.02))
    model.fit(*recordings(300), epochs=25, verbose=0, validation_data=recordings(30, seed=1))
    return model


def test_learns(trained):
    x, y = recordings(90, seed=2)
    measured = trained.evaluate(x, y, return_dict=True, verbose=0)
    right = np.mean([a == b for a, b in zip(trained.classify(x), y, strict=True)])
    assert measured["accuracy"] == pytest.approx(right, abs=1e-6)
    assert right > 0.9
    np.testing.assert_allclose(trained.probabilities(x).sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("activity_lstm", "last"),
        ("activity_bilstm", "mean"),
        pytest.param("activity_lstm", "mean", marks=pytest.mark.slow),
        pytest.param("activity_bilstm", "last", marks=pytest.mark.slow),
    ],
)
def test_padding_and_company_change_nothing(name, answer):
    model = make(name, answer=answer)
    x, _ = recordings(5)
    together = model.probabilities(x)
    for row, example in zip(together, x, strict=True):
        np.testing.assert_allclose(model.probabilities([example])[0], row, atol=1e-5)
        served = model.endpoints["serve"](example[None])["probabilities"]
        np.testing.assert_allclose(served[0], row, atol=1e-5)


@pytest.mark.parametrize("answer", ["last", "mean"])
def test_streaming_ends_where_the_whole_sequence_ends(answer):
    model = make("activity_skip", answer=answer, delays=(1, 3))
    (example, *_), _ = recordings(1)
    whole = model.probabilities([example])[0]
    state = model.endpoints["init"](tf.constant(1))
    for step in example:
        reply = dict(model.endpoints["step"](step[None], state))
        state = {key: reply[key] for key in state}
    np.testing.assert_allclose(reply["probabilities"][0], whole, atol=1e-5)
    # The same in chunks of any length.
    state = model.endpoints["init"](tf.constant(1))
    for chunk in np.split(example, [1, 5]):
        reply = dict(model.endpoints["read"](chunk[None], state))
        state = {key: reply[key] for key in state}
    np.testing.assert_allclose(reply["probabilities"][0], whole, atol=1e-5)
    assert "step" not in make("activity_bilstm").endpoints


def test_mean_is_the_mean_of_the_answers_at_each_step():
    model = make(answer="mean")
    (example, *_), _ = recordings(1)
    h, _ = model.recurrent(model.standardize(example[None]))
    by_step = tf.nn.softmax(model.output_layer(h))
    np.testing.assert_allclose(
        model.probabilities([example])[0], by_step[0].numpy().mean(axis=0), atol=1e-6
    )


def test_channels_are_standardized_by_the_training_set(trained):
    x, _ = recordings(300)
    everything = np.concatenate(x)
    standardized = trained.standardize(everything[None])[0].numpy()
    np.testing.assert_allclose(standardized.mean(axis=0), 0, atol=1e-3)
    np.testing.assert_allclose(standardized.std(axis=0), 1, atol=1e-3)


@pytest.mark.slow
def test_saved_loaded_and_exported_answer_the_same(trained, tmp_path):
    x, _ = recordings(4, seed=3)
    trained.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded.probabilities(x), trained.probabilities(x))
    assert loaded.classes == ("down", "up", "wave")
    exported = tf.saved_model.load(trained.export(tmp_path / "saved_model"))
    lengths = [len(example) for example in x]
    padded = np.zeros((4, max(lengths), 2), "float32")
    for row, example in zip(padded, x, strict=True):
        row[: len(example)] = example
    answer = exported.serve_padded(padded, np.array(lengths, "int32"))
    np.testing.assert_allclose(answer["probabilities"], trained.probabilities(x), atol=1e-6)
    assert [label.decode() for label in answer["labels"].numpy()] == trained.classify(x)
    assert exported.classes()["classes"].numpy().tolist() == [b"down", b"up", b"wave"]


@pytest.mark.slow
def test_new_classes_on_what_was_learned(trained, tmp_path):
    trained.save(tmp_path / "model.keras")
    model = keras.models.load_model(tmp_path / "model.keras")
    kept = [w.numpy() for w in model.recurrent.weights]
    model.reset_classes(2)
    x, y = recordings(40, seed=4)
    y = ["wavy" if label == "wave" else "straight" for label in y]
    model.compile(keras.optimizers.Adam(0.02))
    model.fit(x, y, epochs=0, verbose=0)
    for a, b in zip(kept, model.recurrent.weights, strict=True):
        np.testing.assert_array_equal(a, b)
    model.fit(x, y, epochs=15, verbose=0)
    assert model.classes == ("straight", "wavy")
    assert model.evaluate(x, y, return_dict=True, verbose=0)["accuracy"] > 0.85
    model.save(tmp_path / "again.keras")
    again = keras.models.load_model(tmp_path / "again.keras")
    assert again.classify(x[:3]) == model.classify(x[:3])


def test_balanced_draws_each_class_as_often_and_the_answer_has_the_priors(tmp_path):
    """Of outputs that tell nothing, the answer is the classes' shares of the data."""
    x, _ = recordings(8)
    y = ["a"] * 6 + ["b"] * 2
    model = make("activity_gru", data=(x, y))
    _, ids, weight = next(iter(feed(model, x, y, 8).training()))
    assert np.bincount(ids).tolist() == [4, 4] and set(weight.numpy()) == {1}
    for variable in model.output_layer.weights:
        variable.assign(tf.zeros_like(variable))
    shares = [0.7, 0.3]  # with one more of each
    batch = tf.constant(x[0][None])
    np.testing.assert_allclose(np.exp(model(batch, training=True)), [[0.5, 0.5]], atol=1e-6)
    np.testing.assert_allclose(model.probabilities(x[:2]), [shares] * 2, atol=1e-6)
    measured = model.evaluate(x, y, verbose=0, return_dict=True)
    assert measured["loss"] == pytest.approx(-0.75 * np.log(0.7) - 0.25 * np.log(0.3), rel=1e-5)
    reply = model.endpoints["step"](x[0][:1], model.endpoints["init"](tf.constant(1)))
    np.testing.assert_allclose(reply["probabilities"], [shares], atol=1e-6)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(loaded.probabilities(x[:1]), [shares], atol=1e-6)
    unbalanced = make(data=(x, y), balanced=False)
    assert unbalanced.preprocessor.priors is None


@pytest.mark.slow
def test_recordings_are_validated_as_they_are_answered():
    """By recording: the mean over windows, each recording once."""
    random = np.random.default_rng(0)
    x = [random.normal(size=(n, 2)).astype("float32") for n in (700, 20, 300, 90) * 3]
    y = ["up", "down"] * 6
    model = rnnzoo.create_model("activity_conv_gru", units=4, conv_filters=(4,))
    how = {"validation_data": (x, y), "epochs": 1, "verbose": 0}
    history = model.fit(x, y, **how).history
    assert (model.preprocessor.window, model.preprocessor.hop) == (512, 256)
    p = model.probabilities(x)
    ids = np.array([model.classes.index(label) for label in y])
    right = np.mean(p.argmax(axis=1) == ids)
    assert history["val_accuracy"][0] == pytest.approx(right, abs=1e-6)
    expected = -np.log(p[np.arange(12), ids]).mean()
    assert history["val_loss"][0] == pytest.approx(expected, rel=1e-4)
    measured = model.evaluate(x, y, batch_size=5, verbose=0, return_dict=True)
    assert measured["loss"] == pytest.approx(expected, rel=1e-4)


def test_a_dtype_policy_reaches_the_layer_in_both_directions():
    model = rnnzoo.create_model("activity_bilstm", units=4, dtype="mixed_bfloat16")
    for layer in (model.recurrent.forward_layer, model.recurrent.backward_layer):
        assert layer.dtype_policy.name == "mixed_bfloat16"


@pytest.mark.slow
def test_both_directions_train_in_half_precision():
    x, y = recordings(6)
    model = rnnzoo.create_model("activity_bilstm", units=4, dtype="mixed_bfloat16")
    model.fit(x, y, verbose=0)
    np.testing.assert_allclose(model.probabilities(x).sum(axis=1), 1, atol=1e-5)


def pictures(height=16, width=16, colors=(3,), dtype="uint8"):
    random = np.random.default_rng(0)
    return random.integers(0, 255, size=(4, 3, height, width, *colors)).astype(dtype)


def fit_frames(x):
    rnnzoo.create_model("activity_lrcn", units=3).fit(x, ["a", "b"] * 2, verbose=0)


def test_whole_numbers_are_pictures_whatever_their_type():
    x = pictures()
    model = make("activity_lrcn", (x, ["a", "b"] * 2), filters=(3,))
    np.testing.assert_array_equal(model.probabilities(x.astype(int)), model.probabilities(x))


def test_frames_from_a_file_are_pictures_too(tmp_path):
    np.savez(tmp_path / "own.npz", x=np.repeat(pictures(dtype=float), 3, 0), y=np.arange(12) % 2)
    with pytest.raises(ValueError, match="of type float32; expected pictures of whole num"):
        rnnzoo.train("activity_lrcn", tmp_path / "own.npz", tmp_path / "run")
    examples = Examples(pictures(dtype="float32"), np.arange(4) % 2)
    model = make("activity_lrcn", (pictures(), ["a", "b"] * 2), filters=(3,))
    with pytest.raises(ValueError, match="of type float32; expected pictures of whole num"):
        model.evaluate(rnnzoo.data.examples_in_order(examples, 2), verbose=0)


def test_a_model_that_refused_data_takes_other_data():
    model = rnnzoo.create_model("activity_lrcn", units=3, filters=(2,))
    for wrong in (pictures(1, 1), pictures(dtype="float32")):
        with pytest.raises(ValueError, match="x h"):
            model.fit(wrong, ["a", "b"] * 2, verbose=0)
    model.fit(pictures(), ["a", "b"] * 2, verbose=0)


def test_frames_of_a_video_streamed_and_whole():
    random = np.random.default_rng(0)
    x = random.integers(0, 255, size=(4, 3, 16, 16, 3)).astype(np.uint8)
    model = make("activity_lrcn", (x, ["a", "b", "a", "b"]), filters=(3, 4))
    whole = model.probabilities(x)
    assert whole.shape == (4, 2) and np.ptp(whole) > 0
    state = model.endpoints["init"](tf.constant(4))
    for t in range(3):
        reply = dict(model.endpoints["step"](x[:, t], state))
        state = {key: reply[key] for key in state}
    np.testing.assert_allclose(reply["probabilities"], whole, atol=1e-5)


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda: rnnzoo.create_model("activity_rnn").classify([]), ValueError, "knows no classes"),
        (
            lambda: make().classify([np.zeros((3, 5))]),
            ValueError,
            r"\(time, 2\).*got one of \(3, 5\)",
        ),
        (lambda: make().classify([np.zeros((0, 2))]), ValueError, "a time step at least"),
        (lambda: make().fit(*recordings(3), None), TypeError, "positional"),
        (lambda: make().fit(recordings(3)[0]), ValueError, "y is missing"),
        (
            lambda: make().fit(recordings(3)[0], [0.5] * 3),
            ValueError,
            "y holds 0.5: expected a",
        ),
        (lambda: make().fit(recordings(2)[0], ["up", None]), ValueError, "y holds None: expected"),
        (lambda: make().fit(recordings(2)[0], [True, False]), ValueError, "y holds True: expected"),
        (lambda: make().fit([], []), ValueError, "each of the 0 examples"),
        (lambda: make().fit(recordings(3)[0], ["up"]), ValueError, "each of the 3 examples"),
        (
            lambda: make().fit(recordings(3)[0], ["up", "x", "up"], vocabulary="keep"),
            ValueError,
            "down, up, wave, not x",
        ),
        (
            lambda: make().fit(recordings(3, channels=4)[0], ["up"] * 3),
            ValueError,
            r"\(time, 2\).*\(\d+, 4\)",
        ),
        (
            lambda: make().fit([[[1, np.inf]]] * 2, ["up", "up"]),
            ValueError,
            "holds a number that is",
        ),
        (
            lambda: rnnzoo.create_model("activity_rnn").fit(
                [np.zeros((5, 2)), np.zeros((5, 3))], ["a", "b"]
            ),
            ValueError,
            r"shape \(time, 2\).*got one of \(5, 3\) .* at 1",
        ),
        (
            lambda: rnnzoo.create_model("activity_rnn").fit(pictures(), ["a", "b"] * 2),
            ValueError,
            r"steps of shape \(16, 16, 3\), the model reads some channels .* activity_lrcn",
        ),
        (
            lambda: fit_frames(np.zeros((4, 5, 2), int)),
            ValueError,
            r"steps of shape \(2,\), .*: expected pictures \(height, width, colors\)",
        ),
        (lambda: fit_frames(pictures(colors=())), ValueError, r"of shape \(16, 16\), .* pictures"),
        (lambda: fit_frames(pictures(4, 16)), ValueError, r"\(4, 16, 3\), .* not too small for it"),
        (
            lambda: rnnzoo.create_model("activity_lrcn", features=(4, 4, 3)),
            ValueError,
            r"\(4, 4, 3\), .* not too small for it",
        ),
        (
            lambda: fit_frames(pictures(dtype="float32") / 255),
            ValueError,
            r"of type float32; expected pictures of whole numbers from 0 to 255 \(uint8\)",
        ),
        (
            lambda: fit_frames(pictures(dtype=int) * 2),
            ValueError,
            "type int64; expected pictures of",
        ),
        (lambda: make().classify([[[1, np.inf]]]), ValueError, "example 0 holds a number that is"),
        (lambda: make(num_classes=2), ValueError, "has 2 classes, the data 3: down, up, wave"),
        (lambda: make(classes=["a"]), ValueError, "two or more that differ"),
        (lambda: make(classes=["a", "b", None]), TypeError, "strings or whole numbers, got None"),
        (lambda: make(answer="first"), ValueError, "answer='first': expected 'last' or 'mean'"),
        (lambda: make("activity_bilstm", layers=2), ValueError, "layers=2: expected 1 where"),
        (lambda: make(num_classes=1), ValueError, "num_classes=1: expected at least 2"),
    ],
)
def test_mistakes_are_named(act, error, message):
    with pytest.raises(error, match=message):
        act()


def test_a_column_of_strings_is_labels():
    x, y = recordings(6)
    model = rnnzoo.create_model("activity_rnn", units=2)
    model.fit(x, np.array(y, object), epochs=0, verbose=0)
    assert model.classes == ("down", "up", "wave")


def test_whole_numbers_are_labels_too():
    x, _ = recordings(6)
    model = make(data=(x, [3, 1, 2, 3, 1, 2]))
    assert model.classes == (1, 2, 3)
    assert set(model.classify(x)) <= {1, 2, 3}
    model = rnnzoo.create_model("activity_rnn", units=2, num_classes=5)
    model.fit(x, [0, 4, 1, 0, 0, 1], epochs=0, verbose=0)
    assert model.classes == (0, 1, 2, 3, 4)


def test_config_of_a_model_without_data():
    model = rnnzoo.create_model("activity_lstm", units=4, num_classes=3)
    again = SequenceClassifier.from_config(model.get_config())
    assert again.num_classes == 3 and again.classes is None


@pytest.mark.slow
def test_a_run_from_a_file(tmp_path):
    x, y = recordings(60)
    np.savez(
        tmp_path / "own.npz",
        x=np.concatenate(x),
        y=y,
        lengths=[len(example) for example in x],
        subject=np.arange(60) // 3 % 10,
    )
    settings = {"epochs": 2, "batch_size": 8, "overrides": {"units": 6}, "schedule": "constant"}
    settings |= {"model": "activity_gru", "data": tmp_path / "own.npz", "window": 5, "test": True}
    metrics = rnnzoo.train(out=tmp_path / "run", **settings)
    assert metrics["metadata"]["subjects"]["test"] and 0 <= metrics["test"]["macro_f1"] <= 1
    assert json.loads((tmp_path / "run" / "metrics.json").read_text())["test"] == metrics["test"]
    assert (tmp_path / "run" / "confusion.png").read_bytes().startswith(b"\x89PNG")
    rows = (tmp_path / "run" / "classes.csv").read_text().splitlines()
    assert rows[0] == "class,precision,recall,f1,examples" and len(rows) == 4
    hits = sum(
        round(float(recall) * int(count))
        for _, _, recall, _, count in (row.split(",") for row in rows[1:])
    )
    total = sum(int(row.split(",")[-1]) for row in rows[1:])
    validation, test = metrics["scores"]
    assert hits / total == pytest.approx(test["measures"]["accuracy"]["value"], abs=1e-4)
    names = [baseline["name"] for baseline in validation["baselines"]]
    assert names == ["most frequent class", "logistic regression on statistics"]

    # Broken off after an epoch and resumed: the same.
    rnnzoo.train(out=tmp_path / "two", **{**settings, "epochs": 1})
    rnnzoo.train(out=tmp_path / "two", resume=True, **settings)
    one, two = (rnnzoo.load_model(tmp_path / name).get_weights() for name in ("run", "two"))
    for a, b in zip(one, two, strict=True):
        np.testing.assert_array_equal(a, b)


def test_classes_that_further_data_lacks_stay_possible():
    """Balanced draws: the shares of a fit on a new class alone are not those of the world."""
    random = np.random.default_rng(0)
    x = random.normal(size=(40, 6, 1)) + np.array([4, -4])[np.arange(40) % 2, None, None]
    model = rnnzoo.create_model("activity_gru", units=8, dropout=0.0)
    y = np.array(["a", "b"])[np.arange(40) % 2]
    model.fit(x, y, epochs=0, verbose=0)
    np.testing.assert_allclose(model.preprocessor.priors, [1 / 2] * 2)
    model.fit(random.normal(size=(20, 6, 1)), ["c"] * 20, epochs=0, verbose=0)
    np.testing.assert_allclose(model.preprocessor.priors, [1 / 3] * 3)
    model.fit(x[:30], [*y[:20], *["c"] * 10], epochs=0, verbose=0)  # which has all of them
    np.testing.assert_allclose(model.preprocessor.priors, [1 / 3] * 3)


def test_rows_of_a_table_are_no_recordings_to_split():
    frame = polars.DataFrame({"id": [0, 0, 1, 1], "v": [1.0, 2.0, 3.0, 4.0], "label": list("aabb")})
    model = rnnzoo.create_model("activity_gru", units=2)
    with pytest.raises(ValueError, match="a table's rows are no recordings"):
        model.fit(frame, validation_split=0.5)
