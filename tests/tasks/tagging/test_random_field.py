"""Tags chosen together by a conditional random field, where users run it."""

import itertools

import numpy as np
import pytest
from scipy.special import logsumexp, softmax

import rnnzoo
from rnnzoo import cli
from rnnzoo.platform import keras, tf
from rnnzoo.tasks.tagging.model import as_answered
from tests.tasks.broken_off import StopAt, rows

X = [["New", "York", "is", "big"], ["Rain", "falls"], ["Smith", "in", "Paris"]]
Y = [["B-x", "I-x", "O", "O"], ["O", "O"], ["B-y", "O", "B-x"]]
TINY = {"units": 5, "embedding_size": 4, "spelling_units": 0, "dropout": 0.0, "word_dropout": 0.0}


def make(x=X, y=Y, **options):
    keras.utils.set_random_seed(0)
    model = rnnzoo.create_model("tagger_bilstm_crf", **TINY, **options)
    model.adapt(x, y)
    for weight in model.crf.weights:
        weight.assign(tf.random.normal(weight.shape, seed=1))
    return model


def batch_of(model, x=X, y=Y, **weights):
    data = model.preprocessor.splits(test=(x, y))
    feed = model.feed_class(data, model.preprocessor, len(x), sample_weight=weights)
    return next(iter(feed.evaluation("test")))


def of_all_paths(model, x=X):
    """Of each sentence: all paths of ids, and the score of each, -inf where forbidden."""
    batch = model.preprocessor.encode(model.preprocessor.tensors(x))
    scores = model.scores(batch).numpy().astype("float64")
    crf, n = model.crf, len(model.tags)
    start, moves, end = (np.array(w, "float64") for w in (crf.cell.start, crf.cell.moves, crf.end))
    for row, words in enumerate(x):
        paths = np.array(list(itertools.product(range(n), repeat=len(words))))
        s = start[paths[:, 0]] + end[paths[:, -1]] + scores[row, range(len(words)), paths].sum(1)
        s += moves[paths[:, :-1], paths[:, 1:]].sum(axis=1)
        yield paths, np.where(s < -1e29, -np.inf, s)


def nats(model, x=X, y=Y):
    found = []
    for (paths, scores), tags in zip(of_all_paths(model, x), y, strict=True):
        given = (paths == model.preprocessor.labels.ids(tags)).all(axis=1)
        found.append(logsumexp(scores) - scores[given].item())
    return np.array(found)


def test_loss_answers_and_probabilities_are_those_of_all_paths():
    model = make()
    x, y, weight = batch_of(model)
    loss, answers = model.loss_and_answers(x, y, weight, training=False)
    assert float(loss) == pytest.approx(nats(model).sum() / 9, rel=1e-5)
    assert float(model.loss_and_answers(x, y, None, False)[0]) == pytest.approx(float(loss))
    x, y, weight = batch_of(model, test=[1.0, 3.0, 0.0])
    loss, _ = model.loss_and_answers(x, y, weight, training=True)
    expected = (nats(model) @ [1, 3, 0]) / (4 + 3 * 2)
    assert float(loss) == pytest.approx(expected, rel=1e-5)
    tags, probabilities = model.tag(X), model.predict(X)
    for row, (paths, scores) in enumerate(of_all_paths(model)):
        best, length = paths[scores.argmax()], len(X[row])
        assert tags[row] == tuple(model.tags[i] for i in best)
        np.testing.assert_array_equal(answers[row, :length].numpy().argmax(axis=-1), best)
        p = softmax(scores)
        expected = [np.bincount(paths[:, t], p, len(model.tags)) for t in range(length)]
        np.testing.assert_allclose(probabilities[row], expected, atol=1e-5)


def test_what_is_impossible_counts_as_improbable_and_moves_nothing():
    model = make()
    x, y, weight = batch_of(model, [["Rain", "falls"]], [["O", "I-x"]])
    with tf.GradientTape() as tape:
        loss, _ = model.loss_and_answers(x, y, weight, training=True)
    assert float(loss) == pytest.approx(-np.log(1e-7))
    for gradient in tape.gradient(loss, model.crf.trainable_weights):
        assert not tf.convert_to_tensor(gradient).numpy().any()


def test_what_is_measured_has_a_known_shape_whatever_is_known_of_the_batch():
    given = tf.TensorSpec([None, None, 3]), tf.TensorSpec([4, None], tf.int32)
    shape = tf.function(as_answered, given, autograph=False).get_concrete_function().output_shapes
    assert shape.rank == 3 and shape[-1] == 3


def test_further_tags_leave_known_moves_as_they_are():
    model = make()
    tags, before = model.tags, [w.numpy() for w in model.crf.weights]
    model.adapt([["Rex", "barks"]], [["B-a", "I-a"]])
    assert model.tags == (*tags, "B-a", "I-a") and model.crf.tags == 6
    for old, new in zip(before, model.crf.weights, strict=True):
        known = new.numpy()[tuple(slice(n) for n in old.shape)]
        np.testing.assert_array_equal(known, old)
        assert (new.numpy().size > old.size) and not new.numpy()[-1].any()
    model.adapt(X, Y, vocabulary="reset")
    assert model.tags == tags and not any(w.numpy().any() for w in model.crf.weights)


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: make().fit(X, Y, class_weight={"O": 2}), "class_weight: .*; leave it out, give s"),
        (lambda: make().train_on_batch(0, class_weight={0: 1}), "class_weight: .* crf=False"),
        (lambda: make().compile(loss=keras.losses.MeanSquaredError()), "loss=.*leave it out, as"),
        (lambda: make(crf="yes"), "crf='yes': expected True or False"),
    ],
)
def test_mistakes_are_named(act, message):
    with pytest.raises(ValueError, match=message):
        act()


@pytest.mark.slow
def test_it_learns_and_what_is_measured_is_what_it_answers():
    keras.utils.set_random_seed(0)
    model = rnnzoo.create_model("tagger_bilstm_crf", **TINY)
    model.compile(keras.optimizers.Adam(0.03))
    x, y = X * 10, Y * 10
    weights = np.linspace(0.5, 2, len(x))
    history = model.fit(
        x, y, epochs=8, batch_size=7, sample_weight=weights, validation_data=(x, y), verbose=0
    ).history
    assert history["val_loss"][-1] < 0.1 < history["val_loss"][0]
    assert history["val_accuracy"][-1] == history["val_macro_f1"][-1] == 1
    assert model.tag(X) == [tuple(tags) for tags in Y]
    measured = model.evaluate(x, y, batch_size=7, return_dict=True, verbose=0)
    assert measured["loss"] == pytest.approx(nats(model).sum() / 9, rel=1e-4)
    batch = batch_of(model)
    before = nats(model).sum()
    loss = model.train_on_batch(*batch, return_dict=True)["loss"]
    assert loss == pytest.approx(before / 9, rel=1e-4) and nats(model).sum() < before


@pytest.mark.slow
@pytest.mark.parametrize("dtype", [None, "mixed_bfloat16"])
def test_saved_loaded_and_exported_answer_the_same(dtype, tmp_path, plain_tensorflow):
    model = make(dtype=dtype)
    model.save(tmp_path / "model.keras")
    loaded = rnnzoo.load_model(tmp_path / "model.keras")
    assert loaded.tag(X) == model.tag(X)
    for a, b in zip(loaded.predict(X), model.predict(X), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)
    model.export(tmp_path / "saved_model")
    plain_tensorflow(EXPORTED, tmp_path)
    with np.load(tmp_path / "reply.npz") as reply:
        flat = list(itertools.chain.from_iterable(model.tag(X)))
        assert reply["ragged_tags"].astype(str).tolist() == flat
        assert [tag for tag in reply["tags"].astype(str).ravel() if tag] == flat
        p = np.concatenate(model.predict(X))
        np.testing.assert_allclose(reply["ragged_probabilities"], p, atol=1e-5)
        np.testing.assert_allclose(
            reply["probabilities"].reshape(-1, 4)[reply["tags"].ravel() != b""], p, atol=1e-5
        )
    assert {"init", "step"}.isdisjoint(model.endpoints) and not model.streams


EXPORTED = """
import sys
import numpy as np, tensorflow as tf
folder = sys.argv[1]
loaded = tf.saved_model.load(f"{folder}/saved_model")
x = [["New", "York", "is", "big"], ["Rain", "falls", "", ""], ["Smith", "in", "Paris", ""]]
padded = loaded.serve(tf.constant(x))
words = [word for row in x for word in row if word]
ragged = loaded.serve_ragged(tf.constant(words), tf.constant([4, 2, 3], tf.int64))
np.savez(
    f"{folder}/reply.npz",
    tags=padded["tags"].numpy().astype("S"),
    probabilities=padded["probabilities"],
    ragged_tags=ragged["tags"].numpy().astype("S"),
    ragged_probabilities=ragged["probabilities"],
)
"""


@pytest.mark.slow
def test_a_run_goes_on_as_if_never_broken_off_and_predicts(tmp_path, capsys):
    lines = [
        "".join(f"{word}\t{tag}\n" for word, tag in zip(*pair, strict=True))
        for pair in zip(X, Y, strict=True)
    ]
    for split in ("train", "dev"):
        (tmp_path / f"{split}.txt").write_text("\n".join(lines * 5))
    options = {**TINY, "dropout": 0.2}
    settings = {"steps": 9, "validate_every": 3, "batch_size": 4, "overrides": options}

    def train(to, **more):
        return rnnzoo.train("tagger_bilstm_crf", tmp_path, to, verbose=0, **settings, **more)

    with pytest.raises(KeyboardInterrupt):
        train(tmp_path / "broken", callbacks=[StopAt(5)])
    metrics = train(tmp_path / "broken", resume=True)
    assert train(tmp_path / "whole")["validation"] == metrics["validation"]
    assert rows(tmp_path / "broken") == rows(tmp_path / "whole")
    models = [rnnzoo.load_model(tmp_path / run) for run in ("broken", "whole")]
    for a, b in zip(*(model.get_weights() for model in models), strict=True):
        np.testing.assert_array_equal(a, b)
    (tmp_path / "new.txt").write_text("Smith is big\n")
    capsys.readouterr()
    assert cli.main(["predict", str(tmp_path / "whole"), str(tmp_path / "new.txt")]) == 0
    said = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert [pair[0] for pair in said] == ["Smith", "is", "big", ""]
    assert tuple(pair[1] for pair in said[:3]) == models[1].tag(["Smith", "is", "big"])
