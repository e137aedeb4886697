"""Beam search: the likeliest sequences that end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rnnzoo.decoding.sampling import IMPOSSIBLE
from rnnzoo.platform import tf


def beam_search(
    step: Callable[[tf.Tensor, Any], tuple[tf.Tensor, Any]],
    token: tf.Tensor,
    state: Any,
    width: int | tf.Tensor,
    capacity: int | tf.Tensor,
    eos: int,
    length_power: float | tf.Tensor = 0.0,
    lengths: tf.Tensor | None = None,
) -> tuple[tf.Tensor, tf.Tensor]:
    """The likeliest sequences that end in `eos`, as far as a beam of this width finds them.

    At each step the `width` likeliest unfinished hypotheses are gone on from. One that ends leaves
    the beam for the pool of finished ones, which keeps the `width` best, and makes room (Sutskever
    et al. 2014). It ends when no hypothesis can get into the pool any more, or after `capacity`
    tokens; those that are cut there fill up a pool that isn't full.

    Args:
        step: ``step(token, state) -> log_probs, state``; `IMPOSSIBLE` forbids a token.
        token: int32 (batch,), the token before the first one, such as BOS; not `eos`.
        state: the state before `token` is read, of any nested structure of (batch, ...) tensors.
        width: hypotheses to keep, int or int32 scalar; at most the number of tokens. To compile the
            search by XLA, an int.
        capacity: the most tokens to write, `eos` among them; for XLA an int.
        eos: the token that ends a sequence (EOS).
        length_power: finished hypotheses are ranked by log-probability / length ** length_power. 0,
            the default, ranks by probability; 1 by its mean, which favors long sequences.
        lengths: float32 (vocabulary,), by what each token makes a sequence longer, at most 1, and
            `eos` by 1, so that a sequence of sure parts of words is no long one. Default: by 1.

    Returns:
        tokens: int32 (batch, width, capacity), the best first, filled up with `eos`.
        log_probs: float32 (batch, width), of the whole sequence in nats, not divided by anything;
            `IMPOSSIBLE` or less where there are no more sequences.

    Example:
        >>> def step(token, state):  # 0 ends, 1 goes on: each with probability 1/2
        ...     return tf.fill((tf.shape(token)[0], 2), tf.math.log(0.5)), state
        >>> tokens, log_probs = beam_search(step, tf.constant([1]), (), 2, capacity=3, eos=0)
        >>> tokens.numpy().tolist(), tf.exp(log_probs).numpy().tolist()
        ([[[0, 0, 0], [1, 0, 0]]], [[0.5, 0.25]])
    """
    batch = token.shape[0] or tf.shape(token)[0]
    length_power = tf.cast(length_power, tf.float32)

    def rows(of_beams):  # (batch, width, ...) -> (batch * width, ...)
        return tf.reshape(of_beams, tf.concat([[batch * width], tf.shape(of_beams)[2:]], 0))

    def beams(of_rows):
        return tf.reshape(of_rows, tf.concat([[batch, width], tf.shape(of_rows)[1:]], 0))

    def chosen(which, *values):
        return [tf.gather(value, which, batch_dims=1) for value in values]

    def ranked(log_probs, length):
        return log_probs / length**length_power

    def body(t, token, state, live, length, written, pool, pool_rank, pool_written):
        log_probs, new_state = step(rows(token), state)
        vocabulary = tf.shape(log_probs)[-1]
        log_probs = live[..., None] + beams(log_probs)
        # Twice as many, since at most `width` of them end.
        most = tf.reshape(log_probs, (batch, -1))
        most, which = tf.math.top_k(most, 2 * width)
        parent, token = which // vocabulary, which % vocabulary
        so_far, length = chosen(parent, written, length)
        length += 1.0 if lengths is None else tf.gather(lengths, token)
        place = tf.range(capacity) == t
        so_far = tf.where(place, token[..., None], so_far)

        ends = token == eos
        candidates = tf.concat([pool, tf.where(ends, most, IMPOSSIBLE)], axis=1)
        ranks = tf.where(ends, ranked(most, length), IMPOSSIBLE)
        ranks, which = tf.math.top_k(tf.concat([pool_rank, ranks], axis=1), width)
        pool, pool_written = chosen(which, candidates, tf.concat([pool_written, so_far], axis=1))

        _, which = tf.math.top_k(tf.where(ends, IMPOSSIBLE, most), width)
        live, parent, token, length, written = chosen(
            which, tf.where(ends, IMPOSSIBLE, most), parent, token, length, so_far
        )
        state = tf.nest.map_structure(
            lambda value: rows(chosen(parent, beams(value))[0]), new_state
        )
        return t + 1, token, state, live, length, written, pool, ranks, pool_written

    def goes_on(t, token, state, live, length, written, pool, pool_rank, pool_written):
        # A log-probability only falls, and no divisor is larger than that of `capacity`.
        attainable = ranked(live[:, 0], tf.cast(capacity, tf.float32))
        return (t < capacity) & tf.reduce_any(attainable > pool_rank[:, -1])

    def repeated(value):
        return tf.repeat(value, width, axis=0)

    nothing = tf.fill((batch, width), IMPOSSIBLE)
    blank = tf.fill((batch, width, capacity), eos)
    # At first all beams are the same: only one of them may count.
    live = tf.where(tf.range(width) == 0, 0.0, nothing)
    state = tf.nest.map_structure(repeated, state)
    _, _, _, live, _, written, pool, pool_rank, pool_written = tf.while_loop(
        goes_on,
        body,
        (0, beams(repeated(token)), state, live, 0.0 * live, blank, nothing, nothing, blank),
        parallel_iterations=1,
    )
    # All that are finished, those that were cut, nothing; each part has its order already.
    part = [tf.where(pool > IMPOSSIBLE, 2, 0), tf.where(live > IMPOSSIBLE, 1, 0)]
    _, which = tf.math.top_k(tf.concat(part, axis=1), width)
    return tuple(
        chosen(which, tf.concat([pool_written, written], axis=1), tf.concat([pool, live], axis=1))
    )
