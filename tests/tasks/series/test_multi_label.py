"""Any number of labels for a sequence."""

import numpy as np
import polars
import pytest
from sklearn.metrics import f1_score

import rnnzoo
from rnnzoo import cli
from rnnzoo.data import Reading, Recordings
from rnnzoo.platform import keras, tf
from rnnzoo.tasks.series.labels import are_several, several_each

LABELS = ("high", "rising", "wide")


def examples(count=90, seed=0):
    """Lines that are high, rise and are wide, or not; and which they are."""
    random = np.random.default_rng(seed)
    matrix = random.integers(0, 2, size=(count, 3))
    x = []
    for high, rising, wide in matrix:
        t = np.linspace(-1, 1, random.integers(6, 10))
        line = 4 * high + rising * t * 3 + (1 + 4 * wide) * np.where(np.arange(len(t)) % 2, 1, -1)
        x.append((line + random.normal(0, 0.1, size=len(t)))[:, None].astype("float32"))
    return x, matrix


def lists_of(matrix):
    return [[LABELS[i] for i in np.flatnonzero(row)] for row in matrix]


def fitted(x, y, epochs=40, **options):
    keras.utils.set_random_seed(0)
    options = {"units": 12, "dropout": 0.0, "multi_label": True, **options}
    model = rnnzoo.create_model("activity_gru", **options)
    model.compile(keras.optimizers.Adam(0.03))
    model.fit(x, y, epochs=epochs, batch_size=16, verbose=0)
    return model


@pytest.fixture(scope="module")
def model():
    x, matrix = examples()
    return fitted(x, lists_of(matrix))


def test_learns_and_measures(model):
    x, matrix = examples(37, seed=1)
    assert model.classes == LABELS
    found = model.classify(x)
    chosen = np.array([[label in of_one for label in LABELS] for of_one in found])
    measured = model.evaluate(x, lists_of(matrix), batch_size=8, return_dict=True, verbose=0)
    assert measured["subset_accuracy"] == pytest.approx((chosen == matrix).all(axis=1).mean())
    assert measured["macro_f1"] == pytest.approx(f1_score(matrix, chosen, average="macro"))
    p = model.probabilities(x).astype(float)
    np.testing.assert_array_equal(chosen, p > 0.5)
    nats = -np.mean(matrix * np.log(p) + (1 - matrix) * np.log1p(-p))
    assert measured["loss"] == pytest.approx(nats, rel=1e-3)
    assert measured["subset_accuracy"] > 0.8


@pytest.mark.slow
def test_a_matrix_and_strings_are_lists_too():
    x, matrix = examples(20)
    model = fitted(x, matrix, epochs=1, classes=LABELS, answer="mean")
    strings = ["|".join(of_one) for of_one in lists_of(matrix)]
    loss = model.evaluate(x, matrix, verbose=0)
    p = model.probabilities(x).astype(float)
    nats = -np.mean(matrix * np.log(p) + (1 - matrix) * np.log1p(-p))
    assert loss[0] == pytest.approx(nats, rel=1e-3)
    for y in (lists_of(matrix), matrix.astype(bool), strings):
        assert model.evaluate(x, y, verbose=0) == loss


def test_frames_lists_and_what_is_not_told():
    """Whether examples have several labels is taken from the first ones, and so are the names, in
    the order of the columns; frames are read by name, lists and matrices by place."""
    x, matrix = examples(20)
    frame = polars.DataFrame(matrix, schema=list(LABELS)).select("wide", "high", "rising")
    model = fitted(x, frame, epochs=0, multi_label=None)
    assert model.multi_label and model.classes == ("wide", "high", "rising")
    expected = model.evaluate(x, lists_of(matrix), verbose=0, return_dict=True)
    assert set(expected) == {"loss", "macro_f1", "subset_accuracy"}
    for y in (frame, frame.select(LABELS), frame.to_numpy(), frame.to_numpy().tolist()):
        assert model.evaluate(x, y, verbose=0, return_dict=True) == expected
    again = rnnzoo.tasks.SequenceClassifier.from_config(model.get_config())
    assert again.multi_label and again.classes == model.classes
    one_each = fitted(x, ["a", "b"] * 10, epochs=0, multi_label=None)
    one_each.adapt(x, ["a", "b"] * 10)
    assert not one_each.multi_label and one_each.get_config()["multi_label"] is False


@pytest.mark.parametrize(
    ("y", "several"),
    [
        (["a", "a|b"], False),
        ([["a"], ["b"]], False),
        ([["a"], []], True),
        ([{"a", "b"}, {"b"}], True),
        (np.array([[0, 1], [1, 1]]), True),
        (np.array([[0.0, 1.0], [0.0, 0.0]]), True),
        (np.array([[0], [1]]), False),
        (polars.DataFrame({"a": [True, True], "b": [True, False]}), True),
        (polars.Series(["a", "b"]), False),
    ],
)
def test_whether_there_are_several(y, several):
    assert are_several(y, [9] * len(y)) == several


def test_as_many_labels_as_steps_are_labels_by_step():
    assert not are_several([["a", "b"], ["b"]], [2, 1])
    assert are_several([["a", "b"], ["b"]], [2, 2])
    assert not are_several(np.array([[0, 1], [1, 1]]), [2, 2])


@pytest.mark.parametrize(
    ("y", "known", "sets"),
    [
        ([[0, 1], [1, 0]], None, [(1,), (0,)]),  # rows of a matrix
        ([[0, 1], [1, 0]], (0, 1, 2), [(0, 1), (0, 1)]),  # as it would have three columns
        ([[0, 1, 1], [1, 0, 0]], ("a", "b", "c"), [("b", "c"), ("a",)]),
        ([[True, False], [False, False]], ("a", "b"), [("a",), ()]),
        ([[0], [1]], None, [(0,), (1,)]),
        ([[0, 2], [1, 0]], None, [(0, 2), (0, 1)]),
    ],
)
def test_lists_of_numbers(y, known, sets):
    assert several_each(y, 2, known).sets() == sets


@pytest.mark.slow
def test_saved_exported_and_streamed(model, tmp_path):
    x, _ = examples(5, seed=2)
    answers = model.probabilities(x)
    model.save(tmp_path / "model.keras")
    loaded = rnnzoo.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded.probabilities(x), answers)
    assert loaded.classify(x) == model.classify(x)
    served = tf.saved_model.load(model.export(tmp_path / "saved"))
    for one, answer, labels in zip(x, answers, model.classify(x), strict=True):
        reply = served.serve(one[None])
        np.testing.assert_allclose(reply["probabilities"][0], answer, atol=1e-6)
        assert [label.decode() for label in reply["labels"][0].numpy() if label] == labels
        state = served.init(tf.constant(1))
        for step in one:
            reply = dict(served.step(step[None], state))
            state = {key: reply[key] for key in state}
        np.testing.assert_allclose(reply["probabilities"][0], answer, atol=1e-5)


@pytest.mark.slow
def test_a_run_from_a_column_for_each_label(tmp_path, capsys):
    """On the command line, with nothing said of the model: trained and evaluated beside baselines,
    of labels that are no channels."""
    x, matrix = examples(60)
    lengths = [len(one) for one in x]
    columns = {label: np.repeat(matrix[:, i], lengths) for i, label in enumerate(LABELS)}
    rows = {"id": np.repeat(np.arange(60), lengths), "height": np.concatenate(x)[:, 0], **columns}
    polars.DataFrame(rows).write_csv(tmp_path / "own.csv")
    run, own = str(tmp_path / "run"), str(tmp_path / "own.csv")
    labels = [word for label in LABELS for word in ("--label", label)]
    train = ["train", "activity_gru", "--data", own, "--out", run, "--set", "units=4"]
    assert cli.main([*train, "--epochs", "1", *labels]) == 0
    said = capsys.readouterr().out
    assert "sequences of any number of 3 labels" in said and "2 channels" not in said
    assert "\n    most frequent labels: " in said
    assert "\n    logistic regression on statistics: " in said
    assert "than the logistic regression on statistics" in said or "LOSES to" in said
    assert cli.main(["evaluate", run]) == 0
    said = capsys.readouterr().out
    assert "subset accuracy" in said and "logistic regression on statistics: " in said
    assert cli.main(["evaluate", run, "--data", own, "--split", "all"]) == 0
    assert "all: 60 examples" in capsys.readouterr().out
    assert cli.main(["data", own, *labels]) == 0
    assert f"--label {LABELS[0]} --label" in capsys.readouterr().out


@pytest.mark.slow
def test_a_run_from_a_table(tmp_path, capsys):
    """Labels in one column, parted by |; the run says how good each is; answers in a table."""
    x, matrix = examples(60)
    rows = {
        "id": np.repeat(np.arange(60), [len(one) for one in x]),
        "height": np.concatenate(x)[:, 0],
        "label": np.repeat(
            ["|".join(of_one) or "|" for of_one in lists_of(matrix)], [len(one) for one in x]
        ),
    }
    polars.DataFrame(rows).write_csv(tmp_path / "own.csv")
    settings = {"overrides": {"units": 4}, "epochs": 1, "verbose": 0}
    metrics = rnnzoo.train(
        "activity_gru", tmp_path / "own.csv", tmp_path / "run", test=True, **settings
    )
    assert 0 <= metrics["test"]["macro_f1"] <= 1 and "subset_accuracy" in metrics["test"]
    lines = (tmp_path / "run" / "classes.csv").read_text().splitlines()
    assert [line.split(",")[0] for line in lines] == ["class", *LABELS]
    out = tmp_path / "out.csv"
    command = ["predict", str(tmp_path / "run"), str(tmp_path / "own.csv"), "--out", str(out)]
    assert cli.main(command) == 0
    header, *written = out.read_text().splitlines()
    assert header == "file,id,class,p(high),p(rising),p(wide)" and len(written) == 60
    for row in written:
        _, _, labels, *p = row.split(",")
        for label, of_one in zip(LABELS, p, strict=True):
            assert of_one == "0.500000" or (float(of_one) > 0.5) == (label in labels.split("|"))


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda x, y: fitted(x, y, balanced=True), "balanced: where examples have several"),
        (lambda x, y: fitted(x, 2 * np.eye(3, dtype=int), classes=LABELS), "matrix of 0 and 1"),
        (lambda x, y: fitted(x, np.eye(3, dtype=int)[:, :2], classes=LABELS), "with 3 columns"),
        (
            lambda x, y: fitted(x, np.eye(3, dtype=int), multi_label=None),
            r"has one 1 in each row: for one class each give their places, y.argmax\(axis=1\)",
        ),
        (lambda x, y: fitted(x, [["a"], ["b"], ["a"]], multi_label=None), r"shape \(1,\) at 0"),
        (lambda x, y: fitted(x, [["a"], [0.5], ["b"]]), "y holds 0.5: expected a string"),
        (lambda x, y: fitted(x, [["a"], 0.5, ["b"]]), "y holds 0.5: expected a list of labels"),
        (lambda x, y: fitted(x, [["a", "b"]]), "labels for each of the 3 examples"),
        (lambda x, y: fitted(x, y, 0, classes=LABELS).evaluate(x, [["new"]] * 3), "not new"),
        (lambda x, y: fitted(x, [[0, 1, 1]] * 3, multi_label=False), "with multi_label=True"),
        (
            lambda x, y: rnnzoo.create_model("activity_rnn", units=2, multi_label=True).fit(
                x, y, class_weight={"high": 2.0}
            ),
            "class_weight: where examples have several labels",
        ),
    ],
)
def test_mistakes_are_named(act, message):
    x, matrix = examples(3)
    with pytest.raises(ValueError, match=message):
        act(x, [["high"], ["wide", "rising"], []])


def test_labels_of_recordings():
    x, matrix = examples(30)
    labels = np.array([";".join(of_one) for of_one in lists_of(matrix)])
    model = fitted(Recordings(x=x, labels=labels, reading=Reading(layout="test")), None, epochs=0)
    assert model.classes == LABELS
