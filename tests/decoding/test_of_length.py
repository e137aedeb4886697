import itertools

import numpy as np
import pytest

from rnnzoo import decoding
from rnnzoo.platform import tf

LABELS, NOTHING = 3, -1
# Log-probabilities by row and by the label before; at first there is none.
TABLE = tf.nn.log_softmax(np.random.default_rng(8).normal(size=(2, 1 + LABELS, LABELS)))
TABLE = tf.cast(TABLE, tf.float32)


def search(width, lengths):
    def step(label, row):
        return tf.gather_nd(TABLE, tf.stack([row, 1 + label], axis=1)), row

    @tf.function(autograph=False)
    def found(lengths):
        start, rows = tf.constant([NOTHING] * 2), tf.constant([0, 1])
        return decoding.beam_search_of_length(
            step, start, rows, width, lengths, tf.reduce_max(lengths), LABELS
        )

    return [answer.numpy() for answer in found(tf.constant(lengths))]


def all_sequences(row, length):
    """With their log-probabilities, the likeliest first."""
    found = []
    for labels in itertools.product(range(LABELS), repeat=length):
        before = (NOTHING, *labels)
        nats = [float(TABLE[row, 1 + b, label]) for b, label in zip(before, labels, strict=False)]
        found.append((sum(nats), labels))
    return sorted(found, reverse=True)


@pytest.mark.parametrize("lengths", [(4, 2), (0, 3)])
def test_a_full_beam_finds_all_sequences_of_each_row_s_length(lengths):
    tokens, log_probs = search(LABELS**4, lengths)
    assert tokens.shape == (2, LABELS**4, max(lengths))
    for row, length in enumerate(lengths):
        expected = all_sequences(row, length)
        count = len(expected)
        found = [tuple(labels) for labels in tokens[row, :count, :length].tolist()]
        by_labels = {labels: nats for nats, labels in expected}
        assert sorted(found) == sorted(by_labels)
        assert not tokens[row, :, length:].any()
        np.testing.assert_allclose(log_probs[row, :count], [n for n, _ in expected], atol=1e-5)
        np.testing.assert_allclose([by_labels[f] for f in found], log_probs[row, :count], atol=1e-5)
        assert (log_probs[row, count:] <= decoding.IMPOSSIBLE).all()


def test_a_beam_of_one_is_greedy_and_a_wider_one_finds_what_that_misses():
    lengths = (4, 4)
    (one, greedy_nats), (_, nats) = search(1, lengths), search(9, lengths)
    for row, length in enumerate(lengths):
        label, greedy = NOTHING, []
        for _ in range(length):
            label = int(tf.argmax(TABLE[row, 1 + label]))
            greedy.append(label)
        assert one[row, 0].tolist() == greedy
    assert (nats[:, 0] >= greedy_nats[:, 0] - 1e-6).all()
    assert (nats[:, 0] > greedy_nats[:, 0] + 0.1).any()
