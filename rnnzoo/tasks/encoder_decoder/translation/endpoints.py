"""What a translator answers, as compiled functions that Python and exports share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rnnzoo.platform import tf
from rnnzoo.tasks.encoder_decoder import endpoints as shared
from rnnzoo.tasks.task import endpoint
from rnnzoo.tasks.vocabulary import REPLACEMENT

if TYPE_CHECKING:
    from rnnzoo.tasks.encoder_decoder.translation.translator import Translator


def translator_endpoints(model: Translator) -> dict[str, Any]:
    """Functions by name; each returns a dict of named tensors.

    ===================================  =========================================================
    serve(sources, width, ...)           sentences (n, width), the best first, and their log_probs
                                         (n, width) in nats; see `Translator.translations`
    generate(sources, temperature, ...)  sentences (n,): what `Translator.sample` writes
    score(sources, targets)              log_prob (n,) in nats of targets (n,)
    init(sources)                        the state before the first word, tensors (n, size); with
                                         attention also what is looked at, as `Attention` has it
    step(ids, state)                     log_probs (n, words) of the next word, and the new state;
                                         the first ids are all 1, which is BOS
    vocabulary()                         vocabulary, the words by id
    serve_aligned(sources, width, ...)   what `align` answers of the best sentences, and their
                                         log_probs (n,); with attention
    align(sources, targets)              sentences (n,), the targets; weights (n, target tokens,
                                         source tokens), how much each source token is looked at;
                                         target_tokens and source_tokens, empty strings behind their
                                         end; with attention
    ===================================  =========================================================

    ``sources`` and ``targets`` are UTF-8 strings (n,). A source that holds no known word is
    answered by U+FFFD, the unknown symbol.

    Args:
        model: a `Translator` that knows its words.

    Example:
        >>> import rnnzoo
        >>> model = rnnzoo.create_model(
        ...     "translate_gru", units=4, words={"un": 1, "chat": 1}, source_words={"cat": 1}
        ... )
        >>> translator_endpoints(model)["score"](
        ...     tf.constant(["a cat"]), tf.constant(["un chat"])
        ... )["log_prob"].shape
        TensorShape([1])
    """
    # As tensors, defaults become part of the SavedModel's signature.
    default_power, default_words = tf.constant(model.length_power), tf.constant(model.max_words)
    strings = tf.TensorSpec([None], tf.string)

    def read(vocabulary, sentences):
        """Ids (n, time) of sentences (n,), with EOS behind."""
        return vocabulary.encode(sentences).to_tensor(shared.EOS)

    def unheard_of(sources):
        """Whether sources (n,) hold no known word: then the unknown symbol is the answer."""
        return model.source_vocabulary.unheard_of(read(model.source_vocabulary, sources))

    @endpoint(sources=strings)
    def init(sources):
        return model.start(sources)

    @endpoint(sources=strings, **shared.SEARCH)
    def serve(sources, width=shared.WIDTH, length_power=default_power, max_words=default_words):
        how = (width, length_power, max_words)
        found, log_probs, _ = shared.best_sentences(model, init(sources), *how)
        found = tf.where(unheard_of(sources)[:, None], REPLACEMENT, found)
        return {"sentences": found, "log_probs": log_probs}

    @endpoint(sources=strings, **shared.DRAW)
    def generate(
        sources,
        temperature=shared.TEMPERATURE,
        top_k=shared.TOP_K,
        top_p=shared.TOP_P,
        seed=shared.SEED,
        max_words=default_words,
    ):
        how = (temperature, top_k, top_p, max_words)
        found = shared.sampled_sentences(model, init(sources), seed, *how)
        return {"sentences": tf.where(unheard_of(sources), REPLACEMENT, found)}

    def given(sources, ids):
        """What the network reads of sources (n,) and ids (n, time)."""
        return {"sources": read(model.source_vocabulary, sources), "ids": ids}

    @endpoint(sources=strings, targets=strings)
    def score(sources, targets):
        ids = read(model.vocabulary, targets)
        return {"log_prob": shared.log_probs_of(model(given(sources, ids)), ids)}

    def aligned(sentences, batch):
        return {
            "sentences": sentences,
            "weights": model.alignments(batch),
            "target_tokens": model.vocabulary.tokens(batch["ids"]),
            "source_tokens": model.source_vocabulary.tokens(batch["sources"]),
        }

    @endpoint(sources=strings, targets=strings)
    def align(sources, targets):
        return aligned(targets, given(sources, read(model.vocabulary, targets)))

    @endpoint(sources=strings, **shared.SEARCH)
    def serve_aligned(
        sources, width=shared.WIDTH, length_power=default_power, max_words=default_words
    ):
        how = (width, length_power, max_words)
        found, log_probs, ids = shared.best_sentences(model, init(sources), *how)
        batch = given(sources, ids)
        unknown = model.source_vocabulary.unheard_of(batch["sources"])
        reply = aligned(tf.where(unknown, REPLACEMENT, found[:, 0]), batch)
        # Of the unknown symbol there is nothing to align.
        reply["target_tokens"] = tf.where(unknown[:, None], "", reply["target_tokens"])
        return {**reply, "log_probs": log_probs[:, 0]}

    endpoints = {
        "serve": serve,
        "generate": generate,
        "score": score,
        "init": init,
        **shared.step_endpoints(model),
    }
    if model.attention is not None:
        endpoints |= {"serve_aligned": serve_aligned, "align": align}
    return endpoints
