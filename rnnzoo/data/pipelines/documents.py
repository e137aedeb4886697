"""From documents to batches: windows that go on from batch to batch, and begin with a document.

Every element is ``((x, start, label), y, weight)``: x, start and y as in
`rnnzoo.data.pipelines.text`, with

    label   int32   (batch,)           of the document that each row reads
    weight  float32 (batch, window)    0 behind the end of a document

A window never reaches from one document into the next, so `start` is True wherever one begins. An
element of training is a pure function of (documents, seed, step).
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np

from rnnzoo.platform import tf


class DocumentWindows:
    """The windows of some documents.

    Args:
        ids: of each document integers (n,), two or more.
        labels: integers, of each document one.
        window: ids a row reads in one step.

    Example:
        >>> windows = DocumentWindows([range(6), range(3)], labels=[4, 7], window=3)
        >>> (x, start, label), y, weight = next(iter(windows.in_order(batch_size=3)))
        >>> x.numpy().tolist(), label.numpy().tolist()
        ([[0, 1, 2], [3, 4, 5], [0, 1, 2]], [4, 4, 7])
        >>> weight.numpy().tolist()
        [[1.0, 1.0, 1.0], [1.0, 1.0, 0.0], [1.0, 1.0, 0.0]]
    """

    def __init__(self, ids: Sequence[Sequence[int]], labels: Sequence[int], window: int):
        self.window = window
        targets = np.array([len(of_one) - 1 for of_one in ids])
        self.counts = -(-targets // window)  # windows of each document
        of_window = np.repeat(np.arange(len(ids)), self.counts)
        self.first = np.r_[0, np.cumsum(self.counts)[:-1]]
        place = np.arange(len(of_window)) - self.first[of_window]
        begins = np.r_[0, np.cumsum(targets + 1)[:-1]]
        self._arrays = [
            np.concatenate([*map(np.asarray, ids), np.zeros(window, int)]).astype(np.int32),
            begins[of_window] + place * window,
            np.minimum(window, targets[of_window] - place * window),
            place == 0,
            np.asarray(labels, np.int32)[of_window],
        ]

    def __len__(self) -> int:
        return int(self.counts.sum())

    def steps_per_epoch(self, batch_size: int) -> int:
        """How many training batches make up one pass."""
        return max(1, len(self) // batch_size)

    def training(self, batch_size: int, seed: int = 0, start_step: int = 0) -> tf.data.Dataset:
        """Endless batches: rows walk along the documents, in an order of each epoch's own."""
        steps, batch_size = self.steps_per_epoch(batch_size), min(batch_size, len(self))

        @functools.lru_cache(maxsize=2)  # tf.data may be preparing the next epoch already
        def plan(epoch):
            order = np.random.default_rng((seed, epoch)).permutation(len(self.counts))
            windows = [np.arange(self.first[i], self.first[i] + self.counts[i]) for i in order]
            return np.concatenate(windows)[: steps * batch_size].reshape(batch_size, steps)

        def windows(step):
            (rows,) = tf.numpy_function(
                lambda step: [plan(int(step) // steps)[:, int(step) % steps]], [step], [tf.int64]
            )
            rows.set_shape((batch_size,))
            return rows, step % steps == 0

        return self._elements(tf.data.Dataset.counter(start_step).map(windows))

    def in_order(self, batch_size: int) -> tf.data.Dataset:
        """All windows once, in `batch_size` strips; rows behind the last one weigh nothing."""
        steps = -(-len(self) // batch_size)
        rows = np.full(batch_size * steps, -1)
        rows[: len(self)] = np.arange(len(self))
        with tf.device("cpu"):  # where tf.data runs, also when there is a GPU
            rows = tf.constant(rows.reshape(batch_size, steps))
        return self._elements(
            tf.data.Dataset.range(steps).map(lambda step: (rows[:, step], step == 0))
        )

    def _elements(self, windows):
        with tf.device("cpu"):
            ids, begin, real, first, label = map(tf.constant, self._arrays)
        each = tf.range(self.window + 1, dtype=tf.int64)

        def element(rows, begins):
            known = tf.maximum(rows, 0)
            read = tf.gather(ids, tf.gather(begin, known)[:, None] + each)
            is_real = (each[None, :-1] < tf.gather(real, known)[:, None]) & (rows >= 0)[:, None]
            weight = tf.cast(is_real, tf.float32)
            start = tf.gather(first, known) | begins
            return (read[:, :-1], start, tf.gather(label, known)), read[:, 1:], weight

        return windows.map(element).prefetch(tf.data.AUTOTUNE)
