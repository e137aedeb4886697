"""What holds for every registered model, and the mistakes that the builders tell."""

import re

import numpy as np
import pytest

import rnnzoo
from rnnzoo.platform import keras, tf
from zoo_models.char import REFERENCE_VOCABULARY

# The smallest form of each task's models, and what its declared size was counted with.
TINY = {
    "text-generation": {
        "units": 6,
        "embedding_size": 4,
        "dropout": 0.1,
        "vocabulary": "\n abcdefg",
    }
}
COUNTED_WITH = {"text-generation": {"vocabulary": REFERENCE_VOCABULARY}}

NAMES = rnnzoo.list_models()


def tiny(name):
    keras.utils.set_random_seed(0)
    return rnnzoo.create_model(name, **TINY[rnnzoo.model_info(name).task])


def test_the_zoo_is_registered():
    assert {"char_rnn", "char_leaky", "char_skip", "char_gru", "char_lstm", "char_lstm2"} <= {
        *rnnzoo.list_models("char_*", task="text-generation")
    }


@pytest.mark.parametrize("name", NAMES)
def test_every_weight_gets_a_gradient(name):
    model = tiny(name)
    ids = np.arange(20, dtype=np.int32).reshape(2, 10) % 10
    with tf.GradientTape() as tape:
        logits = model(ids, training=True)
        loss = tf.reduce_sum(tf.nn.log_softmax(logits)[..., 0])
    assert logits.shape == (2, 10, 10)
    gradients = tape.gradient(loss, model.trainable_weights)
    for weight, gradient in zip(model.trainable_weights, gradients, strict=True):
        assert gradient is not None, weight.path
        gradient = tf.convert_to_tensor(gradient).numpy()
        assert np.isfinite(gradient).all(), weight.path
        assert np.abs(gradient).max() > 0, weight.path


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"layers": "two"}, "layers='two': expected a positive integer"),
        ({"layers": 2.5}, "layers=2.5: expected a positive integer"),
        ({"units": 0}, "units=0: expected a positive integer"),
        ({"embedding_size": None}, "embedding_size=None: expected a positive integer"),
        ({"dropout": "x"}, "dropout='x': expected a number of at least 0 and below 1"),
        ({"dropout": 1}, "dropout=1: expected a number of at least 0 and below 1"),
        ({"cell": "skip"}, "cell='skip': expected one of leaky (with time_constants, learn_"),
        ({"cell": 3}, "cell=3: expected one of leaky"),
    ],
)
def test_a_wrong_option_is_named_with_what_is_expected(options, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        rnnzoo.create_model("char_leaky", **options)


@pytest.mark.parametrize("name", NAMES)
def test_declared_facts_are_true(name):
    info = rnnzoo.model_info(name)
    assert info.description
    assert info.paper
    assert info.metric
    model = rnnzoo.create_model(name, **COUNTED_WITH[info.task])
    assert model.count_params() == info.parameters


@pytest.mark.parametrize("name", NAMES)
def test_saved_loaded_and_exported_are_equal(name, tmp_path):
    model = tiny(name)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    ids = np.arange(10, dtype=np.int32)[None] % 10
    np.testing.assert_array_equal(np.array(loaded(ids)), np.array(model(ids)))

    # Without XLA, which would take its time for each model; tests/test_exporting.py has it.
    exported = tf.saved_model.load(rnnzoo.export(loaded, tmp_path / "saved_model", xla=False))
    texts = ["abc\nfed", "g"]
    np.testing.assert_allclose(
        exported.serve(tf.constant(texts))["log_prob"], model.log_prob(texts), atol=1e-5
    )
    state = exported.init(1)
    for t in range(ids.shape[1]):
        answer = exported.step(ids[:, t], state)
        state = {key: answer[key] for key in state}
    logits, final_state = model(ids, return_state=True)
    np.testing.assert_allclose(answer["log_probs"], tf.nn.log_softmax(logits[:, -1]), atol=1e-5)
    for key, value in final_state.items():
        np.testing.assert_allclose(state[key], value, atol=1e-5)
    (text,) = exported.generate(tf.constant(["abc"]), length=10)["texts"].numpy()
    assert len(text.decode()) == 10
