"""A recurrent network and a Markov chain, asked together."""

from __future__ import annotations

from typing import Any

from rnnzoo.layers import RecurrentStack
from rnnzoo.platform import keras, tf
from rnnzoo.tasks.text.generator import TextGenerator
from rnnzoo.tasks.text.markov.chain import MarkovChain
from rnnzoo.tasks.text.markov.preprocessor import MarkovPreprocessor


@keras.saving.register_keras_serializable("rnnzoo")
class PooledGenerator(TextGenerator):
    """A language model of two: a recurrent network, and a Markov chain that counted the same text.

    ::

        p(c_t | c_1 ... c_(t-1)) = sqrt(p_network(c_t | c_1 ... c_(t-1)) p_chain(c_t | c_(t-k) ...
                                   c_(t-1))) / Z

    Z makes the sum over all characters 1. The chain knows by heart what the text says word for
    word, which takes a network many passes; the network knows what counts can't tell. Where one of
    them is nearly sure that a character won't come, so is the pool.

    The network learns by itself, as a `TextGenerator` does: loss and metrics of training are its
    own. Evaluation, and every answer, are of both. As long as no text is counted, as where `fit` is
    given batches alone, the network answers by itself.

    Args:
        recurrent, embedding_size, vocabulary, hidden_units: as for `TextGenerator`.
        order: k, characters of the chain's context, as for `MarkovChain`.
        texts: SHA-256 of the texts that the chain counted.
        table: config of the tables that it counted.
        **kwargs: of keras.Model (name, dtype).

    Attributes:
        chain: the `MarkovChain`.

    Source: the logarithmic opinion pool of Genest and Zidek (1986), Combining probability
    distributions: a critique and an annotated bibliography; with equal weights.

    Example:
        >>> import rnnzoo
        >>> keras.utils.set_random_seed(1)
        >>> model = PooledGenerator(rnnzoo.layers.RecurrentStack([rnnzoo.layers.GRU(8)]), order=2)
        >>> history = model.fit("abc " * 50, batch_size=4, window=8, epochs=1, verbose=0)
        >>> model.generate("abc a", length=10, temperature=0)
        'bc abc abc'
    """

    def __init__(
        self,
        recurrent: RecurrentStack,
        embedding_size: int = 64,
        vocabulary: str | None = None,
        hidden_units: int | None = None,
        order: int = 7,
        texts: tuple[str, ...] | list[str] = (),
        table: dict[str, Any] | None = None,
        **kwargs: Any,
    ):
        super().__init__(recurrent, embedding_size, None, hidden_units, **kwargs)
        self.chain = MarkovChain(order, vocabulary, texts, table, name="chain")
        if vocabulary is not None:
            super().take_up(self.preprocessor)

    @property
    def preprocessor(self) -> MarkovPreprocessor:
        return self.chain.preprocessor

    def take_up(self, preprocessor: MarkovPreprocessor, forget: bool = False) -> None:
        """Know the characters of a preprocessor, and what it has counted."""
        super().take_up(preprocessor, forget)
        self.chain.take_up(preprocessor)
        self.chain.forget_compiled()

    @property
    def num_parameters(self) -> int:
        """Of the network, and the sequences that have a share of the chain's probability."""
        return super().num_parameters + self.chain.num_parameters

    def call(
        self,
        ids: tf.Tensor,
        state: dict[str, tf.Tensor] | None = None,
        mask: tf.Tensor | None = None,
        return_state: bool = False,
        training: bool = False,
    ) -> tf.Tensor | tuple[tf.Tensor, dict[str, tf.Tensor]]:
        """Logits of the character after each, in training the network's own.

        Arguments are those of `TextGenerator.call`. In training the chain isn't asked, and what it
        knows of the text before stays as it was.
        """
        state = self.initial_state(tf.shape(ids)[0]) if state is None else state
        logits, after = super().call(ids, state, mask, return_state=True, training=training)
        contexts = {"contexts": state["contexts"]}
        if not training:
            log_probs, contexts = self.chain(ids, state=contexts, mask=mask, return_state=True)
            logits = self._pooled(logits, log_probs)
        return (logits, {**after, **contexts}) if return_state else logits

    def step(
        self, ids: tf.Tensor, state: dict[str, tf.Tensor]
    ) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        logits, after = super().step(ids, state)
        log_probs, contexts = self.chain.step(ids, state)
        return self._pooled(logits, log_probs), {**after, **contexts}

    def _pooled(self, logits, log_probs):
        """The mean of the logarithms; of a chain that has counted nothing there is no opinion."""
        return (logits + log_probs) / 2 if self.chain.texts else logits

    def initial_state(self, batch_size: int | tf.Tensor) -> dict[str, tf.Tensor]:
        """The state before any text: the network's, and the chain's contexts."""
        return {**super().initial_state(batch_size), **self.chain.initial_state(batch_size)}

    def get_config(self) -> dict[str, Any]:
        of_chain = self.chain.get_config()
        return {
            **super().get_config(),
            **{name: of_chain[name] for name in ("order", "texts", "table")},
        }
