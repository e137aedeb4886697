"""The forward algorithm of a hidden Markov model, as a cell."""

from __future__ import annotations

import math
from typing import Any

from rnnzoo.cells.linear_chain import LinearChainCell
from rnnzoo.platform import keras

ops = keras.ops

# What stands for probability 0: its logarithm, -85, is a number, and so are all gradients.
FLOOR = 1e-37


def shares(logits: Any) -> Any:
    """The softmax of the last axis, of any length.

    Of one entry it is 1, of which Keras warns as of a mistake; here there may be one hidden state.
    """
    alone = logits.shape[-1] == 1
    return ops.exp(ops.log_softmax(logits)) if alone else ops.softmax(logits)


def _floored(log_probs):
    """With that of `FLOOR` in place of lower ones."""
    return ops.maximum(log_probs, math.log(FLOOR))


class HiddenMarkovCell(LinearChainCell):
    """The forward algorithm of a hidden Markov model (Baum et al. 1970; Rabiner 1989, A tutorial).

    ::

        h_t(j) = log(b sum_i softmax(h_{t-1})(i) A(i, j) + (1 - b) pi(j)) + x_t(j),      b_t = 1

    x_t(j) = log p(o_t | j) is the logarithm of how likely the observation o_t is in hidden state j.
    Then h_t(j) is log p(j, o_t | o_1 ... o_{t-1}): its softmax is what is known of the hidden state
    after t steps, its log-sum-exp the log-likelihood of o_t, and the sum of these over t that of
    the sequence. b = 0 is the virtual start: a state of zeros is followed by pi.

    The sum over i is a matrix product of probabilities that add up to 1, so that no step underflows
    as a whole. What is below 1e-37 in it counts as that: in one step, hidden states that are more
    than 85 nats less likely than the best one are told apart no more, and a forbidden transition
    costs 85 nats.

    Weights: initial_logits (units,) with ``pi = softmax(initial_logits)``, transition_logits
    (units, units) with ``A = softmax(transition_logits)``, each row of them. State: h (units,) and
    b, named "begun", (1,).

    Args:
        units: how many hidden states; x has as many features.
        initializer: of both weights.
        **kwargs: name, dtype, trainable, as for every Keras layer.

    Raises:
        ValueError: dtype is pure half precision, in which probabilities are too coarse; x has
            another number of features.

    Example::

        layer = rnnzoo.layers.Recurrent(HiddenMarkovCell(8), return_sequences=True)
        h = layer(-keras.random.uniform((32, 100, 8)))       # (32, 100, 8)
        log_prob = keras.ops.sum(keras.ops.logsumexp(h, axis=-1), axis=-1)       # (32,)
    """

    tables = ("initial_logits", "transition_logits")

    @property
    def initial(self) -> Any:
        """The probabilities pi, (units,)."""
        return shares(self.initial_logits)

    @property
    def transitions(self) -> Any:
        """The probabilities A, (units, units), from a row's hidden state to a column's."""
        return shares(self.transition_logits)

    @property
    def start(self):
        return _floored(ops.log_softmax(self.initial_logits))

    @property
    def moves(self):
        return _floored(ops.log_softmax(self.transition_logits))

    def apart(self, h: Any) -> Any:
        """(..., units) as rows (n, units), of several models (n, chains, units)."""
        return ops.reshape(h, (-1, *self.together, self.units))

    def next_states(self, h: Any, begun: Any) -> Any:
        """The probability of each hidden state to come next, (..., units)."""
        p = ops.matmul(begun * shares(h), self.transitions) + (1 - begun) * self.initial
        return ops.maximum(p, FLOOR)

    def recur(self, state):
        return ops.log(self.next_states(*(ops.cast(s, self.state_dtype) for s in state)))
