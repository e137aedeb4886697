"""A recurrent network that reads a character and says which comes next: in texts, and in names."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnzoo.layers import RecurrentStack
from rnnzoo.platform import keras, tf
from rnnzoo.tasks.task import Task
from rnnzoo.tasks.text.preprocessor import TextPreprocessor
from rnnzoo.tasks.transfer import entries_copied
from rnnzoo.tasks.vocabulary import CharacterVocabulary


class RecurrentCharacters(Task):
    """The network of all that write characters, which grows with its vocabulary.

        ids (batch, time) -> embedding -> recurrent layers -> logits (batch, time, vocabulary)

    What a step is told beside the character is part of the state: a subclass says by `beside` what
    that is, and by `vectors` and `logits` what becomes of it.

    Args:
        recurrent: a `rnnzoo.layers.RecurrentStack`.
        embedding_size: length of a character's vector.
        vocabulary: the characters to know, any string; None takes them from the first data.
        hidden_units: of a layer between the recurrent ones and the logits; None is no such layer.
        **kwargs: of keras.Model (name, dtype).

    Attributes:
        beside_size: how many numbers the recurrent layers read beside the character's vector.
    """

    nested = ("recurrent",)
    beside_size = 0

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
        self.vocabulary: Any = None
        self.embedding: Any = None
        self.output_layer: Any = None
        if vocabulary is not None:
            self.take_up(self.knowing(vocabulary))

    # --- the network ------------------------------------------------------------------------------

    def read(
        self,
        ids: tf.Tensor,
        state: dict[str, tf.Tensor],
        mask: tf.Tensor | None = None,
        training: bool = False,
    ) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        """Logits (batch, time, vocabulary) of the character after each of some, and the new state.

        Args:
            ids: int32 (batch, time).
            state: flat dict as from `initial_state`.
            mask: bool (batch, time), False at padding.
            training: whether dropout acts.
        """
        told, kept = self.beside(state, tf.shape(ids)[1])
        x = self.vectors(ids, told)
        y, state = self.recurrent(x, state=state, mask=mask, training=training)
        return self.logits(y, told), {**state, **kept}

    def step(
        self, ids: tf.Tensor, state: dict[str, tf.Tensor]
    ) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        """One time step: ids (batch,) and a state -> logits (batch, vocabulary), new state."""
        told, kept = self.beside(state)
        y, state = self.recurrent.step(self.vectors(ids, told), state)
        return self.logits(y, told), {**state, **kept}

    def initial_state(self, batch_size: int | tf.Tensor) -> dict[str, tf.Tensor]:
        """The state before any text: a flat dict of float32 (batch_size, ...) tensors."""
        return self.recurrent.initial_state(batch_size)

    def beside(
        self, state: dict[str, tf.Tensor], time: tf.Tensor | None = None
    ) -> tuple[Any, dict[str, tf.Tensor]]:
        """What the steps are told beside the characters, and that part of the state after them.

        Args:
            state: before the steps.
            time: how many steps; None: one, without an axis for time.
        """
        return None, {}

    def vectors(self, ids: tf.Tensor, told: Any) -> tf.Tensor:
        """What the recurrent layers read (..., embedding_size + beside_size)."""
        return self.embedding(ids)

    def logits(self, y: tf.Tensor, told: Any) -> tf.Tensor:
        """Logits (..., vocabulary), of what the recurrent layers put out."""
        return self.output_layer(y if self.hidden is None else self.hidden(y))

    # --- what is learned from the data ------------------------------------------------------------

    def knowing(self, vocabulary: str) -> Any:
        """The preprocessor that knows some characters."""
        return TextPreprocessor(CharacterVocabulary(vocabulary))

    def take_up(self, preprocessor: Any, forget: bool = False) -> None:
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
            self.recurrent.build((None, None, self.embedding_size + self.beside_size))
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
