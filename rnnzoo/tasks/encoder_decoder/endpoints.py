"""Sentences from a state, word by word: what the endpoints of captioners and translators share.

`model` is an `rnnzoo.tasks.EncoderDecoder` that knows its words: of it, its `vocabulary`,
``step(ids, state) -> logits, state`` and ``cannot_write(state)`` are used. The state comes from
what was encoded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rnnzoo import decoding
from rnnzoo.platform import tf
from rnnzoo.tasks.task import endpoint
from rnnzoo.tasks.vocabulary import SentenceVocabulary

if TYPE_CHECKING:
    from rnnzoo.tasks.encoder_decoder.model import EncoderDecoder

BOS, EOS = SentenceVocabulary.BOS, SentenceVocabulary.EOS
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


def best_sentences(
    model: EncoderDecoder,
    state: dict[str, tf.Tensor],
    width: tf.Tensor,
    length_power: tf.Tensor,
    max_words: tf.Tensor,
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """By beam search: sentences (batch, width), the best first, and log_probs (batch, width); and
    the ids (batch, time) of the best, with EOS behind.

    Args:
        model: see above.
        state: after what the sentences are about, a flat dict of (batch, ...) tensors.
        width, length_power: see `rnnzoo.decoding.beam_search`; a spelt word is as long as another.
        max_words: the most words of a sentence; what goes on after them is cut.
    """
    tokens, log_probs = decoding.beam_search(
        _step_to_known(model),
        _start(state),
        state,
        width,
        max_words + 1,
        EOS,
        length_power,
        tf.constant(model.vocabulary.lengths),
    )
    tokens = tokens[..., :-1]
    best = tf.pad(tokens[:, 0], [[0, 0], [0, 1]], constant_values=EOS)
    longest = tf.reduce_max(tf.argmax(best == EOS, axis=-1)) + 1
    return _texts(model, tokens), log_probs, best[:, :longest]


def sampled_sentences(
    model: EncoderDecoder,
    state: dict[str, tf.Tensor],
    seed: tf.Tensor,
    temperature: tf.Tensor,
    top_k: tf.Tensor,
    top_p: tf.Tensor,
    max_words: tf.Tensor,
) -> tf.Tensor:
    """Sentences (batch,), each word drawn given those before it; see `rnnzoo.decoding.choose`."""
    start = _start(state)
    uniforms = decoding.uniforms(tf.shape(start)[0], max_words + 1, seed)
    tokens = decoding.generate(
        _step_to_known(model),
        start,
        state,
        uniforms,
        max_words + 1,
        temperature,
        top_k,
        top_p,
        EOS,
    )
    return model.vocabulary.decode(tokens[:, :-1])


def log_probs_of(logits: tf.Tensor, ids: tf.Tensor) -> tf.Tensor:
    """Log-likelihood in nats (batch,) of ids (batch, time) up to their first EOS."""
    log_probs = -tf.nn.sparse_softmax_cross_entropy_with_logits(ids, logits)
    before = tf.cumsum(tf.cast(ids == EOS, tf.int32), axis=-1, exclusive=True)
    return tf.reduce_sum(tf.where(before == 0, log_probs, 0.0), axis=-1)


def step_endpoints(model: EncoderDecoder) -> dict[str, Any]:
    """The endpoints "step" and "vocabulary", to choose the words oneself; "init" begins."""

    @endpoint(ids=tf.TensorSpec([None], tf.int32), state=model.state_spec)
    def step(ids, state):
        logits, state = model.step(ids, state)
        log_probs = tf.where(
            model.cannot_write(state), decoding.IMPOSSIBLE, tf.nn.log_softmax(logits)
        )
        return {"log_probs": log_probs, **state}

    @endpoint()
    def vocabulary():
        return {"vocabulary": tf.constant(model.vocabulary.shown)}

    return {"step": step, "vocabulary": vocabulary}


def teacher_forced(ids: tf.Tensor) -> tf.Tensor:
    """What a decoder reads to predict ids (batch, time): BOS, and all ids but the last."""
    return tf.pad(ids[:, :-1], [[0, 0], [1, 0]], constant_values=BOS)


def _start(state):
    return tf.fill(tf.shape(tf.nest.flatten(state)[0])[:1], BOS)


def _step_to_known(model):
    """A step that writes neither the unknown word nor BOS, nor what the model rules out."""
    ids = tf.range(model.vocabulary.size)
    never = (ids == SentenceVocabulary.UNKNOWN) | (ids == BOS)

    def step(ids, state):
        logits, state = model.step(ids, state)
        cannot = never | model.cannot_write(state)
        return tf.where(cannot, decoding.IMPOSSIBLE, tf.nn.log_softmax(logits)), state

    return step


def _texts(model, tokens):
    """Strings (batch, width) of tokens (batch, width, capacity)."""
    shape = tf.shape(tokens)
    texts = model.vocabulary.decode(tf.reshape(tokens, (-1, shape[-1])))
    return tf.reshape(texts, shape[:2])
