"""What a sequence tagger answers, as compiled functions that Python and exports share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rnnzoo.platform import tf
from rnnzoo.tasks.task import endpoint, state_spec

if TYPE_CHECKING:
    from rnnzoo.tasks.tagging.model import Tagger


def tagger_endpoints(model: Tagger) -> dict[str, Any]:
    """Functions by name; each returns a dict of named tensors.

    ==================================  ==========================================================
    serve(sequences)                    tags (n, time), the likeliest, empty strings behind a
                                        sequence's end; probabilities (n, time, tags), zeros there
    serve_ragged(values, row_lengths)   tags (total,) and probabilities (total, tags) of sentences
                                        of row_lengths (n,) words, values (total,) on end
    tags()                              tags, the names of all
    init(batch_size)                    the state before any element, tensors (batch_size, ...)
    step(elements, state)               tags (n,) and probabilities (n, tags) of one more element
                                        each, a word or a character, and the new state
    ==================================  ==========================================================

    ``sequences`` are words (n, time), with empty strings behind a sentence's end, or, where the
    elements are characters, texts (n,), and there is no ``serve_ragged``. The last two are there if
    the model reads in one direction only.

    Args:
        model: a `Tagger` that knows its tags.

    Example:
        >>> import rnnzoo
        >>> model = rnnzoo.create_model("tagger_birnn", units=4, tags=["a", "b"], characters="xyz")
        >>> tagger_endpoints(model)["serve"](tf.constant(["xyz", "z"]))["tags"].shape
        TensorShape([2, 3])
    """
    names, encode = tf.constant(list(model.tags)), model.preprocessor.encode
    shape = [None, None] if model.reads_words else [None]

    def answer(ids, logits):
        return {"tags": tf.gather(names, ids), "probabilities": tf.nn.softmax(logits)}

    def answer_all(batch):
        logits = model(batch)
        return answer(model.best(batch, logits), logits)

    @endpoint(sequences=tf.TensorSpec(shape, tf.string))
    def serve(sequences):
        if model.reads_words:
            sequences = _sentences(sequences)
        batch = encode(sequences)
        answers = answer_all(batch)
        real = tf.sequence_mask(batch["lengths"], tf.shape(batch["ids"])[1])
        return {
            "tags": tf.where(real, answers["tags"], ""),
            "probabilities": tf.where(real[..., None], answers["probabilities"], 0.0),
        }

    @endpoint(values=tf.TensorSpec([None], tf.string), row_lengths=tf.TensorSpec([None], tf.int64))
    def serve_ragged(values, row_lengths):
        with tf.control_dependencies([_assert(tf.reduce_all(values != ""), "a word is empty")]):
            sentences = tf.RaggedTensor.from_row_lengths(values, row_lengths)
        batch = encode(sentences)
        real = tf.sequence_mask(batch["lengths"], tf.shape(batch["ids"])[1])
        return {name: tf.boolean_mask(padded, real) for name, padded in answer_all(batch).items()}

    @endpoint()
    def tags():
        return {"tags": names}

    endpoints = {"serve": serve, "tags": tags}
    if model.reads_words:
        endpoints["serve_ragged"] = serve_ragged
    if not model.streams:
        return endpoints
    state = state_spec(model.initial_state)

    @endpoint(batch_size=tf.TensorSpec([], tf.int32))
    def init(batch_size):
        return model.initial_state(batch_size)

    @endpoint(elements=tf.TensorSpec([None], tf.string), state=state)
    def step(elements, state):
        if model.reads_words:
            elements = tf.RaggedTensor.from_tensor(elements[:, None])
        logits, state = model.step(encode(elements), state)
        return {**answer(tf.argmax(logits, axis=-1), logits), **state}

    return {**endpoints, "init": init, "step": step}


def _sentences(words):
    """Padded words (batch, time) as a RaggedTensor; none may be empty but behind the end."""
    real = words != ""
    lengths = tf.reduce_sum(tf.cast(real, tf.int64), axis=1)
    at_the_end = tf.reduce_all(real == tf.sequence_mask(lengths, tf.shape(words)[1]))
    with tf.control_dependencies([_assert(at_the_end, "an empty string stands before a word")]):
        return tf.RaggedTensor.from_tensor(words, lengths)


def _assert(fits, message):
    return tf.debugging.Assert(fits, [f"words: {message}"])
