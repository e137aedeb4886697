"""Classifiers by hidden Markov models where users run them: fitted, resumed, extended, exported."""

import numpy as np
import pytest
from scipy.special import softmax

import rnnzoo
from rnnzoo.layers import HiddenMarkovModel
from rnnzoo.platform import keras, tf
from rnnzoo.tasks import HiddenMarkovClassifier
from tests.tasks.broken_off import StopAt, rows

# Many small trainings: the loop over all models has one of each architecture in the fast tests.
pytestmark = pytest.mark.slow

rng = np.random.default_rng(0)
LABELS = ["slow", "fast", "slow"] * 8


def wave(label, steps):
    """+1 and -1 in turn, for 1 or for 4 steps each, with noise."""
    period = {"fast": 1, "slow": 4, "still": 10**6}[label]
    return ((-1.0) ** (np.arange(steps) // period))[:, None] + rng.normal(0, 0.3, (steps, 1))


X = [wave(label, 20 + i) for i, label in enumerate(LABELS)]
FIT = {"batch_size": 8, "augment": 0, "verbose": 0}


def made(**options):
    keras.utils.set_random_seed(1)
    return HiddenMarkovClassifier(states=3, **options)


@pytest.fixture(scope="module")
def model():
    model = made()
    model.history = model.fit(X, LABELS, epochs=8, window=60, **FIT).history
    return model


def test_answers_are_by_bayes_rule(model):
    known, chains = model.preprocessor, model.recurrent
    x = (X[5] - known.mean[0]) / np.sqrt(known.variance[0])
    joint = []
    for c in range(2):
        of_class = HiddenMarkovModel(3, 1, "gaussian", variance_floor=chains.variance_floor)
        for mine, theirs in zip(of_class.cell.weights, chains.cell.weights, strict=True):
            mine.assign(theirs[c])
        for mine, theirs in zip(of_class.emissions.weights, chains.emissions.weights, strict=True):
            mine.assign(theirs[3 * c : 3 * c + 3])
        joint.append(float(of_class.log_prob(x[None])[0]))
    assert model.classes == ("fast", "slow")
    priors = np.array([9, 17]) / 26  # of 8 and 16, and one more of each
    np.testing.assert_allclose(model.predict([X[5]])[0], softmax(joint + np.log(priors)), atol=1e-5)


def test_em_learns_in_fit_and_never_makes_what_it_has_seen_less_likely(model):
    assert np.mean(np.array(model.classify(X)) == LABELS) > 0.9

    def log_likelihood(model):
        ids = model.preprocessor.labels.ids(LABELS)
        x, lengths = map(tf.constant, model.preprocessor.padded(X))
        mask = tf.sequence_mask(lengths)
        steps, _ = model.recurrent(model._of_windows(x, False), mask=mask)
        of_classes = tf.reduce_sum(tf.where(mask[..., None], steps, 0), axis=1)
        return float(tf.reduce_sum(tf.gather(of_classes, ids, axis=1, batch_dims=1)))

    other, found = made(), []
    other.adapt(X, LABELS)
    other.recurrent.pseudo_count = 0.0
    for _ in range(4):
        found.append(log_likelihood(other))
        counts = other.expected_counts(
            tuple(map(tf.constant, other.preprocessor.padded(X))),
            tf.constant(other.preprocessor.labels.ids(LABELS)),
            None,
        )
        other.recurrent.maximize(counts)
    assert found == sorted(found) and found[-1] > found[0] + 10


def test_gradients_learn_in_fit():
    other = made(learn="gradient")
    losses = other.fit(X, LABELS, epochs=15, validation_data=(X, LABELS), **FIT).history
    assert losses["val_loss"][-1] < min(0.3, losses["val_loss"][0])
    assert losses["val_accuracy"][-1] > 0.9


def test_windows_streams_and_whole_sequences_agree(model):
    windowed = HiddenMarkovClassifier.from_config({**model.get_config(), "window": 8, "hop": 4})
    windowed.recurrent.set_weights(model.recurrent.get_weights())
    x = X[7].astype("float32")[None]
    for each in (model, windowed):
        state, step = each.initial_state(1), tf.function(each.step)
        for t in range(x.shape[1]):
            log_probs, state = step(tf.constant(x[:, t]), state)
        np.testing.assert_allclose(tf.exp(log_probs), each.predict(x), atol=1e-5)
        _, half = each.read(tf.constant(x[:, :11]), each.initial_state(1))
        np.testing.assert_allclose(
            tf.exp(each.read(tf.constant(x[:, 11:]), half)[0]), each.predict(x), atol=1e-5
        )
    alone = [windowed.predict([X[7]]), windowed.predict([X[20]])]
    np.testing.assert_allclose(windowed.predict([X[7], X[20]]), np.concatenate(alone), atol=1e-5)


@pytest.mark.slow
def test_new_classes_come_and_old_ones_keep_their_models(model, tmp_path):
    model.save(tmp_path / "model.keras")
    loaded = rnnzoo.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    still = [wave("still", 20) for _ in range(8)]
    before = model.recurrent.cell.transition_logits.numpy()
    loaded.adapt(still, ["a new one"] * 8)
    assert loaded.classes == ("fast", "slow", "a new one")
    np.testing.assert_array_equal(loaded.recurrent.cell.transition_logits[:2], before)
    loaded.fit(still, ["a new one"] * 8, epochs=3, **FIT)
    np.testing.assert_array_equal(loaded.recurrent.cell.transition_logits[:2], before)
    assert loaded.classify([wave("still", 30)]) == ["a new one"]
    loaded.reset_classes(["up", "down"])
    assert loaded.predict(X).shape == (24, 2)


def test_weights_of_classes_reach_the_counts():
    other = made()
    other.adapt(X, LABELS)
    before = other.recurrent.cell.transition_logits.numpy()
    other.fit(X, LABELS, class_weight={"fast": 0, "slow": 1}, **FIT)
    fast, slow = np.abs(other.recurrent.cell.transition_logits - before).max(axis=(1, 2))
    assert fast == 0 and slow > 0.1


@pytest.mark.slow
def test_an_export_answers_and_streams_the_same(model, tmp_path):
    exported = tf.saved_model.load(rnnzoo.export(model, tmp_path / "exported"))
    x = X[3].astype("float32")[None]
    reply = exported.serve(tf.constant(x))
    np.testing.assert_allclose(reply["probabilities"], model.predict(x), atol=1e-6)
    assert reply["labels"].numpy().tolist() == [model.classify(x)[0].encode()]
    state = exported.init(1)
    for t in range(x.shape[1]):
        state = exported.step(tf.constant(x[:, t]), state)
        label = state.pop("labels"), state.pop("probabilities")
    np.testing.assert_allclose(label[1], model.predict(x), atol=1e-5)


@pytest.mark.slow
def test_a_run_by_em_goes_on_bit_for_bit(tmp_path):
    np.savez(
        tmp_path / "waves.npz",
        x=np.stack([x[:20] for x in X]).astype("float32"),
        y=np.array(LABELS),
    )
    how = {
        "overrides": {"states": 2},
        "steps": 12,
        "validate_every": 4,
        "batch_size": 4,
        "checkpoint_every": 2,
        "baseline": False,
        "verbose": 0,
    }
    source, whole, broken = tmp_path / "waves.npz", tmp_path / "whole", tmp_path / "broken"
    rnnzoo.train("activity_hmm", source, whole, **how)
    with pytest.raises(KeyboardInterrupt):
        rnnzoo.train("activity_hmm", source, broken, **how, callbacks=[StopAt(7)])
    rnnzoo.train("activity_hmm", source, broken, **how, resume=True)
    assert rows(whole) == rows(broken) and len(rows(whole)) == 3
    a, b = (rnnzoo.load_model(folder).get_weights() for folder in (whole, broken))
    for one, other in zip(a, b, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"states": 0}, "states=0: expected"),
        ({"learn": "counts"}, "learn='counts': expected em or gradient"),
        ({"num_classes": 1}, "num_classes=1: expected at least 2, or classes"),
    ],
)
def test_mistakes_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        rnnzoo.create_model("activity_hmm", **options)


def test_labels_by_step_ask_for_a_recurrent_model():
    with pytest.raises(ValueError, match="take a recurrent one, made with answer='each'"):
        made().adapt(X[:2], [["slow"] * 20, ["fast"] * 21])


def test_several_labels_for_an_example_are_refused(model):
    with pytest.raises(ValueError, match="labels"):
        made().fit(X, [["fast"], ["slow", "fast"], []] * 8, **FIT)


def test_recordings_that_differ_a_thousandfold_are_learned_by_their_running_scale():
    random = np.random.default_rng(0)
    x = 10 ** random.uniform(-4, 1, (20, 1, 1)) * random.normal(size=(20, 24, 1))
    y = [*"ab"] * 10
    model = rnnzoo.create_model("activity_hmm", states=2)
    history = model.fit(x, y, epochs=3, verbose=0).history
    assert model.preprocessor.channels.scaled == (0,)
    assert np.isfinite(history["loss"]).all() and np.isfinite(model.probabilities(x)).all()
    # Of smooth curves it reads no differences: nothing was measured that speaks for it.
    model = rnnzoo.create_model("activity_hmm", states=2)
    model.fit(np.cumsum(np.cumsum(x, axis=1), axis=1), y, epochs=1, verbose=0)
    assert model.preprocessor.channels.smooth == ()
