"""A class at each step: looped = in company = in windows = stepped = exported, and what counts."""

import csv
import itertools

import numpy as np
import polars
import pytest

import rnnzoo
from rnnzoo.cli.answers import Skipped, write_answers
from rnnzoo.platform import keras, tf
from rnnzoo.tasks import SequenceClassifier

TIME = 24
X = np.random.default_rng(0).normal(size=(2, TIME, 3)).astype("float32")
WINDOWS = [(None, None), (8, 3), (8, 8), (8, 4)]
FEW = [(WINDOWS[0], True, False), (WINDOWS[1], True, True)]
CHUNKS = [0, 1, 4, 5, 17, TIME]
LENGTHS = [1, 3, 7, 8, 9, 20, TIME]
CONV = {"conv_filters": (4, 5), "kernel_size": 3, "strides": (2, 3)}


def make(conv=False, bidirectional=False, **options):
    keras.utils.set_random_seed(0)
    model = rnnzoo.create_model(
        "activity_bilstm" if bidirectional else "activity_gru",
        answer="each",
        units=4,
        classes=["a", "b", "c"],
        features=(3,),
        **(CONV if conv else {}),
        **options,
    )
    recurrent = model.recurrent  # so that answers differ by what was read
    recurrent.set_weights([3 * w for w in recurrent.get_weights()])
    return model


def served(model, x):
    return model.endpoints["serve"](x)["probabilities"].numpy()


def each(model, begin, end):
    """The answers to a window."""
    return tf.exp(model(X[:, begin:end])).numpy()


def recordings(count, seed=0):
    """Noise, whose mean tells the class in stretches of any length; and the classes."""
    random = np.random.default_rng(seed)
    x, y = [], []
    for _ in range(count):
        classes = random.integers(0, 2, 6).repeat(random.integers(3, 12, 6))
        noise = random.normal(0, 0.5, (len(classes), 2))
        x.append((2 * classes[:, None] + noise).astype("float32"))
        y.append([["low", "high"][i] for i in classes])
    return x, y


def frame_of(x, y):
    return polars.DataFrame(
        {
            "id": [f"r{i}" for i, of_one in enumerate(y) for _ in of_one],
            "time": [0.5 * t for of_one in y for t in range(len(of_one))],
            "a": np.concatenate(x)[:, 0],
            "b": np.concatenate(x)[:, 1],
            "label": [label for of_one in y for label in of_one],
        }
    )


@pytest.fixture(scope="module")
def trained():
    keras.utils.set_random_seed(0)
    model = rnnzoo.create_model("activity_gru", units=8)
    model.compile(keras.optimizers.Adam(0.02))
    model.fit(frame_of(*recordings(60)), epochs=8, batch_size=8, verbose=0)
    return model


@pytest.mark.parametrize(
    ("windows", "bidirectional", "conv"),
    [
        pytest.param(*case, marks=() if case in FEW else pytest.mark.slow)
        for case in itertools.product(WINDOWS[:2], [False, True], [False, True])
    ],
)
def test_company_and_padding_change_nothing(conv, bidirectional, windows):
    model = make(conv, bidirectional, window=windows[0], hop=windows[1])
    rows = [X[i % 2, :n] for i, n in enumerate(LENGTHS)]
    for row, together in zip(rows, model.probabilities(rows, batch_size=4), strict=True):
        assert together.shape == (len(row), 3)
        np.testing.assert_allclose(together.sum(axis=1), 1, atol=1e-5)
        np.testing.assert_allclose(served(model, row[None])[0], together, atol=1e-5)
    lengths = np.array([5, TIME], np.int32)
    reply = model.endpoints["serve_padded"](X, lengths)
    assert reply["mask"].numpy().sum(axis=1).tolist() == lengths.tolist()
    assert not reply["probabilities"][0, 5:].numpy().any()
    names = np.array(["a", "b", "c"])[reply["ids"].numpy()]
    assert reply["labels"].numpy().astype(str).tolist() == names.tolist()


@pytest.mark.parametrize("conv", [pytest.param(False, marks=pytest.mark.slow), True])
def test_windows_that_hold_a_step_are_averaged_there(conv):
    model = make(conv, bidirectional=True, window=8, hop=3)
    for n, begins in ((5, [0]), (9, [0, 3]), (12, [0, 3, 6])):
        sums, counts = np.zeros((2, n, 3)), np.zeros((n, 1))
        for begin in begins:
            end = min(begin + 8, n)
            sums[:, begin:end] += each(model, begin, end)
            counts[begin:end] += 1
        np.testing.assert_allclose(served(model, X[:, :n]), sums / counts, atol=1e-5)


def test_forwards_the_oldest_window_that_holds_a_step_answers():
    model = make(window=8, hop=3)
    whole = served(model, X[:, :13])
    np.testing.assert_allclose(whole[:, :8], each(model, 0, 8), atol=1e-5)
    np.testing.assert_allclose(whole[:, 8:11], each(model, 3, 11)[:, 5:], atol=1e-5)
    np.testing.assert_allclose(whole[:, 11:], each(model, 6, 13)[:, 5:], atol=1e-5)


@pytest.mark.parametrize(
    ("conv", "windows"),
    [
        pytest.param(conv, windows, marks=pytest.mark.slow if windows in WINDOWS[1:] else ())
        for conv, windows in itertools.product([False, True], WINDOWS)
    ],
)
def test_a_stream_answers_each_step_as_the_whole_does(conv, windows):
    model = make(conv, window=windows[0], hop=windows[1])
    if conv:  # as a sequence that ends there, as the rest of the frame is still to come
        whole = np.stack([served(model, X[:, : t + 1])[:, t] for t in range(TIME)], axis=1)
    else:
        whole = served(model, X)
    assert np.ptp(whole, axis=1).max() > 0.02
    step, read = model.endpoints["step"], model.endpoints["read"]
    state = model.initial_state(2)
    for t in range(TIME):
        reply = dict(step(X[:, t], state))
        np.testing.assert_allclose(reply["probabilities"], whole[:, t], atol=1e-5)
        state = {name: reply[name] for name in state}
    state = model.initial_state(2)
    for begin, end in itertools.pairwise(CHUNKS):
        reply = dict(read(X[:, begin:end], state))
        np.testing.assert_allclose(reply["probabilities"], whole[:, begin:end], atol=1e-5)
        state = {name: reply[name] for name in state}


def test_a_frame_answers_for_all_of_its_steps():
    whole = served(make(conv=True), X)
    for begin in range(0, TIME, 6):
        np.testing.assert_array_equal(whole[:, begin : begin + 6], whole[:, [begin] * 6])


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "activity_conv_gru",
        *(pytest.param(n, marks=pytest.mark.slow) for n in ("activity_gru", "activity_bilstm")),
    ],
)
def test_it_learns_and_measures_the_steps_that_have_a_label(name):
    keras.utils.set_random_seed(0)
    model = rnnzoo.create_model(name, units=8)
    model.compile(keras.optimizers.Adam(0.02))
    x, y = recordings(60)
    model.fit(x, y, epochs=8, batch_size=8, verbose=0)
    assert model.answer == "each" and model.classes == ("high", "low")
    x, y = recordings(20, seed=1)
    for of_one in y:
        of_one[:2] = [None, None]
    measured = model.evaluate(x, y, return_dict=True, verbose=0)
    probabilities, classes = model.probabilities(x), model.classify(x)
    p, right = [], []
    for of_one, given, truth in zip(probabilities, classes, y, strict=True):
        p += [of_one[t, model.classes.index(label)] for t, label in enumerate(truth) if label]
        right += [a == b for a, b in zip(given, truth, strict=True) if b is not None]
    assert measured["accuracy"] == pytest.approx(np.mean(right), abs=1e-6)
    assert measured["loss"] == pytest.approx(-np.log(p).mean(), rel=1e-3)
    assert np.mean(right) > 0.85


def test_rare_classes_weigh_as_much_and_their_share_comes_back_in_the_answer():
    x, y = recordings(20)
    y = [["rare" if t == 0 else label for t, label in enumerate(of_one)] for of_one in y]
    model = rnnzoo.create_model("activity_gru", units=4)
    model.adapt(x, y)
    feed = model.feed_class(model.preprocessor.splits(train=(x, y)), model.preprocessor, 20)
    sums = np.zeros(3)
    for _, labels, weight in feed.training().take(5):
        np.add.at(sums, labels.numpy().ravel(), weight.numpy().ravel())
    np.testing.assert_allclose(sums / sums.sum(), 1 / 3, atol=0.06)
    counts = [sum(of_one.count(label) for of_one in y) for label in model.classes]
    assert model.preprocessor.priors == pytest.approx((np.add(counts, 1)) / (sum(counts) + 3))
    unweighted = rnnzoo.create_model("activity_gru", units=4, balanced=False)
    unweighted.adapt(x, y)
    assert unweighted.preprocessor.priors is None


def test_one_label_is_that_of_each_step():
    x, _ = recordings(8)
    model = make()
    x3 = [np.concatenate([of_one, of_one[:, :1]], axis=1) for of_one in x]
    once = model.evaluate(x3, list("abcabcab"), return_dict=True, verbose=0)
    each_step = [[label] * len(of_one) for of_one, label in zip(x, "abcabcab", strict=True)]
    assert model.evaluate(x3, each_step, return_dict=True, verbose=0) == once


def test_saved_and_exported_it_answers_as_in_python(trained, tmp_path):
    x, _ = recordings(3, seed=2)
    trained.save(tmp_path / "m.keras")
    again = keras.models.load_model(tmp_path / "m.keras")
    assert again.answer == "each"
    served = tf.saved_model.load(str(trained.export(tmp_path / "saved")))
    padded, lengths = trained.preprocessor.padded(x)
    reply = served.serve_padded(x=tf.constant(padded), lengths=tf.constant(lengths))
    for i, expected in enumerate(trained.probabilities(x)):
        np.testing.assert_allclose(again.probabilities(x)[i], expected, atol=1e-6)
        np.testing.assert_allclose(reply["probabilities"][i, : lengths[i]], expected, atol=1e-5)
        ids = reply["ids"].numpy()[i, : lengths[i]]
        assert [trained.classes[place] for place in ids] == trained.classify(x)[i]
    state = served.init(batch_size=tf.constant(1))
    for t, expected in enumerate(trained.probabilities(x[:1])[0]):
        reply = served.step(x=tf.constant(x[0][None, t]), state=state)
        np.testing.assert_allclose(reply["probabilities"][0], expected, atol=1e-5)
        state = {name: reply[name] for name in state}


def test_the_first_labels_decide_and_later_tables_are_read_accordingly(trained, tmp_path):
    x, y = recordings(30, seed=3)
    table = tmp_path / "new.csv"
    frame_of(x, y).write_csv(table)
    found = rnnzoo.evaluate(trained, table, baseline=False)
    right = [np.equal(a, b) for a, b in zip(trained.classify(x), y, strict=True)]
    assert found["examples"] == len(x)
    assert found["measures"]["accuracy"]["value"] == pytest.approx(
        np.concatenate(right).mean(), abs=1e-5
    )
    once = rnnzoo.create_model("activity_gru", units=4, answer="pool")
    once.fit(frame_of(x, y), epochs=1, verbose=0)  # its runs of one class
    assert once.probabilities(x).shape == (30, 2)
    with pytest.raises(ValueError, match="labels by step, and the model answers once"):
        once.fit(x, y, verbose=0)
    with pytest.raises(ValueError, match="multi_label: answer='each'"):
        SequenceClassifier(None, answer="each", multi_label=True)
    with pytest.raises(
        ValueError, match=r"shape \(2,\) at 1: expected one for each of the 3 steps"
    ):
        trained.evaluate(np.zeros((2, 3, 2), "float32"), [["low"] * 3, ["low"] * 2])


def test_a_table_of_steps_goes_on_where_it_was_broken_off(trained, tmp_path):
    x, y = recordings(3, seed=4)
    table, out = tmp_path / "new.csv", tmp_path / "answers.csv"
    frame_of(x, y).drop("label").write_csv(table)
    list(write_answers(trained, [str(table)], out, {}, Skipped()))
    whole = out.read_bytes()
    rows = list(csv.DictReader(whole.decode().splitlines()))
    expected = [label for of_one in trained.classify(x) for label in of_one]
    assert [row["class"] for row in rows] == expected
    assert [int(row["step"]) for row in rows] == [t for of_one in y for t in range(len(of_one))]
    assert [float(row["seconds"]) for row in rows] == [0.5 * int(row["step"]) for row in rows]
    p = np.concatenate(trained.probabilities(x))
    np.testing.assert_allclose([float(row["p(low)"]) for row in rows], p[:, 1], atol=1e-6)
    lines = whole.splitlines(keepends=True)
    out.write_bytes(b"".join(lines[: 1 + len(x[0]) + 2]))  # within the second one
    list(write_answers(trained, [str(table)], out, {}, Skipped()))
    assert out.read_bytes() == whole
    runs = [line.split("\t") for line in trained.answer_lines(str(table))]
    steps = [list(map(int, run[2].split("-"))) for run in runs]
    assert [run[3] for run, (begin, end) in zip(runs, steps, strict=True)
            for _ in range(begin, end + 1)] == expected  # fmt: skip


@pytest.mark.slow
def test_a_run_is_trained_beside_simple_things(tmp_path):
    frame_of(*recordings(40)).write_csv(tmp_path / "data.csv")
    metrics = rnnzoo.train(
        "activity_gru", tmp_path / "data.csv", tmp_path / "run", steps=4, batch_size=4,
        overrides={"units": 4}, verbose=0, test=True,
    )  # fmt: skip
    for scores in metrics["scores"]:
        names = [baseline["name"] for baseline in scores["baselines"]]
        assert names == ["most frequent class", "logistic regression on windows around each step"]
        frequent, windows = (b["measures"]["accuracy"]["value"] for b in scores["baselines"])
        assert windows > 0.9 > frequent
    assert (tmp_path / "run" / "confusion.png").exists()
    again = rnnzoo.evaluate(tmp_path / "run", split="test")
    assert again["measures"] == metrics["scores"][1]["measures"]
