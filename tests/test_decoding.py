import numpy as np
import pytest

from rnnzoo import decoding
from rnnzoo.platform import tf

LOGITS = np.log(np.array([[0.1, 0.4, 0.2, 0.3]], np.float32))


def draw(many=20_000, **how):
    """Shares of the tokens drawn for uniforms evenly spread over [0, 1)."""
    uniform = (np.arange(many, dtype=np.float32) + 0.5) / many
    tokens = decoding.choose(tf.repeat(LOGITS, many, axis=0), tf.constant(uniform), **how)
    return np.bincount(tokens, minlength=4) / many


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ({}, [0.1, 0.4, 0.2, 0.3]),
        ({"temperature": 0.5}, np.square([0.1, 0.4, 0.2, 0.3]) / 0.3),
        ({"temperature": 0.0}, [0, 1, 0, 0]),
        ({"temperature": 1e-9}, [0, 1, 0, 0]),
        ({"top_k": 2}, [0, 4 / 7, 0, 3 / 7]),
        ({"top_k": 9}, [0.1, 0.4, 0.2, 0.3]),
        ({"top_p": 0.5}, [0, 4 / 7, 0, 3 / 7]),
        ({"top_p": 0.4}, [0, 1, 0, 0]),
        ({"top_p": 1e-9}, [0, 1, 0, 0]),
        # Of the three likeliest, 4/9 + 3/9 reach 0.7.
        ({"top_k": 3, "top_p": 0.7}, [0, 4 / 7, 0, 3 / 7]),
    ],
)
def test_distribution(how, expected):
    np.testing.assert_allclose(draw(**how), expected, atol=2e-4)


@pytest.mark.parametrize("uniform", [0.0, 1 - 2**-23])
def test_a_token_without_mass_is_never_drawn(uniform):
    logits = tf.constant([[decoding.IMPOSSIBLE, 0.0, decoding.IMPOSSIBLE]])
    assert int(decoding.choose(logits, tf.constant([uniform]))[0]) == 1


def test_uniforms_of_a_row_depend_on_seed_and_row_only():
    many = decoding.uniforms(4, 50, seed=7)
    np.testing.assert_array_equal(many[:2, :10], decoding.uniforms(2, 10, seed=7))
    assert len(np.unique(many)) == many.shape[0] * many.shape[1]
    assert not np.array_equal(many, decoding.uniforms(4, 50, seed=8))


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
