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
    the model reads in one direction only. Where tags mark spans, ``serve`` answers the likeliest
    that may follow each other; ``step`` answers each by itself, as the state holds no tag.

    Args:
        model: a `Tagger` that knows its tags.

    Example:
        >>> import rnnzoo
        >>> model = rnnzoo.create_model("tagger_birnn", units=4, tags=["a", "b"], characters="xyz")
        >>> tagger_endpoints(model)["serve"](tf.constant(["xyz", "z"]))["tags"].shape
        TensorShape([2, 3])
    """
    encode = model.preprocessor.encode

    @endpoint(sequences=sequences_spec(model))
    def serve(sequences):
        return padded_answers(model, sequences)

    @endpoint(**RAGGED)
    def serve_ragged(values, row_lengths):
        return ragged_answers(model, values, row_lengths)

    @endpoint()
    def tags():
        return {"tags": tf.constant(model.tags)}

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
        return {**_answer(model, model.chosen(logits, state), logits), **state}

    return {**endpoints, "init": init, "step": step}


# Sentences on end.
RAGGED = {
    "values": tf.TensorSpec([None], tf.string),
    "row_lengths": tf.TensorSpec([None], tf.int64),
}


def sequences_spec(model: Tagger) -> tf.TensorSpec:
    """Of padded words (n, time), or of texts (n,)."""
    return tf.TensorSpec([None, None] if model.reads_words else [None], tf.string)


def padded_answers(model: Tagger, sequences: tf.Tensor, *how: Any) -> dict[str, tf.Tensor]:
    """What `serve` answers; graph code. `how` goes to the model's `answered`."""
    batch = encoded(model, sequences)
    answers = _answer(model, *model.answered(batch, *how))
    is_real = real(batch)
    return {
        "tags": tf.where(is_real, answers["tags"], ""),
        "probabilities": tf.where(is_real[..., None], answers["probabilities"], 0.0),
    }


def ragged_answers(
    model: Tagger, values: tf.Tensor, row_lengths: tf.Tensor, *how: Any
) -> dict[str, tf.Tensor]:
    """What `serve_ragged` answers; graph code. `how` goes to the model's `answered`."""
    with tf.control_dependencies(
        [check_that(tf.reduce_all(values != ""), "words: a word is empty")]
    ):
        sentences = tf.RaggedTensor.from_row_lengths(values, row_lengths)
    batch = model.preprocessor.encode(sentences)
    answers = _answer(model, *model.answered(batch, *how))
    return {name: tf.boolean_mask(padded, real(batch)) for name, padded in answers.items()}


def encoded(model: Tagger, sequences: tf.Tensor) -> dict[str, tf.Tensor]:
    """What the network reads of padded words (n, time), or of texts (n,); graph code."""
    return model.preprocessor.encode(_sentences(sequences) if model.reads_words else sequences)


def _answer(model, ids, logits):
    return {
        "tags": tf.gather(tf.constant(model.tags), ids),
        "probabilities": tf.nn.softmax(logits),
    }


def real(batch: dict[str, tf.Tensor]) -> tf.Tensor:
    """Where a batch is no padding, bool (batch, time)."""
    return tf.sequence_mask(batch["lengths"], tf.shape(batch["ids"])[1])


def _sentences(words):
    """Padded words (batch, time) as a RaggedTensor; none may be empty but behind the end."""
    real = words != ""
    lengths = tf.reduce_sum(tf.cast(real, tf.int64), axis=1)
    at_the_end = tf.reduce_all(real == tf.sequence_mask(lengths, tf.shape(words)[1]))
    with tf.control_dependencies(
        [check_that(at_the_end, "words: an empty string stands before a word")]
    ):
        return tf.RaggedTensor.from_tensor(words, lengths)


def check_that(fits: tf.Tensor, message: str) -> tf.Operation:
    """An operation that fails, with a message, unless something fits."""
    return tf.debugging.Assert(fits, [message])
