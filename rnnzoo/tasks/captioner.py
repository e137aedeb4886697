"""A sentence about a picture or a video."""

import numpy as np

from rnnzoo import data
from rnnzoo.platform import keras, tf
from rnnzoo.tasks.caption_feed import CaptionFeed
from rnnzoo.tasks.captioner_endpoints import captioner_endpoints
from rnnzoo.tasks.metrics import Accuracy, PerplexityOfLogits
from rnnzoo.tasks.sentences import MAX_WORDS, teacher_forced
from rnnzoo.tasks.task import Task
from rnnzoo.tasks.vocabulary import SentenceVocabulary

CONDITIONS = ("step", "input", "state", "both")
FRAMES = ("mean", "steps")


@keras.saving.register_keras_serializable("rnnzoo")
class Captioner(Task):
    """A model of p(S_1 ... S_N | I) = prod_t p(S_t | I, S_1 ... S_t-1) (Vinyals et al. 2014).

        v = W encoder(I)            of a video: of each frame, averaged over them or one by one

        condition "step"            x_-1 = v, x_t = W_e S_t                           (Vinyals)
                  "input"           x_t = [W_e S_t, v]
                  "state"           h_0 = tanh(W_h v), for each state of each layer
                  "both"            the last two

        p_t+1 = softmax(W_e^T tanh(W_o h_t) + b)

    S_0 is the start word and S_N the stop. The word vectors W_e serve as output weights, too (Press
    & Wolf 2017). With ``frames="steps"`` a video's vectors are read one after the other before the
    first word (Venugopalan et al. 2015, S2VT).

    Args:
        recurrent: a `rnnzoo.layers.RecurrentStack`.
        encoder: a layer from uint8 pictures (n, height, width, 3) to features (n, size); None: the
            features are given. One without trainable weights sees each picture before training
            and not in each step.
        embedding_size: length of v and of a word's vector.
        condition: how the sentence depends on the picture, see above.
        frames: "mean" over a video's frames, or "steps", with condition "step" only.
        size: side of the square, in pixels, that pictures are resized to.
        least: words that training meets less often are unknown.
        words: dict of words with their counts; None takes them from the first `fit`.
        features: length of given features; None where there is an encoder, or takes it from the
            first `fit`.
        **kwargs: of keras.Model (name, dtype).

    Attributes:
        vocabulary: a `rnnzoo.tasks.vocabulary.SentenceVocabulary`, or None.
        endpoints: dict of the compiled functions that an export holds and Python runs too, see
            `rnnzoo.tasks.captioner_endpoints`.

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

    named_sources = data.CAPTIONS

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
        if frames not in FRAMES or (frames == "steps" and condition != "step"):
            raise ValueError(f"frames={frames!r}: expected mean, or steps with condition='step'")
        self.autocast = False  # the state stays float32 under every dtype policy
        self.recurrent = recurrent
        self.encoder = encoder
        self.embedding_size = embedding_size
        self.condition = condition
        self.frames = frames
        self.size = size
        self.least = least
        self.features = features
        self.vocabulary = None
        if words is not None:
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
        self.words = keras.layers.ReversibleEmbedding(
            self.vocabulary.size,
            size,
            embeddings_initializer=keras.initializers.RandomNormal(stddev=size**-0.5),
            reverse_dtype="float32",
            name="words",
            **vectors,
        )
        self.words.build((None, None))
        reads = size * 2 if self.condition in ("input", "both") else size
        self.recurrent.build((None, None, reads))
        self.to_state = {}
        if self.condition in ("state", "both"):
            for name, value in self.recurrent.initial_state(1).items():
                layer = keras.layers.Dense(value.shape[-1], activation="tanh", dtype="float32")
                layer.build((None, size))
                self.to_state[name] = layer
        self.output_layer = keras.layers.Dense(
            size, activation="tanh", dtype="float32", name="output"
        )
        self.output_layer.build((None, self.recurrent.layers[-1].cell.output_size))
        self.bias = self.add_weight(
            shape=(self.vocabulary.size,), initializer="zeros", dtype="float32", name="bias"
        )
        self.built = True

    def build(self, input_shape=None):
        self.require_words()

    def require_words(self):
        """Raise a ValueError if the model can't answer yet."""
        if self.vocabulary is None:
            raise ValueError(
                "The model knows no words yet: fit it on captions first, or load a trained one."
            )

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

    def call(self, batch, training=False):
        """Logits of the words and the stop, float32 (batch, time, words).

        Args:
            batch: dict of frames (batch, frames, size, size, 3) of uint8, or their features
                (batch, frames, size) of float, and ids (batch, time) to be predicted.
            training: whether dropout acts.
        """
        vectors = self._vectors(batch["frames"], training)
        x = self.words(teacher_forced(batch["ids"]))
        state = self._initial_state(vectors)
        if self.condition == "step":
            x = tf.concat([tf.cast(vectors, x.dtype), x], axis=1)
        x, _ = self.recurrent(self._with_vector(x, vectors[:, :1]), state=state, training=training)
        return self._logits(x[:, -tf.shape(batch["ids"])[1] :])

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

    def _with_vector(self, x, vector):
        """The input (..., size), with v beside it where each step reads both."""
        if self.condition not in ("input", "both"):
            return x
        vector = tf.broadcast_to(tf.cast(vector, x.dtype), tf.shape(x))
        return tf.concat([x, vector], axis=-1)

    def _logits(self, h):
        return self.words(self.output_layer(h), reverse=True) + self.bias

    def start(self, frames):
        """The state before the first word, of frames or their features as `call` takes them.

        A flat dict of float32 (batch, size) tensors.
        """
        vectors = self._vectors(frames)
        state = self._initial_state(vectors)
        if self.condition == "step":
            _, state = self.recurrent(vectors, state=state)
        if self.condition in ("input", "both"):
            state["picture"] = vectors[:, 0]
        return state

    def step(self, ids, state):
        """Logits (batch, words) of the next word, and the state, after the words ids (batch,)."""
        x = self._with_vector(self.words(ids), state.get("picture"))
        recurrent = {name: value for name, value in state.items() if name != "picture"}
        h, new_state = self.recurrent.step(x, recurrent)
        return self._logits(h), {**state, **new_state}

    # --- training and answers ---------------------------------------------------------------------

    def compile(self, optimizer=None, loss=None, jit_compile=False, **kwargs):
        kwargs.setdefault("weighted_metrics", [PerplexityOfLogits(), Accuracy()])
        super().compile(optimizer, loss, jit_compile, **kwargs)

    def fit(
        self,
        x,
        y=None,
        *,
        batch_size=None,
        seed=0,
        validation_data=None,
        steps_per_epoch=None,
        **kwargs,
    ):
        """Train on media with captions.

        Args:
            x: pictures, videos or features: (media, ...), a list of arrays, or a dataset that
                `batches` made.
            y: for each a sentence, or a list of them.
            batch_size: captions in a batch, default 32.
            seed: of their order.
            validation_data: a tuple (x, y), or a dataset.
            steps_per_epoch: default one pass over the captions.
            **kwargs: of keras.Model.fit: epochs, callbacks, verbose, ...

        Returns:
            keras.callbacks.History.

        Raises:
            ValueError: media and captions don't go together, or the model doesn't read them.
        """
        batch_size = batch_size or 32
        if not isinstance(x, tf.data.Dataset):
            captions = _captions(x, y)
            self.adapt(captions)
            steps_per_epoch = steps_per_epoch or self.batches_per_epoch(captions, batch_size)
            x = self.batches(captions, batch_size, seed)
        if isinstance(validation_data, tuple):
            validation_data = self.in_order(_captions(*validation_data), batch_size)
        if not self.compiled:
            self.compile()
        kwargs.setdefault("shuffle", False)  # Keras warns that it can't shuffle a dataset
        return super().fit(
            x, validation_data=validation_data, steps_per_epoch=steps_per_epoch, **kwargs
        )

    def evaluate(self, x=None, y=None, *, batch_size=None, **kwargs):
        """Loss (nats), perplexity and accuracy by word, the stop among them, of teacher forcing.

        Args:
            x, y, batch_size: as in `fit`.
            **kwargs: of keras.Model.evaluate: return_dict, verbose, ...
        """
        self.require_words()
        if not isinstance(x, tf.data.Dataset):
            x = self.in_order(_captions(x, y), batch_size or 32)
        if not self.compiled:
            self.compile()
        return super().evaluate(x, **kwargs)

    def batches_per_epoch(self, captions, batch_size):
        """How many training batches make up one pass over `rnnzoo.data.Captions`."""
        return data.sequences_per_epoch(_pairs(captions), batch_size)

    def batches(self, captions, batch_size, seed=0, start_step=0):
        """Endless training batches of `rnnzoo.data.Captions`, ready for `fit`.

        All media are made as small as the network reads them and kept in memory. A batch is a
        function of the seed and its number.
        """
        ids = self._ids(captions)
        # Not by length, which tells of the picture: a batch's statistics would be those of a kind.
        rows = data.shuffled_rows(np.ones(ids.nrows()), batch_size, seed, start_step)
        return self._batches(rows, captions, ids)

    def in_order(self, captions, batch_size):
        """All captions once, ready for `evaluate`."""
        ids = self._ids(captions)
        return self._batches(tf.data.Dataset.range(ids.nrows()).batch(batch_size), captions, ids)

    def _ids(self, captions):
        with tf.device("cpu"):  # where tf.data runs, also when there is a GPU
            return self.vocabulary.encode(
                tf.constant([sentence for _, sentence in _pairs(captions)], tf.string)
            )

    def _batches(self, rows, captions, ids):
        media = self._prepared(captions.media)
        lengths = np.array([len(frames) for frames in media])
        all_frames = np.concatenate(media)
        begins = np.cumsum(lengths) - lengths
        if len(set(lengths.tolist())) > 1:
            raise ValueError(
                f"videos of {lengths.min()} to {lengths.max()} frames: to train, all need the same "
                "number"
            )
        places = np.array([place for place, _ in _pairs(captions)])

        def frames_of(rows):
            wanted = begins[places[rows]][:, None] + np.arange(lengths[0])
            return all_frames[wanted]

        def element(rows):
            frames = tf.numpy_function(frames_of, [rows], all_frames.dtype)
            frames.set_shape((rows.shape[0], lengths[0], *all_frames.shape[1:]))
            of_rows = tf.gather(ids, rows)
            weight = tf.sequence_mask(of_rows.row_lengths(), dtype=tf.float32)
            of_rows = of_rows.to_tensor(SentenceVocabulary.STOP)
            of_rows.set_shape((rows.shape[0], None))
            return {"frames": frames, "ids": of_rows}, of_rows, weight

        return rows.map(element, num_parallel_calls=2).prefetch(2)

    def _prepared(self, media):
        """Frames of each medium as `call` takes them: their features if the encoder is frozen."""
        prepared = [self.prepare(medium) for medium in media]
        # Not by `trainable`, which a loaded model has lost.
        if self.encoder is None or self.encoder.trainable_weights:
            return prepared
        encode = tf.function(self.encode_frames, autograph=False, reduce_retracing=True)
        return [encode(tf.constant(frames[None])).numpy()[0] for frames in prepared]

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
        beam_width = _at_least_one(beam_width, "beam_width")
        how = {"width": beam_width, "max_words": _checked_words(max_words)}
        answers = self._answers("serve", media, batch_size, length_power=length_power, **how)
        return [
            [
                (sentence.decode(), float(log_prob))
                for sentence, log_prob in zip(sentences, log_probs, strict=True)
                if log_prob > -1e8  # a beam may be wider than there are sentences
            ]
            for sentences, log_probs in answers
        ]

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
            seed: same seed and place in the batch, same sentence.
        """
        if not (temperature >= 0 and top_k >= 0 and 0 < top_p <= 1):
            raise ValueError(
                f"temperature={temperature!r}, top_k={top_k!r}, top_p={top_p!r}: expected at least "
                "0, at least 0, and more than 0 up to 1"
            )
        how = {"temperature": temperature, "top_k": top_k, "top_p": top_p}
        how["max_words"] = _checked_words(max_words)
        seed = tf.constant(seed, tf.int64)
        answers = self._answers("generate", media, batch_size, seed=seed, **how)
        return [sentence.decode() for (sentence,) in answers]

    def log_prob(self, media, sentences, batch_size=32):
        """The log-likelihood log p(sentence | medium) in nats, the stop included: float32 (media,).

        A word that the model doesn't know is read, and scored, as the unknown word.
        """
        if len(sentences) != len(media):
            raise ValueError(f"{len(media)} media and {len(sentences)} sentences: expected as many")
        return np.array(
            [
                log_prob
                for (log_prob,) in self._answers(
                    "score", media, batch_size, per_medium={"sentences": list(sentences)}
                )
            ],
            np.float32,
        )

    def _answers(self, endpoint, media, batch_size, per_medium=None, **how):
        """For each of the media what an endpoint returns of it; those of equal length together."""
        self.require_words()
        frames = [self.prepare(medium) for medium in media]
        order = sorted(range(len(frames)), key=lambda i: len(frames[i]))
        answers = [None] * len(frames)
        while order:
            same = [i for i in order[:batch_size] if len(frames[i]) == len(frames[order[0]])]
            order = order[len(same) :]
            given = {
                key: tf.constant([of[i] for i in same]) for key, of in (per_medium or {}).items()
            }
            reply = self.endpoints[endpoint](
                tf.constant(np.stack([frames[i] for i in same])), **given, **how
            )
            for i, *answer in zip(same, *(value.numpy() for value in reply.values()), strict=True):
                answers[i] = answer
        return answers

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


def _captions(x, y):
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


def _pairs(captions):
    """(place of a medium, sentence) for all sentences."""
    return [(i, sentence) for i, of_one in enumerate(captions.captions) for sentence in of_one]


def _copied(mine, theirs):
    """Whether a layer could take another's weights."""
    if mine is None or theirs is None:
        return False
    if [w.shape for w in mine.weights] != [w.shape for w in theirs.weights]:
        return False
    mine.set_weights(theirs.get_weights())
    return True


def _checked_words(max_words):
    if _at_least_one(max_words, "max_words") > MAX_WORDS:
        raise ValueError(f"max_words={max_words}: expected at most {MAX_WORDS}")
    return max_words


def _at_least_one(value, name):
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
        raise ValueError(f"{name}={value!r}: expected a whole number of at least 1")
    return int(value)
