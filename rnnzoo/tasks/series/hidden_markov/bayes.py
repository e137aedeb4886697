"""The answer of a classifier whose classes say how likely a sequence is."""

from __future__ import annotations

from typing import ClassVar

from rnnzoo.platform import tf
from rnnzoo.tasks.series.answers import Answer, Head, Seen


class Bayes(Answer):
    """p(c | x) = softmax(sum_t l_t(c) + log P(c)),      l_t(c) = log p(x_t | x_1 ... x_{t-1}, c)

    The head adds log P(c). The sum is that of log p(x | c), over real steps.
    """

    parts: ClassVar[int] = 1

    def start(self, rows: int | tf.Tensor, units: int, size: int) -> Seen:
        """Of no steps at all each class is as likely, its prior aside."""
        return {"log_likelihood": tf.zeros((rows, size))}

    def more(self, seen: Seen, h: tf.Tensor, mask: tf.Tensor | None, head: Head) -> Seen:
        """With some more steps' l, (batch, time, classes); see `Last.more`."""
        steps = h if mask is None else tf.where(mask[..., None], h, 0.0)
        return {"log_likelihood": seen["log_likelihood"] + tf.reduce_sum(steps, axis=1)}

    def answer(self, seen: Seen, head: Head) -> tf.Tensor:
        """The answer, (batch, size)."""
        return self.output.answer(head(seen["log_likelihood"]))
