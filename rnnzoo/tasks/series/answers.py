"""How a classifier's answer comes from the outputs h_1 ... h_T of its recurrent layers.

Each way is a class that sees some steps at a time, so that one sum serves the whole sequence and
the stream. What it saw is a dict of tensors (batch, size), float32; `head` is the function from
features to logits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from rnnzoo.platform import keras, tf

Seen = dict[str, tf.Tensor]
Head = Callable[[tf.Tensor], tf.Tensor]


class Answer:
    """How probabilities come from outputs.

    Args:
        multi_label: whether each class has a probability of its own, by a sigmoid in place of the
            softmax.

    Attributes:
        per_step: whether there is an answer to each step, and not one to all of them.
    """

    per_step: ClassVar[bool] = False

    def __init__(self, multi_label: bool = False):
        self.multi_label = multi_label

    def p(self, logits: tf.Tensor) -> tf.Tensor:
        """Probabilities of logits (..., classes)."""
        return tf.math.sigmoid(logits) if self.multi_label else tf.nn.softmax(logits)

    def log_p(self, logits: tf.Tensor) -> tf.Tensor:
        """Their logarithms."""
        return tf.math.log_sigmoid(logits) if self.multi_label else tf.nn.log_softmax(logits)


class Last(Answer):
    """p = softmax(h_T V + b)"""

    #: Numbers that the head reads, for each of h.
    parts: ClassVar[int] = 1

    def start(self, rows: int | tf.Tensor, units: int, classes: int) -> Seen:
        """What is kept while a sequence streams, before any step."""
        return {}

    def more(self, seen: Seen, h: tf.Tensor, mask: tf.Tensor | None, head: Head) -> Seen:
        """What was seen with some more outputs.

        Args:
            seen: what was seen before.
            h: (batch, time, units); a masked step repeats the last real output.
            mask: (batch, time) of bool, True at real steps; None: all are.
            head: from features to logits.
        """
        last = h[:, -1]
        if mask is not None and "last" in seen:
            last = tf.where(tf.reduce_any(mask, axis=1, keepdims=True), last, seen["last"])
        return {"last": last}

    def log_probs(self, seen: Seen, head: Head) -> tf.Tensor:
        """The answer, (batch, classes)."""
        return self.log_p(head(seen["last"]))


class Mean(Answer):
    """p = 1/T sum_t softmax(h_t V + b); of no steps at all p = 0     (Donahue et al. 2015)"""

    parts: ClassVar[int] = 1

    def start(self, rows: int | tf.Tensor, units: int, classes: int) -> Seen:
        return {"sum": tf.zeros((rows, classes)), "steps": tf.zeros((rows, 1))}

    def more(self, seen: Seen, h: tf.Tensor, mask: tf.Tensor | None, head: Head) -> Seen:
        real = _real(mask, h)
        probabilities = real * self.p(head(h))
        return {
            "sum": seen["sum"] + tf.reduce_sum(probabilities, axis=1),
            "steps": seen["steps"] + tf.reduce_sum(real, axis=1),
        }

    def log_probs(self, seen: Seen, head: Head) -> tf.Tensor:
        return log(seen["sum"] / tf.maximum(seen["steps"], 1))


class Pool(Answer):
    """p = softmax([1/T sum_t h_t, max_t h_t] V + b); of no steps at all both are 0

    (Keras's GlobalAveragePooling1D gives NaN there, and its GlobalMaxPooling1D reads no mask.)
    """

    parts: ClassVar[int] = 2

    def start(self, rows: int | tf.Tensor, units: int, classes: int) -> Seen:
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

    def log_probs(self, seen: Seen, head: Head) -> tf.Tensor:
        mean = seen["sum"] / tf.maximum(seen["steps"], 1)
        maximum = tf.where(seen["steps"] > 0, seen["maximum"], 0.0)
        return self.log_p(head(tf.concat([mean, maximum], axis=-1)))


class Each(Answer):
    """p_t = softmax(h_t V + b), an answer at each step; of a stream, at those that it just read"""

    per_step: ClassVar[bool] = True
    parts: ClassVar[int] = 1

    def start(self, rows: int | tf.Tensor, units: int, classes: int) -> Seen:
        return {}

    def more(self, seen: Seen, h: tf.Tensor, mask: tf.Tensor | None, head: Head) -> Seen:
        return {"h": h}

    def log_probs(self, seen: Seen, head: Head) -> tf.Tensor:
        """The answers, (batch, time, classes)."""
        return self.log_p(head(seen["h"]))


ANSWERS: dict[str, type[Last] | type[Mean] | type[Pool] | type[Each]] = {
    "last": Last,
    "mean": Mean,
    "pool": Pool,
    "each": Each,
}


def log(probabilities: tf.Tensor) -> tf.Tensor:
    """The logarithm, of nothing below Keras's epsilon."""
    return tf.math.log(tf.maximum(probabilities, keras.config.epsilon()))


def _real(mask, h):
    """1 at real steps, (batch, time, 1)."""
    return (
        tf.ones_like(h[..., :1], tf.float32)
        if mask is None
        else tf.cast(mask, tf.float32)[..., None]
    )
