"""Hidden Markov models side by side, such as one for each class."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from rnnzoo.cells import HiddenMarkovChainsCell
from rnnzoo.cells.arguments import DType
from rnnzoo.layers.hidden_markov.baum_welch import ExpectedCounts, expected_moves
from rnnzoo.layers.hidden_markov.emissions import GaussianEmissions
from rnnzoo.layers.hidden_markov.steps import without_padding
from rnnzoo.layers.hidden_markov.tables import log_shares
from rnnzoo.layers.recurrent import Recurrent
from rnnzoo.platform import keras

ops = keras.ops

if keras.backend.backend() == "tensorflow":
    from rnnzoo.platform import tf


@keras.saving.register_keras_serializable("rnnzoo")
class HiddenMarkovChains(keras.layers.Layer):
    """Hidden Markov models c of vectors that all read the same sequence, in one loop.

    ::

        p(x, h | c) = pi_c(h_1) prod_t A_c(h_{t-1}, h_t) prod_t N(x_t; mean_c(h_t), variance_c(h_t))

    As `rnnzoo.layers.RecurrentStack` does, it takes and gives its whole state as one flat dict, and
    so streams.

    Args:
        chains: how many models.
        states: how many hidden states each has.
        pseudo_count: for expectation maximization, what is added to each expected count of a model
            that was seen at all: moves, and visits by vectors with mean 0 and variance 1.
        variance_floor: below which no variance falls.
        name, dtype, trainable: as for every Keras layer.

    Call arguments:
        x: (batch, time, size).
        state: dict of (batch, ...) as from `initial_state`, which is the default.
        mask: (batch, time) of bool, True at real steps.
        training: changes nothing.

    Returns:
        log p(x_t | x_1 ... x_{t-1}, c), (batch, time, chains), whose sum over real steps is
        log p(x | c); and the new state.

    Source: Rabiner 1989, A tutorial on hidden Markov models and selected applications in speech
    recognition.

    Example::

        chains = HiddenMarkovChains(chains=3, states=8)
        log_probs, state = chains(keras.random.normal((32, 100, 16)))       # (32, 100, 3)
        log_probs, state = chains.step(keras.random.normal((32, 16)), state)       # (32, 3)
    """

    def __init__(
        self,
        chains: int,
        states: int,
        pseudo_count: float = 1.0,
        variance_floor: float = 1e-2,
        *,
        name: str | None = None,
        dtype: DType = None,
        trainable: bool = True,
    ):
        super().__init__(name=name, dtype=dtype, trainable=trainable)
        self.chains, self.states = chains, states
        self.pseudo_count, self.variance_floor = pseudo_count, variance_floor
        # Not in half precision, in which probabilities are too coarse.
        dtype = self.variable_dtype
        self.cell = HiddenMarkovChainsCell(
            states, chains, keras.initializers.RandomNormal(stddev=1.0), dtype=dtype
        )
        self.chain = Recurrent(
            self.cell, return_sequences=True, return_state=True, dtype=dtype, name="chain"
        )
        self.emissions: Any = None  # waits for the size of x
        self.supports_masking = True
        self.autocast = False

    def build(self, input_shape):
        count = self.chains * self.states
        self.emissions = GaussianEmissions(
            count, input_shape[-1], self.variance_floor, dtype=self.variable_dtype
        )
        self.emissions.build(None)
        self.chain.build((None, None, count))

    @property
    def output_size(self) -> int:
        """The width of the output."""
        return self.chains

    def initial_state(self, batch_size: Any) -> dict[str, Any]:
        """The state before the first step, zeros."""
        zeros = self.chain.get_initial_state(batch_size)
        return dict(zip(self.chain.state_names, zeros, strict=True))

    def call(
        self,
        x: Any,
        state: dict[str, Any] | None = None,
        mask: Any = None,
        training: bool = False,
    ) -> tuple[Any, dict[str, Any]]:
        state = self.initial_state(ops.shape(x)[0]) if state is None else state
        log_probs = self.emissions.log_probs(without_padding(x, mask))
        h, *after = self._filtered(log_probs, state, mask)
        return self._likelihoods(h), dict(zip(self.chain.state_names, after, strict=True))

    def step(self, x: Any, state: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        """One time step: x (batch, size) and a state -> log-likelihoods (batch, chains), state."""
        names = self.chain.state_names
        log_probs = self.emissions.log_probs(x[:, None])[:, 0]
        h, after = self.chain.step(log_probs, [state[name] for name in names])
        return self._likelihoods(h), dict(zip(names, after, strict=True))

    def _filtered(self, log_probs, state, mask):
        state = [state[name] for name in self.chain.state_names]
        return self.chain(log_probs, initial_state=state, mask=mask)

    def _likelihoods(self, h):
        shape = (*ops.shape(h)[:-1], self.chains, self.states)
        return ops.logsumexp(ops.reshape(h, shape), axis=-1)

    # --- expectation maximization -----------------------------------------------------------------

    # A cached property stays out of Keras's tracking, and so out of the model's weights.
    @functools.cached_property
    def counts(self) -> ExpectedCounts:
        """What EM has counted in the running epoch."""
        weights = self.cell.initial_logits, self.cell.transition_logits
        shapes = [*(w.shape for w in weights), *self.emissions.count_shapes]
        return ExpectedCounts(shapes)

    def expected_counts(
        self, x: tf.Tensor, weight: tf.Tensor, mask: tf.Tensor | None = None
    ) -> list[tf.Tensor]:
        """Counts of what is expected to have happened, given x and which model each is of.

        Args:
            x, mask: as for a call.
            weight: (batch, chains), how often each sequence counts as one of each model.

        Returns:
            Those of `expected_moves`, and then of the emissions.
        """
        state, x = self.initial_state(tf.shape(x)[0]), without_padding(x, mask)
        log_probs = self.emissions.log_probs(x)
        with tf.GradientTape() as tape:
            tape.watch(log_probs)
            h, *_ = self._filtered(log_probs, state, mask)
            steps = weight[:, None] * self._likelihoods(h)
            log_prob = tf.reduce_sum(steps if mask is None else tf.where(mask[..., None], steps, 0))
        posterior = tape.gradient(log_prob, log_probs)  # times the weight
        moves = expected_moves(self.cell, h, posterior, mask, state)
        return [*moves, *self.emissions.counts(x, posterior)]

    def maximize(self, counts: list[Any]) -> None:
        """Take what is likeliest of counts, see `expected_counts`; models never seen stay."""
        first, moves, *of_emissions = counts
        cell, seen = self.cell, ops.sum(first, axis=-1, keepdims=True) > 0
        more = self.pseudo_count * ops.cast(seen, first.dtype)  # (chains, 1)
        cell.initial_logits.assign(log_shares(first + more, cell.initial_logits))
        cell.transition_logits.assign(log_shares(moves + more[..., None], cell.transition_logits))
        self.emissions.maximize(*of_emissions, ops.repeat(more[:, 0], self.states))

    def take_over(self, other: Self, chains: Sequence[int], inputs: Sequence[int]) -> None:
        """Learn what another one of as many states knows.

        Args:
            other: that was built.
            chains: which of the chains here its chains are.
            inputs: which of the numbers of x here those are that it reads.
        """
        for mine, theirs in zip(self.cell.weights, other.cell.weights, strict=True):
            values = mine.numpy()
            values[chains] = theirs.numpy()
            mine.assign(values)
        states = np.arange(self.chains * self.states).reshape(self.chains, self.states)
        places = np.ix_(states[chains].ravel(), np.asarray(inputs))
        for mine, theirs in zip(self.emissions.weights, other.emissions.weights, strict=True):
            values = mine.numpy()
            values[places] = theirs.numpy()
            mine.assign(values)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "chains": self.chains,
            "states": self.states,
            "pseudo_count": self.pseudo_count,
            "variance_floor": self.variance_floor,
        }
