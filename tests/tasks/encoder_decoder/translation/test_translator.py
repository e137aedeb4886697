"""Sentences in, sentences out."""

import re

import numpy as np
import pytest

import rnnzoo
from rnnzoo.platform import keras, tf

TINY = {"units": 24, "embedding_size": 16, "layers": 1, "dropout": 0.0, "label_smoothing": 0.0}
SOURCES = ["a dog", "two dogs run!", "the cat sleeps on %(place)s"]
TARGETS = ["ein hund", "zwei hunde laufen !", "auf %(place)s schläft die katze"]
WORDS = {"words": {"ein": 3, "hund": 1}, "source_words": {"a": 3, "dog": 1, "two": 1}}


@pytest.fixture(scope="module")
def learned():
    """A translator that knows three pairs by heart."""
    return learner("both")


def learner(condition):
    keras.utils.set_random_seed(0)
    model = rnnzoo.create_model("translate_gru", **TINY, condition=condition)
    model.compile(keras.optimizers.Adam(0.01))
    model.fit(SOURCES * 32, TARGETS * 32, epochs=20, batch_size=16, verbose=0)
    return model


def untrained(name="translate_lstm", **options):
    keras.utils.set_random_seed(0)
    return rnnzoo.create_model(name, **{**TINY, **WORDS, **options})


@pytest.mark.slow
def test_learns_by_heart_what_it_is_shown(learned):
    assert learned.translate(SOURCES) == TARGETS
    assert learned.sample(SOURCES, temperature=0) == TARGETS
    result = learned.evaluate(SOURCES, TARGETS, verbose=0, return_dict=True)
    assert result["perplexity"] < 1.2 and result["accuracy"] == 1.0


@pytest.mark.slow
def test_what_is_told_at_each_word_alone_is_enough(tmp_path):
    model = learner("input")
    assert model.translate(SOURCES) == TARGETS
    state = model.start(tf.constant(SOURCES))
    context = state.pop("context")
    assert state.pop("fields").numpy().tolist() == [0, 0, 1]
    assert len(np.unique(context, axis=0)) == 3 and not any(np.any(s) for s in state.values())
    loaded = tf.saved_model.load(model.export(tmp_path / "model", xla=False))
    said = loaded.serve(tf.constant(SOURCES))
    expected = model.endpoints["serve"](tf.constant(SOURCES))
    for name, values in expected.items():
        np.testing.assert_array_equal(said[name], values)


def test_scores_are_the_log_probabilities_of_the_sentences(learned):
    for source, ranked in zip(
        SOURCES, learned.translations(SOURCES, 3, length_power=0), strict=True
    ):
        sentences, scores = zip(*ranked, strict=True)
        assert sentences[0] in TARGETS and list(scores) == sorted(scores, reverse=True)
        assert len(set(sentences)) == len(sentences)
        said = [(one, score) for one, score in ranked if one]  # an empty one can't be given
        same = learned.log_prob([source] * len(said), [one for one, _ in said])
        np.testing.assert_allclose(same, [score for _, score in said], atol=1e-3)


@pytest.mark.parametrize(
    "condition", ["state", "both", pytest.param("input", marks=pytest.mark.slow)]
)
@pytest.mark.parametrize("name", ["translate_lstm", "translate_gru", "translate_lstm_forward"])
def test_one_word_at_a_time_is_all_words_at_once(name, condition):
    model = untrained(name, layers=2, condition=condition)
    sources = model.source_vocabulary.encode(tf.constant(["a dog", "two"])).to_tensor(2)
    ids = tf.constant([[3, 4, 2, 2], [4, 4, 3, 2]])
    logits = model({"sources": sources, "ids": ids})
    state, word = model.start(tf.constant(["a dog", "two"])), tf.constant([1, 1])
    for t in range(4):
        stepped, state = model.step(word, state)
        np.testing.assert_allclose(stepped, logits[:, t], atol=1e-5)
        word = ids[:, t]


@pytest.mark.parametrize(
    ("name", "condition"),
    [
        ("translate_lstm", "both"),
        ("translate_lstm_forward", "state"),
        pytest.param("translate_lstm", "state", marks=pytest.mark.slow),
        pytest.param("translate_lstm_forward", "both", marks=pytest.mark.slow),
    ],
)
def test_what_pads_is_neither_read_nor_reversed(name, condition):
    model = untrained(name, condition=condition)
    alone = model.states(["two dog"])
    with_longer = model.states(["two dog", "a dog a dog a dog"], batch_size=2)
    np.testing.assert_allclose(with_longer[0], alone[0], atol=1e-6)
    alone = model.log_prob(["two dog"], ["ein hund"])
    with_longer = model.log_prob(["two dog", "a dog a dog"], ["ein hund"] * 2, batch_size=2)
    np.testing.assert_allclose(with_longer[0], alone[0], atol=1e-5)


def test_reversed_reads_from_the_end_and_the_stop_last():
    model, forward = untrained("translate_lstm"), untrained("translate_lstm_forward")
    forward.set_weights(model.get_weights())
    np.testing.assert_allclose(
        model.states(["two dog a"]), forward.states(["a dog two"]), atol=1e-6
    )
    assert np.abs(model.states(["two dog a"]) - model.states(["a dog two"])).max() > 1e-3


def test_a_shared_vocabulary_has_one_vector_for_a_word():
    keras.utils.set_random_seed(0)
    model = rnnzoo.create_model("translate_lstm", **TINY, shared=True, min_count=1)
    model.adapt(["a b", "c"], ["b a", "d"])
    assert model.source_vocabulary is model.vocabulary
    assert list(model.vocabulary.counts) == ["a", "b", "c", "d"]
    assert not any("source_embedding" in weight.path for weight in model.weights)


@pytest.mark.slow
def test_rare_words_are_spelt():
    keras.utils.set_random_seed(0)
    model = rnnzoo.create_model("translate_lstm", **TINY)
    history = model.fit(["a dog", "a cat"] * 2, ["ein hund", "ein tier"] * 2, verbose=0)
    assert history.params["steps"] == 1
    assert set(model.vocabulary.counts) == {"ein", "hund", "tier"}
    model = rnnzoo.create_model("translate_lstm", **TINY)
    model.fit(["a dog", "a cat"], ["ein hund", "ein tier"], verbose=0)
    assert set(model.vocabulary.counts) == {"ein"}
    assert model.vocabulary.characters == "dehinrtu"
    assert np.isfinite(model.log_prob(["a zebra"], ["ein Zebra"])).all()


def test_upper_case_is_kept_on_request():
    model = rnnzoo.create_model("translate_lstm", **TINY, cased=True, min_count=1)
    model.adapt(["A dog"], ["Ein Hund"])
    assert set(model.vocabulary.counts) == {"Ein", "Hund"}


@pytest.mark.slow
def test_an_exported_translator_answers_the_same(learned, tmp_path):
    exported = tf.saved_model.load(learned.export(tmp_path / "saved_model"))
    sources = tf.constant(SOURCES)
    reply = exported.serve(sources, width=2)
    for i, ranked in enumerate(learned.translations(SOURCES, beam_width=2)):
        for j, (sentence, score) in enumerate(ranked):
            assert reply["sentences"][i, j].numpy().decode() == sentence
            assert float(reply["log_probs"][i, j]) == pytest.approx(score, abs=1e-3)
    samples = exported.generate(sources, seed=3, temperature=2.0)["sentences"].numpy()
    # All are of the same size here, so they come in one batch.
    assert [s.decode() for s in samples] == learned.sample(SOURCES, seed=3, temperature=2.0)
    score = exported.score(sources, tf.constant(TARGETS))["log_prob"]
    np.testing.assert_allclose(score, learned.log_prob(SOURCES, TARGETS), atol=1e-4)
    reply = exported.step(tf.constant([1, 1, 1]), exported.init(sources))
    words = [w.decode() for w in exported.vocabulary()["vocabulary"].numpy()]
    assert [words[i] for i in np.argmax(reply["log_probs"], axis=-1)] == ["ein", "zwei", "auf"]


def test_pairs_too_long_for_a_batch_are_left_out():
    model = untrained()
    with pytest.warns(UserWarning, match="1 of 2 pairs have more than 1024 words"):
        data = model.preprocessor.splits(train=(["a dog", "a " * 2000], ["ein hund", "hund"]))
        feed = model.feed_class(data, model.preprocessor, 2)
        (x, ids, _), *more = feed.evaluation("train")
    assert not more and x["sources"].shape[0] == ids.shape[0] == 1


def test_label_smoothing_is_for_the_loss_alone():
    results = [
        untrained(label_smoothing=smoothing).evaluate(
            ["a dog"], ["ein hund"], verbose=0, return_dict=True
        )
        for smoothing in (0.0, 0.5)
    ]
    assert results[0]["perplexity"] == pytest.approx(results[1]["perplexity"])
    assert abs(results[0]["loss"] - results[1]["loss"]) > 1e-3


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m: m.fit(["a", "b"], ["c"]), "expected a target for each of the 2 sources, got 1"),
        (lambda m: m.fit(["a", " "], ["b", "c"]), "source 1: expected a sentence, got ' '"),
        (lambda m: m.fit(["a", "b"], ["b", 3]), "target 1: expected a sentence, got 3"),
        (lambda m: m.translate("a dog"), "expected a list of sentences, got one: 'a dog'"),
        (lambda m: m.translate(["a", ""]), "source 1: expected a sentence, got ''"),
        (lambda m: m.log_prob(["a"], []), "1 sources and 0 targets: expected as many of both"),
        (lambda m: m.translate(["a"], length_power=-1), "length_power=-1: expected a number of"),
        (lambda m: m.translate(["a"], batch_size=0), "batch_size=0: expected a whole number of"),
        (lambda m: m.log_prob(["a"], [3]), "target 0: expected a sentence, got 3"),
        (lambda m: m.fit("abc", "def"), "expected a list of sentences, got one: 'abc'"),
        (lambda m: m.translate(["a\ud800"]), "lone surrogate"),
    ],
)
def test_what_does_not_go_together_is_refused(call, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        call(untrained())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"reverse_source": "yes"}, "reverse_source='yes': expected True or False"),
        ({"condition": "step"}, "condition='step': expected one of input, state, both"),
        ({"label_smoothing": 1.0}, "label_smoothing=1.0: expected a number of at least 0 and"),
        ({"words": {"a": 1}}, "shared=False: expected words alone if vocabularies are shared"),
    ],
)
def test_options_that_are_none(options, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        rnnzoo.create_model("translate_lstm", **options)
    with pytest.raises(ValueError, match="knows no words yet"):
        rnnzoo.create_model("translate_lstm", **TINY).translate(["a"])


def test_metrics_count_each_word_in_sentences_of_any_length(learned):
    sources, targets = SOURCES * 2, [*TARGETS, *(f"{target} et {target} et" for target in TARGETS)]
    nats = -learned.log_prob(sources, targets)
    known = learned.preprocessor
    ids = known.read_targets(tf.constant(targets), known.marked(tf.constant(sources))[1]).numpy()
    words = (ids == 2).argmax(axis=1) + 1
    for size in (1, 3, len(sources)):
        found = learned.evaluate(sources, targets, batch_size=size, verbose=0, return_dict=True)
        assert found["perplexity"] == pytest.approx(np.exp(nats.sum() / words.sum()), rel=1e-4)
