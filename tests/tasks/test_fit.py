"""Keras's verbs on raw examples, the same for all tasks."""

import inspect

import numpy as np
import pytest

import rnnzoo
from rnnzoo.platform import keras, tf
from rnnzoo.tasks import recipes

RANDOM = np.random.default_rng(0)
TEXT = "abc def ghi " * 30
RECORDINGS = RANDOM.normal(size=(24, 7, 2)), ["a", "b", "b"] * 8
SENTENCES = [[f"w{i % 5}", "v"] for i in range(24)], [["X", "Y"]] * 24
PICTURES = RANDOM.integers(0, 255, (12, 8, 8, 3)).astype(np.uint8), ["a b", "c d", "a d"] * 4
PAIRS = ["a b c", "d e", "f a"] * 8, ["x y", "z", "w x"] * 8
LABELLED = [x[: 5 + i % 2, :, :1] for i, x in enumerate([*PICTURES[0]] * 2)], ["a", "b", "b"] * 8
SMALL = {"units": 5, "embedding_size": 4}

# By task: the model, its options, raw examples as `fit` takes them, and sizes.
TASKS = {
    "text": ("char_gru", {**SMALL, "dropout": 0.2}, (TEXT,), {"batch_size": 4, "window": 8}),
    "series": ("activity_gru", {"units": 5}, RECORDINGS, {"batch_size": 8}),
    "tagging": ("tagger_lstm", {**SMALL, "spelling_units": 4}, SENTENCES, {"batch_size": 8}),
    "captioning": (
        "caption_gru",
        {**SMALL, "size": 8, "filters": (2,), "condition": "both"},
        PICTURES,
        {"batch_size": 4},
    ),
    "translation": ("translate_gru", {**SMALL, "layers": 1}, PAIRS, {"batch_size": 8}),
    "pictures": ("digits_cnn", {"filters": (4,)}, LABELLED, {"batch_size": 8}),
}
# All of them have the same `fit`: one that reads a text and one of examples are tested fast. What
# is a task's own is in its folder's tests.
FAST = {"text", "pictures"}


def by_task(*tasks, fast=FAST):
    """Tests of these tasks, of which the slow ones are marked."""
    marked = [pytest.param(t, marks=() if t in fast else pytest.mark.slow) for t in tasks]
    return pytest.mark.parametrize("task", marked)


each_task = by_task(*TASKS)


def make(task, **options):
    name, of_task, raw, sizes = TASKS[task]
    keras.utils.set_random_seed(0)
    model = rnnzoo.create_model(name, **of_task, **options)
    model.compile(keras.optimizers.Adam(0.01))
    return model, raw, {**sizes, "verbose": 0}


@by_task(*TASKS, fast={"text"})
def test_fits_of_an_epoch_each_are_one_fit_of_all(task):
    weights = []
    for epochs in ([2], [1, 1], "initial"):
        model, raw, how = make(task)
        if epochs == "initial":
            model.fit(*raw, epochs=1, **how)
            model.fit(*raw, initial_epoch=1, epochs=2, **how)
        else:
            for count in epochs:
                model.fit(*raw, epochs=count, **how)
        weights.append(model.get_weights())
    for a, b, c in zip(*weights, strict=True):
        np.testing.assert_array_equal(a, b)
        np.testing.assert_array_equal(a, c)


def test_short_epochs_go_on_to_rows_that_were_not_seen_yet():
    model, (x, y), how = make("series", balanced=False)
    x = np.repeat(np.arange(24.0), 14).reshape(24, 7, 2)
    seen = []
    read = model.read_batch

    def noted(batch, training):
        tf.numpy_function(lambda first: seen.extend(first.tolist()), [batch[:, 0, 0]], [])
        return read(batch, training)

    model.read_batch = noted
    for _ in range(3):
        model.fit(x, y, steps_per_epoch=1, augment=0, **how)
    assert sorted(seen) == list(range(24))


NEW = {
    "text": (("xyz abc " * 30,), "3 characters ('x', 'y', 'z')"),
    "series": ((RECORDINGS[0], ["b", "c", "b"] * 8), "1 classes ('c')"),
    "tagging": (([["new", "v"]] * 24, [["Z", "Y"]] * 24), "1 tags ('Z'), 2 characters"),
    "captioning": ((PICTURES[0], ["a new", "c new", "a d"] * 4), "1 words ('new')"),
    "translation": ((["a new", "new"] * 12, ["x neu", "neu"] * 12), "1 words of sources ('new')"),
    "pictures": ((LABELLED[0], ["b", "c", "b"] * 8), "1 classes ('c')"),
}


@each_task
def test_what_is_new_is_added_said_and_saved_in_order(task, capsys, tmp_path):
    model, raw, how = make(task)
    model.fit(*raw, **how)
    before = model.evaluate(*raw, return_dict=True, verbose=0)["loss"]
    new, said = NEW[task]
    model.fit(*new, **{**how, "verbose": 2, "epochs": 0})
    assert f"new to the model: {said}" in capsys.readouterr().out
    after = model.evaluate(*raw, return_dict=True, verbose=0)["loss"]
    assert before < after < before + 1.5  # what is new has some probability, the rest is as it was
    model.fit(*new, **how)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    for a, b in zip(model.optimizer.variables, again.optimizer.variables, strict=True):
        np.testing.assert_array_equal(a, b)
    expected, found = (m.evaluate(*new, verbose=0, return_dict=True) for m in (model, again))
    assert found == pytest.approx(expected, rel=1e-5)


@each_task
def test_what_is_known_may_be_kept_or_forgotten(task):
    model, raw, how = make(task)
    model.adapt(*raw)
    known, size = model.preprocessor, model.output_size
    new, _ = NEW[task]
    if task in ("series", "tagging", "pictures"):
        with pytest.raises(ValueError, match="the model knows the"):
            model.adapt(*new, vocabulary="keep")
    elif task == "text":
        with pytest.warns(UserWarning, match="The training text holds 3 character"):
            model.adapt(*new, vocabulary="keep")
    else:
        model.adapt(*new, vocabulary="keep")
    assert model.preprocessor == known and model.output_size == size
    model.adapt(*new, vocabulary="reset")
    other, _, _ = make(task)
    other.adapt(*new)
    assert model.output_size == other.output_size
    model.fit(*new, **how)
    with pytest.raises(ValueError, match="vocabulary='add': expected one of extend, keep, reset"):
        model.fit(*new, vocabulary="add", **how)


@each_task
def test_predict_answers_raw_examples(task):
    model, raw, how = make(task)
    model.fit(*raw, **how)
    if task == "text":
        answer = model.predict(["ab", "c"])
        assert answer.shape == (2, model.vocabulary.size)
        np.testing.assert_allclose(answer.sum(axis=-1), 1, atol=1e-5)
        np.testing.assert_allclose(model.predict("c"), answer[1:], atol=1e-6)
    elif task in ("series", "pictures"):
        np.testing.assert_array_equal(model.predict(raw[0]), model.probabilities(raw[0]))
    elif task == "tagging":
        answers = model.predict([["w1", "v"], ["v"]])
        assert [answer.shape for answer in answers] == [(2, 2), (1, 2)]
        best = [model.tags[i] for i in answers[0].argmax(axis=-1)]
        assert tuple(best) == model.tag(["w1", "v"])
    elif task == "captioning":
        assert model.predict(raw[0][:2]) == model.caption(raw[0][:2])
    else:
        assert model.predict(raw[0][:2]) == model.translate(raw[0][:2])
    assert len(model.predict([], verbose=0)) == 0


@by_task(*TASKS, fast={"text"})
def test_validation_data_may_be_a_list_or_split_off(task):
    model, raw, how = make(task)
    split = model.fit(*raw, validation_split=0.25, **how).history["val_loss"]
    other, _, _ = make(task)
    sides = [[part[: int(len(part) * 0.75)], part[int(len(part) * 0.75) :]] for part in raw]
    held_out = [side[1] for side in sides] if len(raw) > 1 else sides[0][1]
    own = other.fit(*(side[0] for side in sides), validation_data=held_out, **how)
    assert split == own.history["val_loss"]
    with pytest.raises(ValueError, match="expected one of them"):
        model.fit(*raw, validation_data=held_out, validation_split=0.5, **how)
    for share in (1.5, 0.999999):
        with pytest.raises(ValueError, match="validation_split="):
            model.fit(*raw, validation_split=share, **how)


@by_task("series", "tagging", "captioning", "translation", "pictures")
def test_an_example_that_weighs_twice_counts_as_two(task):
    model, (x, y), how = make(task)
    model.adapt(x, y)
    x, y = list(x), list(y)
    weighed = model.evaluate(x[:3], y[:3], sample_weight=[2, 1, 0], verbose=0)
    doubled = model.evaluate([x[0], x[0], x[1]], [y[0], y[0], y[1]], verbose=0)
    np.testing.assert_allclose(weighed, doubled, rtol=1e-4)
    model.compile(keras.optimizers.SGD(0.0))
    how |= {"batch_size": 3, "epochs": 1}
    loss = model.fit(x[:3], y[:3], sample_weight=[2, 1, 0], **how).history["loss"][0]
    assert np.isfinite(loss)
    for wrong in ([1, 1], [1, -1, 1], [[1], [1], [1]]):
        with pytest.raises(ValueError, match="sample_weight of shape"):
            model.fit(x[:3], y[:3], sample_weight=wrong, **how)


def test_classes_weigh_as_they_are_told():
    model, (x, y), how = make("series", dropout=0.0, balanced=False)
    model.fit(x, y, epochs=0, **how)
    model.compile(keras.optimizers.SGD(0.0))
    nats = -np.log(model.probabilities(x)[np.arange(24), [model.classes.index(c) for c in y]])
    weights = np.where(np.array(y) == "a", 3.0, 1.0)
    how["batch_size"] = 24
    loss = model.fit(x, y, class_weight={"a": 3.0}, augment=0, **how).history["loss"][0]
    assert loss == pytest.approx(np.average(nats, weights=weights), rel=1e-4)
    with pytest.raises(ValueError, match="knows the classes a, b, not c"):
        model.fit(x, y, class_weight={"c": 1.0}, **how)


@pytest.mark.parametrize("task", ["text", "captioning", "translation"])
def test_what_has_no_classes_says_so(task):
    model, raw, how = make(task)
    with pytest.raises(ValueError, match="class_weight: the .* have no classes; leave it out"):
        model.fit(*raw, class_weight={0: 1.0}, **how)


def test_metrics_come_beside_those_of_the_task_and_a_loss_is_the_one_used():
    model, (x, y), how = make("series")
    model.compile(
        keras.optimizers.SGD(0.0),
        metrics=[keras.metrics.SparseTopKCategoricalAccuracy(2, name="top_2")],
    )
    history = model.fit(x, y, **how).history
    assert {"accuracy", "macro_f1", "top_2"} <= history.keys() and history["top_2"] == [1.0]
    with pytest.raises(ValueError, match="none that is named 'acuracy'; did you mean 'Accuracy'"):
        model.compile(metrics=["acuracy"])
    with pytest.raises(ValueError, match="loss='mse': expected a loss that takes logits"):
        model.compile(loss="mse")

    class Twice(keras.losses.SparseCategoricalCrossentropy):
        def call(self, y_true, y_pred):
            return 2 * super().call(y_true, y_pred)

    losses = []
    for loss in (None, Twice(from_logits=True, reduction="mean_with_sample_weight")):
        model.compile(keras.optimizers.SGD(0.0), loss=loss)
        losses.append(model.evaluate(x, y, verbose=0, return_dict=True)["loss"])
    assert losses[1] == pytest.approx(2 * losses[0], rel=1e-5)


def test_a_name_of_a_file_is_no_text(tmp_path, monkeypatch):
    (tmp_path / "book.txt").write_text(TEXT)
    monkeypatch.chdir(tmp_path)
    model, _, how = make("text")
    with pytest.raises(ValueError, match=r"'book.txt' is a file here.*rnnzoo.load_text"):
        model.fit("book.txt", **how)


@pytest.mark.slow
def test_what_was_never_heard_of_gets_the_unknown_symbol(tmp_path):
    model, (x, y), how = make("translation")
    model.fit(x, y, **how)
    with pytest.warns(UserWarning, match="1 of 2 sources hold no word that the model knows"):
        answers = model.translate(["Привет, мир!", "a b"])
    assert answers[0] == "\N{REPLACEMENT CHARACTER}" != answers[1]
    with pytest.warns(UserWarning, match="sources hold no word"):
        assert model.sample(["Привет"]) == ["\N{REPLACEMENT CHARACTER}"]
    exported = tf.saved_model.load(model.export(tmp_path / "saved_model"))
    served = exported.serve(tf.constant(["Привет, мир!", "a b"]))["sentences"][:, 0].numpy()
    assert [sentence.decode() for sentence in served] == answers


@pytest.mark.slow
def test_all_is_forgotten_where_the_characters_are_the_same():
    model, raw, how = make("text")
    model.fit(*raw, epochs=2, **how)
    embedding = model.embedding
    model.fit(*raw, epochs=0, vocabulary="reset", **how)
    assert model.embedding is not embedding and int(model.optimizer.iterations) == 0


@pytest.mark.slow
def test_a_loss_and_metrics_of_ones_own_outlive_new_classes():
    model, (x, y), how = make("series")
    metric = keras.metrics.SparseTopKCategoricalAccuracy(2, name="top_2")
    own = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(loss=lambda y, logits: 2 * own(y, logits), metrics=[metric])
    model.fit(x, y, **how)
    loss = model.evaluate(x, y, return_dict=True, verbose=0)["loss"]
    model.fit(x, ["c", *y[1:]], epochs=0, **how)
    assert model.classes == ("a", "b", "c")
    scores = model.evaluate(x, ["c", *y[1:]], return_dict=True, verbose=0)
    assert scores["loss"] > 1.2 * loss / 2 and "top_2" in scores
    assert float(metric.result()) == pytest.approx(scores["top_2"])


@pytest.mark.slow
def test_accuracy_by_its_name_is_the_one_of_the_task():
    model, (x, y), how = make("tagging")
    x = [sentence * (1 + i % 3) for i, sentence in enumerate(x)]
    y = [tags * (1 + i % 3) for i, tags in enumerate(y)]
    model.fit(x, y, **how)
    exact = np.mean(np.concatenate(model.tag(x)) == np.concatenate(y))
    model.compile(metrics=["accuracy"])
    scores = model.evaluate(x, y, batch_size=1, return_dict=True, verbose=0)
    assert scores["accuracy"] == pytest.approx(exact, abs=1e-6)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"class_weight": {"a": -1.0}}, "class_weight of shape .* at least 0"),
        ({"class_weight": {"a": float("nan")}}, "class_weight of shape"),
        ({"class_weight": "balanced"}, "class_weight='balanced': .*model with balanced=True"),
        ({"sample_weight": ["a"] * 24}, "sample_weight=.*expected numbers"),
        ({"batch_size": 0}, "batch_size=0: expected a whole number of at least 1"),
        ({"window": 0}, "window=0: expected"),
        ({"seed": -1}, "seed=-1: expected"),
        ({"validation_data": ([],)}, r"validation_data has 1 parts: expected \(x, y\)"),
        ({"y": None}, "y is missing"),
        ({"x": None}, "x is missing"),
    ],
)
def test_what_fit_can_not_take_is_refused_before_anything_is_learned(how, message):
    model, (x, y), sizes = make("series")
    with pytest.raises(rnnzoo.RnnzooError, match=message):
        model.fit(**{"x": x, "y": y, **sizes, **how})
    assert not model.ready


def test_numbers_beyond_float32_are_refused():
    model, (x, y), how = make("series")
    model.fit(x, y, **how)
    with pytest.raises(rnnzoo.RnnzooError, match="example 0 holds a number that is none"):
        model.predict(np.full((1, 7, 2), 1e300))


def test_other_examples_of_the_same_labels_begin_anew():
    model, (x, y), how = make("series")
    feeds = [
        model.feed_class(model.preprocessor.splits(train=(each, y)), model.preprocessor)
        for each in (x, x, x + 1)
    ]
    keys = [feed.key() for feed in feeds]
    assert keys[0] == keys[1] != keys[2]


@each_task
def test_fit_and_evaluate_take_batches_and_predict_does_not(task):
    model, raw, how = make(task)
    model.fit(*raw, **how)
    sizes = {name: how[name] for name in ("batch_size", "window") if name in how}
    splits = model.preprocessor.splits(train=raw if len(raw) == 2 else (*raw, None))
    feed = model.feed_class(splits, model.preprocessor, sizes["batch_size"], sizes.get("window"))
    of_raw = model.evaluate(*raw, **sizes, verbose=0, return_dict=True)
    of_batches = model.evaluate(feed.evaluation("train"), verbose=0, return_dict=True)
    assert of_batches == pytest.approx(of_raw, rel=1e-5)
    training = feed.training().take(2)
    assert np.isfinite(model.fit(training, epochs=2, verbose=0).history["loss"]).all()
    with pytest.raises(rnnzoo.errors.WrongType, match="predict: x is a .*expected raw examples"):
        model.predict(training)
    options = {"batch_size": 2, "window": 3, "sample_weight": [1.0]}
    of_fit = {"vocabulary": "keep", "class_weight": {}, "validation_split": 0.1, "seed": 1}
    for call, beside in ((model.evaluate, options), (model.fit, options | of_fit)):
        for name, value in beside.items():
            with pytest.raises(rnnzoo.errors.WrongValue, match=f"^{name}: x is a dataset"):
                call(training, verbose=0, **{name: value})


@by_task("text", "series", "tagging", fast={"text", "series"})
@pytest.mark.parametrize("metric", [keras.metrics.AUC, keras.metrics.MeanSquaredError])
def test_a_metric_that_does_not_fit_is_one_line(task, metric):
    model, raw, how = make(task)
    model.compile(metrics=[metric(name="mine")])
    with pytest.raises(rnnzoo.errors.WrongValue, match="metrics: one of mine can't compare"):
        model.fit(*raw, **how)


def test_the_state_of_another_text_is_not_gone_on_from():
    states = []
    for other in (False, True):
        keras.utils.set_random_seed(0)
        model = rnnzoo.create_model("char_gru", **SMALL, dropout=0.0, vocabulary="abcdefghi ")
        model.compile(keras.optimizers.SGD(0.0))
        how = {"batch_size": 4, "window": 8, "steps_per_epoch": 1, "verbose": 0}
        if other:
            model.fit(TEXT[::-1], **how)
        model.fit(TEXT, initial_epoch=2, epochs=3, **how)
        states.append([variable.numpy() for variable in model.carry])
    for a, b in zip(*states, strict=True):
        np.testing.assert_array_equal(a, b)


def test_other_pictures_with_the_same_captions_begin_anew():
    model, (x, y), _ = make("captioning")
    keys = [
        model.feed_class(model.preprocessor.splits(train=(each, y)), model.preprocessor).key()
        for each in (x, x.copy(), 255 - x)
    ]
    assert keys[0] == keys[1] != keys[2]


@pytest.mark.parametrize(
    ("task", "ask", "file"), [("series", "classify", "a.csv"), ("captioning", "caption", "a.jpg")]
)
def test_a_path_is_no_array(task, ask, file):
    model, (x, y), how = make(task)
    model.adapt(x, y)
    said = rf"'{file}' is a path.*rnnzoo.data.read_\w+\('{file}'\)"
    for given in ([file],) if task == "series" else (file, [file]):  # it reads a table itself
        for call in (getattr(model, ask), model.predict, lambda x: model.fit(x, ["a"], **how)):
            with pytest.raises(rnnzoo.errors.WrongType, match=said):
                call(given)


def test_sentences_that_are_not_split_are_no_words():
    model, (x, y), _ = make("tagging")
    model.adapt([*x, ["20 000"]], [*y, ["X"]])
    for given in ("The dog sees", ["The dog sees", "A cat"]):
        with pytest.raises(ValueError, match=r"seems to be a sentence.*\['The', 'dog', 'sees'\]"):
            model.tag(given)
    assert len(model.tag(["20 000", "v"])) == 2
    assert len(model.tag([["30 001", "v"]])[0]) == 2  # of lists, a word is what stands there


def test_what_is_printed_for_a_file_is_asked_for_in_one_way():
    for task in set(TASKS) - {"text"}:
        asked = inspect.signature(type(make(task)[0]).answer_lines).parameters
        assert list(asked)[:3] == ["self", "path", "color"]


@each_task
def test_the_budget_is_for_the_batches_and_windows_that_are_given(task, monkeypatch):
    """A batch of an eighth the size takes eight times the steps, and so do windows."""
    monkeypatch.setattr(recipes, "budget", lambda per_pass, *_, **__: per_pass)
    model, raw, _ = make(task)
    data = model.preprocessor.splits(train=(*raw, None)[:2])

    def steps(*sizes):
        return model.feed_class(data, model.preprocessor, *sizes).recipe.steps

    assert steps(2) == pytest.approx(8 * steps(16))
    usual = model.feed_class(data, model.preprocessor)
    assert steps(usual.batch_size, usual.window) == pytest.approx(usual.recipe.steps)
    if task == "text":
        assert steps(16, 4) == pytest.approx(4 * steps(16, 16))
    elif task in ("series", "tagging"):
        longest = 7 if task == "series" else 2
        assert steps(16, 1) == pytest.approx(longest * steps(16, longest))


@by_task("text", "series", "tagging", fast={"text", "series"})
def test_a_metric_that_does_not_fit_is_one_line_in_evaluate_too(task):
    model, raw, how = make(task)
    model.adapt(*raw)
    model.compile(metrics=[keras.metrics.AUC(name="mine")])
    with pytest.raises(rnnzoo.errors.WrongValue) as raised:
        model.evaluate(*raw, **how)
    assert str(raised.value).startswith("metrics: one of mine can't compare")
