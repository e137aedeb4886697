"""Translators that read and write pieces of words."""

import importlib.util
import re

import numpy as np
import pytest

import rnnzoo
from rnnzoo.platform import keras, tf
from rnnzoo.tasks import PieceVocabulary

pytest.importorskip("tokenizers", reason="pip install 'rnnzoo[translation]'")

TINY = {"units": 24, "embedding_size": 16, "layers": 1, "dropout": 0.0, "label_smoothing": 0.0}
SOURCES = ["walking dogs", "talking cats!", "dogs talk\n", "cats ## walk"]
TARGETS = ["gehende hunde", "redende katzen !", "hunde reden", "katzen ## gehen"]
ODD = ["walked 👍🏽 talk", "##ing", "cats\n\ndogs", "walk" * 60, "e\u0301 dogs"]


def adapted(name="translate_gru", pieces=12, **options):
    keras.utils.set_random_seed(0)
    model = rnnzoo.create_model(name, **TINY, pieces=pieces, **options)
    model.adapt(SOURCES * 2, TARGETS * 2)
    return model


def test_pieces_are_learned_of_each_language_or_of_both():
    model = adapted()
    for vocabulary in (model.vocabulary, model.source_vocabulary):
        assert isinstance(vocabulary, PieceVocabulary) and 0 < len(vocabulary.counts) <= 12
    assert "\u2060ing" in model.source_vocabulary.counts
    shared = adapted(shared=True)
    assert shared.vocabulary is shared.source_vocabulary
    assert len(shared.vocabulary.counts) <= 12
    data = model.preprocessor.splits(train=(SOURCES, TARGETS))
    assert str(model.feed_class(data, model.preprocessor)).endswith("pieces of words")


@pytest.mark.slow
def test_what_was_learned_is_written_again_also_after_saving_and_exporting(tmp_path):
    keras.utils.set_random_seed(0)
    model = rnnzoo.create_model("translate_attention_gru", **TINY, pieces=12)
    model.compile(keras.optimizers.Adam(0.01))
    model.fit(SOURCES * 32, TARGETS * 32, epochs=15, batch_size=16, verbose=0)
    assert model.translate(SOURCES) == TARGETS
    (found,) = model.align(["walking dogs"], ["gehende hunde"])
    assert "".join(found.source_tokens) == "walkingdogs</s>" and len(found.source_tokens) > 3
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.translations(SOURCES + ODD) == model.translations(SOURCES + ODD)
    exported = tf.saved_model.load(model.export(tmp_path / "saved_model"))
    sources = tf.constant(SOURCES + ODD + ["", " \n"])
    for name in ("serve", "generate", "serve_aligned"):
        ours, theirs = model.endpoints[name](sources), getattr(exported, name)(sources)
        for key, values in ours.items():
            np.testing.assert_array_equal(values, theirs[key])
    pairs = sources, tf.constant(TARGETS + TARGETS + TARGETS[:3])
    score = exported.score(*pairs)["log_prob"]
    np.testing.assert_allclose(score, model.endpoints["score"](*pairs)["log_prob"], atol=1e-5)


def test_a_loaded_model_cuts_the_same(tmp_path):
    model = adapted(cased=True)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.preprocessor.pieces == 12
    for which in ("vocabulary", "source_vocabulary"):
        ours, theirs = (getattr(of, which).encode(tf.constant(ODD)) for of in (model, loaded))
        assert ours.to_list() == theirs.to_list()
    np.testing.assert_array_equal(model.log_prob(ODD, ODD), loaded.log_prob(ODD, ODD))


def test_where_it_goes_on_pieces_stay_and_characters_come(monkeypatch):
    model = adapted()
    cut = model.source_vocabulary.encode(tf.constant(SOURCES)).to_list()
    shown = [[model.source_vocabulary.shown[i] for i in ids] for ids in cut]
    pieces, before = model.vocabulary.counts, model.log_prob(SOURCES, TARGETS)
    # No package is needed for it.
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    known = model.preprocessor
    model.adapt(["walking foxes", "foxes talk"] * 9, ["gehende füchse", "füchse reden"] * 9)
    assert model.vocabulary.counts == pieces
    assert set(model.vocabulary.characters) - set(known.vocabulary.characters) == {*"cfsü"}
    assert model.preprocessor.news(known) == (
        "3 characters of sources ('e', 'f', 'x'), 4 characters ('c', 'f', 's', 'ü')"
    )
    cut = model.source_vocabulary.encode(tf.constant(SOURCES)).to_list()
    assert [[model.source_vocabulary.shown[i] for i in ids] for ids in cut] == shown
    # Vectors go along; the new characters are a share of the softmax.
    after = model.log_prob(SOURCES, TARGETS)
    assert (after < before).all() and np.corrcoef(before, after)[0, 1] > 0.99
    assert np.isfinite(model.log_prob(["foxes"], ["füchse"])).all()


@pytest.mark.parametrize("pieces", [0, 2.5, True, "many"])
def test_a_number_that_is_none(pieces):
    with pytest.raises(ValueError, match=re.escape(f"pieces={pieces!r}: expected a positive")):
        rnnzoo.create_model("translate_gru", **TINY, pieces=pieces)


def test_what_learns_is_named_where_it_is_missing(monkeypatch):
    model = rnnzoo.create_model("translate_gru", **TINY, pieces=5)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(rnnzoo.MissingPackage, match="learned by the package tokenizers"):
        model.adapt(SOURCES, TARGETS)


@pytest.mark.slow
def test_a_short_last_batch_counts_as_it_should_and_a_graph_of_any_batch_cuts_the_same():
    model = adapted("translate_attention_gru")
    model.compile(keras.optimizers.Adam(0.01))
    before = model.get_weights()
    model.fit(SOURCES * 2, TARGETS * 2, batch_size=3, verbose=0)  # of 3, 3 and 2
    assert any(np.abs(a - b).max() > 0 for a, b in zip(before, model.get_weights(), strict=True))
    of_3, of_8 = (
        model.evaluate(SOURCES * 2, TARGETS * 2, batch_size=n, return_dict=True, verbose=0)
        for n in (3, 8)
    )
    assert of_3 == pytest.approx(of_8, rel=1e-5)
    for given in (SOURCES, ODD, ODD[:1], []):
        assert model.predict(given) == [model.predict([one])[0] for one in given]
        graph = tf.function(
            lambda strings: model.source_vocabulary.encode(strings).to_tensor(0),
            input_signature=[tf.TensorSpec([None], tf.string)],
        )
        strings = tf.constant(given, tf.string)
        eagerly = model.source_vocabulary.encode(strings).to_tensor(0)
        np.testing.assert_array_equal(graph(strings), eagerly)
