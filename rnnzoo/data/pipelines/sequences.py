"""Batches of whole sequences: which come together, and when."""

from __future__ import annotations

import functools
from collections.abc import Sequence, Sized

import numpy as np

from rnnzoo.platform import tf

# Batches whose sequences are sorted by length together: of many, little is padded; of few, the
# order is more random.
POOL = 50


def sequences_per_epoch(sequences: Sized, batch_size: int) -> int:
    """How many training batches make up one pass: ``max(1, len(sequences) // batch_size)``.

    >>> sequences_per_epoch(["a", "bc", "def"], batch_size=2)
    1
    """
    return max(1, len(sequences) // batch_size)


def shuffled_rows(
    lengths: Sequence[int] | np.ndarray, batch_size: int, seed: int = 0, start_step: int = 0
) -> tf.data.Dataset:
    """Endless batches of row numbers, of sequences of about the same length.

    Each epoch takes the rows in an order of its own, sorts them by length within some batches, and
    takes those batches in random order. What does not fill a batch waits for another epoch. A batch
    is a pure function of (lengths, seed, step), so a run that stops at a step goes on with
    ``start_step=step`` as if it had never stopped.

    Args:
        lengths: of the sequences.
        batch_size: rows in a batch; all there are, if they are fewer.
        seed: of the order.
        start_step: the step that comes first, counted from the beginning of training.

    Returns:
        An infinite `tf.data.Dataset` of int64 (batch,).

    >>> [len(rows) for rows in shuffled_rows([3, 1, 2, 5, 4], batch_size=2).take(3)]
    [2, 2, 2]
    """
    lengths = np.asarray(lengths)
    steps = sequences_per_epoch(lengths, batch_size)
    batch_size = min(batch_size, len(lengths))

    @functools.lru_cache(maxsize=2)  # tf.data may be preparing the next epoch already
    def plan(epoch):
        random = np.random.default_rng((seed, epoch))
        order = random.permutation(len(lengths))[: steps * batch_size]
        pools = np.split(order, range(POOL * batch_size, len(order), POOL * batch_size))
        order = np.concatenate([pool[np.argsort(lengths[pool], kind="stable")] for pool in pools])
        return random.permutation(order.reshape(steps, batch_size))

    def rows(step):
        (rows,) = tf.numpy_function(
            lambda step: [plan(int(step) // steps)[int(step) % steps]], [step], [tf.int64]
        )
        rows.set_shape((batch_size,))
        return rows

    return tf.data.Dataset.counter(start_step).map(rows)


def balanced_rows(
    labels: Sequence[int] | np.ndarray, batch_size: int, seed: int = 0, start_step: int = 0
) -> tf.data.Dataset:
    """Endless batches of row numbers in which each class is as frequent as any other.

    Classes are dealt in rounds, of each one its rows in turn, both in orders of their own. Like
    those of `shuffled_rows`, a batch is a pure function of (labels, seed, step).

    Args:
        labels: whole numbers, of each row its class.
        batch_size: rows in a batch.
        seed, start_step: as for `shuffled_rows`.

    Returns:
        An infinite `tf.data.Dataset` of int64 (batch,).

    >>> labels = np.array([0, 0, 0, 0, 0, 1])
    >>> [labels[rows].tolist().count(1) for rows in balanced_rows(labels, batch_size=4).take(2)]
    [2, 2]
    """
    labels = np.asarray(labels)
    by_class = [np.flatnonzero(labels == label) for label in np.unique(labels)]

    @functools.lru_cache(maxsize=2 * len(by_class) + 2)
    def order(which, turn):
        count = len(by_class) if which is None else len(by_class[which])
        return np.random.default_rng((seed, turn, *([] if which is None else [which]))).permutation(
            count
        )

    def of(place):
        turn, at = divmod(place, len(by_class))
        which = int(order(None, turn)[at])
        turn, at = divmod(turn, len(by_class[which]))
        return by_class[which][order(which, turn)[at]]

    def rows(step):
        (rows,) = tf.numpy_function(
            lambda step: [np.array([of(int(step) * batch_size + i) for i in range(batch_size)])],
            [step],
            [tf.int64],
        )
        rows.set_shape((batch_size,))
        return rows

    return tf.data.Dataset.counter(start_step).map(rows)
