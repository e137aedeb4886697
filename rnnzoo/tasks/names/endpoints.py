"""What a name generator answers, as compiled functions that Python and exports share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from rnnzoo import decoding
from rnnzoo.data.readers.names import LONGEST
from rnnzoo.platform import tf
from rnnzoo.tasks.names.preprocessor import START, STOP
from rnnzoo.tasks.padding import padded
from rnnzoo.tasks.task import endpoint, state_spec
from rnnzoo.tasks.vocabulary import CharacterVocabulary

if TYPE_CHECKING:
    from rnnzoo.tasks.names.generator import NameGenerator


def name_endpoints(model: NameGenerator) -> dict[str, Any]:
    """Functions by name; each returns a dict of named tensors.

    ==================================  ==========================================================
    serve(names)                        log_prob (n,), in nats: the sum of character_log_probs
                                        (n, time), the end's behind the last; ids (n, time)
    generate(count, prompt, ...)        names (count,): what `NameGenerator.generate` writes
    init(batch_size), or                the state before START, tensors (batch_size, ...); where
    init(lengths)                       the time left is told, of names of `lengths` (batch_size,)
    step(ids, state)                    log_probs (n, vocabulary) of what comes next, and the state
                                        after the characters ids (n,), of which START is the first
    encode(names)                       ids (n, time), between START and STOP, 0 where unknown and
                                        after the end; lengths (n,) with both
    decode(ids)                         names (n,), up to STOP, without START
    ==================================  ==========================================================

    START is 1, STOP is 2.

    Example:
        >>> import rnnzoo
        >>> model = rnnzoo.create_model("name_gru", units=8, vocabulary="abc")
        >>> name_endpoints(model)["encode"](tf.constant(["cab", "b"]))["ids"].numpy().tolist()
        [[1, 5, 3, 4, 2], [1, 4, 2, 0, 0]]
    """
    preprocessor, vocabulary = model.preprocessor, model.vocabulary

    @endpoint(names=tf.TensorSpec([None], tf.string))
    def serve(names):
        ids, lengths = padded(preprocessor.encode(names))
        logits = model((ids[:, :-1], lengths - 2))
        log_probs = -model.nats_at(ids[:, 1:], logits, lengths - 2)
        real = tf.sequence_mask(lengths - 1, tf.shape(log_probs)[1])
        log_probs = tf.where(real, log_probs, 0.0)
        return {
            "log_prob": tf.reduce_sum(log_probs, axis=1),
            "character_log_probs": log_probs,
            "ids": ids[:, 1:],
        }

    @endpoint(
        count=tf.TensorSpec([], tf.int32),
        prompt=tf.TensorSpec([], tf.string),
        temperature=tf.TensorSpec([], tf.float32),
        top_k=tf.TensorSpec([], tf.int32),
        top_p=tf.TensorSpec([], tf.float32),
        seed=tf.TensorSpec([], tf.int64),
    )
    def generate(
        # As tensors, the defaults become part of the SavedModel's signature.
        count=tf.constant(20),  # noqa: B008
        prompt=tf.constant(""),  # noqa: B008
        temperature=tf.constant(1.0),  # noqa: B008
        top_k=tf.constant(0),  # noqa: B008
        top_p=tf.constant(1.0),  # noqa: B008
        seed=tf.constant(0, tf.int64),  # noqa: B008
    ):
        tf.debugging.assert_non_negative(count, "count: expected at least 0")
        decoding.check_how(temperature, top_k, top_p)
        begin = preprocessor.encode(prompt[None])[:, :-1].to_tensor()
        uniforms = decoding.uniforms(count, LONGEST + 1, seed)
        state = model.initial_state(drawn_lengths(begin, uniforms[:, 0]))
        begin = tf.repeat(begin, count, axis=0)
        ids = written(model.step, begin, state, uniforms[:, 1:], temperature, top_k, top_p)
        return {"names": tf.strings.join([prompt, decoded(vocabulary, ids)])}

    def drawn_lengths(begin, uniform):
        """For each random number T, given what names begin with, START first."""
        if model.lengths is None:
            return tf.zeros_like(uniform, tf.int32)
        each = tf.range(1, LONGEST + 1)
        ids = tf.repeat(begin, LONGEST, axis=0)
        logits = model((ids, each))[:, :-1]
        nats = tf.nn.sparse_softmax_cross_entropy_with_logits(ids[:, 1:], logits)
        log_probs = model.lengths.log_probs() - tf.reduce_sum(nats, axis=1)
        return 1 + decoding.choose(tf.repeat(log_probs[None], tf.size(uniform), axis=0), uniform)

    if model.lengths is None:

        @endpoint(batch_size=tf.TensorSpec([], tf.int32))
        def init(batch_size):
            return model.initial_state(tf.zeros(batch_size, tf.int32))
    else:

        @endpoint(lengths=tf.TensorSpec([None], tf.int32))
        def init(lengths):
            return model.initial_state(lengths)

    spec = state_spec(lambda batch_size: model.initial_state(tf.ones(batch_size, tf.int32)))

    @endpoint(ids=tf.TensorSpec([None], tf.int32), state=spec)
    def step(ids, state):
        logits, state = model.step(ids, state)
        return {"log_probs": tf.nn.log_softmax(logits), **state}

    @endpoint(names=tf.TensorSpec([None], tf.string))
    def encode(names):
        ids, lengths = padded(preprocessor.encode(names))
        return {"ids": ids, "lengths": lengths}

    @endpoint(ids=tf.TensorSpec([None, None], tf.int32))
    def decode(ids):
        return {"names": decoded(vocabulary, ids)}

    return {
        "serve": serve,
        "generate": generate,
        "init": init,
        "step": step,
        "encode": encode,
        "decode": decode,
    }


def written(
    step: Callable[[tf.Tensor, Any], tuple[tf.Tensor, Any]],
    begin: tf.Tensor,
    state: Any,
    uniforms: tf.Tensor,
    temperature: float | tf.Tensor = 1.0,
    top_k: int | tf.Tensor = 0,
    top_p: float | tf.Tensor = 1.0,
) -> tf.Tensor:
    """What is drawn behind the beginnings of names, up to STOP: ids (batch, `LONGEST`); graph code.

    Args:
        step: ``step(ids, state) -> logits, state``, of anything that knows START and STOP.
        begin: int32 (batch, time), START first.
        state: before START.
        uniforms: float32 (batch, `LONGEST`), as `rnnzoo.decoding.uniforms` draws them.
        temperature, top_k, top_p: as for `rnnzoo.decoding.generate`.
    """

    def step_to_known(ids, state):
        logits, state = step(ids, state)
        which = tf.range(logits.shape[-1])
        never = (which == CharacterVocabulary.UNKNOWN) | (which == START)
        return tf.where(never, decoding.IMPOSSIBLE, logits), state

    rows, time = tf.unstack(tf.shape(begin))
    state = decoding.read(step_to_known, begin, tf.fill([rows], time), state)
    return decoding.generate(
        step_to_known,
        begin[:, -1],
        state,
        uniforms,
        LONGEST + 1 - time,
        temperature,
        top_k,
        top_p,
        eos=STOP,
    )


def decoded(vocabulary: CharacterVocabulary, ids: tf.Tensor) -> tf.Tensor:
    """UTF-8 strings (batch,) of ids (batch, time), up to the first STOP; graph code."""
    stopped = tf.cumsum(tf.cast(tf.equal(ids, STOP), tf.int32), axis=-1) > 0
    return vocabulary.decode(tf.ragged.boolean_mask(ids, ~stopped & (ids != START)))
