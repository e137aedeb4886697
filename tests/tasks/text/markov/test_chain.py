"""Markov chains where users run them: fitted, evaluated, saved, extended, exported."""

import numpy as np
import pytest

import rnnzoo
from rnnzoo.platform import keras, tf
from rnnzoo.tasks import MarkovChain

TEXT = "the cat sat on the mat. the dog sat on the log." * 2


@pytest.fixture(scope="module")
def chain():
    model = MarkovChain(order=3)
    model.adapt(TEXT)
    return model


def probability(model, context):
    """From the tables, by what one more character does to the likelihood."""
    characters = model.vocabulary.characters
    return np.exp(model.log_prob([context + c for c in characters]) - model.log_prob(context))


def test_likelihoods_of_all_characters_sum_to_one_less_the_unknown(chain):
    for context in ("t", "th", "the", "ggg", "the dog"):
        known = probability(chain, context).sum()
        (row,) = chain.predict([context])
        assert row.sum() == pytest.approx(1, abs=1e-5)
        assert known == pytest.approx(1 - row[0], abs=1e-4)


def test_steps_batches_and_strips_agree(chain):
    ids = tf.constant(chain.vocabulary.ids("the dog sat on the cat.")[None])
    whole = chain(ids)
    first, state = chain(ids[:, :7], return_state=True)
    rest, _ = chain(ids[:, 7:], state=state, return_state=True)
    np.testing.assert_allclose(tf.concat([first, rest], 1), whole, atol=1e-6)
    state, rows = chain.initial_state(1), []
    for t in range(ids.shape[1]):
        row, state = chain.step(ids[:, t], state)
        rows.append(row)
    np.testing.assert_allclose(tf.stack(rows, 1), whole, atol=1e-6)


def test_nothing_is_forgotten_behind_the_order_and_nothing_seen_beyond_it(chain):
    a, b = chain.predict(["the cat sat", "a log. sat"])
    np.testing.assert_allclose(a, b)  # " sat" and " sat": the last three are the same
    a, b = chain.predict(["a sat", "at"])
    assert not np.allclose(a, b)


def test_fit_measures_and_counts_a_text_once(chain):
    model = MarkovChain(order=3)
    options = dict(batch_size=2, window=8, verbose=0)
    first = model.fit(TEXT, epochs=2, validation_data="the dog sat", **options)
    assert first.history["loss"][0] == pytest.approx(first.history["loss"][1], rel=0.2)
    before = [w.numpy() for w in model.weights]
    model.fit(TEXT, **options)
    for old, new in zip(before, model.weights, strict=True):
        np.testing.assert_array_equal(old, new)
    scores = model.evaluate("the dog sat", batch_size=1, return_dict=True, verbose=0)
    assert scores["loss"] == pytest.approx(-model.log_prob("the dog sat") / 10, rel=1e-5)


def test_further_text_counts_on_top_also_after_loading(chain, tmp_path):
    chain.save(tmp_path / "chain.keras")
    loaded = rnnzoo.load_model(tmp_path / "chain.keras")
    assert loaded.log_prob("the mat") == chain.log_prob("the mat")
    loaded.adapt("zebras eat grass")
    other = MarkovChain(order=3)
    other.adapt("zebras eat grass")
    other.adapt(TEXT)
    assert loaded.log_prob("zebras sat") == pytest.approx(other.log_prob("zebras sat"), rel=1e-5)
    loaded.adapt("zebras eat grass", vocabulary="reset")
    alone = MarkovChain(order=3)
    alone.adapt("zebras eat grass")
    assert loaded.vocabulary == alone.vocabulary
    assert loaded.log_prob("zebras") == pytest.approx(alone.log_prob("zebras"), rel=1e-5)


@pytest.mark.parametrize("xla", [pytest.param(False, marks=pytest.mark.slow), True])
def test_an_export_answers_streams_and_generates_the_same(chain, xla, tmp_path):
    exported = tf.saved_model.load(rnnzoo.export(chain, tmp_path / "exported", xla=xla))
    prompts = ["the cat", "dog"]
    texts = tf.constant(prompts)
    np.testing.assert_allclose(exported.serve(texts)["log_prob"], chain.log_prob(prompts))
    written = exported.generate(texts, length=20, seed=tf.constant(3, tf.int64))["texts"].numpy()
    assert [t.decode() for t in written] == chain.generate(prompts, length=20, seed=3)
    state = exported.init(2)
    ids = chain.vocabulary.ids("to")
    reply = exported.step(ids, state)
    want, _ = chain.step(tf.constant(ids), chain.initial_state(2))
    np.testing.assert_allclose(reply["log_probs"], want, atol=1e-6)


@pytest.mark.slow
def test_a_run_trains_and_loads(tmp_path):
    (tmp_path / "text.txt").write_text(TEXT * 10)
    metrics = rnnzoo.train(
        "char_markov2", tmp_path / "text.txt", tmp_path / "run", epochs=1, verbose=0
    )
    loaded = rnnzoo.load_model(tmp_path / "run")
    assert metrics["parameters"] == loaded.num_parameters > 50
    held_out = rnnzoo.load_text(tmp_path / "text.txt").validation
    scores = loaded.evaluate(held_out, return_dict=True, verbose=0)
    assert metrics["validation"]["loss"] == pytest.approx(scores["loss"], rel=1e-3)


def test_a_text_counted_once_has_its_new_characters_later():
    model = MarkovChain(order=2, vocabulary="the ")
    with pytest.warns(UserWarning, match="does not know"):
        model.adapt("the cat " * 9, vocabulary="keep")
    before = model.log_prob("the the")
    model.adapt("the cat " * 9)
    assert model.vocabulary.characters == " aceht"
    assert model.log_prob("the the") == pytest.approx(before, rel=0.3)  # "ca" stays uncounted


@pytest.mark.parametrize("order", [0, 2.5, "two", True])
def test_a_wrong_order_is_named(order):
    with pytest.raises(ValueError, match="order=.*: expected a whole number of characters"):
        rnnzoo.create_model("char_markov5", order=order)


def test_without_any_text_all_characters_are_as_likely():
    model = rnnzoo.create_model("char_markov5", vocabulary="abc")
    np.testing.assert_allclose(model.predict("ab"), np.full((1, 4), 1 / 4), rtol=1e-6)
    keras.utils.set_random_seed(0)
    assert set(model.generate(length=50)) == set("abc")
