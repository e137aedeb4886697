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
        ({"top_p": 0.39}, [0, 1, 0, 0]),
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
