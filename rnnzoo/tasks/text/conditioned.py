"""Text, given a label: a language model that is conditioned on a vector."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

import numpy as np

from rnnzoo.errors import WrongType, WrongValue
from rnnzoo.layers import RecurrentStack
from rnnzoo.platform import keras, tf
from rnnzoo.tasks.arguments import strings, whole_number
from rnnzoo.tasks.text.endpoints import labelled_endpoints
from rnnzoo.tasks.text.generator import TextGenerator
from rnnzoo.tasks.text.labelled_feed import LabelledTextFeed
from rnnzoo.tasks.text.preprocessor import LabelledTextPreprocessor
from rnnzoo.tasks.transfer import entries_copied
from rnnzoo.tasks.vocabulary import MARKS, CharacterVocabulary, LabelVocabulary

CONDITIONS = ("input", "state", "both", "none")


@keras.saving.register_keras_serializable("rnnzoo")
class ConditionedGenerator(TextGenerator):
    """A language model of texts, each of which ends by itself, given a label::

        p(c_1 ... c_T | l) = prod_t p(c_t | c_<t, l) p(stop | c_1 ... c_T, l)

    With a vector v(l) of each label, that is learned, the label enters as ::

        x_t = [e(c_t), v(l)]       condition="input": one more input at each step
        h_0 = V v(l) + b           condition="state": the state before the text, of all layers
        both                       condition="both"

    (Goodfellow, Bengio & Courville 2016, Deep learning, section 10.2.4; Vinyals et al. 2015, Show
    and tell, begin with the state.) Which label a text has is part of its state: it streams.

    `fit` and `evaluate` take a list of texts and a list of labels. Each text is read from START to
    STOP, two more characters of every vocabulary, from the state before any text, in windows that
    go on from batch to batch.

    Args:
        recurrent, embedding_size, vocabulary, hidden_units: as for `TextGenerator`.
        condition: "input", "state" or "both"; or "none", which reads the same texts and is told no
            label, to be compared with.
        labels: the labels to know; None takes them from the first data.
        label_size: length of a label's vector.
        **kwargs: of keras.Model (name, dtype).

    Attributes:
        labels: the `LabelVocabulary`, or None.

    Example:
        >>> import rnnzoo
        >>> keras.utils.set_random_seed(1)
        >>> model = ConditionedGenerator(rnnzoo.layers.RecurrentStack([rnnzoo.layers.GRU(16)]))
        >>> model.compile(keras.optimizers.Adam(0.05))
        >>> x, y = ["ababab", "acacac"] * 40, ["one", "other"] * 40
        >>> history = model.fit(x, y, batch_size=8, window=8, epochs=8, verbose=0)
        >>> model.generate(["a", "a"], labels=["one", "other"], length=1, temperature=0)
        ['b', 'c']
    """

    feed_class = LabelledTextFeed
    knows = "characters and labels"
    has_targets = True
    marks = MARKS

    def __init__(
        self,
        recurrent: RecurrentStack,
        embedding_size: int = 64,
        vocabulary: str | None = None,
        hidden_units: int | None = None,
        condition: Literal["input", "state", "both", "none"] = "input",
        labels: Iterable[str] | None = None,
        label_size: int = 16,
        **kwargs: Any,
    ):
        if condition not in CONDITIONS:
            raise WrongValue(f"condition={condition!r}: expected one of {', '.join(CONDITIONS)}")
        self.condition = condition
        self.label_size = whole_number(label_size, "label_size", minimum=1)
        self.beside_size = self.label_size if condition in ("input", "both") else 0
        self.labels: Any = None if labels is None else LabelVocabulary(labels, "labels")
        self.label_embedding: Any = None
        self.label_state: Any = None
        super().__init__(recurrent, embedding_size, vocabulary, hidden_units, **kwargs)

    @property
    def ready(self) -> bool:
        return self.built and self.labels is not None

    # --- the network ------------------------------------------------------------------------------

    def initial_state(
        self, batch_size: int | tf.Tensor, labels: tf.Tensor | None = None
    ) -> dict[str, tf.Tensor]:
        """The state before any text, of labels by their ids, int32 (batch_size,).

        Without them that of the first label: a state of the right shapes.
        """
        labels = tf.zeros([batch_size], tf.int32) if labels is None else labels
        state = self.recurrent.initial_state(batch_size)
        if self.label_state is not None:
            sizes = [value.shape[-1] for value in state.values()]
            parts = tf.split(self.label_state(self.label_embedding(labels)), sizes, axis=-1)
            state = dict(zip(state, parts, strict=True))
        return {**state, "label": labels}

    def beside(
        self, state: dict[str, tf.Tensor], time: tf.Tensor | None = None
    ) -> tuple[Any, dict[str, tf.Tensor]]:
        kept = {"label": state["label"]}
        if not self.beside_size:
            return None, kept
        vectors = self.label_embedding(state["label"])
        return (vectors if time is None else tf.repeat(vectors[:, None], time, axis=1)), kept

    def vectors(self, ids: tf.Tensor, told: Any) -> tf.Tensor:
        x = self.embedding(ids)
        return x if told is None else tf.concat([x, told], axis=-1)

    # --- what is learned from the data ------------------------------------------------------------

    @property
    def preprocessor(self) -> LabelledTextPreprocessor:
        return LabelledTextPreprocessor(self.vocabulary, self.labels)

    def knowing(self, vocabulary: str) -> LabelledTextPreprocessor:
        return LabelledTextPreprocessor(CharacterVocabulary(MARKS + vocabulary), self.labels)

    def take_up(self, preprocessor: LabelledTextPreprocessor, forget: bool = False) -> None:
        """Know the characters and labels of a preprocessor; those that were known keep weights."""
        old, before = self.labels, self.label_embedding
        self.let_go("label_embedding", "label_state")
        super().take_up(preprocessor, forget)
        self.labels = preprocessor.labels
        if self.condition == "none" or self.labels is None:
            return
        self.label_embedding = keras.layers.Embedding(
            len(self.labels), self.label_size, dtype=self.dtype_policy, name="label_embedding"
        )
        self.label_embedding.build((None,))
        if before is not None and not forget:
            entries_copied(self.label_embedding, before, self.labels.ids(old.labels))
        if self.condition == "input":
            return
        if self.label_state is None:
            sizes = [value.shape[-1] for value in self.recurrent.initial_state(1).values()]
            self.label_state = keras.layers.Dense(sum(sizes), dtype="float32", name="label_state")
            self.label_state.build((None, self.label_size))
        else:
            self.track_again("label_state")

    # --- answers ----------------------------------------------------------------------------------

    def generate(  # type: ignore[override]
        self,
        prompts: str | Sequence[str] = "",
        labels: str | Sequence[str] | None = None,
        length: int = 200,
        **how: Any,
    ) -> str | list[str]:
        r"""Continue texts, each as one with its label and to its end, in one compiled loop.

        Args:
            prompts: what texts begin with, one or a list; "" is the beginning itself.
            labels: the label of each; or one for all.
            length: characters to write at most.
            **how: as for `TextGenerator.generate`.

        Raises:
            TypeError, ValueError: an argument is not as there, or a label is not known.
        """
        self.require_ready()
        told = self._ids(labels, len(strings(prompts, "prompts")))
        return super().generate(prompts, length, told={"labels": told}, **how)

    def answer_prompts(
        self,
        prompts: Sequence[str],
        *,
        length: int = 200,
        stop: Sequence[str] | None = None,
        label: Sequence[str] | None = None,
        **how: Any,
    ) -> str:
        """What `rnnzoo generate` prints: of each label what follows each prompt."""
        labels = [one for one in label or () for _ in prompts] or None
        prompts = [*prompts] * len(label or [""])
        return super().answer_prompts(prompts, length=length, stop=stop, labels=labels, **how)

    def log_prob(  # type: ignore[override]
        self,
        texts: str | Sequence[str],
        labels: str | Sequence[str] | None = None,
        batch_size: int = 32,
    ) -> float | np.ndarray:
        """Log-likelihood log p(c_1 ... c_T | label) in nats, that it ends there included.

        Args:
            texts: a text or a list of texts.
            labels: the label of each; or one for all.
            batch_size: texts scored together.
        """
        self.require_ready()
        told = self._ids(labels, len(strings(texts, "texts")))
        return super().log_prob(texts, batch_size, told={"labels": told})

    def predict_raw(self, x: Any, batch_size: int) -> np.ndarray:
        """The probability of each character to come next, of texts and their labels (x, labels)."""
        if not (isinstance(x, tuple) and len(x) == 2):
            raise WrongType(f"predict: expected texts and labels, (texts, labels), got {x!r}")
        texts, labels = x
        told = tf.constant(self.labels.ids(self._ids(labels, len(strings(texts, "texts")))))
        return super().predict_raw(texts, batch_size, told)

    def _ids(self, labels, count):
        """A label for each of so many texts, all of them known."""
        if labels is None:
            known = ", ".join(map(repr, self.labels.labels[:20]))
            raise WrongValue(f"labels is missing (--label): expected one of {known}")
        labels = strings(labels, "labels") * (count if isinstance(labels, str) else 1)
        if len(labels) != count:
            raise WrongValue(f"{len(labels)} labels: expected one for each of {count} texts")
        self.labels.ids(labels)
        return labels

    def make_endpoints(self, xla: bool = True) -> dict[str, Any]:
        self.require_ready()
        return labelled_endpoints(self, xla)

    @property
    def reading(self) -> dict[str, Any]:
        return {"labelled": True}

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "condition": self.condition,
            "labels": self.labels and list(self.labels.labels),
            "label_size": self.label_size,
        }
