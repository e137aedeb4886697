"""Hidden Markov models of characters where users run them: fitted, resumed, extended, exported."""

import numpy as np
import pytest

import rnnzoo
from rnnzoo.platform import keras, tf
from rnnzoo.tasks import HiddenMarkovGenerator
from rnnzoo.tasks.hidden_markov import RATE
from tests.tasks.broken_off import StopAt, rows

TEXT = "the cat sat on the mat. the dog sat on the log." * 6
SIZES = {"batch_size": 4, "window": 16, "verbose": 0}


def make(**options):
    keras.utils.set_random_seed(1)
    return HiddenMarkovGenerator(states=6, **options)


@pytest.fixture(scope="module")
def model():
    model = make(learn="em")
    model.fit(TEXT, epochs=8, **SIZES)
    return model


def test_likelihoods_of_all_characters_sum_to_one(model):
    characters = model.vocabulary.characters
    for context in ("t", "th", "the dog"):
        known = np.exp(model.log_prob([context + c for c in characters]) - model.log_prob(context))
        (row,) = model.predict([context])
        assert row.sum() == pytest.approx(1, abs=1e-5)
        assert known.sum() == pytest.approx(1 - row[0], abs=1e-4)


def test_the_likelihood_is_that_of_the_layer_less_the_first_character(model):
    ids = model.vocabulary.ids("the dog sat")[None]
    whole = float(model.hmm.log_prob(ids)[0] - model.hmm.log_prob(ids[:, :1])[0])
    assert model.log_prob("the dog sat") == pytest.approx(whole, rel=1e-5)


def test_steps_batches_and_strips_agree(model):
    ids = tf.constant(model.vocabulary.ids("the dog sat on the cat.")[None])
    whole = model(ids)
    first, state = model(ids[:, :7], return_state=True)
    rest, _ = model(ids[:, 7:], state=state, return_state=True)
    np.testing.assert_allclose(tf.concat([first, rest], 1), whole, atol=1e-5)
    state, rows = model.initial_state(1), []
    for t in range(ids.shape[1]):
        row, state = model.step(ids[:, t], state)
        rows.append(row)
    np.testing.assert_allclose(tf.stack(rows, 1), whole, atol=1e-5)


def test_em_and_gradients_learn_in_fit(model):
    start = make(vocabulary=TEXT).evaluate(TEXT, **SIZES, return_dict=True)["loss"]
    assert model.evaluate(TEXT, **SIZES, return_dict=True)["loss"] < start - 0.3
    other = make()
    other.compile(keras.optimizers.Adam(0.1))
    losses = other.fit(TEXT, epochs=5, validation_data="the dog", **SIZES).history
    assert losses["loss"][-1] < losses["loss"][0] - 0.3
    assert losses["val_loss"][-1] < losses["val_loss"][0]


def test_new_characters_come_and_old_ones_keep_what_they_had(model, tmp_path):
    model.save(tmp_path / "model.keras")
    loaded = rnnzoo.load_model(tmp_path / "model.keras")
    assert loaded.log_prob("the mat") == model.log_prob("the mat")
    loaded.adapt("zebras")
    there = np.concatenate([[0], loaded.vocabulary.ids(model.vocabulary.characters)])
    before, now = (np.array(m.hmm.emissions.probabilities) for m in (model, loaded))
    # Each new character is as likely as an unknown one was; all others keep their proportions.
    added = now.shape[1] - before.shape[1]
    np.testing.assert_allclose(now[:, there] * (1 + added * before[:, :1]), before, rtol=1e-5)
    np.testing.assert_array_equal(loaded.hmm.cell.transitions, model.hmm.cell.transitions)
    loaded.adapt("zebras", vocabulary="reset")
    assert set(loaded.vocabulary.characters) == set("zebras")


@pytest.mark.parametrize("xla", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_an_export_answers_streams_and_generates_the_same(model, xla, tmp_path):
    exported = tf.saved_model.load(rnnzoo.export(model, tmp_path / "exported", xla=xla))
    prompts = ["the cat", "dog"]
    texts = tf.constant(prompts)
    np.testing.assert_allclose(
        exported.serve(texts)["log_prob"], model.log_prob(prompts), rtol=1e-5
    )
    written = exported.generate(texts, length=20, seed=tf.constant(3, tf.int64))["texts"].numpy()
    assert [t.decode() for t in written] == model.generate(prompts, length=20, seed=3)
    ids = model.vocabulary.ids("to")
    reply = exported.step(ids, exported.init(2))
    want, _ = model.step(tf.constant(ids), model.initial_state(2))
    np.testing.assert_allclose(reply["log_probs"], want, atol=1e-5)


@pytest.mark.slow
def test_a_run_by_em_goes_on_bit_for_bit_and_an_epoch_is_a_step(tmp_path):
    (tmp_path / "text.txt").write_text(TEXT * 4)
    how = {
        "overrides": {"states": 5, "learn": "em"},
        "epochs": 3,
        "batch_size": 4,
        "window": 16,
        "checkpoint_every": 2,
        "baseline": False,
        "verbose": 0,
    }
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    metrics = rnnzoo.train("char_hmm", tmp_path / "text.txt", whole, **how)
    steps = int(rows(whole)[0]["step"])
    with pytest.raises(KeyboardInterrupt):
        stop = [StopAt(steps + 5)]  # within the second epoch
        rnnzoo.train("char_hmm", tmp_path / "text.txt", broken, **how, callbacks=stop)
    rnnzoo.train("char_hmm", tmp_path / "text.txt", broken, **how, resume=True)
    assert rows(whole) == rows(broken)
    losses = [float(row["loss"]) for row in rows(whole)]
    assert losses[0] > losses[1] > losses[2]
    assert metrics["parameters"] == rnnzoo.load_model(whole).num_parameters
    a, b = (rnnzoo.load_model(folder).get_weights() for folder in (whole, broken))
    for one, other in zip(a, b, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.slow
def test_a_run_takes_the_model_s_own_rate_and_says_so(tmp_path, capsys):
    source = tmp_path / "text.txt"
    source.write_text(TEXT)
    rnnzoo.train(make(), source, tmp_path / "run", steps=1, baseline=False)
    said = "chosen: learning rate 0.1, as logarithms of probabilities have farther to go"
    assert said in capsys.readouterr().out
    assert rnnzoo.training.read_settings(tmp_path / "run")["learning_rate"] == RATE
    rnnzoo.train(make(), source, tmp_path / "own", steps=1, baseline=False, learning_rate=0.03)
    assert "chosen:" not in capsys.readouterr().out
    recipe = make(learn="em").feed(source).recipe
    assert "expectation maximization takes one with each validation" in recipe.why
    assert not recipe.rate_because


def test_averaged_weights_are_refused_by_em():
    model = make(learn="em", vocabulary=TEXT)
    model.compile(keras.optimizers.Adam(0.1, use_ema=True))
    with pytest.raises(ValueError, match="no optimizer that averages weights"):
        model.fit(TEXT, **SIZES)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"states": 0}, "states=0: expected a positive integer"),
        ({"learn": "counts"}, "learn='counts': expected em or gradient"),
    ],
)
def test_mistakes_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        rnnzoo.create_model("char_hmm", **options)
