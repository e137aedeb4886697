"""A hidden Markov model of characters."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from rnnzoo.cells.hidden_markov import FLOOR
from rnnzoo.layers import HiddenMarkovModel
from rnnzoo.platform import keras, tf
from rnnzoo.tasks.hidden_markov import HiddenMarkovTask
from rnnzoo.tasks.text.model import CharacterModel
from rnnzoo.tasks.text.preprocessor import TextPreprocessor
from rnnzoo.tasks.transfer import copied
from rnnzoo.tasks.vocabulary import CharacterVocabulary

# For EM, added to each expected count: what a text lacks, the unknown character too, may come.
PSEUDO_COUNT = 0.1


@keras.saving.register_keras_serializable("rnnzoo")
class HiddenMarkovGenerator(HiddenMarkovTask, CharacterModel):
    """A language model whose memory is one hidden state out of a few (Rabiner 1989, A tutorial).

    ::

        p(c_t | c_1 ... c_(t-1)) = sum_h p(h_t = h | c_1 ... c_(t-1)) B(h, c_t)

    What is known of the hidden state is carried from batch to batch, as a recurrent network's state
    is, and streams.

    Args:
        states: how many hidden states.
        learn: "gradient": by the optimizer, as every network; "em": by Baum and Welch's expectation
            maximization, of which an epoch is one step. (What came before a window is known to it,
            what comes after isn't; windows of 64 and 256 characters were found to do as well.)
        vocabulary: the characters to know, any string; None takes them from the first text.
        **kwargs: of keras.Model (name, dtype).

    Attributes:
        hmm: the `rnnzoo.layers.HiddenMarkovModel`.

    Example:
        >>> keras.utils.set_random_seed(1)
        >>> model = HiddenMarkovGenerator(states=4, learn="em")
        >>> history = model.fit("abcd" * 200, batch_size=4, window=16, epochs=60, verbose=0)
        >>> model.generate("ab", length=6, temperature=0)
        'cdabcd'
    """

    def __init__(
        self,
        states: int = 32,
        learn: Literal["gradient", "em"] = "gradient",
        vocabulary: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.states = states
        self.learn = learn
        self.hmm: Any = self._made(size=1)  # waits for the characters; its arguments are checked
        if vocabulary is not None:
            self.take_up(TextPreprocessor(CharacterVocabulary(vocabulary)))

    def _made(self, size):
        return HiddenMarkovModel(
            self.states,
            size,
            learn=self.learn,
            pseudo_count=PSEUDO_COUNT,
            dtype="float32",
            name="hmm",
        )

    @property
    def preprocessor(self) -> TextPreprocessor:
        return TextPreprocessor(self.vocabulary)

    def take_up(self, preprocessor: TextPreprocessor, forget: bool = False) -> None:
        """Know the characters of a preprocessor; those that were known keep their probabilities.

        Each new one is as likely as the unknown character was, and shares are made anew of all.
        """
        old, before, vocabulary = self.vocabulary, self.hmm, preprocessor.vocabulary
        self.let_go("hmm")
        self.vocabulary = vocabulary
        self.hmm = self._made(vocabulary.size)
        self.built = True
        copied(self.hmm.cell, before.cell)
        if old is not None and not forget:
            ids = np.concatenate([[0], vocabulary.ids(old.characters)])
            known = tf.nn.log_softmax(before.emissions.emission_logits)
            logits = np.repeat(known[:, :1], vocabulary.size, axis=-1)
            logits[:, ids] = known
            self.hmm.emissions.emission_logits.assign(logits)

    def call(
        self,
        ids: tf.Tensor,
        state: dict[str, tf.Tensor] | None = None,
        mask: tf.Tensor | None = None,
        return_state: bool = False,
        training: bool = False,
    ) -> tf.Tensor | tuple[tf.Tensor, dict[str, tf.Tensor]]:
        """Log-probabilities of the character after each: float32 (batch, time, vocabulary).

        Arguments are those of `TextGenerator.call`; `training` changes nothing.
        """
        h, state = self.hmm(ids, initial_state=state, mask=mask, return_state=True)
        return (self._following(h), state) if return_state else self._following(h)

    def _following(self, h):
        """Log-probabilities of the next character, of what is known of the hidden state."""
        following = tf.matmul(self.hmm.cell.next_states(h, 1.0), self.hmm.emissions.probabilities)
        return tf.math.log(tf.maximum(following, FLOOR))

    def step(
        self, ids: tf.Tensor, state: dict[str, tf.Tensor]
    ) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        """One time step: ids (batch,), a state -> log-probabilities (batch, vocabulary), state."""
        h, state = self.hmm.step(ids, state)
        return self._following(h), state

    def initial_state(self, batch_size: int | tf.Tensor) -> dict[str, tf.Tensor]:
        """The state before any text: a flat dict of float32 (batch_size, ...) tensors, zeros."""
        return self.hmm.initial_state(batch_size)

    # --- expectation maximization -----------------------------------------------------------------

    @property
    def hidden(self) -> HiddenMarkovModel:
        return self.hmm

    def expected_counts(self, x: Any, y: tf.Tensor, weight: tf.Tensor | None) -> list[tf.Tensor]:
        """Those of the characters x, of which weights of 0 say that they are none."""
        ids, start = x
        mask = None if weight is None else weight > 0
        _, counts = self.hmm.expected_counts(ids, self._train_carry.read(start), mask)
        return counts

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "states": self.states,
            "learn": self.learn,
            "vocabulary": self.vocabulary and self.vocabulary.characters,
        }
