"""A sentence about a picture or a video."""

import numpy as np

from rnnzoo import data
from rnnzoo.platform import keras, tf
from rnnzoo.tasks.encoder_decoder.captioning.endpoints import captioner_endpoints
from rnnzoo.tasks.encoder_decoder.captioning.feed import CaptionFeed
from rnnzoo.tasks.encoder_decoder.model import SentenceExamples, Writer, ids_of
from rnnzoo.tasks.vocabulary import SentenceVocabulary

CONDITIONS = ("step", "input", "state", "both")
FRAMES = ("mean", "steps")


@keras.saving.register_keras_serializable("rnnzoo")
class Captioner(Writer):
    """A model of p(S_1 ... S_N | I) = prod_t p(S_t | I, S_1 ... S_t-1) (Vinyals et al. 2014).

        v = W encoder(I)            of a video: of each frame, averaged over them or one by one

        condition "step"            x_-1 = v, x_t = W_e S_t                           (Vinyals)
                  "input"           x_t = [W_e S_t, v]
                  "state"           h_0 = tanh(W_h v), for each state of each layer
                  "both"            the last two

    S_0 is the start word and S_N the stop; p is as `rnnzoo.tasks.Writer` has it. With
    ``frames="steps"`` a video's vectors are read one after the other before the first word
    (Venugopalan et al. 2015, S2VT); "both" then has the last output beside each word, too.

    Args:
        recurrent: a `rnnzoo.layers.RecurrentStack`.
        encoder: a layer from uint8 pictures (n, height, width, 3) to features (n, size); None: the
            features are given. One without trainable weights sees each picture before training
            and not in each step.
        embedding_size: length of v and of a word's vector.
        condition: how the sentence depends on the picture, see above.
        frames: "mean" over a video's frames, or "steps", with condition "step" or "both".
        size: side of the square, in pixels, that pictures are resized to.
        least: words that training meets less often are unknown.
        words: dict of words with their counts; None takes them from the first `fit`.
        features: length of given features; None where there is an encoder, or takes it from the
            first `fit`.
        **kwargs: of keras.Model (name, dtype).

    Attributes:
        vocabulary: a `rnnzoo.tasks.vocabulary.SentenceVocabulary`, or None.
        endpoints: dict of the compiled functions that an export holds and Python runs too, see
            `rnnzoo.tasks.encoder_decoder.captioning.endpoints`.

    Example:
        >>> import rnnzoo
        >>> keras.utils.set_random_seed(1)
        >>> model = rnnzoo.create_model("caption_gru", units=16, embedding_size=16, encoder=None)
        >>> model.compile(keras.optimizers.Adam(0.02))
        >>> x, y = np.eye(2)[[0, 1] * 50], ["a cat", "two dogs"] * 50
        >>> history = model.fit(x, y, epochs=15, verbose=0)
        >>> model.caption(np.eye(2))
        ['a cat', 'two dogs']
    """

    task = "captioning"
    default_dataset = "emoji_captions"

    def __init__(
        self,
        recurrent,
        encoder=None,
        embedding_size=128,
        condition="step",
        frames="mean",
        size=64,
        least=1,
        words=None,
        features=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if condition not in CONDITIONS:
            raise ValueError(f"condition={condition!r}: expected one of {', '.join(CONDITIONS)}")
        if frames not in FRAMES or (frames == "steps" and condition not in ("step", "both")):
            raise ValueError(
                f"frames={frames!r}, condition={condition!r}: expected mean, or steps with "
                "condition step or both"
            )
        self.recurrent = recurrent
        self.encoder = encoder
        self.embedding_size = embedding_size
        self.condition = condition
        self.frames = frames
        self.size = size
        self.least = least
        self.features = features
        if words is not None:
            if encoder is None and features is None:
                raise ValueError(
                    "words are given, and neither an encoder nor the length of the features: "
                    "expected features=..., or no words before the first fit"
                )
            self._make_layers(words)

    # --- what is taken from the data --------------------------------------------------------------

    def adapt(self, captions):
        """Take up the words of a training set, unless the model knows some already.

        Args:
            captions: `rnnzoo.data.Captions`.

        Raises:
            ValueError: no word occurs often enough; or the media are not what the model reads.
        """
        first = np.asarray(captions.media[0])
        if self.encoder is None and self.features is None and first.dtype.kind == "f":
            self.features = first.shape[-1]
        self.check_medium(first, captions.names[0])
        if self.vocabulary is None:
            sentences = [sentence for of_one in captions.captions for sentence in of_one]
            words = SentenceVocabulary.count(sentences, self.least)
            if not words:
                raise ValueError(f"no word of the captions occurs {self.least} times")
            self._make_layers(words)

    def _make_layers(self, words):
        self.vocabulary = SentenceVocabulary(words)
        size, vectors = self.embedding_size, {"dtype": self.dtype_policy}
        if self.encoder is not None:
            shape = (None, self.size, self.size, 3)
            if not self.encoder.built:
                self.encoder.build(shape)
            features = self.encoder.compute_output_shape(shape)[-1]
        else:
            features = self.features
        self.project = keras.layers.Dense(size, name="project", **vectors)
        self.project.build((None, features))
        self._make_vectors(size)
        units = self.recurrent.layers[-1].cell.output_size
        if self.condition in ("input", "both"):
            self.seen_size = units if self.frames == "steps" else size
        self.recurrent.build((None, None, size + self.seen_size))
        self.to_state = {}
        if self.condition in ("state", "both") and self.frames == "mean":
            for name, value in self.recurrent.initial_state(1).items():
                layer = keras.layers.Dense(value.shape[-1], activation="tanh", dtype="float32")
                layer.build((None, size))
                self.to_state[name] = layer
        self._make_output(size, units)

    def take_over(self, other):
        """Start with what another captioner learned, where the two are alike.

        The encoder, the recurrent layers from the lowest on, and what leads in and out of them go
        over whole; a word's vector goes over to the same word.

        Returns:
            Names of what went over.

        Raises:
            TypeError: the other is no captioner.
            ValueError: nothing of it fits.
        """
        if not isinstance(other, Captioner):
            raise TypeError(f"expected a Captioner to start from, got a {type(other).__name__}")
        self.require_words()
        pairs = {
            "encoder": (self.encoder, other.encoder),
            "projection": (self.project, other.project),
            "output layer": (self.output_layer, other.output_layer),
        }
        layers = zip(self.recurrent.layers, other.recurrent.layers, strict=False)
        pairs |= {
            f"recurrent layer {i}": (mine, theirs)
            for i, (mine, theirs) in enumerate(layers)
            if type(mine.cell) is type(theirs.cell)
        }
        pairs |= {
            f"first state {name}": (layer, other.to_state.get(name))
            for name, layer in self.to_state.items()
        }
        taken = [name for name, (mine, theirs) in pairs.items() if _copied(mine, theirs)]
        if self.embedding_size == other.embedding_size:
            here, there = self.vocabulary.shared(other.vocabulary)
            for mine, theirs in (
                (self.words.embeddings, other.words.embeddings),
                (self.bias, other.bias),
            ):
                values = mine.numpy()
                values[here] = theirs.numpy()[there]
                mine.assign(values)
            taken.append(f"{len(here):,} of {self.vocabulary.size:,} words")
        if not taken:
            raise ValueError(
                "nothing of the captioner to start from fits: it has another encoder, other cells "
                "or units, and another embedding_size"
            )
        return taken

    # --- media ------------------------------------------------------------------------------------

    def check_medium(self, medium, what):
        """Raise a ValueError unless an array is something that the model reads."""
        if self.encoder is None:
            fits = medium.dtype.kind == "f" and medium.ndim in (1, 2)
            fits = fits and self.features in (None, medium.shape[-1])
            expected = (
                f"features ({self.features or 'size'},) or (frames, {self.features or 'size'})"
            )
            hint = ""
            if medium.dtype == np.uint8:
                hint = " (for pictures give the model an encoder)"
        else:
            fits = medium.dtype == np.uint8 and medium.ndim in (3, 4) and medium.shape[-1] == 3
            expected = "uint8 (height, width, 3) or (frames, height, width, 3)"
            hint = ""
            if medium.dtype.kind == "f":
                hint = " (for features of your own make the model with encoder=None)"
        if not fits or not medium.size:
            raise ValueError(
                f"{what}: expected {expected}, got {medium.shape} of {medium.dtype}{hint}"
            )

    def prepare(self, medium):
        """What the network reads of a medium: frames (1 or more, ...), of `size` and uint8."""
        medium = np.asarray(medium)
        if self.encoder is None and medium.dtype.kind == "f":
            medium = medium.astype(np.float32)
        self.check_medium(medium, "media")
        frames = medium if medium.ndim in (2, 4) else medium[None]
        return frames if self.encoder is None else np.asarray(self.resize(frames))

    def resize(self, frames):
        """Pictures (n, height, width, 3) as squares of `size`, uint8; graph code."""
        if frames.shape[1:3] == (self.size, self.size):
            return frames
        resized = tf.image.resize(frames, (self.size, self.size), antialias=True)
        return tf.cast(tf.clip_by_value(tf.round(resized), 0, 255), tf.uint8)

    def encode_frames(self, frames, training=False):
        """Features (batch, frames, size) of frames (batch, frames, size, size, 3); graph code."""
        batch, time = tf.shape(frames)[0], tf.shape(frames)[1]
        pictures = tf.reshape(frames, (-1, self.size, self.size, 3))
        features = tf.cast(self.encoder(pictures, training=training), tf.float32)
        return tf.reshape(features, (batch, time, features.shape[-1]))

    # --- the network ------------------------------------------------------------------------------

    @property
    def writer(self):
        """The layers that write."""
        return self.recurrent

    def read(self, batch, training=False):
        """The state before the first word, of the frames of a batch; see `start`."""
        return self.start(batch["frames"], training)

    def start(self, frames, training=False):
        """The state before the first word; "seen" is what stands beside each word.

        Args:
            frames: uint8 (batch, frames, size, size, 3), or their features, float (batch, frames,
                size).
            training: whether dropout acts.

        Returns:
            A flat dict of float32 (batch, size) tensors.
        """
        vectors = self._vectors(frames, training)
        seen, state = vectors[:, 0], self._initial_state(vectors)
        if self.condition == "step" or self.frames == "steps":
            x = vectors
            if self.seen_size:  # where words will see the last output, nothing yet
                x = self._beside(x, tf.zeros((tf.shape(x)[0], self.seen_size)))
            h, state = self.recurrent(x, state=state, training=training)
            seen = tf.cast(h[:, -1], tf.float32)
        return {**state, "seen": seen} if self.seen_size else state

    def _vectors(self, frames, training=False):
        """The vector v (batch, 1, embedding_size), or one for each frame."""
        if frames.dtype == tf.uint8:
            frames = self.encode_frames(frames, training)
        if self.frames == "mean":
            frames = tf.reduce_mean(frames, axis=1, keepdims=True)
        return tf.cast(self.project(frames), tf.float32)

    def _initial_state(self, vectors):
        if not self.to_state:
            return self.recurrent.initial_state(tf.shape(vectors)[0])
        return {name: layer(vectors[:, 0]) for name, layer in self.to_state.items()}

    # --- training and answers ---------------------------------------------------------------------

    def paired(self, x, y):
        """Media and sentences as `rnnzoo.data.Captions`."""
        if y is None or len(x) != len(y) or not len(x):
            given = "none" if y is None else len(y)
            raise ValueError(f"expected a caption for each of the {len(x)} media, got {given}")
        captions = tuple((of_one,) if isinstance(of_one, str) else tuple(of_one) for of_one in y)
        for i, of_one in enumerate(captions):
            if not of_one or not all(isinstance(s, str) and s.strip() for s in of_one):
                raise ValueError(
                    f"captions of medium {i}: expected a sentence or several, got {y[i]!r}"
                )
        return data.Captions(x, captions, tuple(f"medium {i}" for i in range(len(x))))

    def examples(self, captions):
        """What training reads of `rnnzoo.data.Captions`.

        All media, made as small as the network reads them, are kept in memory; of an encoder that
        has nothing to train, their features.
        """
        media = map(self.prepare, captions.media)
        # Not by `trainable`, which a loaded model has lost.
        if self.encoder is not None and not self.encoder.trainable_weights:
            encode = tf.function(self.encode_frames, autograph=False, reduce_retracing=True)
            media = (encode(tf.constant(frames[None])).numpy()[0] for frames in media)
        media = list(media)
        lengths = {len(frames) for frames in media}
        if len(lengths) > 1:
            raise ValueError(
                f"videos of {min(lengths)} to {max(lengths)} frames: to train, all need the same "
                "number"
            )
        with tf.device("cpu"):  # where tf.data runs, also when there is a GPU
            frames = tf.constant(np.stack(media))
        ids = ids_of(self.vocabulary, [text for of_one in captions.captions for text in of_one])
        # Not by length, which tells of the picture: a batch's statistics would be those of a kind.
        return SentenceExamples(
            tf.RaggedTensor.from_row_lengths(ids, [len(of_one) for of_one in captions.captions]),
            np.ones(len(captions)),
            lambda rows: {"frames": tf.gather(frames, rows)},
        )

    def captions(self, media, beam_width=4, length_power=0.0, max_words=30, batch_size=32):
        """The likeliest sentences by beam search, with their log-probabilities.

        Args:
            media: pictures, videos or features: (media, ...), or a list of arrays.
            beam_width: hypotheses that are gone on from, and sentences returned.
            length_power: sentences are ranked by log-probability / words ** length_power, the stop
                counted; 0 ranks by probability, 1 favors long ones.
            max_words: the most words of a sentence.
            batch_size: media that are looked at together.

        Returns:
            For each medium a list of (sentence, log-probability in nats), the best first.
        """
        frames = self._frames(media)
        return self._ranked(*frames, batch_size, beam_width, length_power, max_words)

    def caption(self, media, **how):
        """The best sentence for each of the media; arguments as for `captions`."""
        return [ranked[0][0] for ranked in self.captions(media, **how)]

    def sample(
        self, media, temperature=1.0, top_k=0, top_p=1.0, seed=0, max_words=30, batch_size=32
    ):
        """A sentence for each of the media, each word drawn given those before it.

        Args:
            media, max_words, batch_size: as for `captions`.
            temperature: below 1 favors likely words; 0 takes the likeliest always (greedy).
            top_k: draw from the k likeliest words only; 0 means all.
            top_p: draw from the fewest likeliest words with at least this probability in all.
            seed: same seed, media and batch_size: same sentences.
        """
        frames = self._frames(media)
        return self._drawn(*frames, batch_size, temperature, top_k, top_p, seed, max_words)

    def log_prob(self, media, sentences, batch_size=32):
        """The log-likelihood log p(sentence | medium) in nats, the stop included: float32 (media,).

        A word that the model doesn't know is read, and scored, as the unknown word.
        """
        if len(sentences) != len(media):
            raise ValueError(f"{len(media)} media and {len(sentences)} sentences: expected as many")
        given, sizes = self._frames(media)
        return self._scored(given | {"sentences": sentences}, sizes, batch_size)

    def _frames(self, media):
        """What endpoints take of media, and the number of frames of each."""
        frames = [self.prepare(medium) for medium in media]
        return {"frames": frames}, [len(of_one) for of_one in frames]

    def answer_lines(self, path, color=False):
        """For `rnnzoo predict`: the best sentences for a picture or a video, and their scores."""
        medium = data.read_media(path)
        self.check_medium(medium, str(path))
        for sentence, log_prob in self.captions([medium])[0]:
            yield f"{path}\t{log_prob:.3f}\t{sentence}"

    def feed(self, source, batch_size, window=None, seed=0):
        """What `rnnzoo.train` trains on; `source` as `rnnzoo.load_captions` takes it."""
        return CaptionFeed(self, source, batch_size, window, seed)

    def make_endpoints(self, xla=True):
        """New `endpoints`; they hold no XLA but that of their layers, which `xla` leaves alone."""
        self.require_words()
        return captioner_endpoints(self)

    def get_config(self):
        return {
            **super().get_config(),
            "recurrent": keras.saving.serialize_keras_object(self.recurrent),
            "encoder": keras.saving.serialize_keras_object(self.encoder),
            "embedding_size": self.embedding_size,
            "condition": self.condition,
            "frames": self.frames,
            "size": self.size,
            "least": self.least,
            "words": self.vocabulary and self.vocabulary.counts,
            "features": self.features,
        }

    @classmethod
    def from_config(cls, config):
        layers = {
            k: keras.saving.deserialize_keras_object(config[k]) for k in ("recurrent", "encoder")
        }
        return cls(**{**config, **layers})


def _copied(mine, theirs):
    """Whether a layer could take another's weights."""
    if mine is None or theirs is None:
        return False
    if [w.shape for w in mine.weights] != [w.shape for w in theirs.weights]:
        return False
    mine.set_weights(theirs.get_weights())
    return True
