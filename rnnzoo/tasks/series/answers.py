"""How an answer comes from the outputs h_1 ... h_T of the recurrent layers.

Each way is a class that sees some steps at a time, so that one sum serves the whole sequence and
the stream. What it saw is a dict of tensors (batch, size), float32; `head` is the function from
features to numbers z, such as logits, and `answer` that from these to the answer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from rnnzoo.platform import tf
from rnnzoo.tasks.series.outputs import Output

Seen = dict[str, tf.Tensor]
Head = Callable[[tf.Tensor], tf.Tensor]


class Answer:
    """How an answer comes from outputs.

    Args:
        output: what the numbers of the output layer say.

    Attributes:
        per_step: whether there is an answer to each step, and not one to all of them.
    """

    per_step: ClassVar[bool] = False

    def __init__(self, output: Output):
        self.output = output


class Last(Answer):
    """answer(h_T V + b)"""

    #: Numbers that the head reads, for each of h.
    parts: ClassVar[int] = 1

    def start(self, rows: int | tf.Tensor, units: int, size: int) -> Seen:
        """What is kept while a sequence streams, before any step."""
        return {}

    def more(self, seen: Seen, h: tf.Tensor, mask: tf.Tensor | None, head: Head) -> Seen:
        """What was seen with some more outputs.

        Args:
            seen: what was seen before.
            h: (batch, time, units); a masked step repeats the last real output.
            mask: (batch, time) of bool, True at real steps; None: all are.
            head: from features to numbers.
        """
        last = h[:, -1]
        if mask is not None and "last" in seen:
            last = tf.where(tf.reduce_any(mask, axis=1, keepdims=True), last, seen["last"])
        return {"last": last}

    def answer(self, seen: Seen, head: Head) -> tf.Tensor:
        """The answer, (batch, size)."""
        return self.output.answer(head(seen["last"]))


class Mean(Answer):
    """The mean of answer(h_t V + b) over the steps, of none at all 0     (Donahue et al. 2015)

    It is that of their values: of classes p = 1/T sum_t softmax(h_t V + b).
    """

    parts: ClassVar[int] = 1

    def start(self, rows: int | tf.Tensor, units: int, size: int) -> Seen:
        return {"sum": tf.zeros((rows, size)), "steps": tf.zeros((rows, 1))}

    def more(self, seen: Seen, h: tf.Tensor, mask: tf.Tensor | None, head: Head) -> Seen:
        real = _real(mask, h)
        values = real * self.output.values(self.output.answer(head(h)))
        return {
            "sum": seen["sum"] + tf.reduce_sum(values, axis=1),
            "steps": seen["steps"] + tf.reduce_sum(real, axis=1),
        }

    def answer(self, seen: Seen, head: Head) -> tf.Tensor:
        return self.output.of_values(seen["sum"] / tf.maximum(seen["steps"], 1))


class Pool(Answer):
    """answer([1/T sum_t h_t, max_t h_t] V + b); of no steps at all both are 0

    (Keras's GlobalAveragePooling1D gives NaN there, and its GlobalMaxPooling1D reads no mask.)
    """

    parts: ClassVar[int] = 2

    def start(self, rows: int | tf.Tensor, units: int, size: int) -> Seen:
        return {
            "sum": tf.zeros((rows, units)),
            "maximum": tf.fill((rows, units), tf.float32.min),
            "steps": tf.zeros((rows, 1)),
        }

    def more(self, seen: Seen, h: tf.Tensor, mask: tf.Tensor | None, head: Head) -> Seen:
        h = tf.cast(h, tf.float32)
        real = _real(mask, h)
        highest = h if mask is None else tf.where(mask[..., None], h, tf.float32.min)
        return {
            "sum": seen["sum"] + tf.reduce_sum(real * h, axis=1),
            "maximum": tf.maximum(seen["maximum"], tf.reduce_max(highest, axis=1)),
            "steps": seen["steps"] + tf.reduce_sum(real, axis=1),
        }

    def answer(self, seen: Seen, head: Head) -> tf.Tensor:
        mean = seen["sum"] / tf.maximum(seen["steps"], 1)
        maximum = tf.where(seen["steps"] > 0, seen["maximum"], 0.0)
        return self.output.answer(head(tf.concat([mean, maximum], axis=-1)))


class Each(Answer):
    """answer(h_t V + b), one at each step; of a stream, at those that it just read"""

    per_step: ClassVar[bool] = True
    parts: ClassVar[int] = 1

    def start(self, rows: int | tf.Tensor, units: int, size: int) -> Seen:
        return {}

    def more(self, seen: Seen, h: tf.Tensor, mask: tf.Tensor | None, head: Head) -> Seen:
        return {"h": h}

    def answer(self, seen: Seen, head: Head) -> tf.Tensor:
        """The answers, (batch, time, size)."""
        return self.output.answer(head(seen["h"]))


ANSWERS: dict[str, type[Last] | type[Mean] | type[Pool] | type[Each]] = {
    "last": Last,
    "mean": Mean,
    "pool": Pool,
    "each": Each,
}


def _real(mask, h):
    """1 at real steps, (batch, time, 1)."""
    return (
        tf.ones_like(h[..., :1], tf.float32)
        if mask is None
        else tf.cast(mask, tf.float32)[..., None]
    )
