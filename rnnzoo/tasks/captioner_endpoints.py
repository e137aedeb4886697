"""What a captioner answers, as compiled functions that Python and exports share."""

from rnnzoo.platform import tf
from rnnzoo.tasks.sentences import best_sentences, log_probs_of, sampled_sentences
from rnnzoo.tasks.task import endpoint
from rnnzoo.tasks.vocabulary import SentenceVocabulary


def captioner_endpoints(model):
    """Functions by name; each returns a dict of named tensors.

    ==================================  ==========================================================
    serve(frames, width, ...)           sentences (n, width), the best first, and their log_probs
                                        (n, width) in nats; see `Captioner.captions`
    serve_encoded(images, width, ...)   the same of the bytes (n,) of PNG or JPEG pictures
    generate(frames, temperature, ...)  sentences (n,): what `Captioner.sample` writes
    score(frames, sentences)            log_prob (n,) in nats of sentences (n,)
    init(frames)                        the state before the first word, tensors (n, ...)
    step(ids, state)                    log_probs (n, words) of the next word, and the new state;
                                        the first ids are all `SentenceVocabulary.START`
    words()                             words, by id
    ==================================  ==========================================================

    ``frames`` are uint8 (n, frames, height, width, 3), one frame of a picture, of any height and
    width; of a model without an encoder float32 (n, frames, features). ``serve_encoded`` is there
    where pictures are read.

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
    vocabulary = model.vocabulary
    if model.encoder is None:
        frames_spec = tf.TensorSpec([None, None, model.features], tf.float32)
    else:
        frames_spec = tf.TensorSpec([None, None, None, None, 3], tf.uint8)
    search = {
        "width": tf.TensorSpec([], tf.int32),
        "length_power": tf.TensorSpec([], tf.float32),
        "max_words": tf.TensorSpec([], tf.int32),
    }
    # As tensors, defaults become part of the SavedModel's signature.
    width, length_power, max_words = tf.constant(4), tf.constant(0.0), tf.constant(30)

    def read(frames):
        """Frames as the network takes them."""
        if model.encoder is None:
            return frames
        shape = tf.shape(frames)
        resized = model.resize(tf.reshape(frames, tf.concat([[-1], shape[2:]], 0)))
        return tf.reshape(resized, (shape[0], shape[1], model.size, model.size, 3))

    def best(frames, width, length_power, max_words):
        sentences, log_probs = best_sentences(
            model, model.start(frames), width, length_power, max_words
        )
        return {"sentences": sentences, "log_probs": log_probs}

    @endpoint(frames=frames_spec, **search)
    def serve(frames, width=width, length_power=length_power, max_words=max_words):
        return best(read(frames), width, length_power, max_words)

    @endpoint(images=tf.TensorSpec([None], tf.string), **search)
    def serve_encoded(images, width=width, length_power=length_power, max_words=max_words):
        def decode(image):
            pixels = tf.io.decode_image(image, channels=3, expand_animations=False)
            pixels.set_shape((None, None, 3))
            return model.resize(pixels[None])

        shape = (1, model.size, model.size, 3)
        frames = tf.map_fn(decode, images, fn_output_signature=tf.TensorSpec(shape, tf.uint8))
        return best(frames, width, length_power, max_words)

    @endpoint(
        frames=frames_spec,
        temperature=tf.TensorSpec([], tf.float32),
        top_k=tf.TensorSpec([], tf.int32),
        top_p=tf.TensorSpec([], tf.float32),
        seed=tf.TensorSpec([], tf.int64),
        max_words=tf.TensorSpec([], tf.int32),
    )
    def generate(
        frames,
        temperature=tf.constant(1.0),  # noqa: B008
        top_k=tf.constant(0),  # noqa: B008
        top_p=tf.constant(1.0),  # noqa: B008
        seed=tf.constant(0, tf.int64),  # noqa: B008
        max_words=max_words,
    ):
        state = model.start(read(frames))
        how = (temperature, top_k, top_p, max_words)
        return {"sentences": sampled_sentences(model, state, seed, *how)}

    @endpoint(frames=frames_spec, sentences=tf.TensorSpec([None], tf.string))
    def score(frames, sentences):
        ids = vocabulary.encode(sentences).to_tensor(SentenceVocabulary.STOP)
        return {"log_prob": log_probs_of(model({"frames": read(frames), "ids": ids}), ids)}

    @endpoint(frames=frames_spec)
    def init(frames):
        return model.start(read(frames))

    state_spec = {
        name: tf.TensorSpec([None, *value.shape[1:]], value.dtype, name)
        for name, value in init.get_concrete_function().structured_outputs.items()
    }

    @endpoint(ids=tf.TensorSpec([None], tf.int32), state=state_spec)
    def step(ids, state):
        logits, state = model.step(ids, state)
        return {"log_probs": tf.nn.log_softmax(logits), **state}

    @endpoint()
    def words():
        return {"words": tf.constant(vocabulary.shown)}

    endpoints = {
        "serve": serve,
        "generate": generate,
        "score": score,
        "init": init,
        "step": step,
        "words": words,
    }
    return endpoints if model.encoder is None else {**endpoints, "serve_encoded": serve_encoded}
