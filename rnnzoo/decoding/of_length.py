"""Beam search for sequences whose length is known: an answer for each step of an input."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rnnzoo.decoding.beams import beam_search
from rnnzoo.decoding.sampling import IMPOSSIBLE
from rnnzoo.platform import tf


def beam_search_of_length(
    step: Callable[[tf.Tensor, Any], tuple[tf.Tensor, Any]],
    token: tf.Tensor,
    state: Any,
    width: int | tf.Tensor,
    lengths: tf.Tensor,
    capacity: int | tf.Tensor,
    labels: int,
) -> tuple[tf.Tensor, tf.Tensor]:
    """The likeliest sequences of each row's own length, as far as a beam of this width finds them.

    It is `beam_search` with one label more, EOS, which is impossible before a row's length, and
    then certain. With a width of 1 it is greedy.

    Args:
        step: ``step(token, state) -> log_probs, state``, log_probs (batch, labels). It is also
            called beyond a row's length; what it says there doesn't matter.
        token: int32 (batch,), the token before the first one.
        state: the state before `token` is read, of any nested structure of (batch, ...) tensors.
        width: hypotheses to keep, int or int32 scalar.
        lengths: int32 (batch,).
        capacity: the greatest of them, or more.
        labels: how many there are, at least 2.

    Returns:
        tokens: int32 (batch, width, capacity), the best first, zeros behind a row's end.
        log_probs: float32 (batch, width), in nats; `IMPOSSIBLE` or less where there are no more
            sequences.

    Example:
        >>> def step(token, state):  # surely the other one of two labels
        ...     return tf.math.log(tf.one_hot(1 - token, 2) + 1e-9), state
        >>> two, one = tf.constant([0, 1]), tf.constant([3, 2])
        >>> tokens, _ = beam_search_of_length(step, two, (), 1, one, capacity=3, labels=2)
        >>> tokens[:, 0].numpy().tolist()
        [[1, 0, 1], [0, 1, 0]]
    """

    def to_the_end(token, state):
        left, state = state
        # What is no hypothesis any more may hold EOS, which `step` doesn't know.
        log_probs, state = step(tf.minimum(token, labels - 1), state)
        over = (left == 0)[:, None]
        return tf.concat(
            [tf.where(over, IMPOSSIBLE, log_probs), tf.where(over, 0.0, IMPOSSIBLE)], axis=-1
        ), (left - 1, state)

    state = (tf.cast(lengths, tf.int32), state)
    tokens, log_probs = beam_search(to_the_end, token, state, width, capacity + 1, eos=labels)
    tokens = tokens[..., :-1]
    return tf.where(tokens == labels, 0, tokens), log_probs
