"""Reading a prompt and writing on from it, one compiled loop each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rnnzoo.decoding.sampling import choose
from rnnzoo.platform import tf


def read(
    step: Callable[[tf.Tensor, Any], tuple[Any, Any]],
    tokens: tf.Tensor,
    lengths: tf.Tensor,
    state: Any,
) -> Any:
    """The state after all tokens of each row but the last, with which `generate` begins.

    Args:
        step: ``step(token, state) -> logits, state``.
        tokens: int32 (batch, time), of any value after a row's end.
        lengths: int32 (batch,), tokens of each row, at least 1.
        state: the state before the first token.

    Example:
        >>> def step(token, total):  # the state is the sum of what was read
        ...     return None, total + token
        >>> tokens, lengths = tf.constant([[1, 2, 4], [3, 2, 0]]), tf.constant([3, 2])
        >>> read(step, tokens, lengths, tf.zeros(2, tf.int32)).numpy().tolist()
        [3, 3]
    """

    def body(t, state):
        _, new_state = step(tokens[:, t], state)
        goes_on = t < lengths - 1
        return t + 1, tf.nest.map_structure(
            lambda new, old: choose_rows(goes_on, new, old), new_state, state
        )

    longest = tf.reduce_max(lengths)
    return tf.while_loop(lambda t, _: t < longest - 1, body, (0, state), parallel_iterations=1)[1]


def generate(
    step: Callable[[tf.Tensor, Any], tuple[tf.Tensor, Any]],
    token: tf.Tensor,
    state: Any,
    uniforms: tf.Tensor,
    length: int | tf.Tensor,
    temperature: float | tf.Tensor = 1.0,
    top_k: int | tf.Tensor = 0,
    top_p: float | tf.Tensor = 1.0,
    eos: int | None = None,
) -> tf.Tensor:
    """Write `length` tokens, each drawn given those before it.

    Args:
        step: ``step(token, state) -> logits, state``.
        token: int32 (batch,), the last token read; the first one written follows it.
        state: the state before `token` is read.
        uniforms: float32 (batch, capacity), from `uniforms`; capacity >= length.
        length: int32 scalar, tokens to write.
        temperature, top_k, top_p: as for `choose`.
        eos: the token that ends a row (EOS); None: none does.

    Returns:
        int32 (batch, capacity): the tokens in the first `length` columns, zeros after them, and
        from a row's `eos` on only that.

    Example:
        >>> from rnnzoo.decoding import uniforms
        >>> def step(token, state):  # after each token, surely the next number
        ...     return 100 * tf.one_hot(token + 1, 10), state
        >>> generate(step, tf.constant([3, 5]), (), uniforms(2, 4, seed=0), 3).numpy().tolist()
        [[4, 5, 6, 0], [6, 7, 8, 0]]
    """
    uniforms = tf.transpose(uniforms)  # (capacity, batch): a step reads one row

    def goes_on(t, token, *_):
        return t < length if eos is None else (t < length) & tf.reduce_any(token != eos)

    def body(t, token, state, written):
        logits, state = step(token, state)
        chosen = choose(logits, uniforms[t], temperature, top_k, top_p)
        if eos is not None:
            chosen = tf.where(token == eos, eos, chosen)
        return t + 1, chosen, state, tf.tensor_scatter_nd_update(written, [[t]], chosen[None])

    # Where all rows end early, what is left of them is not written any more.
    written = tf.fill(tf.shape(uniforms), 0 if eos is None else eos)
    *_, written = tf.while_loop(goes_on, body, (0, token, state, written), parallel_iterations=1)
    # Turned by a gather: of a transposition of whole numbers, oneDNN says on stderr that it doesn't
    # take them, on processors without AVX-512.
    steps, rows = tf.unstack(tf.shape(written))
    places = tf.range(rows)[:, tf.newaxis] + rows * tf.range(steps)
    return tf.gather(tf.reshape(written, [-1]), places)


def choose_rows(condition: tf.Tensor, where_true: tf.Tensor, where_false: tf.Tensor) -> tf.Tensor:
    """Row by row one of two tensors (batch, ...), by a condition (batch,).

    Example:
        >>> choose_rows(tf.constant([True, False]), tf.ones((2, 2)), tf.zeros((2, 2))).numpy()
        array([[1., 1.],
               [0., 0.]], dtype=float32)
    """
    condition = tf.reshape(condition, [-1] + [1] * (where_true.shape.rank - 1))
    return tf.where(condition, where_true, where_false)
