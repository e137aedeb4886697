"""What a translator answers, as compiled functions that Python and exports share."""

from rnnzoo.platform import tf
from rnnzoo.tasks.encoder_decoder import endpoints as sentences
from rnnzoo.tasks.encoder_decoder.endpoints import DRAW, SEARCH, WIDTH
from rnnzoo.tasks.task import endpoint
from rnnzoo.tasks.vocabulary import SentenceVocabulary

LENGTH_POWER, MAX_WORDS = tf.constant(0.8), tf.constant(100)


def translator_endpoints(model):
    """Functions by name; each returns a dict of named tensors.

    ===================================  =========================================================
    serve(sources, width, ...)           sentences (n, width), the best first, and their log_probs
                                         (n, width) in nats; see `Translator.translations`
    generate(sources, temperature, ...)  sentences (n,): what `Translator.sample` writes
    score(sources, targets)              log_prob (n,) in nats of targets (n,)
    init(sources)                        the state before the first word, tensors (n, size)
    step(ids, state)                     log_probs (n, words) of the next word, and the new state;
                                         the first ids are all `SentenceVocabulary.START`
    words()                              words, by id
    ===================================  =========================================================

    ``sources`` and ``targets`` are UTF-8 strings (n,).

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
    strings = tf.TensorSpec([None], tf.string)

    @endpoint(sources=strings)
    def init(sources):
        return model.start(sources)

    @endpoint(sources=strings, **SEARCH)
    def serve(sources, width=WIDTH, length_power=LENGTH_POWER, max_words=MAX_WORDS):
        how = (width, length_power, max_words)
        found, log_probs = sentences.best_sentences(model, init(sources), *how)
        return {"sentences": found, "log_probs": log_probs}

    @endpoint(sources=strings, **DRAW)
    def generate(
        sources,
        temperature=sentences.TEMPERATURE,
        top_k=sentences.TOP_K,
        top_p=sentences.TOP_P,
        seed=sentences.SEED,
        max_words=MAX_WORDS,
    ):
        how = (temperature, top_k, top_p, max_words)
        return {"sentences": sentences.sampled_sentences(model, init(sources), seed, *how)}

    @endpoint(sources=strings, targets=strings)
    def score(sources, targets):
        read, ids = (
            vocabulary.encode(of).to_tensor(SentenceVocabulary.STOP)
            for vocabulary, of in (
                (model.source_vocabulary, sources),
                (model.vocabulary, targets),
            )
        )
        return {"log_prob": sentences.log_probs_of(model({"sources": read, "ids": ids}), ids)}

    return {
        "serve": serve,
        "generate": generate,
        "score": score,
        "init": init,
        **sentences.writing_endpoints(model),
    }
