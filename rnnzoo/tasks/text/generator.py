"""Text, one character at a time."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnzoo.layers import RecurrentStack
from rnnzoo.platform import keras, tf
from rnnzoo.tasks.text.model import CharacterModel
from rnnzoo.tasks.text.preprocessor import TextPreprocessor
from rnnzoo.tasks.transfer import entries_copied
from rnnzoo.tasks.vocabulary import CharacterVocabulary


@keras.saving.register_keras_serializable("rnnzoo")
class TextGenerator(CharacterModel):
    """A language model of characters: p(c_1 ... c_T) = prod_t p(c_t | c_1 ... c_{t-1}).

        ids (batch, time) -> embedding -> recurrent layers -> logits (batch, time, vocabulary)

    With `hidden_units`, a layer of tanh units stands before the logits: the deep output of Pascanu
    et al. (2014), How to construct deep recurrent neural networks.

    `fit` and `evaluate` take a text, or a list of texts, which are joined by newlines. `fit` trains
    by truncated BPTT: each batch goes on from the state in which the one before ended; the
    characters of the text are added to those known. `evaluate` reads the text in `batch_size`
    strips, each from the zero state, and leaves the state of training alone; its loss (nats), bits
    per character and perplexity are exact over all characters.

    Args:
        recurrent: a `rnnzoo.layers.RecurrentStack`.
        embedding_size: length of a character's vector.
        vocabulary: the characters to know, any string; None takes them from the first text that
            `fit` or `adapt` sees.
        hidden_units: of a layer between the recurrent ones and the logits; None is no such layer.
        **kwargs: of keras.Model (name, dtype).

    Attributes:
        vocabulary: the `CharacterVocabulary`, or None.
        endpoints: dict of the compiled functions that an export holds and Python runs too, see
            `rnnzoo.tasks.text.endpoints`.

    Example:
        >>> import rnnzoo
        >>> keras.utils.set_random_seed(1)
        >>> model = TextGenerator(rnnzoo.layers.RecurrentStack([rnnzoo.layers.GRU(16)]))
        >>> model.compile(keras.optimizers.Adam(0.05))
        >>> history = model.fit("abc " * 200, batch_size=4, window=8, epochs=2, verbose=0)
        >>> model.generate("abc a", length=10, temperature=0)
        'bc abc abc'
    """

    nested = ("recurrent",)

    def __init__(
        self,
        recurrent: RecurrentStack,
        embedding_size: int = 64,
        vocabulary: str | None = None,
        hidden_units: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.supports_masking = True
        self.recurrent = recurrent
        self.embedding_size = embedding_size
        self.hidden_units = hidden_units
        self.hidden: Any = None
        # These wait for the characters.
        self.embedding: Any = None
        self.output_layer: Any = None
        if vocabulary is not None:
            self.take_up(TextPreprocessor(CharacterVocabulary(vocabulary)))

    def call(
        self,
        ids: tf.Tensor,
        state: dict[str, tf.Tensor] | None = None,
        mask: tf.Tensor | None = None,
        return_state: bool = False,
        training: bool = False,
    ) -> tf.Tensor | tuple[tf.Tensor, dict[str, tf.Tensor]]:
        """Logits of the character after each: float32 (batch, time, vocabulary).

        Args:
            ids: int32 (batch, time).
            state: flat dict as from `initial_state`, which is the default.
            mask: bool (batch, time), False at padding.
            return_state: whether to return the state after the last step too.
            training: whether dropout acts.
        """
        x, state = self.recurrent(self.embedding(ids), state=state, mask=mask, training=training)
        logits = self._logits(x)
        return (logits, state) if return_state else logits

    def step(
        self, ids: tf.Tensor, state: dict[str, tf.Tensor]
    ) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        """One time step: ids (batch,) and a state -> logits (batch, vocabulary), new state."""
        x, state = self.recurrent.step(self.embedding(ids), state)
        return self._logits(x), state

    def _logits(self, x):
        return self.output_layer(x if self.hidden is None else self.hidden(x))

    def initial_state(self, batch_size: int | tf.Tensor) -> dict[str, tf.Tensor]:
        """The state before any text: a flat dict of float32 (batch_size, ...) tensors."""
        return self.recurrent.initial_state(batch_size)

    # --- what is learned from the data ------------------------------------------------------------

    @property
    def preprocessor(self) -> TextPreprocessor:
        return TextPreprocessor(self.vocabulary)

    def take_up(self, preprocessor: TextPreprocessor, forget: bool = False) -> None:
        """Know the characters of a preprocessor.

        Characters that were known keep their weights, new ones get freshly initialized ones.
        """
        old, old_layers = self.vocabulary, (self.embedding, self.output_layer)
        vocabulary: Any = preprocessor.vocabulary
        self.vocabulary = vocabulary
        self.let_go("embedding", "recurrent", "hidden", "output_layer")
        self.embedding = keras.layers.Embedding(
            vocabulary.size, self.embedding_size, dtype=self.dtype_policy, name="embedding"
        )
        self.track_again("recurrent")
        self._make_hidden()
        self.output_layer = keras.layers.Dense(vocabulary.size, dtype="float32", name="output")

        self.embedding.build((None, None))
        if not self.recurrent.built:
            self.recurrent.build((None, None, self.embedding_size))
        self.output_layer.build((None, None, self.hidden_units or self.recurrent.output_size))
        # Not through `build`, after which Keras lets no layer be replaced.
        self.built = True
        if old is not None and not forget:
            ids = np.concatenate([[0], vocabulary.ids(old.characters)])
            layers = self.embedding, self.output_layer
            for before, now, axis in zip(old_layers, layers, (0, -1), strict=True):
                entries_copied(now, before, ids, axis=axis)

    def _make_hidden(self):
        """The layer before the logits, which keeps its weights whatever the characters are."""
        if self.hidden is None and self.hidden_units is not None:
            self.hidden = keras.layers.Dense(
                self.hidden_units, activation="tanh", dtype=self.dtype_policy, name="hidden"
            )
            self.hidden.build((None, None, self.recurrent.output_size))
        else:
            self.track_again("hidden")

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "embedding_size": self.embedding_size,
            "hidden_units": self.hidden_units,
            "vocabulary": self.vocabulary and self.vocabulary.characters,
        }
