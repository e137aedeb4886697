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


def likeliest(logits, top_k, top_p):
    """By hand: the tokens kept, in order of probability and then of number."""
    order = sorted(range(len(logits)), key=lambda i: (-logits[i], i))[: top_k or len(logits)]
    p = np.exp(np.array([logits[i] for i in order]) - max(logits))
    before = np.concatenate([[0], np.cumsum(p / p.sum())[:-1]])
    return {
        i
        for i, b in zip(order, before, strict=True)
        if top_p == 1 or b < top_p - 1e-6 or i == order[0]
    }


TIED = [
    [0.0, 0.0, 0.0, 0.0, 0.0],
    [1.0, 2.0, 2.0, 2.0, 1.0],
    [0.0, -0.0, 0.0, -1.0, -0.0],
    [2.0, 1.0, 2.0, 1.0, 2.0],
    [90.0, 0.0, 0.0, 0.0, 0.0],  # a share of 1 in float32, and yet no more than one of two
]


@pytest.mark.parametrize("xla", [False, True])
@pytest.mark.parametrize(
    ("top_k", "top_p"), [(1, 1.0), (2, 1.0), (4, 1.0), (0, 0.5), (0, 0.25), (3, 0.4)]
)
def test_of_equal_tokens_exactly_as_many_as_asked_for(top_k, top_p, xla):
    keep = tf.function(decoding.keep_likeliest, jit_compile=xla)
    kept = keep(tf.constant(TIED), tf.constant(top_k), tf.constant(top_p)) > decoding.IMPOSSIBLE
    for row, logits in zip(kept.numpy(), TIED, strict=True):
        assert set(np.flatnonzero(row)) == likeliest(logits, top_k, top_p), logits


@pytest.mark.parametrize("xla", [False, True])
def test_the_likeliest_one_is_the_greedy_one_where_there_are_ties(xla):
    choose = tf.function(decoding.choose, jit_compile=xla)
    last = tf.fill((len(TIED),), 1 - 2**-23)
    greedy = choose(tf.constant(TIED), last, tf.constant(0.0))
    for how in ({"top_k": tf.constant(1)}, {"top_p": tf.constant(1e-9)}):
        np.testing.assert_array_equal(choose(tf.constant(TIED), last, **how), greedy)
    np.testing.assert_array_equal(greedy, np.argmax(TIED, axis=1))
