"""A generative model of names."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from rnnzoo.data.readers.names import LONGEST
from rnnzoo.decoding.sampling import IMPOSSIBLE
from rnnzoo.errors import WrongType, WrongValue
from rnnzoo.layers import RecurrentStack
from rnnzoo.platform import keras, tf
from rnnzoo.tasks.arguments import at_most, sampling, whole_number
from rnnzoo.tasks.metrics import BitsPerCharacter, Perplexity
from rnnzoo.tasks.names.endpoints import name_endpoints
from rnnzoo.tasks.names.feed import NameFeed
from rnnzoo.tasks.names.lengths import Lengths
from rnnzoo.tasks.names.preprocessor import (
    START,
    STOP,
    NamePreprocessor,
    check_characters,
    checked,
)
from rnnzoo.tasks.text.endpoints import log_probs
from rnnzoo.tasks.text.network import RecurrentCharacters
from rnnzoo.tasks.vocabulary import MARKS, CharacterVocabulary

MOST = 2**16  # names that are written at once


@keras.saving.register_keras_serializable("rnnzoo")
class NameGenerator(RecurrentCharacters):
    """A distribution over short sequences of characters c_1 ... c_T of any length T.

    ::

        P(c_1 ... c_T) = prod_t p(c_t | c_1 ... c_(t-1)) p(stop | c_1 ... c_T)      length="stop"
        P(c_1 ... c_T) = P(T) prod_t p(c_t | c_1 ... c_(t-1), T - t + 1)           length="model"

    Either way a name ends by itself. With a stop symbol that is one more character. With a model of
    the length, T is drawn first, from a distribution that was counted (`Lengths`), and the network
    is told at each step the time that is left, as the inputs 1 / left and log left. (Goodfellow,
    Bengio & Courville 2016, Deep learning, section 10.2.3, have both.)

    `fit` and `evaluate` take a list of names. Their loss is a mean of nats by character, the end of
    each name among them; with a model of the length it leaves out -log P(T), which nothing is
    trained on. Bits per character and perplexity have all of it. `predict` answers `log_prob`.

    Args:
        recurrent: a `rnnzoo.layers.RecurrentStack`.
        embedding_size: length of a character's vector.
        vocabulary: the characters to know, any string; None takes them from the first names.
        length: "stop" or "model".
        counts: how many names have 1, 2, ... characters, at most 256 numbers, until names are
            fitted, whose own take their place; of a model of the length alone.
        hidden_units: of a layer between the recurrent ones and the logits; None is no such layer.
        **kwargs: of keras.Model (name, dtype).

    Attributes:
        vocabulary: the `CharacterVocabulary`, or None.
        lengths: the `Lengths`, or None with a stop symbol.
        endpoints: dict of the compiled functions that an export holds and Python runs too, see
            `rnnzoo.tasks.names.endpoints`.

    Example:
        >>> import rnnzoo
        >>> keras.utils.set_random_seed(1)
        >>> model = NameGenerator(rnnzoo.layers.RecurrentStack([rnnzoo.layers.GRU(16)]))
        >>> model.compile(keras.optimizers.Adam(0.05))
        >>> history = model.fit(["get", "set"] * 50, batch_size=10, epochs=20, verbose=0)
        >>> sorted(set(model.generate(20)))
        ['get', 'set']
    """

    task = "name-generation"
    default_dataset = "python_names"
    feed_class = NameFeed
    knows = "characters"
    has_targets = False
    weight_decay = 0.1  # or a few thousand names are learned by heart

    def __init__(
        self,
        recurrent: RecurrentStack,
        embedding_size: int = 32,
        vocabulary: str | None = None,
        length: Literal["stop", "model"] = "stop",
        counts: Sequence[int] | None = None,
        hidden_units: int | None = None,
        **kwargs: Any,
    ):
        if length not in ("stop", "model"):
            raise WrongValue(f"length={length!r}: expected 'stop' or 'model'")
        if counts is not None and length == "stop":
            raise WrongValue("counts: a stop symbol ends names; they are for length='model'")
        self.length = length
        self.lengths = None if length == "stop" else Lengths(tuple(counts or ()))
        self.beside_size = 0 if length == "stop" else 2
        super().__init__(recurrent, embedding_size, vocabulary, hidden_units, **kwargs)
        self.bits_per_character = BitsPerCharacter()
        self.perplexity = Perplexity()

    @property
    def output_size(self) -> int:
        return self.vocabulary.size

    # --- the network ------------------------------------------------------------------------------

    def call(self, x: tuple[tf.Tensor, tf.Tensor], training: bool = False) -> tf.Tensor:
        """Logits of what follows each character: float32 (batch, time, vocabulary).

        Args:
            x: ids, int32 (batch, time), START first; and how many characters each name has,
                int32 (batch,).
            training: whether dropout acts.
        """
        ids, lengths = x
        return self.read(ids, self.initial_state(lengths), training=training)[0]

    def initial_state(self, lengths: tf.Tensor) -> dict[str, tf.Tensor]:
        """The state before START, a flat dict of (batch, ...) tensors, for names of some lengths.

        Args:
            lengths: int32 (batch,). With a stop symbol only their number counts.
        """
        state = self.recurrent.initial_state(tf.shape(lengths)[0])
        return state if self.length == "stop" else {**state, "left": lengths}

    def beside(
        self, state: dict[str, tf.Tensor], time: tf.Tensor | None = None
    ) -> tuple[Any, dict[str, tf.Tensor]]:
        if self.length == "stop":
            return None, {}
        left = state["left"]
        if time is None:
            return left, {"left": left - 1}
        return left[:, None] - tf.range(time), {"left": left - time}

    def vectors(self, ids: tf.Tensor, told: Any) -> tf.Tensor:
        x = self.embedding(ids)
        if told is None:
            return x
        left = tf.cast(tf.maximum(told, 1), x.dtype)
        return tf.concat([x, (1 / left)[..., None], tf.math.log(left)[..., None]], axis=-1)

    def logits(self, y: tf.Tensor, told: Any) -> tf.Tensor:
        """START never follows; STOP follows, if lengths are told, where nothing is left."""
        logits = super().logits(y, told)
        which = tf.range(self.vocabulary.size)
        impossible = which == START
        if told is not None:
            impossible |= tf.equal(told, 0)[..., None] != (which == STOP)
        return tf.where(impossible, IMPOSSIBLE, logits)

    def compute_metrics(
        self, x: Any, y: tf.Tensor, y_pred: tf.Tensor, sample_weight: tf.Tensor | None = None
    ) -> dict[str, Any]:
        nats = self.nats_at(y, y_pred, x[1])
        self.bits_per_character.update_state(nats, sample_weight)
        self.perplexity.update_state(nats, sample_weight)
        return super().compute_metrics(x, y, y_pred, sample_weight)

    def nats_at(self, y: tf.Tensor, logits: tf.Tensor, lengths: tf.Tensor) -> tf.Tensor:
        """-log p of each character (batch, time); that of a name's length is part of STOP's."""
        nats = tf.nn.sparse_softmax_cross_entropy_with_logits(y, logits)
        if self.lengths is None:
            return nats
        there_is = (lengths >= 1) & (lengths <= LONGEST)
        log_probs = tf.gather(self.lengths.log_probs(), tf.where(there_is, lengths - 1, 0))
        log_probs = tf.where(there_is, log_probs, -math.inf)
        return nats - tf.where(y == STOP, log_probs[:, None], 0.0)

    # --- what is learned from the data ------------------------------------------------------------

    @property
    def preprocessor(self) -> NamePreprocessor:
        return NamePreprocessor(self.vocabulary, self.lengths)

    def knowing(self, vocabulary: str) -> NamePreprocessor:
        return NamePreprocessor(CharacterVocabulary(MARKS + vocabulary), self.lengths)

    def take_up(self, preprocessor: NamePreprocessor, forget: bool = False) -> None:
        """Know the characters and the lengths of a preprocessor; what was known keeps weights."""
        self.lengths = preprocessor.lengths
        super().take_up(preprocessor, forget)

    # --- answers ----------------------------------------------------------------------------------

    def generate(
        self,
        count: int = 20,
        prompt: str = "",
        temperature: float = 1.0,
        top_k: int = 0,
        top_p: float = 1.0,
        seed: int = 0,
    ) -> list[str]:
        """Write names, each of which ends by itself, in one compiled loop.

        Args:
            count: of names.
            prompt: what each begins with. With a model of the length, T is then drawn from
                P(T | prompt), which is proportional to P(T) P(prompt | T).
            temperature, top_k, top_p: of the characters, as for `rnnzoo.tasks.TextGenerator`'s; a
                length is drawn as it is, at temperature 0 too.
            seed: same seed, same names, the first ones of a larger count too.

        Returns:
            A list of strings; an empty one, and one of `LONGEST` characters that was cut, may be
            among them, as far as a stop symbol thinks them likely.

        Raises:
            TypeError, ValueError: an argument is not as above.

        Example:
            >>> import rnnzoo
            >>> model = rnnzoo.create_model("name_gru", units=8, vocabulary="gets_")
            >>> [name.startswith("get") for name in model.generate(2, prompt="get")]
            [True, True]
        """
        self.require_ready()
        count = whole_number(count, "count", minimum=0)
        at_most(MOST, count, "names")
        if not isinstance(prompt, str):
            raise WrongType(
                f"prompt: expected a string, which all names begin with, got {prompt!r}"
            )
        check_characters(prompt, "prompt")
        how = sampling(temperature, top_k, top_p, seed)
        self.vocabulary.warn_of_unknown(prompt, "The prompt")
        if not count:
            return []
        written = self.endpoints["generate"](
            count=tf.constant(count),
            prompt=tf.constant(prompt),
            **{name: tf.constant(value) for name, value in how.items()},
        )["names"]
        return [name.decode() for name in written.numpy()]

    def answer_prompts(self, prompts: Sequence[str], *, count: int = 20, **how: Any) -> str:
        """What `rnnzoo generate` prints: names, one a line, of each prompt; see `generate`."""
        return "\n".join(name for prompt in prompts for name in self.generate(count, prompt, **how))

    def log_prob(self, names: str | Sequence[str], batch_size: int = 256) -> float | np.ndarray:
        """Log-likelihood log P(c_1 ... c_T) in nats, that it ends there included.

        Args:
            names: a name or a list of names, with a stop symbol an empty one, too. Characters the
                model doesn't know are read as the unknown character, with a warning.
            batch_size: names scored together.

        Returns:
            float32 array (n,), or a float for a single name.

        Example:
            >>> import rnnzoo
            >>> model = rnnzoo.create_model("name_gru", units=8, vocabulary="gets_")
            >>> model.log_prob(["get", "set_"]).shape
            (2,)
        """
        self.require_ready()
        todo = checked(names, empty=self.length == "stop")
        self.vocabulary.warn_of_unknown("".join(todo), "A name")
        batch_size = whole_number(batch_size, "batch_size", minimum=1)
        scores = log_probs(self.endpoints["serve"], {"names": todo}, batch_size)
        return float(scores[0]) if isinstance(names, str) else scores

    def predict_raw(self, x: Any, batch_size: int) -> float | np.ndarray:
        """`log_prob`."""
        return self.log_prob(x, batch_size)

    def make_endpoints(self, xla: bool = True) -> dict[str, Any]:
        """New `endpoints`. So short loops are plain graphs, whatever `xla` is."""
        self.require_ready()
        return name_endpoints(self)

    def get_config(self) -> dict[str, Any]:
        counts = None if self.lengths is None else list(self.lengths.counts)
        return {**super().get_config(), "length": self.length, "counts": counts}
