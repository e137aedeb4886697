"""Text, one character at a time."""

import functools
import operator

import numpy as np

from rnnzoo import data
from rnnzoo.platform import keras, tf
from rnnzoo.tasks.metrics import BitsPerCharacter, Perplexity
from rnnzoo.tasks.task import Task
from rnnzoo.tasks.text.carry import Carry
from rnnzoo.tasks.text.endpoints import MAX_LENGTH, MAX_PROMPTS, text_endpoints
from rnnzoo.tasks.text.feed import TextFeed
from rnnzoo.tasks.vocabulary import CharacterVocabulary, check_encodable


@keras.saving.register_keras_serializable("rnnzoo")
class TextGenerator(Task):
    """A language model of characters: p(c_1 ... c_T) = prod_t p(c_t | c_1 ... c_{t-1}).

        ids (batch, time) -> embedding -> recurrent layers -> logits (batch, time, vocabulary)

    Args:
        recurrent: a `rnnzoo.layers.RecurrentStack`.
        embedding_size: length of a character's vector.
        vocabulary: the characters to know, any string; None takes them from the first text that
            `fit` or `adapt` sees.
        **kwargs: of keras.Model (name, dtype).

    Attributes:
        vocabulary: the `CharacterVocabulary`, or None.
        endpoints: dict of the compiled functions that an export holds and Python runs too, see
            `rnnzoo.tasks.text.endpoints`.
        carry: variables (keras.Variable) of the state that training carries between batches.

    Example:
        >>> import rnnzoo
        >>> keras.utils.set_random_seed(1)
        >>> model = TextGenerator(rnnzoo.layers.RecurrentStack([rnnzoo.layers.GRU(16)]))
        >>> model.compile(keras.optimizers.Adam(0.05))
        >>> history = model.fit("abc " * 200, batch_size=4, window=8, epochs=2, verbose=0)
        >>> model.generate("abc a", length=10, temperature=0)
        'bc abc abc'
    """

    task = "text-generation"
    default_dataset = "python_source"

    def __init__(self, recurrent, embedding_size=64, vocabulary=None, **kwargs):
        super().__init__(**kwargs)
        self.autocast = False  # the state stays float32 under every dtype policy
        self.supports_masking = True
        self.recurrent = recurrent
        self.embedding_size = embedding_size
        self.embedding = self.output_layer = self.vocabulary = None
        self.bits_per_character = BitsPerCharacter()
        self.perplexity = Perplexity()
        if vocabulary is not None:
            self._set_vocabulary(CharacterVocabulary(vocabulary))

    def call(self, ids, state=None, mask=None, return_state=False, training=False):
        """Logits of the character after each: float32 (batch, time, vocabulary).

        Args:
            ids: int32 (batch, time).
            state: flat dict as from `initial_state`, which is the default.
            mask: bool (batch, time), False at padding.
            return_state: whether to return the state after the last step too.
            training: whether dropout acts.
        """
        x, state = self.recurrent(self.embedding(ids), state=state, mask=mask, training=training)
        logits = self.output_layer(x)
        return (logits, state) if return_state else logits

    def step(self, ids, state):
        """One time step: ids (batch,) and a state -> logits (batch, vocabulary), new state."""
        x, state = self.recurrent.step(self.embedding(ids), state)
        return self.output_layer(x), state

    def initial_state(self, batch_size):
        """The state before any text: a flat dict of float32 (batch_size, ...) tensors."""
        return self.recurrent.initial_state(batch_size)

    def build(self, input_shape=None):
        self._require_vocabulary()

    def adapt(self, text):
        """Make all characters of a text, or of a list of texts, known; the others stay known.

        Trained characters keep their weights, new ones get freshly initialized ones. If there are
        new ones, an optimizer that has stepped before starts afresh, with the same settings.

        Example:
            >>> import rnnzoo
            >>> model = rnnzoo.create_model("char_gru", units=8, vocabulary="Gros")
            >>> model.adapt("Größe")
            >>> model.vocabulary.characters
            'Georsßö'
        """
        known = self.vocabulary.characters if self.vocabulary else ""
        vocabulary = CharacterVocabulary(known + "".join(_texts(text, "text")))
        if vocabulary == self.vocabulary:
            return
        self._set_vocabulary(vocabulary)
        if self.compiled and self.optimizer.built:
            self.compile_from_config(self.get_compile_config())

    def _set_vocabulary(self, vocabulary):
        old_vocabulary, old_layers = self.vocabulary, (self.embedding, self.output_layer)
        self.vocabulary = vocabulary
        # Removed and set again in a fixed order, which optimizer states are saved in. Keras has no
        # public way to let go of a layer.
        for layer in (self.embedding, self.recurrent, self.output_layer):
            self._tracker.untrack(layer)
        self.embedding = keras.layers.Embedding(
            vocabulary.size, self.embedding_size, dtype=self.dtype_policy, name="embedding"
        )
        self.recurrent = self.recurrent
        self.output_layer = keras.layers.Dense(vocabulary.size, dtype="float32", name="output")

        self.embedding.build((None, None))
        if not self.recurrent.built:
            self.recurrent.build((None, None, self.embedding_size))
        self.output_layer.build((None, None, self.recurrent.layers[-1].cell.output_size))
        # Not through `build`, after which Keras lets no layer be replaced.
        self.built = True

        if old_vocabulary is not None:
            places = np.concatenate([[0], vocabulary.ids(old_vocabulary.characters)])
            new_layers = self.embedding, self.output_layer
            for old, new, axis in zip(old_layers, new_layers, (0, -1), strict=True):
                for source, target in zip(old.weights, new.weights, strict=True):
                    target.assign(_with_moved(target, source, places, axis))
        # Compiled for the old weights.
        self.train_function = self.test_function = self.predict_function = None
        self.__dict__.pop("endpoints", None)

    def _require_vocabulary(self):
        if self.vocabulary is None:
            raise ValueError(
                "The model has no vocabulary yet: fit it on text, call adapt(text), or create it "
                "with vocabulary=..."
            )

    def fit(
        self,
        x,
        y=None,
        *,
        batch_size=None,
        window=None,
        seed=0,
        validation_data=None,
        steps_per_epoch=None,
        **kwargs,
    ):
        """Train by truncated BPTT: each batch goes on from the state the one before ended in.

        Args:
            x: a text, a list of texts (joined by newlines), or a dataset from `rnnzoo.data`. The
                characters of a text are added to the vocabulary.
            y: None, as the text or the dataset holds what is to be predicted.
            batch_size: places of the text that are read side by side, default 32; for text only.
            window: characters between two updates, default 64; for text only.
            seed: of the order of the data; for text only.
            validation_data: a text, a list of texts, or a dataset (`rnnzoo.data.in_order`).
            steps_per_epoch: default one pass over the text.
            **kwargs: of keras.Model.fit: epochs, callbacks, verbose, ...

        Returns:
            keras.callbacks.History.

        Raises:
            TypeError: x or validation_data is something else, such as arrays, or y is given.
            ValueError: the text is shorter than a window.
        """
        _check_data(x, y)
        if validation_data is not None:
            _check_data(validation_data)
        if _is_text(x):
            text = _joined(x)
            self.adapt(text)
            ids = self.vocabulary.ids(text)
            size = _sizes(batch_size, window)
            x, batch_size = data.contiguous(ids, *size, seed=seed), None
            steps_per_epoch = steps_per_epoch or data.steps_per_epoch(len(ids), *size)
        else:
            size = _sizes(None, window)
        self._require_vocabulary()
        if _is_text(validation_data):
            validation_data = self._in_order(validation_data, "The validation text", *size)
        if not self.compiled:
            self.compile()
        kwargs.setdefault("shuffle", False)  # Keras warns that it can't shuffle a dataset
        if not self._train_carry.fits(x):
            self.train_function = None
        return super().fit(
            x,
            batch_size=batch_size,
            validation_data=validation_data,
            steps_per_epoch=steps_per_epoch,
            **kwargs,
        )

    def evaluate(self, x=None, y=None, *, batch_size=None, window=None, **kwargs):
        """Loss (nats per character), bits per character and perplexity, exact over all characters.

        Args:
            x: a text, a list of texts (joined by newlines), or a dataset (`rnnzoo.data.in_order`).
                Text is read in `batch_size` strips, each from the zero state.
            y: None, as in `fit`.
            batch_size, window: as in `fit`; for text only.
            **kwargs: of keras.Model.evaluate: return_dict, verbose, ...

        The state that training carries is left alone.
        """
        _check_data(x, y)
        self._require_vocabulary()
        if _is_text(x):
            x, batch_size = self._in_order(x, "The text", *_sizes(batch_size, window)), None
        if not self.compiled:
            self.compile()
        if not self._test_carry.fits(x):
            self.test_function = None
        return super().evaluate(x, batch_size=batch_size, **kwargs)

    def _in_order(self, text, what, batch_size, window):
        text = _joined(text)
        self.vocabulary.warn_of_unknown(text, what, stacklevel=4)
        return data.in_order(self.vocabulary.ids(text), batch_size, window)

    @property
    def carry(self):
        return self._train_carry.variables

    def build_carry(self, batch_size):
        """Make the variables of `carry` before the first batch does, to restore a checkpoint."""
        self._train_carry.build(batch_size)

    # Cached properties stay out of Keras's tracking, and so out of the model's weights.
    @functools.cached_property
    def _train_carry(self):
        return Carry(self.initial_state)

    @functools.cached_property
    def _test_carry(self):
        return Carry(self.initial_state)

    def read_batch(self, x, training):
        carry = self._train_carry if training else self._test_carry
        ids, start = x
        state = carry.read(start)
        logits, state = self(ids, state=state, return_state=True, training=training)
        carry.write(state)
        return logits

    def compute_metrics(self, x, y, y_pred, sample_weight=None):
        nats = tf.nn.sparse_softmax_cross_entropy_with_logits(y, y_pred)
        self.bits_per_character.update_state(nats, sample_weight)
        self.perplexity.update_state(nats, sample_weight)
        return super().compute_metrics(x, y, y_pred, sample_weight)

    def generate(
        self,
        prompts="",
        length=200,
        temperature=1.0,
        top_k=0,
        top_p=1.0,
        seed=0,
        stop=None,
        include_prompt=False,
    ):
        r"""Continue texts, in one compiled loop.

        Args:
            prompts: a text or a list of texts of any lengths. An empty one is continued as if it
                were a line's beginning (after a newline). Characters the model doesn't know are
                read as the unknown character, with a warning; it is never written.
            length: characters to write.
            temperature: above 0; below 1 favors likely characters. 0 takes the likeliest always.
            top_k: draw from the k likeliest characters only; 0, or more than there are, means all.
            top_p: draw from the fewest likeliest characters with at least this probability in all,
                0 < top_p <= 1.
            seed: same seed, same text. It and the place in the list decide on the random numbers;
                a shorter `length` gives the beginning of the longer text.
            stop: a string, or several; a text ends before the first one that it would hold.
            include_prompt: whether to return the prompt too, before the text.

        Returns:
            A string, or a list of strings for a list of prompts.

        Raises:
            TypeError, ValueError: an argument is not as above.

        Example:
            >>> import rnnzoo
            >>> model = rnnzoo.create_model("char_gru", units=8, vocabulary="def \n")
            >>> texts = model.generate(["def ", "f"], length=30, temperature=0.5, stop="\n")
            >>> [len(text) <= 30 and "\n" not in text for text in texts]
            [True, True]
        """
        self._require_vocabulary()
        texts = _texts(prompts, "prompts")
        length = _integer(length, "length", minimum=0, maximum=MAX_LENGTH)
        top_k = _integer(top_k, "top_k", minimum=0, maximum=2**31 - 1)
        seed = _integer(seed, "seed", minimum=-(2**63), maximum=2**63 - 1)
        temperature = _number(temperature, "temperature")
        if not 0 <= temperature < float("inf"):
            raise ValueError(f"temperature={temperature!r}: expected a number of at least 0.")
        top_p = _number(top_p, "top_p")
        if not 0 < top_p <= 1:
            raise ValueError(f"top_p={top_p!r}: expected 0 < top_p <= 1.")
        stops = [] if stop is None else _texts(stop, "stop")
        if "" in stops:
            raise ValueError("stop holds an empty string, which every text begins with.")
        _at_most(MAX_PROMPTS, len(texts), "prompts")
        _at_most(MAX_LENGTH, max(map(len, texts), default=0), "characters in a prompt")
        self.vocabulary.warn_of_unknown("".join(texts), "The prompt")
        if not texts:
            return []
        written = self.endpoints["generate"](
            prompts=tf.constant(texts),
            length=tf.constant(length),
            temperature=tf.constant(temperature),
            top_k=tf.constant(top_k),
            top_p=tf.constant(top_p),
            seed=tf.constant(seed, tf.int64),
        )["texts"]
        written = [_cut(text.decode(), stops) for text in written.numpy()]
        if include_prompt:
            written = [text + more for text, more in zip(texts, written, strict=True)]
        return written[0] if isinstance(prompts, str) else written

    def log_prob(self, texts, batch_size=32):
        """Log-likelihood in nats: sum over t >= 2 of log p(c_t | c_<t).

        The first character is conditioned on, so a text of one character, or none, gets 0.

        Args:
            texts: a text or a list of texts. Characters the model doesn't know are read as the
                unknown character, with a warning.
            batch_size: texts scored together.

        Returns:
            float32 array (n,), or a float for a single text.

        Example:
            >>> import rnnzoo
            >>> model = rnnzoo.create_model("char_gru", units=8, vocabulary="a")
            >>> model.log_prob(["aaa", "a"]).shape
            (2,)
        """
        self._require_vocabulary()
        strings = _texts(texts, "texts")
        self.vocabulary.warn_of_unknown("".join(strings), "The text")
        batch_size = _integer(batch_size, "batch_size", minimum=1, maximum=2**31 - 1)
        scores = [
            self.endpoints["serve"](tf.constant(strings[i : i + batch_size]))["log_prob"].numpy()
            for i in range(0, len(strings), batch_size)
        ]
        scores = np.concatenate([np.zeros(0, np.float32), *scores])
        return float(scores[0]) if isinstance(texts, str) else scores

    def feed(self, source, batch_size, window=None, seed=0):
        """What `rnnzoo.train` trains on; `source` as `rnnzoo.load_text` takes it."""
        return TextFeed(self, source, batch_size, window, seed)

    def make_endpoints(self, xla=True):
        """New `endpoints`, with or without XLA in them."""
        self._require_vocabulary()
        return text_endpoints(self, xla)

    def get_config(self):
        return {
            **super().get_config(),
            "recurrent": keras.saving.serialize_keras_object(self.recurrent),
            "embedding_size": self.embedding_size,
            "vocabulary": self.vocabulary and self.vocabulary.characters,
        }

    @classmethod
    def from_config(cls, config):
        recurrent = keras.saving.deserialize_keras_object(config["recurrent"])
        return cls(**{**config, "recurrent": recurrent})


def _with_moved(target, source, places, axis):
    """The values of `target` with those of `source` put to their new places along an axis."""
    values = target.numpy()
    np.moveaxis(values, axis, 0)[places] = np.moveaxis(source.numpy(), axis, 0)
    return values


def _is_text(x):
    return isinstance(x, str) or (
        isinstance(x, (list, tuple)) and len(x) > 0 and all(isinstance(text, str) for text in x)
    )


def _check_data(x, y=None):
    if y is not None or not (_is_text(x) or isinstance(x, tf.data.Dataset)):
        given = type(x).__name__ + ("" if y is None else f" and y of {type(y).__name__}")
        raise TypeError(
            "Expected a text, a list of texts, or a dataset of rnnzoo.data (contiguous, "
            f"shuffled_windows, in_order), got {given}."
        )


def _joined(text):
    return "\n".join(_texts(text, "text"))


def _texts(texts, name):
    """A text or a sequence of texts as a list."""
    if isinstance(texts, str):
        texts = [texts]
    elif not isinstance(texts, (list, tuple, np.ndarray)):
        raise TypeError(f"{name}: expected a string or a list of them, got {texts!r}.")
    for text in texts:
        if not isinstance(text, str):
            raise TypeError(f"{name}: expected strings, got {text!r} among them.")
        check_encodable(text)
    return [str(text) for text in texts]


def _sizes(batch_size, window):
    return batch_size or 32, window or 64


def _integer(value, name, minimum, maximum):
    try:
        value = operator.index(value)
    except TypeError:
        raise TypeError(f"{name}={value!r}: expected an integer.") from None
    if not minimum <= value <= maximum:
        raise ValueError(f"{name}={value}: expected {minimum} to {maximum}.")
    return value


def _at_most(limit, given, what):
    if given > limit:
        raise ValueError(f"Expected at most {limit:,} {what}, got {given:,}.")


def _number(value, name):
    try:
        return float(value)
    except (TypeError, ValueError):
        raise TypeError(f"{name}={value!r}: expected a number.") from None


def _cut(text, stops):
    """The text up to the first of the stops."""
    return text[: min((i for i in map(text.find, stops) if i >= 0), default=len(text))]
