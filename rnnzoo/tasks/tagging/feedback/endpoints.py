"""What a tagger that is fed its own tags answers, as compiled functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rnnzoo.platform import tf
from rnnzoo.tasks.tagging import endpoints as shared
from rnnzoo.tasks.task import endpoint

if TYPE_CHECKING:
    from rnnzoo.tasks.tagging.feedback.tagger import FeedbackTagger

# As tensors, defaults become part of the SavedModel's signature.
GREEDY = tf.constant(1)
WIDTH = tf.TensorSpec([], tf.int32)


def feedback_endpoints(model: FeedbackTagger) -> dict[str, Any]:
    """Functions by name: those of `rnnzoo.tasks.tagging.endpoints`, and more arguments.

    =========================================  ===================================================
    serve(sequences, width)                    as there: the best tags that a beam of this width
                                               finds, by default 1, which is greedy; and the
                                               probabilities of each given those before it
    serve_ragged(values, row_lengths, width)   the same
    score(sequences, tags)                     log_prob (n,) in nats, log p(tags | sequence), of
                                               tags (n, time), with empty strings behind the end
    tags(), init(batch_size)                   as there
    step(elements, state)                      as there; the state holds last_tag, the likeliest of
                                               those that may follow the one before
    =========================================  ===================================================

    Args:
        model: a `FeedbackTagger` that knows its tags.

    Example:
        >>> import rnnzoo
        >>> model = rnnzoo.create_model("tagger_output_rnn", tags=["a", "b"], characters="xyz")
        >>> serve = feedback_endpoints(model)["serve"]
        >>> serve(tf.constant(["xyz", "z"]), width=tf.constant(3))["tags"].shape
        TensorShape([2, 3])
    """
    endpoints = shared.tagger_endpoints(model)
    sequences_spec = shared.sequences_spec(model)

    @endpoint(sequences=sequences_spec, width=WIDTH)
    def serve(sequences, width=GREEDY):
        return shared.padded_answers(model, sequences, _positive(width))

    @endpoint(**shared.RAGGED, width=WIDTH)
    def serve_ragged(values, row_lengths, width=GREEDY):
        return shared.ragged_answers(model, values, row_lengths, _positive(width))

    @endpoint(sequences=sequences_spec, tags=tf.TensorSpec([None, None], tf.string))
    def score(sequences, tags):
        batch = shared.encoded(model, sequences)
        real = tf.sequence_mask(batch["lengths"], tf.shape(batch["ids"])[1])
        is_it = tags[..., None] == tf.constant(model.tags)
        fits = shared.check_that(
            tf.reduce_all(real == tf.reduce_any(is_it, axis=-1)),
            "tags: expected one that the model knows for each element",
        )
        with tf.control_dependencies([fits]):
            ids = tf.argmax(is_it, axis=-1, output_type=tf.int32)
        nats = tf.nn.sparse_softmax_cross_entropy_with_logits(ids, model(batch, tags=ids))
        return {"log_prob": -tf.reduce_sum(tf.where(real, nats, 0.0), axis=-1)}

    endpoints |= {"serve": serve, "score": score}
    if model.reads_words:
        endpoints["serve_ragged"] = serve_ragged
    return endpoints


def _positive(width):
    fits = tf.debugging.assert_positive(width, "width: expected at least 1")
    with tf.control_dependencies([fits]):
        return tf.identity(width)
