"""What every language model of characters answers: texts, their likelihoods, what comes next."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from rnnzoo.data import in_order
from rnnzoo.decoding import choose_rows
from rnnzoo.errors import WrongValue
from rnnzoo.platform import tf
from rnnzoo.tasks.arguments import at_most, sampling, strings, whole_number
from rnnzoo.tasks.metrics import BitsPerCharacter, Perplexity
from rnnzoo.tasks.padding import padded
from rnnzoo.tasks.text.carry import CarryingTask
from rnnzoo.tasks.text.endpoints import MAX_LENGTH, MAX_PROMPTS, log_probs, text_endpoints
from rnnzoo.tasks.text.feed import TextFeed

_STRIPS, _STRETCH = 32, 64  # as `evaluate` reads a text by default
# Characters, those of prompts too, up to which a plain graph has read and written them before XLA
# has compiled its loop. (By this number alone, so that the same command always does the same.)
_WITHOUT_XLA = 8192


class CharacterModel(CarryingTask):
    """A model of p(c_1 ... c_T) = prod_t p(c_t | c_1 ... c_{t-1}), whatever it is made of.

    A subclass has a `vocabulary`, and defines

    - ``call(ids, state, mask, return_state, training)``: logits of the character after each;
    - ``step(ids, state)`` and ``initial_state(batch_size)``: the same, a character at a time.

    `fit` and `evaluate` take a text, or a list of texts, which are joined by newlines. `evaluate`
    reads the text in `batch_size` strips, each from the state before any text, and leaves the state
    of training alone; its loss (nats), bits per character and perplexity are exact over all
    characters.
    """

    task = "text-generation"
    default_dataset = "python_source"
    feed_class = TextFeed
    knows = "characters"
    has_targets = False
    marks: ClassVar[str] = ""  # before and behind each text; empty: they have no end

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        self.vocabulary: Any = None  # waits for the characters
        self.bits_per_character = BitsPerCharacter()
        self.perplexity = Perplexity()

    @property
    def output_size(self) -> int:
        return self.vocabulary.size

    def compute_metrics(
        self, x: Any, y: tf.Tensor, y_pred: tf.Tensor, sample_weight: tf.Tensor | None = None
    ) -> dict[str, Any]:
        nats = tf.nn.sparse_softmax_cross_entropy_with_logits(y, y_pred)
        self.bits_per_character.update_state(nats, sample_weight)
        self.perplexity.update_state(nats, sample_weight)
        return super().compute_metrics(x, y, y_pred, sample_weight)

    def predict_raw(self, x: str | Sequence[str], batch_size: int, *told: tf.Tensor) -> np.ndarray:
        """The probability of each character to come next, float32 (texts, vocabulary).

        Args:
            x: texts.
            batch_size: texts that are read together.
            *told: (texts,), of which the initial state is a function, too.
        """
        texts, parts = strings(x, "texts"), [np.zeros((0, self.vocabulary.size), np.float32)]
        self.vocabulary.warn_of_unknown("".join(texts), "The text")
        for i in range(0, len(texts), batch_size):
            begun = [f"{self.marks[:1]}{text}" for text in texts[i : i + batch_size]]
            ids, lengths = padded(self.vocabulary.encode(tf.constant(begun)))
            state = self.initial_state(len(ids), *(of[i : i + batch_size] for of in told))
            logits = self(ids, state=state)
            last = tf.gather(logits, tf.maximum(lengths, 1) - 1, axis=1, batch_dims=1)
            parts.append(tf.nn.softmax(last).numpy())
        return np.concatenate(parts)

    def generate(
        self,
        prompts: str | Sequence[str] = "",
        length: int = 200,
        temperature: float = 1.0,
        top_k: int = 0,
        top_p: float = 1.0,
        seed: int = 0,
        stop: str | Sequence[str] | None = None,
        include_prompt: bool = False,
        told: Mapping[str, Any] | None = None,
    ) -> str | list[str]:
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
            told: what else the endpoint takes of each prompt, by name; of a model that takes more.

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
        self.require_ready()
        texts = strings(prompts, "prompts")
        length = whole_number(length, "length", minimum=0, maximum=MAX_LENGTH)
        how = sampling(temperature, top_k, top_p, seed)
        stops = [] if stop is None else strings(stop, "stop")
        if "" in stops:
            raise WrongValue("stop holds an empty string, which every text begins with.")
        at_most(MAX_PROMPTS, len(texts), "prompts")
        at_most(MAX_LENGTH, max(map(len, texts), default=0), "characters in a prompt")
        self.vocabulary.warn_of_unknown("".join(texts), "The prompt")
        if not texts:
            return []
        written = self.endpoints["generate"](
            prompts=tf.constant(texts),
            length=tf.constant(length),
            **{name: tf.constant(value) for name, value in (told or {}).items()},
            **{name: tf.constant(value) for name, value in how.items()},
        )["texts"]
        written = [_cut(text.decode(), stops) for text in written.numpy()]
        if include_prompt:
            written = [text + more for text, more in zip(texts, written, strict=True)]
        return written[0] if isinstance(prompts, str) else written

    def answer_prompts(
        self,
        prompts: Sequence[str],
        *,
        length: int = 200,
        stop: Sequence[str] | None = None,
        **how: Any,
    ) -> str:
        """What `rnnzoo generate` prints: each prompt, and what follows it, see `generate`."""
        if len(prompts) * (length + max(map(len, prompts))) <= _WITHOUT_XLA:
            self.__dict__["endpoints"] = self.make_endpoints(xla=False)  # a cached property
        return "\n\n".join(
            self.generate(prompts, length=length, stop=stop, include_prompt=True, **how)
        )

    def log_prob(
        self,
        texts: str | Sequence[str],
        batch_size: int = 32,
        told: Mapping[str, Any] | None = None,
    ) -> float | np.ndarray:
        """Log-likelihood in nats: sum over t >= 2 of log p(c_t | c_<t).

        The first character is conditioned on, so a text of one character, or none, gets 0.

        Args:
            texts: a text or a list of texts. Characters the model doesn't know are read as the
                unknown character, with a warning.
            batch_size: texts scored together.
            told: what else the endpoint takes of each text, by name; of a model that takes more.

        Returns:
            float32 array (n,), or a float for a single text.

        Example:
            >>> import rnnzoo
            >>> model = rnnzoo.create_model("char_gru", units=8, vocabulary="a")
            >>> model.log_prob(["aaa", "a"]).shape
            (2,)
        """
        self.require_ready()
        todo = strings(texts, "texts")
        self.vocabulary.warn_of_unknown("".join(todo), "The text")
        batch_size = whole_number(batch_size, "batch_size", minimum=1)
        given = {"texts": todo, **(told or {})}
        scores = log_probs(self.endpoints["serve"], given, batch_size)
        return float(scores[0]) if isinstance(texts, str) else scores

    def nats(self, text: str) -> np.ndarray:
        """The negative log-likelihood of a text, strip by strip, as `evaluate` reads it.

        A character that the model doesn't know counts as the one symbol that stands for all such.

        Returns:
            float (strips, 2): of each in nats, and how many characters it has.
        """
        return self.nats_over(in_order(self.vocabulary.ids(text), _STRIPS, _STRETCH))

    def nats_over(self, batches: Iterable[Any]) -> np.ndarray:
        """`nats`, of batches as `evaluate` reads them, one strip a row."""
        self.require_ready()
        state, strips = None, np.zeros((0, 2))
        for (ids, start, *told), y, weight in batches:
            if state is None:
                state = self.initial_state(len(ids), *told)
                strips = np.zeros((len(ids), 2))
            nats, state = self._nats_of_batch(ids, start, told, y, weight, state)
            strips += np.stack([nats.numpy(), weight.numpy().sum(axis=1)], axis=1)
        return strips[strips[:, 1] > 0]

    @functools.cached_property
    def _nats_of_batch(self):
        @functools.partial(tf.function, autograph=False, reduce_retracing=True)
        def nats_of_batch(ids, start, told, y, weight, state):
            initial = self.initial_state(tf.shape(ids)[0], *told)
            state = {name: choose_rows(start, initial[name], state[name]) for name in initial}
            logits, state = self(ids, state=state, return_state=True)
            nats = tf.nn.sparse_softmax_cross_entropy_with_logits(y, logits)
            return tf.reduce_sum(weight * nats, axis=1), state

        return nats_of_batch

    def forget_compiled(self) -> None:
        super().forget_compiled()
        self.__dict__.pop("_nats_of_batch", None)

    def make_endpoints(self, xla: bool = True) -> dict[str, Any]:
        """New `endpoints`, with or without XLA in them."""
        self.require_ready()
        return text_endpoints(self, xla)


def _cut(text, stops):
    """The text up to the first of the stops."""
    return text[: min((i for i in map(text.find, stops) if i >= 0), default=len(text))]
