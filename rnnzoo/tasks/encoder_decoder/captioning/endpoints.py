"""What a captioner answers, as compiled functions that Python and exports share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rnnzoo.platform import tf
from rnnzoo.tasks.encoder_decoder import endpoints as shared
from rnnzoo.tasks.picture_files import decoded
from rnnzoo.tasks.task import endpoint

if TYPE_CHECKING:
    from rnnzoo.tasks.encoder_decoder.captioning.captioner import Captioner


def captioner_endpoints(model: Captioner) -> dict[str, Any]:
    """Functions by name; each returns a dict of named tensors.

    ==================================  ==========================================================
    serve(frames, width, ...)           sentences (n, width), the best first, and their log_probs
                                        (n, width) in nats; see `Captioner.captions`
    serve_encoded(images, width, ...)   the same of the bytes (n,) of PNG or JPEG pictures, turned
                                        as their EXIF says, transparent ones on white
    generate(frames, temperature, ...)  sentences (n,): what `Captioner.sample` writes
    score(frames, sentences)            log_prob (n,) in nats of sentences (n,)
    init(frames)                        the state before the first word, tensors (n, ...); with
                                        attention also what is looked at, as `Attention` has it
    step(ids, state)                    log_probs (n, words) of the next word, and the new state;
                                        the first ids are all 1, which is BOS
    vocabulary()                        vocabulary, the words by id
    serve_aligned(frames, width, ...)   what `align` answers of the best sentences, and their
                                        log_probs (n,); with attention
    align(frames, sentences)            sentences (n,); weights (n, target tokens, frames, rows,
                                        columns), how much each region is looked at; target_tokens,
                                        empty strings behind their end; with attention
    ==================================  ==========================================================

    ``frames`` are uint8 (n, frames, height, width, 3), one frame of a picture, of any height and
    width; of a model without an encoder float32 (n, frames, features), whose weights are (n, target
    tokens, frames). ``serve_encoded`` is there where pictures are read.

    Args:
        model: a `Captioner` that knows its words.

    Example:
        >>> import rnnzoo
        >>> model = rnnzoo.create_model("caption_gru", units=4, filters=(2, 2), words={"a": 1})
        >>> captioner_endpoints(model)["score"](
        ...     tf.zeros((1, 1, 20, 30, 3), tf.uint8), tf.constant(["a a"])
        ... )["log_prob"].shape
        TensorShape([1])
    """
    known = model.preprocessor
    # As tensors, defaults become part of the SavedModel's signature.
    default_power, default_words = tf.constant(model.length_power), tf.constant(model.max_words)
    if model.encoder is None:
        frames_spec = tf.TensorSpec([None, None, known.features], tf.float32)
    else:
        frames_spec = tf.TensorSpec([None, None, None, None, 3], tf.uint8)

    def read(frames):
        """Frames as the network takes them."""
        if model.encoder is None:
            return frames
        shape = tf.shape(frames)
        resized = known.resize(tf.reshape(frames, tf.concat([[-1], shape[2:]], 0)))
        return tf.reshape(resized, (shape[0], shape[1], known.size, known.size, 3))

    @endpoint(frames=frames_spec)
    def init(frames):
        return model.start(read(frames))

    def best(frames, width, length_power, max_words):
        how = (width, length_power, max_words)
        found, log_probs, _ = shared.best_sentences(model, init(frames), *how)
        return {"sentences": found, "log_probs": log_probs}

    @endpoint(frames=frames_spec, **shared.SEARCH)
    def serve(frames, width=shared.WIDTH, length_power=default_power, max_words=default_words):
        return best(frames, width, length_power, max_words)

    @endpoint(images=tf.TensorSpec([None], tf.string), **shared.SEARCH)
    def serve_encoded(
        images, width=shared.WIDTH, length_power=default_power, max_words=default_words
    ):
        def read_encoded(image):
            return known.resize(decoded(image)[None])

        shape = (1, known.size, known.size, 3)
        frames = tf.map_fn(read_encoded, images, fn_output_signature=tf.TensorSpec(shape, tf.uint8))
        return best(frames, width, length_power, max_words)

    @endpoint(frames=frames_spec, **shared.DRAW)
    def generate(
        frames,
        temperature=shared.TEMPERATURE,
        top_k=shared.TOP_K,
        top_p=shared.TOP_P,
        seed=shared.SEED,
        max_words=default_words,
    ):
        how = (temperature, top_k, top_p, max_words)
        return {"sentences": shared.sampled_sentences(model, init(frames), seed, *how)}

    def ids_of(sentences):
        return model.vocabulary.encode(sentences).to_tensor(shared.EOS)

    @endpoint(frames=frames_spec, sentences=tf.TensorSpec([None], tf.string))
    def score(frames, sentences):
        ids = ids_of(sentences)
        return {"log_prob": shared.log_probs_of(model({"frames": read(frames), "ids": ids}), ids)}

    def aligned(sentences, frames, ids):
        return {
            "sentences": sentences,
            "weights": model.alignments({"frames": read(frames), "ids": ids}),
            "target_tokens": model.vocabulary.tokens(ids),
        }

    @endpoint(frames=frames_spec, sentences=tf.TensorSpec([None], tf.string))
    def align(frames, sentences):
        return aligned(sentences, frames, ids_of(sentences))

    @endpoint(frames=frames_spec, **shared.SEARCH)
    def serve_aligned(
        frames, width=shared.WIDTH, length_power=default_power, max_words=default_words
    ):
        how = (width, length_power, max_words)
        found, log_probs, ids = shared.best_sentences(model, init(frames), *how)
        return {**aligned(found[:, 0], frames, ids), "log_probs": log_probs[:, 0]}

    endpoints = {
        "serve": serve,
        "generate": generate,
        "score": score,
        "init": init,
        **shared.step_endpoints(model),
    }
    if model.encoder is not None:
        endpoints["serve_encoded"] = serve_encoded
    if model.attention is not None:
        endpoints |= {"serve_aligned": serve_aligned, "align": align}
    return endpoints
