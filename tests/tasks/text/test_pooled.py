"""A recurrent network and a Markov chain that answer together."""

import numpy as np
import pytest

import rnnzoo
from rnnzoo.layers import GRU, RecurrentStack
from rnnzoo.platform import keras, tf
from rnnzoo.tasks import MarkovChain, PooledGenerator, TextGenerator
from rnnzoo.tasks.text.pooled import WEIGHTS
from rnnzoo.training import train

TEXT = "the cat sat on the mat. the dog sat on the log.\n" * 12
WEIGHT = 0.3
PROMPTS = ["the dog", "on the", ""]
OPTIONS = {"batch_size": 4, "window": 8, "verbose": 0}


def untrained(dtype=None, **options):
    keras.utils.set_random_seed(3)
    stack = RecurrentStack([GRU(12, dtype=dtype)], dtype=dtype)
    return PooledGenerator(stack, embedding_size=6, dtype=dtype, **options)


@pytest.fixture(scope="module")
def trained():
    model = untrained(order=3)
    model.fit(TEXT, epochs=2, **OPTIONS)
    model.network_weight.assign(WEIGHT)
    return model


def ids_of(model, text):
    return tf.constant(model.vocabulary.ids(text)[None])


def test_the_answer_is_the_product_of_powers_over_its_sum(trained):
    ids = ids_of(trained, "a dog on a mat")
    network = tf.nn.softmax(trained(ids, training=True)).numpy()  # which drops nothing
    chain = MarkovChain(order=3)
    chain.adapt(TEXT)
    product = network**WEIGHT * tf.exp(chain(ids)).numpy() ** (1 - WEIGHT)
    expected = product / product.sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(tf.nn.softmax(trained(ids)), expected, rtol=2e-5)
    assert np.abs(expected - network).max() > 0.05  # the chain has a say


def test_the_weight_is_the_best_on_the_held_out_text_before_each_validation():
    model, text = untrained(order=3), "the dog sat on the cat.\n" * 9

    def loss_at(weight):
        model.network_weight.assign(weight)
        return model.evaluate(text, batch_size=4, window=8, verbose=0, return_dict=True)["loss"]

    history = model.fit(TEXT, epochs=1, validation_data=text, **OPTIONS).history
    chosen = float(model.network_weight)
    losses = [loss_at(weight) for weight in WEIGHTS]
    assert chosen == WEIGHTS[np.argmin(losses)]
    assert history["val_loss"] == [pytest.approx(min(losses), rel=1e-5)]
    assert losses[0] == pytest.approx(model.chain.evaluate(text, batch_size=4, window=8)[0])
    model.network_weight.assign(chosen)
    model.fit(TEXT, epochs=1, **OPTIONS)
    assert not model.waits
    assert model.network_weight == chosen  # without a validation it stays


def test_a_network_that_has_learned_nothing_has_no_say_on_what_the_chain_knows():
    model = untrained(order=3)
    model.compile(keras.optimizers.SGD(0.0))
    model.fit(TEXT, epochs=1, validation_data=TEXT[:200], **OPTIONS)
    assert model.network_weight == 0
    assert "the chain of order 3 answers alone" in model.waits
    ids = ids_of(model, "the dog sat")
    np.testing.assert_allclose(model(ids), model.chain(ids), atol=1e-6)


def test_the_network_learns_as_one_alone_does(trained):
    keras.utils.set_random_seed(3)
    alone = TextGenerator(RecurrentStack([GRU(12)]), 6)
    alone.fit(TEXT, epochs=2, **OPTIONS)
    for mine, theirs in zip(trained.trainable_weights, alone.trainable_weights, strict=True):
        np.testing.assert_allclose(mine.numpy(), theirs.numpy(), atol=1e-6)


def test_evaluation_is_of_both(trained):
    text = TEXT[:97]
    loss = trained.evaluate(text, batch_size=1, return_dict=True, verbose=0)["loss"]
    assert loss == pytest.approx(-trained.log_prob(text) / 96, rel=1e-5)


@pytest.mark.parametrize("dtype", [None, "mixed_bfloat16"])
def test_steps_batches_and_strips_agree(dtype):
    model = untrained(dtype, order=3)
    model.fit(TEXT, epochs=1, **OPTIONS)
    model.network_weight.assign(WEIGHT)
    ids = ids_of(model, "the dog sat on the cat.")
    whole = model(ids)
    first, state = model(ids[:, :7], return_state=True)
    rest, _ = model(ids[:, 7:], state=state, return_state=True)
    near = {"atol": 1e-5 if dtype is None else 0.05}
    np.testing.assert_allclose(tf.concat([first, rest], 1), whole, **near)
    state, rows = model.initial_state(1), []
    for t in range(ids.shape[1]):
        row, state = model.step(ids[:, t], state)
        rows.append(row)
    np.testing.assert_allclose(tf.stack(rows, 1), whole, **near)
    assert whole.dtype == "float32"


def test_of_batches_alone_nothing_is_counted_and_the_network_answers():
    model = untrained(order=3, vocabulary="".join(sorted(set(TEXT))))
    batches = rnnzoo.data.contiguous(model.vocabulary.ids(TEXT), 4, 8)
    model.fit(batches, epochs=1, steps_per_epoch=4, verbose=0)
    ids = ids_of(model, "the dog")
    np.testing.assert_array_equal(model(ids), model(ids, training=True))


def test_further_text_counts_on_top_and_new_characters_come(trained, tmp_path):
    trained.save(tmp_path / "pooled.keras")
    loaded = rnnzoo.load_model(tmp_path / "pooled.keras")
    np.testing.assert_allclose(loaded.log_prob(PROMPTS[:2]), trained.log_prob(PROMPTS[:2]))
    assert loaded.num_parameters == trained.num_parameters
    assert loaded.network_weight == trained.network_weight
    before = loaded.chain.log_prob("the cat"), loaded.log_prob("the cat")
    loaded.fit("zebras eat grass\n" * 8, epochs=1, **OPTIONS)
    counted = MarkovChain(order=3)
    counted.adapt(TEXT)
    counted.adapt("zebras eat grass\n" * 8)
    assert loaded.vocabulary == counted.vocabulary
    assert loaded.chain.log_prob("zebras sat") == pytest.approx(counted.log_prob("zebras sat"))
    assert loaded.chain.log_prob("the cat") == pytest.approx(counted.log_prob("the cat"))
    assert before != (loaded.chain.log_prob("the cat"), loaded.log_prob("the cat"))
    loaded.fit(TEXT, vocabulary="reset", **OPTIONS)
    assert loaded.network_weight == 0.5


def test_the_state_behind_padding_is_that_of_the_text(trained):
    short, padded = (ids_of(trained, text) for text in ("the dog", "the dog on "))
    mask = tf.sequence_mask([7], 11)
    _, expected = trained(short, return_state=True)
    _, state = trained(padded, mask=mask, return_state=True)
    for name, value in expected.items():
        np.testing.assert_allclose(state[name], value, atol=1e-6, err_msg=name)
    _, state = trained(padded, mask=tf.zeros((1, 11), tf.bool), return_state=True)
    np.testing.assert_array_equal(state["contexts"], trained.initial_state(1)["contexts"])


@pytest.mark.parametrize("xla", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_an_export_answers_streams_and_generates_the_same(trained, xla, tmp_path):
    trained.export(tmp_path / "pooled", xla=xla)
    loaded = tf.saved_model.load(str(tmp_path / "pooled"))
    answers = loaded.serve(texts=tf.constant(PROMPTS[:2]))["log_prob"]
    np.testing.assert_allclose(answers, trained.log_prob(PROMPTS[:2]), rtol=1e-4)
    how = {"length": 20, "temperature": 0.8, "seed": 5}
    texts = loaded.generate(
        prompts=tf.constant(PROMPTS),
        length=tf.constant(20),
        temperature=tf.constant(0.8),
        seed=tf.constant(5, tf.int64),
    )["texts"]
    assert [text.decode() for text in texts.numpy()] == trained.generate(PROMPTS, **how)
    state = loaded.init(batch_size=tf.constant(1))
    for i in trained.vocabulary.ids("the do"):
        answer = loaded.step(ids=tf.constant([i]), state=state)
        state = {name: answer[name] for name in state}
    (expected,) = trained.predict(["the do"])
    np.testing.assert_allclose(tf.exp(answer["log_probs"])[0], expected, atol=1e-5)


def test_no_run_is_stopped_before_its_network_has_a_say(tmp_path, capsys):
    """As long as it has none, all validations are those of the chain."""
    (tmp_path / "text.txt").write_text(TEXT * 4)
    how = {"steps": 6, "validate_every": 1, "patience": 2, "learning_rate": 1e-35, "window": 8}
    overrides = {"units": 8, "embedding_size": 4, "chain_order": 3}
    arguments = ("char_lstm_markov", tmp_path / "text.txt", tmp_path / "run")
    found = train(*arguments, **how, overrides=overrides, batch_size=4, baseline=False)
    assert found["epochs"] == 6
    assert rnnzoo.load_model(tmp_path / "run").network_weight == 0
    said = (
        "odd: the network has no say yet, the chain of order 3 answers alone: train with --steps 18"
    )
    lines = capsys.readouterr().out
    assert said in lines and "weight 0.00 of the network, " in lines


class Stopped(Exception):
    pass


class Stops(keras.callbacks.Callback):
    """Ends a run in the middle, as a machine that goes down does."""

    def on_train_batch_end(self, batch, logs=None):
        if self.model.optimizer.iterations == 6:
            raise Stopped


@pytest.mark.slow
def test_a_run_that_was_stopped_goes_on_exactly(tmp_path):
    data = tmp_path / "text.txt"
    data.write_text(TEXT * 4)
    how = {
        "overrides": {"units": 8, "embedding_size": 4, "chain_order": 3},
        **{"steps": 12, "batch_size": 4, "window": 8, "validate_every": 4},
        **{"checkpoint_every": 2, "baseline": False, "verbose": 0},
    }
    whole = train("char_lstm_markov", data, tmp_path / "whole", **how)
    with pytest.raises(Stopped):
        train("char_lstm_markov", data, tmp_path / "parts", callbacks=[Stops()], **how)
    parts = train("char_lstm_markov", data, tmp_path / "parts", resume=True, **how)
    assert parts["validation"] == whole["validation"]
    models = [rnnzoo.load_model(tmp_path / run) for run in ("parts", "whole")]
    for mine, theirs in zip(*(model.weights for model in models), strict=True):
        np.testing.assert_array_equal(mine.numpy(), theirs.numpy())
