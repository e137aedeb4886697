"""A recurrent network and a Markov chain, asked together."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any

import numpy as np

from rnnzoo.layers import RecurrentStack
from rnnzoo.platform import keras, tf
from rnnzoo.tasks.text.generator import TextGenerator
from rnnzoo.tasks.text.markov.chain import MarkovChain
from rnnzoo.tasks.text.markov.preprocessor import MarkovPreprocessor

# The loss is convex in the weight and flat around its least value: 20 steps are fine enough.
WEIGHTS = np.linspace(0, 1, 21, dtype=np.float32)
HALF = 0.5  # the weight as long as nothing was validated
_ENOUGH = 2**15  # characters to choose among them on


@keras.saving.register_keras_serializable("rnnzoo")
class PooledGenerator(TextGenerator):
    """A language model of two: a recurrent network, and a Markov chain that counted the same text.

    ::

        p(c_t | c_1 ... c_(t-1)) = p_network(c_t | c_1 ... c_(t-1))^w
                                   p_chain(c_t | c_(t-k) ... c_(t-1))^(1 - w) / Z

    Z makes the sum over all characters 1. The chain knows by heart what the text says word for
    word, which takes a network many passes; the network knows what counts can't tell. Where one of
    them is nearly sure that a character won't come, so is the pool.

    The network learns by itself, as a `TextGenerator` does: loss and metrics of training are its
    own. Evaluation, and every answer, are of both. Before each validation of `fit`, w becomes the
    one of 0, 0.05, ... 1 that is best on (the beginning of each strip of) the validation text: so a
    network that has learned little leaves the answer to the chain. Training text can't tell w, as
    the chain has counted it. Without a validation w stays as it is, 0.5 at first. As long as no
    text is counted, as where `fit` is given batches alone, the network answers by itself.

    Args:
        recurrent, embedding_size, vocabulary, hidden_units: as for `TextGenerator`.
        order: k, characters of the chain's context, as for `MarkovChain`.
        texts: SHA-256 of the texts that the chain counted.
        table: config of the tables that it counted.
        **kwargs: of keras.Model (name, dtype).

    Attributes:
        chain: the `MarkovChain`.
        network_weight: keras.Variable, w.

    Source: the logarithmic opinion pool of Genest and Zidek (1986), Combining probability
    distributions: a critique and an annotated bibliography.

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
        self.network_weight = keras.Variable(
            HALF, dtype="float32", trainable=False, autocast=False, name="weight"
        )
        if vocabulary is not None:
            super().take_up(self.preprocessor)

    @property
    def preprocessor(self) -> MarkovPreprocessor:
        return self.chain.preprocessor

    def take_up(self, preprocessor: MarkovPreprocessor, forget: bool = False) -> None:
        """Know the characters of a preprocessor, and what it has counted."""
        super().take_up(preprocessor, forget)
        if forget:
            self.network_weight.assign(HALF)
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
        if training:
            logits, after = super().call(ids, state, mask, return_state=True, training=True)
            after = {**after, "contexts": state["contexts"]}
        else:
            (logits, log_probs), after = self._opinions(ids, state, mask)
            logits = self._pooled(logits, log_probs, self.network_weight)
        return (logits, after) if return_state else logits

    def step(
        self, ids: tf.Tensor, state: dict[str, tf.Tensor]
    ) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        logits, after = super().step(ids, state)
        log_probs, contexts = self.chain.step(ids, state)
        return self._pooled(logits, log_probs, self.network_weight), {**after, **contexts}

    def _opinions(self, ids, state, mask=None):
        """The network's logits, the chain's log-probabilities, and the state behind them."""
        logits, after = super().call(ids, state, mask, return_state=True)
        contexts = {"contexts": state["contexts"]}
        log_probs, contexts = self.chain(ids, state=contexts, mask=mask, return_state=True)
        return (logits, log_probs), {**after, **contexts}

    def _pooled(self, logits, log_probs, weight):
        """The weighted mean of logarithms; a chain that has counted nothing has no opinion."""
        if not self.chain.texts:
            return logits
        return weight * logits + (1 - weight) * log_probs

    def initial_state(self, batch_size: int | tf.Tensor) -> dict[str, tf.Tensor]:
        """The state before any text: the network's, and the chain's contexts."""
        return {**super().initial_state(batch_size), **self.chain.initial_state(batch_size)}

    learns_of_validation = True

    def before_validation(self, batches: Iterable[Any]) -> None:
        """Take the weight of the network that is best on the first characters of each strip."""
        if not self.chain.texts:
            return
        nats, read = np.zeros(len(WEIGHTS)), 0.0
        for batch in batches:
            of_batch, characters = self._nats_by_weight(batch)
            nats += of_batch.numpy()
            read += float(characters)
            if read >= _ENOUGH:
                break
        self.network_weight.assign(WEIGHTS[nats.argmin()])

    @property
    def learned_of_validation(self) -> str:
        """The weight of the network beside the chain."""
        return f"weight {float(self.network_weight):.2f} of the network" if self.chain.texts else ""

    @property
    def waits(self) -> str:
        """Why, if the network has no say."""
        if not self.chain.texts or self.network_weight != 0:
            return ""
        return f"the network has no say yet, the chain of order {self.chain.order} answers alone"

    @functools.cached_property
    def _nats_by_weight(self):
        strategy = self.distribute_strategy

        def nats_of_part(ids_and_start, y, weight=None):
            ids, start = ids_and_start
            opinions, after = self._opinions(ids, self._test_carry.read(start))
            self._test_carry.write(after)
            weight = tf.ones_like(y, tf.float32) if weight is None else weight

            def nats_at(w):
                pooled = self._pooled(*opinions, w)
                return tf.nn.sparse_softmax_cross_entropy_with_logits(y, pooled)

            nats = [tf.reduce_sum(weight * nats_at(w)) for w in WEIGHTS]
            return tf.stack(nats), tf.reduce_sum(weight)

        @functools.partial(tf.function, autograph=False)
        def nats_by_weight(batch):
            of_parts = strategy.run(nats_of_part, args=batch)
            return [strategy.reduce("sum", of, axis=None) for of in of_parts]

        return nats_by_weight

    def forget_functions(self) -> None:
        super().forget_functions()
        self.__dict__.pop("_nats_by_weight", None)

    def get_config(self) -> dict[str, Any]:
        of_chain = self.chain.get_config()
        return {
            **super().get_config(),
            **{name: of_chain[name] for name in ("order", "texts", "table")},
        }
