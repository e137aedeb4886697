"""Taggers that count, where users run them: fitted, evaluated, saved, extended, exported."""

import itertools

import numpy as np
import pytest

import rnnzoo
from rnnzoo.platform import keras, tf
from rnnzoo.tasks import HiddenMarkovTagger
from rnnzoo.tasks.tagging.hidden_markov.preprocessor import suffix_keys

SENTENCES = [["The", "dog", "barks"], ["a", "cat", "sleeps"], ["dogs", "bark"], ["The", "Smiths"]]
TAGS = [["D", "N", "V"], ["D", "N", "V"], ["N", "V"], ["D", "P"]]


@pytest.fixture(scope="module")
def model():
    model = HiddenMarkovTagger()
    model.adapt(SENTENCES, TAGS)
    return model


def test_counts_are_those_of_the_sentences(model):
    moves, elements, suffixes = (w.numpy() for w in model.counts.weights)
    order = [model.tags.index(tag) for tag in "DNVP"]
    moves = moves[np.ix_([*order, 4], order)]
    assert moves.tolist() == [[0, 2, 0, 1], [0, 0, 3, 0], [0] * 4, [0] * 4, [3, 1, 0, 0]]
    (the,) = model.preprocessor.words.ids(["the"])
    assert elements[the, order].tolist() == [2, 0, 0, 0]
    (plural,) = model.preprocessor.suffixes.ids(["a1s"])
    assert suffixes[plural, order].tolist() == [0, 1, 2, 0]  # dogs; barks, sleeps
    assert not suffixes[0].any()
    a = (moves[:4] + 1) / (moves[:4] + 1).sum(axis=1, keepdims=True)
    found = model.hmm.cell.transitions.numpy()[np.ix_(order, order)]
    np.testing.assert_allclose(found, a, rtol=1e-5)


def test_a_word_s_tags_are_smoothed_by_its_suffixes(model):
    words = ["barks", "Jones"]
    batch = model.preprocessor.encode(model.preprocessor.tensors([words]))
    moves, elements, suffixes = (w.numpy().astype(float) for w in model.counts.weights)
    share = (moves.sum(axis=0) + 1) / (moves.sum() + 4)
    for t, word in enumerate(words):
        p = share
        for key in suffix_keys(tf.constant(word)).numpy():
            known = key.decode() in model.preprocessor.suffixes.counts
            n = suffixes[model.preprocessor.suffixes.ids([key.decode()])[0]] if known else 0 * p
            p = (n + p) / (n.sum() + 1)
        n = elements[model.preprocessor.words.ids([word])[0]] if word == "barks" else 0 * p
        p = (n + p) / (n.sum() + 1)
        np.testing.assert_allclose(model.log_likelihoods(batch)[0, t], np.log(p / share), rtol=1e-5)


def test_the_answer_is_the_likeliest_path_and_probabilities_those_of_all_paths(model):
    words = ["The", "cats", "sleep", "now"]
    batch = model.preprocessor.encode(model.preprocessor.tensors([words]))
    e = model.log_likelihoods(batch).numpy()[0].astype(float)
    initial, a = (np.log(w) for w in (model.hmm.cell.initial, model.hmm.cell.transitions))
    paths = np.array(list(itertools.product(range(4), repeat=4)))
    joint = initial[paths[:, 0]] + e[range(4), paths].sum(axis=1)
    joint += a[paths[:, :-1], paths[:, 1:]].sum(axis=1)
    assert model.tag(words) == tuple(model.tags[i] for i in paths[joint.argmax()])
    p = np.exp(joint - joint.max())
    expected = [np.bincount(paths[:, t], p / p.sum(), 4) for t in range(4)]
    np.testing.assert_allclose(model.predict([words])[0], expected, atol=1e-5)


def test_unknown_words_are_known_by_their_suffixes(model):
    assert model.tag(["The", "bird", "sings"]) == ("D", "N", "V")
    assert model.tag([["birds", "sing"], ["The", "Joneses"]])[1][0] == "D"


@pytest.mark.slow
def test_fit_measures_and_counts_a_set_once_and_another_on_top(model, tmp_path):
    model.save(tmp_path / "model.keras")
    loaded = rnnzoo.load_model(tmp_path / "model.keras")
    before = [w.numpy() for w in loaded.counts.weights]
    history = loaded.fit(SENTENCES, TAGS, validation_data=(SENTENCES, TAGS), verbose=0).history
    assert history["val_accuracy"][0] > 0.9
    for old, new in zip(before, loaded.counts.weights, strict=True):
        np.testing.assert_array_equal(old, new)
    loaded.adapt([["quickly", "runs"]], [["A", "V"]])
    both = HiddenMarkovTagger()
    both.adapt([["quickly", "runs"]], [["A", "V"]])
    both.adapt(SENTENCES, TAGS)
    words = ["The", "dog", "runs", "quickly"]
    order = [loaded.tags.index(tag) for tag in both.tags]
    np.testing.assert_allclose(
        loaded.predict([words])[0][:, order], both.predict([words])[0], atol=1e-5
    )
    loaded.adapt(SENTENCES, TAGS, vocabulary="reset")
    assert loaded.tags == model.tags
    np.testing.assert_allclose(loaded.predict([words])[0], model.predict([words])[0], atol=1e-6)


@pytest.mark.slow
def test_weights_in_training_are_refused_and_weigh_what_is_measured(model):
    message = "class_weight: this tagger counts each element of training once; leave it out"
    with pytest.raises(ValueError, match=message):
        HiddenMarkovTagger().fit(SENTENCES, TAGS, class_weight={"N": 2}, verbose=0)
    with pytest.raises(ValueError, match="sample_weight: this tagger counts"):
        HiddenMarkovTagger().fit(SENTENCES, TAGS, sample_weight=[1, 2, 1, 1], verbose=0)
    first = model.evaluate(SENTENCES, TAGS, sample_weight=[1, 0, 0, 0], verbose=0, return_dict=True)
    alone = model.evaluate(SENTENCES[:1], TAGS[:1], verbose=0, return_dict=True)
    assert first["loss"] == pytest.approx(alone["loss"], rel=1e-5)


@pytest.mark.slow
def test_an_export_answers_the_same(model, tmp_path):
    exported = tf.saved_model.load(rnnzoo.export(model, tmp_path / "exported"))
    words = tf.constant([["The", "dog", "sleeps"], ["dogs", "bark", ""]])
    reply = exported.serve(words)
    sentences = [["The", "dog", "sleeps"], ["dogs", "bark"]]
    tags = [[tag.decode() for tag in row if tag] for row in reply["tags"].numpy()]
    assert [tuple(row) for row in tags] == model.tag(sentences)
    np.testing.assert_allclose(
        reply["probabilities"][1, :2], model.predict(sentences)[1], atol=1e-6
    )
    ragged = exported.serve_ragged(["dogs", "bark"], tf.constant([2], tf.int64))["tags"].numpy()
    assert tuple(tag.decode() for tag in ragged) == model.tag(["dogs", "bark"])


@pytest.mark.slow
def test_characters_are_tagged_and_a_run_measures(tmp_path):
    model = rnnzoo.create_model("tagger_hmm")
    model.fit(["f(x)", "g + f(y)"] * 5, ["cppp", "vpppcppp"] * 5, verbose=0)
    assert model.tag("f(x)") == ("c", "p", "p", "p")
    lines = [
        "".join(f"{word}\t{tag}\n" for word, tag in zip(*pair, strict=True))
        for pair in zip(SENTENCES, TAGS, strict=True)
    ]
    (tmp_path / "train.txt").write_text("\n".join(lines * 10))
    metrics = rnnzoo.train("tagger_hmm", tmp_path / "train.txt", tmp_path / "run", verbose=0)
    assert metrics["validation"]["accuracy"] > 0.9
    loaded = rnnzoo.load_model(tmp_path / "run")
    assert metrics["parameters"] == loaded.num_parameters > 10
    assert loaded.tag(["The", "dog", "barks"]) == ("D", "N", "V")


@pytest.mark.parametrize("smoothing", [0, -1, "x", True])
def test_a_wrong_smoothing_is_named(smoothing):
    with pytest.raises(ValueError, match="smoothing=.*: expected a number above 0"):
        rnnzoo.create_model("tagger_hmm", smoothing=smoothing)


@pytest.mark.slow
def test_without_data_all_tags_are_as_likely():
    keras.utils.set_random_seed(0)
    model = rnnzoo.create_model("tagger_hmm", tags=["a", "b"], characters="xyz", words={"x": 1})
    np.testing.assert_allclose(model.predict([["x", "z"]])[0], 0.5, atol=1e-6)
