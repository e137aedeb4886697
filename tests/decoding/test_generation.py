import numpy as np
import pytest

from rnnzoo import decoding
from rnnzoo.platform import tf


@pytest.mark.parametrize("jit_compile", [False, True])
def test_loop_equals_a_loop_in_python(jit_compile):
    """A machine whose logits depend on the token, and on how many were read."""
    table = tf.random.stateless_normal([5, 7], seed=[0, 1])

    def step(token, state):
        return tf.gather(table, (token + state["count"]) % 5), {"count": state["count"] + 1}

    uniforms = decoding.uniforms(3, 8, seed=0)
    token, state = tf.constant([0, 1, 2]), {"count": tf.zeros(3, tf.int32)}
    loop = tf.function(decoding.generate, jit_compile=jit_compile, autograph=False)
    written = loop(step, token, state, uniforms, tf.constant(6), tf.constant(0.7), top_k=4)

    expected = np.zeros((3, 8), np.int32)
    for t in range(6):
        logits, state = step(token, state)
        token = decoding.choose(logits, uniforms[:, t], 0.7, top_k=4)
        expected[:, t] = token
    np.testing.assert_array_equal(written, expected)


@pytest.mark.parametrize("jit_compile", [False, True])
def test_reading_leaves_the_last_token_of_each_row(jit_compile):
    def step(token, state):
        return None, {"sum": state["sum"] * 10 + token}

    tokens = tf.constant([[1, 2, 3, 4], [5, 9, 9, 9], [6, 7, 9, 9]])
    read = tf.function(decoding.read, jit_compile=jit_compile, autograph=False)
    state = read(step, tokens, tf.constant([4, 1, 2]), {"sum": tf.zeros(3, tf.int32)})
    assert state["sum"].numpy().tolist() == [123, 0, 6]
