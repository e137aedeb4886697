"""A distribution over names, checked as one: it sums to one, is drawn from, and is exported."""

import itertools
import math
import re

import numpy as np
import pytest
from scipy import stats

import rnnzoo
from rnnzoo.platform import keras, tf
from rnnzoo.tasks.names.lengths import Lengths

# Many small trainings: the loop over all models has one of each architecture in the fast tests.
pytestmark = pytest.mark.slow

BOTH = pytest.mark.parametrize("length", ["stop", "model"])
UNKNOWN = "\N{REPLACEMENT CHARACTER}"  # its id is 0, in all that is read
# Two characters or five, never between: a model has to count.
RANDOM = np.random.default_rng(0)
BIMODAL = ["".join(RANDOM.choice(["a", "b"], RANDOM.choice([2, 5]))) for _ in range(600)]


def made(length, units=5, **options):
    keras.utils.set_random_seed(3)
    options = {"dropout": 0.0, "recurrent_dropout": 0.0, "embedding_size": 4, **options}
    return rnnzoo.create_model("name_gru", length=length, units=units, **options)


@pytest.fixture(scope="module")
def trained():
    """By how the length is told, a model that was trained on names of two lengths."""

    def train(length):
        model = made(length, units=16)
        model.compile(keras.optimizers.Adam(0.03))
        model.fit(BIMODAL, batch_size=300, epochs=100, verbose=0)
        return model

    return {length: train(length) for length in ("stop", "model")}


@pytest.fixture(scope="module")
def exported(trained, tmp_path_factory):
    """The exports of those."""
    folder = tmp_path_factory.mktemp("exported")
    return {
        length: tf.saved_model.load(model.export(folder / length))
        for length, model in trained.items()
    }


def all_names(symbols, length):
    return ["".join(of) for of in itertools.product(symbols, repeat=length)]


@BOTH
def test_the_probabilities_of_all_names_sum_to_one(length):
    """Up to L characters; and with a stop symbol, that of not having stopped by then."""
    of_length = {} if length == "stop" else {"counts": [3, 5, 1]}
    model, longest = made(length, vocabulary="ab", **of_length), 3
    serve = model.endpoints["serve"]
    symbols = ["a", "b", UNKNOWN]
    names = [n for i in range(longest + 1) for n in all_names(symbols, i)]
    total = np.exp(serve(tf.constant(names))["log_prob"]).sum()
    if length == "stop":
        longer = serve(tf.constant(all_names(symbols, longest + 1)))["character_log_probs"]
        rest = np.exp(longer.numpy()[:, :-1].sum(axis=1)).sum()
        assert rest > 0.01
    else:
        of_lengths = np.exp(model.lengths.log_probs())
        assert of_lengths.sum() == pytest.approx(1, abs=1e-6)
        rest = of_lengths[longest:].sum()
    assert total + rest == pytest.approx(1, abs=1e-5)


def test_a_name_of_no_character_or_of_too_many_is_as_likely_in_python_as_in_an_export():
    by_stop, by_length = made("stop", vocabulary="ab"), made("model", vocabulary="ab")
    assert by_stop.log_prob([""])[0] == by_stop.endpoints["serve"](tf.constant([""]))["log_prob"][0]
    others = by_length.endpoints["serve"](tf.constant(["", "a" * 257, "a" * 256]))["log_prob"]
    assert (np.exp(others)[:2] == 0).all() and np.isfinite(others[2])


@BOTH
def test_lengths_of_what_is_written_follow_those_of_the_data(trained, length):
    written = [len(name) for name in trained[length].generate(1000, seed=1)]
    assert stats.ks_2samp([len(name) for name in BIMODAL], written).pvalue > 0.05


def test_a_length_is_drawn_given_the_prompt():
    """Of names that begin with it as often as the model itself has them, counted one by one."""
    model = made("model", vocabulary="ab", counts=[0, 400_000, 300_000, 300_000])
    model.output_layer.kernel.assign(20 * model.output_layer.kernel)  # so that lengths matter
    prompt, symbols = "ba", ["a", "b", UNKNOWN]
    names = [prompt + more for i in range(3) for more in all_names(symbols, i)]
    each = np.exp(model.endpoints["serve"](tf.constant(names))["log_prob"])
    expected = [each[[len(name) == i for name in names]].sum() for i in (2, 3, 4)]
    prior = np.array([0.4, 0.3, 0.3])
    expected = np.array(expected, float) / np.sum(expected, dtype=float)
    assert np.abs(expected - prior).max() > 0.05
    written = [len(name) for name in model.generate(3000, prompt=prompt)]
    counts = [written.count(i) for i in (2, 3, 4)]
    assert sum(counts) == 3000
    assert stats.chisquare(counts, 3000 * expected).pvalue > 0.01


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
@BOTH
def test_dropout_of_the_state_acts_in_training_alone(length, policy, tmp_path):
    """In fit, with a short last batch, predict and graphs of any batch, before and after saving."""
    model = made(length, recurrent_dropout=0.5, dtype=policy)
    names = BIMODAL[:10]
    how = {"batch_size": 4, "epochs": 2, "verbose": 0}
    history = model.fit(names, validation_data=names[:7], **how).history
    assert np.isfinite(history["loss"] + history["val_loss"]).all()
    x = tf.constant([[1, 3, 4, 3], [1, 4, 0, 0], [1, 3, 3, 0]]), tf.constant([3, 1, 2])
    specs = [tf.TensorSpec([None, *t.shape[1:]], t.dtype) for t in x]
    call = tf.function(lambda *x, training: model(x, training=training))
    graph = {t: call.get_concrete_function(*specs, training=t) for t in (True, False)}
    still, again = (graph[False](*x).numpy() for _ in range(2))
    np.testing.assert_array_equal(still, again)
    assert np.abs(graph[True](*x).numpy() - still).max() > 1e-3
    np.testing.assert_allclose(graph[False](*(t[:2] for t in x)), still[:2], atol=1e-6)
    predicted = model.predict(names, batch_size=4)
    np.testing.assert_allclose(predicted, model.log_prob(names), atol=1e-4)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.recurrent.layers[0].recurrent_dropout == 0.5
    np.testing.assert_allclose(loaded.predict(names, batch_size=4), predicted, atol=1e-6)


@BOTH
def test_same_seed_same_names_in_python_and_in_an_export(trained, exported, length):
    model = trained[length]
    for how in ({}, {"prompt": "ab"}, {"temperature": 0.5, "top_k": 2, "top_p": 0.9}):
        names = model.generate(30, seed=7, **how)
        reply = exported[length].generate(count=30, seed=tf.constant(7, tf.int64), **how)["names"]
        assert [name.decode() for name in reply.numpy()] == names
        assert model.generate(10, seed=7, **how) == names[:10]
    assert len({*model.generate(30, seed=8)} & {*names}) < 30
    assert len({*model.generate(5, temperature=0)}) == (1 if length == "stop" else 2)
    assert all(name.startswith("ab") for name in model.generate(30, prompt="ab"))


@BOTH
def test_an_export_streams_what_a_whole_name_gets(trained, exported, length):
    exported = exported[length]
    names = tf.constant(["ab", "ba"])
    encoded = exported.encode(names)
    ids, lengths = encoded["ids"], encoded["lengths"]
    state = exported.init(2) if length == "stop" else exported.init(lengths - 2)
    scores = []
    for t in range(ids.shape[1] - 1):
        reply = exported.step(ids[:, t], state)
        state = {key: reply[key] for key in state}
        scores.append(tf.gather(reply["log_probs"], ids[:, t + 1], batch_dims=1))
    whole = exported.serve(names)["character_log_probs"].numpy()
    if length == "model":
        whole[:, -1] -= trained[length].lengths.log_probs()[1]
    np.testing.assert_allclose(tf.stack(scores, axis=1), whole, atol=1e-5)
    assert exported.decode(ids)["names"].numpy().tolist() == [b"ab", b"ba"]


@BOTH
def test_evaluate_measures_what_log_prob_says(trained, length):
    names = ["ab", "babab", "a"]
    model = trained[length]
    found = model.evaluate(names, batch_size=2, return_dict=True, verbose=0)  # the last is short
    bits = -model.log_prob(names).sum() / (2 + 5 + 1 + 3) / math.log(2)
    assert found["bits_per_character"] == pytest.approx(bits, rel=1e-5)
    assert isinstance(model.log_prob("ab"), float)
    np.testing.assert_allclose(model.predict(names), model.log_prob(names, batch_size=1), rtol=1e-5)


def test_a_saved_model_knows_lengths_and_more_characters_keep_what_was_learned(trained, tmp_path):
    trained["model"].save(tmp_path / "model.keras")
    model = keras.models.load_model(tmp_path / "model.keras")
    before = model.log_prob(BIMODAL[:5])
    np.testing.assert_array_equal(before, trained["model"].log_prob(BIMODAL[:5]))
    model.adapt(["acca"])
    assert model.vocabulary.characters == "\x02\x03abc"
    assert model.lengths == Lengths((0, 0, 0, 1))
    model.adapt(["ab", "ba"], vocabulary="keep")
    assert model.vocabulary.characters == "\x02\x03abc"
    assert model.lengths == Lengths((0, 2))
    kept = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(model.embedding.embeddings[:5], kept.embedding.embeddings)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m: m.generate(-1), "count=-1: expected a whole number of at least 0"),
        (lambda m: m.generate(2**17), "Expected at most 65,536 names, got 131,072."),
        (lambda m: m.generate(prompt="a\nb"), "holds the control character '\\n'"),
        (lambda m: m.generate(prompt="a" * 257), "has 257 characters, expected at most 256"),
        (
            lambda m: m.generate(prompt=["a", "b"]),
            "prompt: expected a string, which all names begin with, got ['a', 'b']",
        ),
        (lambda m: made("model", vocabulary="ab").log_prob(["ab", ""]), "names: one is empty"),
        (lambda m: m.fit(["ab", ""]), "names: one is empty"),
        (lambda m: m.fit("ab"), "Expected a list of names, or a dataset of batches, got str"),
        (lambda m: m.fit([]), "Expected a list of names, got an empty one"),
        (lambda m: m.fit(["ab"], window=3), "window=3: names are not cut, leave it out"),
        (lambda m: made("stop", counts=[1, 2]), "counts: a stop symbol ends names"),
        (lambda m: made("model", counts=[-5, 3]), "counts: expected at most 256 whole numbers"),
        (lambda m: made("model", counts=[1] * 300), "counts: expected at most 256 whole numbers"),
        (lambda m: made("none"), "length='none': expected 'stop' or 'model'"),
        (lambda m: rnnzoo.create_model("name_rnn").generate(), "knows no characters yet"),
    ],
)
def test_mistakes(trained, call, message):
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        call(trained["stop"])


def test_names_have_weights_and_an_unknown_character_is_told():
    model = made("stop", vocabulary="ab")
    weighed = model.evaluate(["ab", "b"], sample_weight=[0.0, 1.0], return_dict=True, verbose=0)
    alone = model.evaluate(["b"], return_dict=True, verbose=0)
    assert weighed["loss"] == pytest.approx(alone["loss"], rel=1e-5)
    with pytest.warns(UserWarning, match="does not know.*'x'"):
        model.log_prob("ax")
    assert model.generate(0) == []
