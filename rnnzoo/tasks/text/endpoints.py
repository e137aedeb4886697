"""What a character language model answers, as compiled functions that Python and exports share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnzoo import decoding
from rnnzoo.platform import tf
from rnnzoo.tasks.padding import padded, size_for
from rnnzoo.tasks.task import endpoint, state_spec
from rnnzoo.tasks.vocabulary import REPLACEMENT, CharacterVocabulary, listed

if TYPE_CHECKING:
    from rnnzoo.tasks.text.conditioned import ConditionedGenerator
    from rnnzoo.tasks.text.model import CharacterModel

# Sizes that generation is compiled for; what lies between is padded. XLA compiles once for each
# combination that occurs, in a second or two.
_BATCH_SIZES = [4**i for i in range(10)]
_LENGTHS = [64 * 4**i for i in range(9)]
MAX_PROMPTS = _BATCH_SIZES[-1]
MAX_LENGTH = _LENGTHS[-1]  # of a prompt, and of what is written


def text_endpoints(model: CharacterModel, xla: bool = True) -> dict[str, Any]:
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
        model: a `rnnzoo.tasks.TextGenerator`, or its like, with a vocabulary.
        xla: whether XLA compiles the loop of `generate`; see `rnnzoo.export`.

    Example:
        >>> import rnnzoo
        >>> model = rnnzoo.create_model("char_gru", units=8, vocabulary="abc")
        >>> text_endpoints(model)["serve"](tf.constant(["cab", "b"]))["ids"].numpy().tolist()
        [[3, 1, 2], [2, 0, 0]]
    """

    @endpoint(texts=tf.TensorSpec([None], tf.string))
    def serve(texts):
        return scored(model, texts)

    @endpoint(prompts=tf.TensorSpec([None], tf.string), **_HOW)
    def generate(
        prompts,
        # As tensors, the defaults become part of the SavedModel's signature.
        length=tf.constant(200),  # noqa: B008
        temperature=tf.constant(1.0),  # noqa: B008
        top_k=tf.constant(0),  # noqa: B008
        top_p=tf.constant(1.0),  # noqa: B008
        seed=tf.constant(0, tf.int64),  # noqa: B008
    ):
        return continued(model, xla, prompts, (), length, temperature, top_k, top_p, seed)

    @endpoint(batch_size=tf.TensorSpec([], tf.int32))
    def init(batch_size):
        return model.initial_state(batch_size)

    return {"serve": serve, "generate": generate, "init": init, **_of_all(model)}


def labelled_endpoints(model: ConditionedGenerator, xla: bool = True) -> dict[str, Any]:
    """Those of a model that is conditioned on labels: `serve`, `generate` and `init` take them.

    ==================================  ==========================================================
    serve(texts, labels)                as in `text_endpoints`, given the labels (n,), strings, of
                                        texts with START before and STOP behind
    generate(prompts, labels, ...)      texts (n,): what `ConditionedGenerator.generate` writes
    init(labels)                        the state before START, tensors (n, ...)
    encode(texts)                       as there, START and STOP among the ids
    decode(ids)                         as there, without START and STOP
    ==================================  ==========================================================

    Example:
        >>> import rnnzoo
        >>> model = rnnzoo.create_model("char_gru", condition="input", units=8, vocabulary="abc",
        ...                             labels=["one", "other"])
        >>> labelled_endpoints(model)["init"](tf.constant(["other"]))["label"].numpy().tolist()
        [1]
    """
    names = tf.TensorSpec([None], tf.string)

    def ids_of(labels, texts=None):
        found = labels[:, None] == tf.constant(model.labels.labels)
        known = tf.reduce_any(found, axis=1)
        unknown = tf.boolean_mask(labels, ~known)
        said = f"labels: the model knows {listed(model.labels.labels)}; expected some of them, got"
        checks = [tf.debugging.Assert(tf.reduce_all(known), [said, unknown], summarize=10)]
        if texts is not None:
            count, given = tf.size(texts), tf.size(labels)
            said = ["labels: expected one for each of the texts, of which there are", count]
            said += ["; got", given, ": repeat a label that is for all of them"]
            checks.append(tf.debugging.Assert(count == given, said))
        with tf.control_dependencies(checks):
            return tf.argmax(found, axis=1, output_type=tf.int32)

    @endpoint(texts=names, labels=names)
    def serve(texts, labels):
        return scored(model, texts, ids_of(labels, texts))

    @endpoint(prompts=names, labels=names, **_HOW)
    def generate(
        prompts,
        labels,
        length=tf.constant(200),  # noqa: B008
        temperature=tf.constant(1.0),  # noqa: B008
        top_k=tf.constant(0),  # noqa: B008
        top_p=tf.constant(1.0),  # noqa: B008
        seed=tf.constant(0, tf.int64),  # noqa: B008
    ):
        told = (ids_of(labels, prompts),)
        return continued(model, xla, prompts, told, length, temperature, top_k, top_p, seed)

    @endpoint(labels=names)
    def init(labels):
        return model.initial_state(tf.size(labels), ids_of(labels))

    return {"serve": serve, "generate": generate, "init": init, **_of_all(model)}


# --- what they share ------------------------------------------------------------------------------

_HOW = {
    "length": tf.TensorSpec([], tf.int32),
    "temperature": tf.TensorSpec([], tf.float32),
    "top_k": tf.TensorSpec([], tf.int32),
    "top_p": tf.TensorSpec([], tf.float32),
    "seed": tf.TensorSpec([], tf.int64),
}


def scored(model: CharacterModel, texts: tf.Tensor, *told: tf.Tensor) -> dict[str, tf.Tensor]:
    """What `serve` answers; `told`: (n,), of which the initial state is a function, too."""
    ids, lengths = padded(encoded(model, texts))
    logits = model(ids, state=model.initial_state(tf.shape(ids)[0], *told))[:, :-1]
    log_probs = -tf.nn.sparse_softmax_cross_entropy_with_logits(ids[:, 1:], logits)
    real = tf.sequence_mask(lengths - 1, tf.shape(log_probs)[1])
    log_probs = tf.where(real, log_probs, 0.0)
    return {
        "log_prob": tf.reduce_sum(log_probs, axis=1),
        "character_log_probs": tf.pad(log_probs, [[0, 0], [1, 0]]),
        "ids": ids,
    }


def encoded(model: CharacterModel, texts: tf.Tensor) -> tf.RaggedTensor:
    """Ids of UTF-8 strings (batch,), between the marks if there are some; graph code."""
    return model.vocabulary.encode(tf.strings.join([model.marks[:1], texts, model.marks[1:]]))


def decoded(model: CharacterModel, ids: tf.Tensor) -> tf.Tensor:
    """UTF-8 strings (batch,) of ids (batch, time), without marks; graph code."""
    for mark in model.vocabulary.ids(model.marks):
        ids = tf.ragged.boolean_mask(ids, ids != mark)
    return model.vocabulary.decode(ids)


def log_probs(
    serve: Callable[..., Mapping[str, tf.Tensor]],
    given: Mapping[str, Sequence[Any]],
    batch_size: int,
) -> np.ndarray:
    """The `log_prob` that `serve` answers to all that is given, by argument; float32 (n,)."""
    parts = [np.zeros(0, np.float32)]
    for i in range(0, max(map(len, given.values())), batch_size):
        batch = {name: tf.constant(of[i : i + batch_size]) for name, of in given.items()}
        parts.append(serve(**batch)["log_prob"].numpy())
    return np.concatenate(parts)


def continued(
    model: CharacterModel,
    xla: bool,
    prompts: tf.Tensor,
    told: tuple[tf.Tensor, ...],
    length: tf.Tensor,
    temperature: tf.Tensor,
    top_k: tf.Tensor,
    top_p: tf.Tensor,
    seed: tf.Tensor,
) -> dict[str, tf.Tensor]:
    """What `generate` answers; `told`: (n,), of which the initial state is a function, too."""
    vocabulary, unknown = model.vocabulary, CharacterVocabulary.UNKNOWN
    tf.debugging.assert_non_negative(length, "length: expected at least 0")
    decoding.check_how(temperature, top_k, top_p)

    start, stop = vocabulary.ids(model.marks) if model.marks else (unknown, None)

    def step_to_known(ids, state):
        logits, state = model.step(ids, state)
        which = tf.range(vocabulary.size)
        never = (which == unknown) | (which == start)
        return tf.where(never, decoding.IMPOSSIBLE, logits), state

    def write(ids, lengths, told, uniforms, *how):
        state = model.initial_state(tf.shape(ids)[0], *told)
        state = decoding.read(step_to_known, ids, lengths, state)
        last = tf.gather(ids, lengths - 1, axis=1, batch_dims=1)
        return decoding.generate(step_to_known, last, state, uniforms, *how, eos=stop)

    rows = tf.shape(prompts)[0]
    more = size_for(rows, _BATCH_SIZES) - rows
    prompts, told = tf.pad(prompts, [[0, more]]), tuple(tf.pad(of, [[0, more]]) for of in told)
    if model.marks:
        prompts = tf.strings.join([model.marks[0], prompts])
    else:
        line = "\n" if "\n" in vocabulary.characters else REPLACEMENT
        prompts = tf.where(prompts == "", line, prompts)
    ids, lengths = padded(vocabulary.encode(prompts), sizes=_LENGTHS)
    uniforms = decoding.uniforms(tf.shape(ids)[0], size_for(length, _LENGTHS), seed)
    run = tf.function(write, jit_compile=True, autograph=False) if xla else write
    written = run(ids, lengths, told, uniforms, length, temperature, top_k, top_p)
    return {"texts": decoded(model, written[:rows, :length])}


def _of_all(model: CharacterModel) -> dict[str, Any]:
    """The endpoints that need to be told nothing."""

    @endpoint(ids=tf.TensorSpec([None], tf.int32), state=state_spec(model.initial_state))
    def step(ids, state):
        logits, state = model.step(ids, state)
        return {"log_probs": tf.nn.log_softmax(logits), **state}

    @endpoint(texts=tf.TensorSpec([None], tf.string))
    def encode(texts):
        ids, lengths = padded(encoded(model, texts))
        return {"ids": ids, "lengths": lengths}

    @endpoint(ids=tf.TensorSpec([None, None], tf.int32))
    def decode(ids):
        return {"texts": decoded(model, ids)}

    return {"step": step, "encode": encode, "decode": decode}
