"""A Markov chain of characters: the model that recurrent networks replaced."""

from __future__ import annotations

from typing import Any

from rnnzoo.errors import WrongValue
from rnnzoo.platform import keras, tf
from rnnzoo.tasks.text.markov.preprocessor import MarkovPreprocessor
from rnnzoo.tasks.text.markov.table import MarkovTable
from rnnzoo.tasks.text.model import CharacterModel
from rnnzoo.tasks.vocabulary import CharacterVocabulary


@keras.saving.register_keras_serializable("rnnzoo")
class MarkovChain(CharacterModel):
    """A language model that looks at the last k characters and no further.

        p(c_t | c_1 ... c_(t-1)) = p(c_t | c_(t-k) ... c_(t-1))

    The probabilities are smoothed frequencies (interpolated Kneser-Ney, see
    `rnnzoo.tasks.text.markov.kneser_ney`), above 0 for each character, the unknown one too. They
    are counted, in one pass over the text, when `fit`, `adapt` or `rnnzoo.train` see it; there is
    nothing to train after that, and `fit` measures. A further text is counted on top of those
    before, the same one once. Before k characters are read, the context is as long as what was.

    Args:
        order: k, characters of the context.
        vocabulary: the characters to know, any string; None takes them from the first text.
        texts: SHA-256 of the texts that were counted.
        table: config of the tables that were counted.
        **kwargs: of keras.Model (name, dtype).

    Source: Chen and Goodman 1999, An empirical study of smoothing techniques for language modeling.

    Example:
        >>> model = MarkovChain(order=2)
        >>> model.adapt("abc abc abd ")
        >>> model.generate("abc", length=5, temperature=0)
        ' abc '
    """

    against_overfitting = "more data or a lower order help"

    def __init__(
        self,
        order: int = 5,
        vocabulary: str | None = None,
        texts: tuple[str, ...] | list[str] = (),
        table: dict[str, Any] | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.supports_masking = True
        if isinstance(order, bool) or not isinstance(order, int) or order < 1:
            raise WrongValue(f"order={order!r}: expected a whole number of characters from 1 on")
        self.order = order
        self.texts = tuple(texts)
        self.table: Any = None
        if vocabulary is not None:
            self.vocabulary = CharacterVocabulary(vocabulary)
            self._set_table(
                MarkovTable(order, self.vocabulary.size, name="table")
                if table is None
                else MarkovTable.from_config(table)
            )

    def _set_table(self, table):
        if not table.built:
            table.build(None)
        self.let_go("table")
        self.table = table
        self.built = True

    @property
    def preprocessor(self) -> MarkovPreprocessor:
        counted = self.table.grams if self.texts else None
        return MarkovPreprocessor(self.vocabulary, self.order, self.texts, counted)

    def take_up(self, preprocessor: MarkovPreprocessor, forget: bool = False) -> None:
        """Know what a preprocessor has counted."""
        self.vocabulary = preprocessor.vocabulary
        self.texts = preprocessor.texts
        self._set_table(MarkovTable.of(preprocessor.counted(), self.order))

    @property
    def num_parameters(self) -> int:
        """How many sequences have a share of probability."""
        return sum(self.table.sizes)

    def call(
        self,
        ids: tf.Tensor,
        state: dict[str, tf.Tensor] | None = None,
        mask: tf.Tensor | None = None,
        return_state: bool = False,
        training: bool = False,
    ) -> tf.Tensor | tuple[tf.Tensor, dict[str, tf.Tensor]]:
        """Log-probabilities of the character after each: float32 (batch, time, vocabulary).

        Arguments are those of `TextGenerator.call`; padding stands behind the text, and `training`
        changes nothing.
        """
        batch, time = tf.unstack(tf.shape(ids))
        before = (self.initial_state(batch) if state is None else state)["contexts"]
        contexts, shorter = [], tf.zeros_like(ids)
        for depth in range(self.order):
            contexts.append(self.table.longer(depth, shorter, ids))
            shorter = tf.concat([before[:, depth : depth + 1], contexts[-1][:, :-1]], axis=1)
        read = tf.stack(contexts, axis=-1)
        log_probs = self.table.log_probs(tf.reshape(read, (batch * time, self.order)))
        log_probs = tf.reshape(log_probs, (batch, time, self.vocabulary.size))
        if not return_state:
            return log_probs
        steps = time if mask is None else tf.reduce_sum(tf.cast(mask, tf.int32), axis=1)
        after = tf.concat([before[:, None], read], axis=1)
        at = tf.broadcast_to(steps, [batch])
        return log_probs, {"contexts": tf.gather(after, at, batch_dims=1)}

    def step(
        self, ids: tf.Tensor, state: dict[str, tf.Tensor]
    ) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        """One time step: ids (batch,), a state -> log-probabilities (batch, vocabulary), state."""
        log_probs, state = self(ids[:, None], state=state, return_state=True)
        return log_probs[:, 0], state

    def initial_state(self, batch_size: int | tf.Tensor) -> dict[str, tf.Tensor]:
        """The state before any text: the numbers of no context, int32 (batch_size, order)."""
        none = tf.constant(self.table.unseen, tf.int32)
        return {"contexts": tf.tile(none[None], [batch_size, 1])}

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "order": self.order,
            "vocabulary": self.vocabulary and self.vocabulary.characters,
            "texts": list(self.texts),
            "table": self.table and self.table.get_config(),
        }
