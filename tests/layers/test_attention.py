"""Attention beside Keras's, and what padding may not change."""

import numpy as np
import pytest

from rnnzoo import layers
from rnnzoo.platform import keras, tf

RANDOM = np.random.default_rng(0)
H = RANDOM.normal(size=(2, 3, 4)).astype("float32")
VALUES = RANDOM.normal(size=(2, 5, 6)).astype("float32")
MASK = np.array([[True] * 5, [True, True, True, False, False]])
each_score = pytest.mark.parametrize("score", ["general", "scaled", "additive"])


def made(score, **how):
    keras.utils.set_random_seed(0)
    layer = layers.Attention(score, **how)
    layer.build(H.shape, VALUES.shape)
    return layer


def of_keras(layer, h, values):
    """What Keras's layer makes of queries and keys that are projected as the papers have it."""
    mask = [None, tf.constant(MASK)]
    if layer.score != "additive":
        divisor = {"general": 1, "scaled": 2}[layer.score]  # of queries of length 4
        given = [h, values, values @ tf.transpose(layer.W) / divisor]
        return keras.layers.Attention()(given, mask=mask, return_attention_scores=True)
    theirs = keras.layers.AdditiveAttention()
    given = [h @ layer.W, values, values @ layer.U]
    theirs.build([tuple(x.shape) for x in given])
    theirs.set_weights([layer.u.numpy()])
    return theirs(given, mask=mask, return_attention_scores=True)


@each_score
def test_contexts_weights_and_gradients_are_those_of_keras(score):
    layer, h, values = made(score), tf.constant(H), tf.constant(VALUES)
    answers = []
    for of_one in (
        lambda: layer(h, layer.memory(values, MASK)),
        lambda: of_keras(layer, h, values),
    ):
        with tf.GradientTape() as tape:
            tape.watch([h, values])
            c, a = of_one()
            loss = tf.reduce_sum(tf.sin(c))
        answers.append([c, a, *tape.gradient(loss, [h, values])])
    for ours, theirs in zip(*answers, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)


@each_score
def test_what_pads_is_never_looked_at(score):
    layer, other = made(score), VALUES.copy()
    other[~MASK] = 1e3
    c, a = layer(H, layer.memory(VALUES, MASK))
    assert not np.any(a.numpy()[1, :, 3:])
    np.testing.assert_allclose(np.sum(a, axis=-1), 1.0, atol=1e-6)
    np.testing.assert_array_equal(layer(H, layer.memory(other, MASK))[0], c)
    alone = layer(H[1:], layer.memory(VALUES[1:, :3], MASK[1:, :3]))[0]
    np.testing.assert_allclose(alone, c[1:], atol=1e-6)


@each_score
def test_one_step_is_one_of_all_steps(score):
    layer = made(score)
    memory = layer.memory(VALUES, MASK)
    of_all, of_one = layer(H, memory), layer(H[:, 1], memory)
    for whole, step in zip(of_all, of_one, strict=True):
        np.testing.assert_allclose(step, whole[:, 1], atol=1e-6)


@each_score
def test_half_precision_keeps_memory_and_weights_in_float32(score):
    layer = made(score, dtype="mixed_bfloat16")
    memory = layer.memory(VALUES, MASK)
    c, a = layer(H, memory)
    assert {x.dtype.name for x in (*memory.values(), a)} == {"float32"} and c.dtype == "bfloat16"
    assert {name: (None, *x.shape[1:]) for name, x in memory.items()} == {
        name: (None, *(5 if size is None else size for size in shape[1:]))
        for name, shape in layer.memory_shapes.items()
    }
    exact, _ = made(score)(H, made(score).memory(VALUES, MASK))
    np.testing.assert_allclose(tf.cast(c, "float32"), exact, atol=0.05)


@pytest.mark.parametrize(("score", "jump"), [("general", (5, 50)), ("scaled", (0.3, 3))])
def test_how_far_a_step_of_adam_moves_scores(score, jump):
    h, values = np.tanh(RANDOM.normal(scale=0.5, size=(2, 1, 5, 192))).astype("float32")
    layer = layers.Attention(score)
    layer.build(h.shape, values.shape)

    def scores():
        return h @ tf.transpose(
            layer.memory(values, np.ones((1, 5), bool))["memory_keys"], (0, 2, 1)
        )

    before = scores()
    with tf.GradientTape() as tape:
        loss = scores()[0, 0, 0]
    optimizer = keras.optimizers.Adam(3e-3)
    optimizer.apply([tape.gradient(loss, layer.W.value)], [layer.W])
    least, most = jump
    assert least < float(tf.reduce_max(abs(scores() - before))) < most


def test_a_score_that_is_none():
    with pytest.raises(ValueError, match="score='dot': expected one of general, scaled, additive"):
        layers.Attention("dot")
