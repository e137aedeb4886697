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


def generate(step, token, state, uniforms, length, temperature=1.0, top_k=0, top_p=1.0, stop=None):
    """Write `length` tokens, each drawn given those before it.

    Args:
        step: ``step(token, state) -> logits, state``.
        token: int32 (batch,), the last token read; the first one written follows it.
        state: the state before `token` is read.
        uniforms: float32 (batch, capacity), from `uniforms`; capacity >= length.
        length: int32 scalar, tokens to write.
        temperature, top_k, top_p: as for `choose`.
        stop: the token that ends a row; None: none does.

    Returns:
        int32 (batch, capacity): the tokens in the first `length` columns, zeros after them, and
        from a row's `stop` on only that.

    Example:
        >>> def step(token, state):  # after each token, surely the next number
        ...     return 100 * tf.one_hot(token + 1, 10), state
        >>> generate(step, tf.constant([3, 5]), (), uniforms(2, 4, seed=0), 3).numpy().tolist()
        [[4, 5, 6, 0], [6, 7, 8, 0]]
    """
    uniforms = tf.transpose(uniforms)  # (capacity, batch): a step reads one row

    def goes_on(t, token, *_):
        return t < length if stop is None else (t < length) & tf.reduce_any(token != stop)

    def body(t, token, state, written):
        logits, state = step(token, state)
        chosen = choose(logits, uniforms[t], temperature, top_k, top_p)
        if stop is not None:
            chosen = tf.where(token == stop, stop, chosen)
        return t + 1, chosen, state, tf.tensor_scatter_nd_update(written, [[t]], chosen[None])

    # Where all rows end early, what is left of them is not written any more.
    written = tf.fill(tf.shape(uniforms), 0 if stop is None else stop)
    *_, written = tf.while_loop(goes_on, body, (0, token, state, written), parallel_iterations=1)
    return tf.transpose(written)


def beam_search(step, token, state, width, capacity, stop, length_power=0.0, lengths=None):
    """The likeliest sequences that end in `stop`, as far as a beam of this width finds them.

    At each step the `width` likeliest unfinished hypotheses are gone on from. One that ends leaves
    the beam for the pool of finished ones, which keeps the `width` best, and makes room (Sutskever
    et al. 2014). It ends when no hypothesis can get into the pool any more, or after `capacity`
    tokens; those that are cut there fill up a pool that isn't full.

    Args:
        step: ``step(token, state) -> log_probs, state``; `IMPOSSIBLE` forbids a token.
        token: int32 (batch,), the token before the first one, such as a start word; not `stop`.
        state: the state before `token` is read, of any nested structure of (batch, ...) tensors.
        width: hypotheses to keep, int or int32 scalar; at most the number of tokens. To compile the
            search by XLA, an int.
        capacity: the most tokens to write, `stop` among them; for XLA an int.
        stop: the token that ends a sequence.
        length_power: finished hypotheses are ranked by log-probability / length ** length_power. 0,
            the default, ranks by probability; 1 by its mean, which favors long sequences.
        lengths: float32 (vocabulary,), by what each token makes a sequence longer, at most 1, and
            `stop` by 1, so that a sequence of sure parts of words is no long one. Default: by 1.

    Returns:
        tokens: int32 (batch, width, capacity), the best first, filled up with `stop`.
        log_probs: float32 (batch, width), of the whole sequence in nats, not divided by anything;
            `IMPOSSIBLE` or less where there are no more sequences.

    Example:
        >>> def step(token, state):  # 0 ends, 1 goes on: each with probability 1/2
        ...     return tf.fill((tf.shape(token)[0], 2), tf.math.log(0.5)), state
        >>> tokens, log_probs = beam_search(step, tf.constant([1]), (), 2, capacity=3, stop=0)
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

        ends = token == stop
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
    blank = tf.fill((batch, width, capacity), stop)
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
