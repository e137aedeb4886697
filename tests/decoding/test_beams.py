import itertools

import numpy as np
import pytest

from rnnzoo import decoding
from rnnzoo.platform import tf

EOS, WORDS = 0, 4


def chain(seed=0):
    """A step whose log-probabilities depend on the last two tokens, with a nested state."""
    table = tf.constant(np.random.default_rng(seed).normal(size=(2, WORDS, WORDS, WORDS)) * 1.5)
    table = tf.nn.log_softmax(tf.cast(table, tf.float32))

    def step(token, state):
        index = tf.stack([state["row"], state["before"][0], token], axis=1)
        return tf.gather_nd(table, index), {"before": (token,), "row": state["row"]}

    def state(rows=2):
        return {"before": (tf.ones(rows, tf.int32),), "row": tf.range(rows) % 2}

    def log_prob(row, tokens):
        before, token, total = 1, 1, 0.0
        for new in tokens:
            total += float(table[row, before, token, new])
            before, token = token, new
        return total

    return step, state, log_prob


def sentences(capacity):
    """All that end within `capacity` tokens."""
    for length in range(capacity):
        for words in itertools.product(range(1, WORDS), repeat=length):
            yield (*words, EOS)


@pytest.mark.parametrize(
    ("length_power", "lengths", "jit_compile"),
    [(0.0, None, False), (0.7, None, True), (1.0, None, False), (1.0, (1, 1, 0.25, 0), False)],
)
def test_a_wide_beam_finds_what_trying_all_finds(length_power, lengths, jit_compile):
    step, state, log_prob = chain()
    capacity, width = 4, 60  # no candidate is left out
    search = tf.function(
        lambda: decoding.beam_search(
            step, tf.constant([1, 1]), state(), width, capacity, EOS, length_power, lengths
        ),
        jit_compile=jit_compile,
        autograph=False,
    )
    tokens, log_probs = search()

    def length(sentence):
        return len(sentence) if lengths is None else sum(lengths[token] for token in sentence)

    for row in range(2):
        best = sorted(
            ((log_prob(row, s) / length(s) ** length_power, s) for s in sentences(capacity)),
            reverse=True,
        )
        assert len(best) == 40
        for (_, expected), found, score in zip(best, tokens[row], log_probs[row], strict=False):
            assert tuple(found[: len(expected)].numpy()) == expected
            assert (found[len(expected) :] == EOS).numpy().all()
            assert float(score) == pytest.approx(log_prob(row, expected), abs=1e-4)


def test_probabilities_of_all_sequences_up_to_a_length_sum_to_one():
    step, state, _ = chain()
    everything = 40 + 3**4  # those that end within four tokens, and those that are cut there
    _, log_probs = decoding.beam_search(step, tf.constant([1, 1]), state(), 200, 4, EOS)
    found = log_probs > decoding.IMPOSSIBLE / 2
    assert tf.reduce_sum(tf.cast(found, tf.int32), axis=1).numpy().tolist() == [everything] * 2
    total = tf.reduce_sum(tf.where(found, tf.exp(log_probs), 0.0), axis=1)
    np.testing.assert_allclose(total, 1.0, atol=1e-5)


def test_greedy_is_a_beam_of_one_and_ends_at_eos():
    step, state, log_prob = chain(3)
    uniforms = decoding.uniforms(2, 9, seed=0)
    start = tf.constant([1, 1])
    greedy = decoding.generate(step, start, state(), uniforms, 9, temperature=0.0, eos=EOS)
    tokens, log_probs = decoding.beam_search(step, start, state(), 1, 9, EOS)
    np.testing.assert_array_equal(tokens[:, 0], greedy)
    for row in range(2):
        written = greedy[row].numpy().tolist()
        end = written.index(EOS) + 1 if EOS in written else 9
        assert not any(written[end:])
        assert float(log_probs[row, 0]) == pytest.approx(log_prob(row, written[:end]), abs=1e-4)


def test_a_wider_beam_is_never_worse():
    better = 0
    for seed in range(20):
        step, state, _ = chain(seed)
        (narrow, of_narrow), (wide, of_wide) = (
            decoding.beam_search(step, tf.constant([1, 1]), state(), width, 6, EOS)
            for width in (1, 400)
        )
        for row in range(2):
            if narrow[row, 0, -1] == EOS:  # else it was cut, and is no sequence that ends
                assert of_wide[row, 0] >= of_narrow[row, 0] - 1e-5
                better += float(of_wide[row, 0] > of_narrow[row, 0] + 1e-5)
    assert better


def test_rows_of_a_batch_do_not_depend_on_each_other():
    step, state, _ = chain()
    both = decoding.beam_search(step, tf.constant([1, 1]), state(), 3, 5, EOS, 1.0)
    alone = decoding.beam_search(step, tf.constant([1]), state(1), 3, 5, EOS, 1.0)
    for of_both, of_one in zip(both, alone, strict=True):
        np.testing.assert_allclose(of_both[:1], of_one, atol=1e-5)
