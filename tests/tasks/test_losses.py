"""Loss and gradients of words without all logits at once: as Keras has them of all logits."""

import numpy as np
import pytest

from rnnzoo.platform import keras, tf
from rnnzoo.tasks import losses
from rnnzoo.tasks.losses import word_loss

WORDS, SIZE = 7, 3


def example(batch=4, time=5):
    random = np.random.default_rng(0)
    outputs = random.normal(size=(batch, time, SIZE)).astype("float32")
    vectors = random.normal(size=(WORDS, SIZE)).astype("float32")
    bias = random.normal(size=WORDS).astype("float32")
    ids = random.integers(WORDS, size=(batch, time)).astype("int32")
    weight = np.arange(batch * time).reshape(batch, time).astype("float32") % 3
    return [tf.Variable(value) for value in (outputs, vectors, bias)], ids, weight


def by_keras(outputs, vectors, bias, ids, weight, smoothing):
    logits = tf.matmul(outputs, vectors[None], transpose_b=True) + bias
    loss = keras.losses.CategoricalCrossentropy(
        from_logits=True, label_smoothing=smoothing, reduction="mean_with_sample_weight"
    )
    return loss(tf.one_hot(ids, WORDS), logits, weight), logits


@pytest.mark.parametrize("rows", [1, 4, 256])
@pytest.mark.parametrize("smoothing", [0.0, 0.3])
def test_loss_and_gradients_are_those_of_all_logits(monkeypatch, rows, smoothing):
    monkeypatch.setattr(losses, "ROWS", rows)
    variables, ids, weight = example()
    with tf.GradientTape(persistent=True) as tape:
        expected, logits = by_keras(*variables, ids, weight, smoothing)
        loss, nats, right = word_loss(*variables, ids, weight, smoothing)
        twice = 2 * loss  # as under loss scaling
    assert float(loss) == pytest.approx(float(expected), rel=1e-6)
    for mine, theirs in zip(
        tape.gradient(twice, variables), tape.gradient(expected, variables), strict=True
    ):
        np.testing.assert_allclose(mine, 2 * theirs, atol=1e-6)
    all_nats = keras.losses.sparse_categorical_crossentropy(ids, logits, from_logits=True)
    np.testing.assert_allclose(nats, np.where(weight, all_nats, 0), rtol=1e-5)
    np.testing.assert_array_equal(right, (np.argmax(logits, axis=-1) == ids) & (weight > 0))


def test_without_gradients_and_in_a_graph_it_says_the_same():
    variables, ids, weight = example()
    once = word_loss(*variables, ids, weight, 0.1)
    compiled = tf.function(word_loss, autograph=False)
    for again in (
        word_loss(*variables, ids, weight, 0.1, gradients=False),
        compiled(*variables, ids, weight, 0.1),
    ):
        for mine, theirs in zip(again, once, strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=1e-6)


def test_padding_is_not_computed():
    variables, ids, weight = example()
    outputs = variables[0]
    outputs.assign(tf.where(weight[..., None] > 0, outputs, np.nan))
    with tf.GradientTape() as tape:
        loss, *_ = word_loss(*variables, ids, weight)
    assert np.isfinite(loss)
    assert all(np.isfinite(of_one).all() for of_one in tape.gradient(loss, variables))


def test_of_nothing_but_padding_the_loss_is_zero():
    variables, ids, weight = example()
    with tf.GradientTape() as tape:
        loss, *_ = word_loss(*variables, ids, 0 * weight)
    assert float(loss) == 0
    assert all(not np.any(of_one) for of_one in tape.gradient(loss, variables))
