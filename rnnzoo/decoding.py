"""Decoding: the compiled loop that writes a sequence, for whatever can take one step.

A task gives ``step(token, state) -> logits, state`` with tokens (batch,) of int32, logits
(batch, vocabulary) of float32 and a state of any nested structure. The loop is one `tf.while_loop`
made for XLA: no Python runs per token, and lengths, temperature, top_k and top_p are tensors, so
that another value compiles nothing anew.

The random numbers come from outside, as uniforms in [0, 1): drawn in graph mode before the compiled
loop and used by inverse transform sampling, they are the same with and without XLA, in Python and
in a SavedModel.
"""

from rnnzoo.platform import tf

# Far below any logit, yet finite: -inf gives NaN gradients.
IMPOSSIBLE = -1e9


def uniforms(rows, steps, seed):
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


def read(step, tokens, lengths, state):
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


def generate(step, token, state, uniforms, length, temperature=1.0, top_k=0, top_p=1.0):
    """Write `length` tokens, each drawn given those before it.

    Args:
        step: ``step(token, state) -> logits, state``.
        token: int32 (batch,), the last token read; the first one written follows it.
        state: the state before `token` is read.
        uniforms: float32 (batch, capacity), from `uniforms`; capacity >= length.
        length: int32 scalar, tokens to write.
        temperature, top_k, top_p: as for `choose`.

    Returns:
        int32 (batch, capacity): the tokens in the first `length` columns, zeros after them.

    Example:
        >>> def step(token, state):  # after each token, surely the next number
        ...     return 100 * tf.one_hot(token + 1, 10), state
        >>> generate(step, tf.constant([3, 5]), (), uniforms(2, 4, seed=0), 3).numpy().tolist()
        [[4, 5, 6, 0], [6, 7, 8, 0]]
    """
    uniforms = tf.transpose(uniforms)  # (capacity, batch): a step reads one row

    def body(t, token, state, written):
        logits, state = step(token, state)
        token = choose(logits, uniforms[t], temperature, top_k, top_p)
        return t + 1, token, state, tf.tensor_scatter_nd_update(written, [[t]], token[None])

    written = tf.zeros_like(uniforms, tf.int32)
    *_, written = tf.while_loop(
        lambda t, *_: t < length, body, (0, token, state, written), parallel_iterations=1
    )
    return tf.transpose(written)


def choose(logits, uniform, temperature=1.0, top_k=0, top_p=1.0):
    """Draw one token a row from softmax(logits / temperature) by inverse transform sampling.

    Args:
        logits: float32 (batch, vocabulary).
        uniform: float32 (batch,) in [0, 1).
        temperature: below 1 favors likely tokens; 0 takes the likeliest.
        top_k: draw only from the k likeliest; 0, or more than there are, means all.
        top_p: draw only from the fewest likeliest tokens whose probability reaches p
            (nucleus sampling, Holtzman et al. 2020); 1 means all.

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


def keep_likeliest(logits, top_k, top_p):
    """Logits with all made impossible but the top-k and, of what is left, the top-p tokens.

    Example:
        >>> kept = keep_likeliest(tf.constant([[2.0, 3.0, 1.0]]), top_k=2, top_p=1.0)
        >>> (kept > IMPOSSIBLE).numpy().tolist()
        [[True, True, False]]
    """
    size = logits.shape[-1]
    top_k = tf.where(top_k > 0, tf.minimum(top_k, size), size)
    descending = tf.sort(logits, axis=-1, direction="DESCENDING")
    in_top_k = tf.range(size) < top_k
    probabilities = tf.nn.softmax(tf.where(in_top_k, descending, IMPOSSIBLE))
    mass_before = tf.cumsum(probabilities, axis=-1, exclusive=True)
    # The likeliest stays whatever top_p is.
    kept = in_top_k & ((mass_before < top_p) | (tf.range(size) == 0))
    last_kept = tf.reduce_sum(tf.cast(kept, tf.int32), axis=-1, keepdims=True) - 1
    threshold = tf.gather(descending, last_kept, axis=-1, batch_dims=1)
    return tf.where(logits < threshold, IMPOSSIBLE, logits)


def choose_rows(condition, where_true, where_false):
    """Row by row one of two tensors (batch, ...), by a condition (batch,).

    Example:
        >>> choose_rows(tf.constant([True, False]), tf.ones((2, 2)), tf.zeros((2, 2))).numpy()
        array([[1., 1.],
               [0., 0.]], dtype=float32)
    """
    condition = tf.reshape(condition, [-1] + [1] * (where_true.shape.rank - 1))
    return tf.where(condition, where_true, where_false)
