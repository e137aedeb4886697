"""What a word begins with, ends with, and looks like."""

import numpy as np
import pytest

import rnnzoo
from rnnzoo.platform import keras, tf
from rnnzoo.tasks.tagging.affixes import BUCKETS, FEATURES, affixes

TINY = {"units": 8, "embedding_size": 4, "spelling_units": 0, "dropout": 0.0}
WORDS = [
    ("walk", "dog"),
    ("jump", "cat"),
    ("play", "bird"),
    ("open", "door"),
    ("paint", "wall"),
] * 4


def turned(words, by):
    """Words whose places tell nothing."""
    return [*words[by % 4 :], *words[: by % 4]]


SENTENCES = [turned(["He", f"{v}ed", f"x{i}", noun], i) for i, (v, noun) in enumerate(WORDS)]
TAGS = [turned("PVXN", i) for i in range(len(WORDS))]
NEW = [["She", "climbed", "wxyz77", "tree"]]


def same(one, other):
    """Which features two words share: the shape, 3 beginnings, 4 ends."""
    found = affixes(tf.constant([one, other])).numpy()
    assert found.shape == (2, FEATURES) and found.min() >= 0 and found.max() < BUCKETS
    return (found[0] == found[1]).astype(int).tolist()


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("McDonald's", "McX's", [0, 1, 1, 0, 1, 1, 0, 0]),  # AaAa'a, AaA'a; m, mc; s, 's
        ("B-52", "C-9", [1, 0, 0, 0, 0, 0, 0, 0]),
        ("Élan", "élan", [0, 1, 1, 1, 1, 1, 1, 1]),  # characters, not bytes, in lower case
        ("ab", "ab", [1] * 8),
        ("ab", "cab", [1, 0, 0, 0, 1, 1, 0, 0]),  # 'ab' is no end of 3 characters of 'cab'
        ("x\ny", "x\nz", [1, 1, 1, 0, 0, 0, 0, 0]),
        ("日本", "日本語", [1, 1, 1, 0, 0, 0, 0, 0]),
    ],
)
def test_what_words_have_in_common(one, other, expected):
    assert same(one, other) == expected


def trained(**options):
    keras.utils.set_random_seed(5)
    model = rnnzoo.create_model("tagger_bilstm", **{**TINY, "word_dropout": 0.9, **options})
    model.compile(keras.optimizers.Adam(0.03))
    model.fit(SENTENCES, TAGS, batch_size=5, epochs=12, verbose=0)
    return model


@pytest.fixture(scope="module")
def model():
    return trained(affix_size=4)


def test_words_never_seen_are_known_by_what_they_look_like(model):
    shuffled = [["wxyz77", "She", "climbed"]]
    assert model.tag(shuffled) == [("X", "P", "V")]
    # To a tagger without, all of them are one unknown word.
    assert trained(affix_size=0).tag(shuffled) != [("X", "P", "V")]


def test_saved_exported_and_trained_further(model, tmp_path):
    expected = model.predict(NEW)
    model.save(tmp_path / "model.keras")
    loaded = rnnzoo.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(loaded.predict(NEW)[0], expected[0], atol=1e-6)
    model.export(tmp_path / "export")
    exported = tf.saved_model.load(str(tmp_path / "export"))
    served = exported.serve(sequences=tf.constant(NEW))
    np.testing.assert_allclose(served["probabilities"][0], expected[0], atol=1e-5)
    before = loaded.affixes.embeddings.numpy()
    loaded.compile(keras.optimizers.SGD(0.0))
    loaded.fit([["Nobody", "moved", "a", "thing"]], [["P", "V", "D", "N"]], verbose=0)
    assert "D" in loaded.tags
    np.testing.assert_array_equal(loaded.affixes.embeddings, before)
    extended = loaded.predict(NEW)
    loaded.save(tmp_path / "extended.keras")
    again = rnnzoo.load_model(tmp_path / "extended.keras")
    np.testing.assert_allclose(again.predict(NEW)[0], extended[0], atol=1e-6)
    loaded.fit(SENTENCES, TAGS, vocabulary="reset", verbose=0)
    assert (loaded.affixes.embeddings.numpy() != before).any()


@pytest.mark.parametrize("name", ["tagger_bilstm_crf", "tagger_feedback_lstm"])
def test_layers_of_an_extended_model_stand_as_in_a_new_one(name):
    model = rnnzoo.create_model(name, **{**TINY, "affix_size": 3, "spelling_units": 4})
    model.fit(SENTENCES, TAGS, verbose=0)
    model.fit([["Nobody", "moved", "a", "thing"]], [["P", "V", "D", "N"]], verbose=0)
    new = type(model).from_config(model.get_config())
    assert [w.shape for w in model.weights] == [w.shape for w in new.weights]
    new.set_weights(model.get_weights())
    np.testing.assert_allclose(new.predict(NEW)[0], model.predict(NEW)[0], atol=1e-6)


def test_words_one_by_one_and_the_dtype_policy():
    options = {**TINY, "bidirectional": False, "affix_size": 3, "spelling_units": 4}
    model = rnnzoo.create_model("tagger_lstm", **options, dtype="mixed_bfloat16")
    model.fit(SENTENCES, TAGS, batch_size=8, verbose=0)  # a short last batch
    (whole,), state = model.predict(NEW), model.endpoints["init"](batch_size=tf.constant(1))
    for t, word in enumerate(NEW[0]):
        state = model.endpoints["step"](elements=tf.constant([word]), state=state)
        np.testing.assert_allclose(state.pop("probabilities")[0], whole[t], atol=0.02)
        state.pop("tags")


def test_a_tagger_of_characters_has_none():
    model = rnnzoo.create_model("tagger_birnn", units=4, affix_size=4)
    model.fit(["f(x)"] * 4, ["cppp"] * 4, verbose=0)
    assert model.affixes is None
