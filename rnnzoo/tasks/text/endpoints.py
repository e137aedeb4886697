"""What a character language model answers, as compiled functions that Python and exports share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rnnzoo import decoding
from rnnzoo.platform import tf
from rnnzoo.tasks.padding import padded, size_for
from rnnzoo.tasks.task import endpoint, state_spec
from rnnzoo.tasks.vocabulary import REPLACEMENT, CharacterVocabulary

if TYPE_CHECKING:
    from rnnzoo.tasks.text.generator import TextGenerator

# Sizes that generation is compiled for; what lies between is padded. XLA compiles once for each
# combination that occurs, in a second or two.
_BATCH_SIZES = [4**i for i in range(10)]
_LENGTHS = [64 * 4**i for i in range(9)]
MAX_PROMPTS = _BATCH_SIZES[-1]
MAX_LENGTH = _LENGTHS[-1]  # of a prompt, and of what is written


def text_endpoints(model: TextGenerator, xla: bool = True) -> dict[str, Any]:
    """Functions by name; each returns a dict of named tensors.

    ==================================  ==========================================================
    serve(texts)                        log_prob (n,), in nats: the sum over t >= 2 of
                                        character_log_probs (n, time), log p(c_t | c_<t);
                                        ids (n, time)
    generate(prompts, length, ...)      texts (n,): what `TextGenerator.generate` writes
    init(batch_size)                    the state before any text, tensors (batch_size, ...)
    step(ids, state)                    log_probs (n, vocabulary) of the next character, and the
                                        state after the characters ids (n,)
    encode(texts)                       ids (n, time), 0 where unknown and after the end;
                                        lengths (n,)
    decode(ids)                         texts (n,)
    ==================================  ==========================================================

    Args:
        model: a `TextGenerator` with a vocabulary.
        xla: whether XLA compiles the loop of `generate`; see `rnnzoo.export`.

    Example:
        >>> import rnnzoo
        >>> model = rnnzoo.create_model("char_gru", units=8, vocabulary="abc")
        >>> text_endpoints(model)["serve"](tf.constant(["cab", "b"]))["ids"].numpy().tolist()
        [[3, 1, 2], [2, 0, 0]]
    """
    vocabulary = model.vocabulary

    @endpoint(texts=tf.TensorSpec([None], tf.string))
    def serve(texts):
        ids, lengths = padded(vocabulary.encode(texts))
        logits = model(ids)[:, :-1]
        log_probs = -tf.nn.sparse_softmax_cross_entropy_with_logits(ids[:, 1:], logits)
        real = tf.sequence_mask(lengths - 1, tf.shape(log_probs)[1])
        log_probs = tf.where(real, log_probs, 0.0)
        return {
            "log_prob": tf.reduce_sum(log_probs, axis=1),
            "character_log_probs": tf.pad(log_probs, [[0, 0], [1, 0]]),
            "ids": ids,
        }

    @endpoint(
        prompts=tf.TensorSpec([None], tf.string),
        length=tf.TensorSpec([], tf.int32),
        temperature=tf.TensorSpec([], tf.float32),
        top_k=tf.TensorSpec([], tf.int32),
        top_p=tf.TensorSpec([], tf.float32),
        seed=tf.TensorSpec([], tf.int64),
    )
    def generate(
        prompts,
        # As tensors, the defaults become part of the SavedModel's signature.
        length=tf.constant(200),  # noqa: B008
        temperature=tf.constant(1.0),  # noqa: B008
        top_k=tf.constant(0),  # noqa: B008
        top_p=tf.constant(1.0),  # noqa: B008
        seed=tf.constant(0, tf.int64),  # noqa: B008
    ):
        tf.debugging.assert_non_negative(length, "length: expected at least 0")
        tf.debugging.assert_non_negative(temperature, "temperature: expected at least 0")
        tf.debugging.assert_non_negative(top_k, "top_k: expected at least 0")
        tf.debugging.assert_positive(top_p, "top_p: expected more than 0")
        rows = tf.shape(prompts)[0]
        prompts = tf.pad(prompts, [[0, size_for(rows, _BATCH_SIZES) - rows]])
        start = "\n" if "\n" in vocabulary.characters else REPLACEMENT
        prompts = tf.where(prompts == "", start, prompts)
        ids, lengths = padded(vocabulary.encode(prompts), sizes=_LENGTHS)
        uniforms = decoding.uniforms(tf.shape(ids)[0], size_for(length, _LENGTHS), seed)
        run = tf.function(write, jit_compile=True, autograph=False) if xla else write
        written = run(ids, lengths, uniforms, length, temperature, top_k, top_p)
        return {"texts": vocabulary.decode(written[:rows, :length])}

    def write(ids, lengths, uniforms, *how):
        state = model.initial_state(tf.shape(ids)[0])
        state = decoding.read(step_to_known, ids, lengths, state)
        last = tf.gather(ids, lengths - 1, axis=1, batch_dims=1)
        return decoding.generate(step_to_known, last, state, uniforms, *how)

    def step_to_known(ids, state):
        logits, state = model.step(ids, state)
        unknown = tf.range(vocabulary.size) == CharacterVocabulary.UNKNOWN
        return tf.where(unknown, decoding.IMPOSSIBLE, logits), state

    @endpoint(batch_size=tf.TensorSpec([], tf.int32))
    def init(batch_size):
        return model.initial_state(batch_size)

    @endpoint(ids=tf.TensorSpec([None], tf.int32), state=state_spec(model.initial_state))
    def step(ids, state):
        logits, state = model.step(ids, state)
        return {"log_probs": tf.nn.log_softmax(logits), **state}

    @endpoint(texts=tf.TensorSpec([None], tf.string))
    def encode(texts):
        ids, lengths = padded(vocabulary.encode(texts))
        return {"ids": ids, "lengths": lengths}

    @endpoint(ids=tf.TensorSpec([None, None], tf.int32))
    def decode(ids):
        return {"texts": vocabulary.decode(ids)}

    return {
        "serve": serve,
        "generate": generate,
        "init": init,
        "step": step,
        "encode": encode,
        "decode": decode,
    }
