"""Drawing one token a row, from random numbers that come from outside.

The random numbers are uniforms in [0, 1): drawn in graph mode before a compiled loop and used by
inverse transform sampling, they are the same with and without XLA, in Python and in a SavedModel.
"""

from __future__ import annotations

from rnnzoo.platform import tf

# Far below any logit, yet finite: -inf gives NaN gradients.
IMPOSSIBLE = -1e9


def uniforms(rows: int | tf.Tensor, steps: int | tf.Tensor, seed: int | tf.Tensor) -> tf.Tensor:
    """Random numbers (rows, steps) in [0, 1), a pure function of the seed, the row and the step.

    So neither the other rows of a batch nor the number of steps asked for changes what a row gets.

    Example:
        >>> bool(tf.reduce_all(uniforms(2, 3, seed=1) == uniforms(5, 7, seed=1)[:2, :3]))
        True
    """
    return tf.map_fn(
        lambda row: tf.random.stateless_uniform([steps], tf.stack([seed, row]), alg="philox"),
        tf.range(tf.cast(rows, tf.int64)),
        fn_output_signature=tf.TensorSpec([None], tf.float32),
    )


def check_how(
    temperature: float | tf.Tensor, top_k: int | tf.Tensor, top_p: float | tf.Tensor
) -> None:
    """In a graph, an error of arguments of `choose` that are out of range."""
    tf.debugging.assert_non_negative(temperature, "temperature: expected at least 0")
    tf.debugging.assert_non_negative(top_k, "top_k: expected at least 0")
    tf.debugging.assert_positive(top_p, "top_p: expected more than 0")


def choose(
    logits: tf.Tensor,
    uniform: tf.Tensor,
    temperature: float | tf.Tensor = 1.0,
    top_k: int | tf.Tensor = 0,
    top_p: float | tf.Tensor = 1.0,
) -> tf.Tensor:
    """Draw one token a row from softmax(logits / temperature) by inverse transform sampling.

    Args:
        logits: float32 (batch, vocabulary).
        uniform: float32 (batch,) in [0, 1).
        temperature: below 1 favors likely tokens; 0 takes the likeliest.
        top_k: draw only from the k likeliest; 0, or more than there are, means all.
        top_p: draw only from the fewest likeliest tokens whose probability reaches p
            (nucleus sampling, Holtzman et al. 2020); 1 means all.

    Of equally likely tokens the one of the lowest number comes first, everywhere: in the likeliest,
    in the k likeliest and in the fewest that reach p.

    Returns:
        int32 (batch,).

    Example:
        >>> choose(tf.math.log([[0.1, 0.6, 0.3]]), tf.constant([0.8])).numpy().tolist()
        [2]
    """
    greedy = tf.argmax(logits, axis=-1, output_type=tf.int32)
    sharpened = logits / tf.maximum(tf.cast(temperature, tf.float32), 1e-6)
    sharpened = tf.cond(
        tf.logical_or(top_k > 0, top_p < 1.0),
        lambda: keep_likeliest(sharpened, top_k, top_p),
        lambda: sharpened,
    )
    # The first token at which the distribution function passes u; one without mass never does.
    cumulative = tf.cumsum(tf.nn.softmax(sharpened), axis=-1)
    passed = cumulative <= uniform[:, None] * cumulative[:, -1:]
    drawn = tf.reduce_sum(tf.cast(passed, tf.int32), axis=-1)
    return tf.where(temperature > 0.0, drawn, greedy)


def keep_likeliest(
    logits: tf.Tensor, top_k: int | tf.Tensor, top_p: float | tf.Tensor
) -> tf.Tensor:
    """Logits with all made impossible but the top-k and, of what is left, the top-p tokens.

    Exactly k, and the fewest that reach p: of equal ones the lowest numbers stay.

    Example:
        >>> kept = keep_likeliest(tf.constant([[2.0, 3.0, 1.0]]), top_k=2, top_p=1.0)
        >>> (kept > IMPOSSIBLE).numpy().tolist()
        [[True, True, False]]
    """
    size = logits.shape[-1]
    top_k = tf.where(top_k > 0, tf.minimum(top_k, size), size)
    # Equal logits come in the order of their numbers. (XLA sorts -0.0 behind 0.0.)
    logits = tf.where(logits == 0.0, 0.0, logits)
    descending, numbers = tf.math.top_k(logits, size)
    in_top_k = tf.range(size) < top_k
    probabilities = tf.nn.softmax(tf.where(in_top_k, descending, IMPOSSIBLE))
    mass_before = tf.cumsum(probabilities, axis=-1, exclusive=True)
    # The likeliest stays whatever top_p is, and all do for 1, which a rounded sum may reach early.
    in_top_p = (mass_before < top_p) | (top_p >= 1.0) | (tf.range(size) == 0)
    kept = in_top_k & in_top_p
    last_kept = tf.reduce_sum(tf.cast(kept, tf.int32), axis=-1, keepdims=True) - 1
    lowest, last_number = (
        tf.gather(x, last_kept, axis=-1, batch_dims=1) for x in (descending, numbers)
    )
    stays = (logits > lowest) | ((logits == lowest) & (tf.range(size) <= last_number))
    return tf.where(stays, logits, IMPOSSIBLE)
