"""Writing sentences: what tasks share that answer with one, word by word.

A writer is a task with a `vocabulary` (`rnnzoo.tasks.vocabulary.SentenceVocabulary`) and with
``step(ids, state) -> logits, state``; the state after what the sentence is about, a picture or a
text, comes from the task.
"""

from rnnzoo import decoding
from rnnzoo.platform import tf
from rnnzoo.tasks.task import endpoint
from rnnzoo.tasks.vocabulary import SentenceVocabulary as Words

MAX_WORDS = 1024

# What endpoints that search and that draw take beside what a sentence is about.
SEARCH = {
    "width": tf.TensorSpec([], tf.int32),
    "length_power": tf.TensorSpec([], tf.float32),
    "max_words": tf.TensorSpec([], tf.int32),
}
DRAW = {
    "temperature": tf.TensorSpec([], tf.float32),
    "top_k": tf.TensorSpec([], tf.int32),
    "top_p": tf.TensorSpec([], tf.float32),
    "seed": tf.TensorSpec([], tf.int64),
    "max_words": tf.TensorSpec([], tf.int32),
}
# As tensors, defaults become part of the SavedModel's signature.
WIDTH, TEMPERATURE, TOP_K, TOP_P = (tf.constant(value) for value in (4, 1.0, 0, 1.0))
SEED = tf.constant(0, tf.int64)


def best_sentences(writer, state, width, length_power, max_words):
    """By beam search: sentences (batch, width), the best first, and log_probs (batch, width).

    Args:
        writer: see above.
        state: after what the sentences are about, a flat dict of (batch, ...) tensors.
        width, length_power: see `rnnzoo.decoding.beam_search`; a spelt word is as long as another.
        max_words: the most words of a sentence; what goes on after them is cut.
    """
    tokens, log_probs = decoding.beam_search(
        _step_to_known(writer),
        _start(state),
        state,
        width,
        max_words + 1,
        Words.STOP,
        length_power,
        tf.constant(writer.vocabulary.lengths),
    )
    return _texts(writer, tokens), log_probs


def sampled_sentences(writer, state, seed, temperature, top_k, top_p, max_words):
    """Sentences (batch,), each word drawn given those before it; see `rnnzoo.decoding.choose`."""
    start = _start(state)
    uniforms = decoding.uniforms(tf.shape(start)[0], max_words + 1, seed)
    tokens = decoding.generate(
        _step_to_known(writer),
        start,
        state,
        uniforms,
        max_words + 1,
        temperature,
        top_k,
        top_p,
        Words.STOP,
    )
    return writer.vocabulary.decode(tokens[:, :-1])


def log_probs_of(logits, ids):
    """Log-likelihood in nats (batch,) of ids (batch, time) up to their first stop."""
    log_probs = -tf.nn.sparse_softmax_cross_entropy_with_logits(ids, logits)
    before = tf.cumsum(tf.cast(ids == Words.STOP, tf.int32), axis=-1, exclusive=True)
    return tf.reduce_sum(tf.where(before == 0, log_probs, 0.0), axis=-1)


def writing_endpoints(writer):
    """The endpoints "step" and "words", for who wants to choose the words; "init" begins."""

    @endpoint(ids=tf.TensorSpec([None], tf.int32), state=writer.state_spec)
    def step(ids, state):
        logits, state = writer.step(ids, state)
        return {"log_probs": tf.nn.log_softmax(logits), **state}

    @endpoint()
    def words():
        return {"words": tf.constant(writer.vocabulary.shown)}

    return {"step": step, "words": words}


def teacher_forced(ids):
    """What a writer reads to predict ids (batch, time): the start, and all ids but the last."""
    return tf.pad(ids[:, :-1], [[0, 0], [1, 0]], constant_values=Words.START)


def _start(state):
    return tf.fill(tf.shape(tf.nest.flatten(state)[0])[:1], Words.START)


def _step_to_known(writer):
    """A step that writes neither the unknown word nor the start."""
    ids = tf.range(writer.vocabulary.size)
    never = (ids == Words.UNKNOWN) | (ids == Words.START)

    def step(ids, state):
        logits, state = writer.step(ids, state)
        return tf.where(never, decoding.IMPOSSIBLE, tf.nn.log_softmax(logits)), state

    return step


def _texts(writer, tokens):
    """Strings (batch, width) of tokens (batch, width, capacity)."""
    shape = tf.shape(tokens)
    texts = writer.vocabulary.decode(tf.reshape(tokens[..., :-1], (-1, shape[-1] - 1)))
    return tf.reshape(texts, shape[:2])
