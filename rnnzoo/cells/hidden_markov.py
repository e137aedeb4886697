"""The hidden Markov model: its forward algorithm, and Viterbi's, as cells."""

from __future__ import annotations

import math
from typing import Any, Self, Unpack

from rnnzoo.cells.arguments import CellArguments, Initializer
from rnnzoo.cells.cell import Cell
from rnnzoo.errors import WrongValue
from rnnzoo.platform import keras

ops = keras.ops

# What stands for probability 0: its logarithm, -85, is a number, and so are all gradients.
FLOOR = 1e-37
# Up to which half precision holds whole numbers.
WHOLE_UP_TO = {"float16": 2048, "bfloat16": 256}


def shares(logits: Any) -> Any:
    """The softmax of the last axis, of any length.

    Of one entry it is 1, of which Keras warns as of a mistake; here there may be one hidden state.
    """
    alone = logits.shape[-1] == 1
    return ops.exp(ops.log_softmax(logits)) if alone else ops.softmax(logits)


def _floored(log_probs):
    """With that of `FLOOR` in place of lower ones."""
    return ops.maximum(log_probs, math.log(FLOOR))


class HiddenMarkovCell(Cell):
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

    state_names: tuple[str, ...] = ("h", "begun")

    def __init__(
        self,
        units: int,
        initializer: Initializer = "random_normal",
        **kwargs: Unpack[CellArguments],
    ):
        super().__init__(units, **kwargs)
        if self.state_dtype not in ("float32", "float64"):  # else probabilities are too coarse
            raise WrongValue(
                f"dtype={self.dtype_policy.name!r}: expected float32, float64 or a mixed policy"
            )
        self.initializer = keras.initializers.get(initializer)

    def build(self, input_shape):
        states = self.state_size[0]
        if input_shape[-1] != states:
            raise WrongValue(
                f"{self.name} takes the log-likelihood of each of its {states} hidden states, "
                f"got {input_shape[-1]} features"
            )
        for name, shape in (
            ("initial_logits", (self.units,)),
            ("transition_logits", (self.units, self.units)),
        ):
            weight = self.add_weight(
                shape=(*self.together, *shape),
                name=name,
                initializer=self.initializer,
                autocast=False,
            )
            setattr(self, name, weight)

    @property
    def together(self) -> tuple[int, ...]:
        """The leading axes of the weights, where there are several such models."""
        return ()

    @property
    def state_size(self):
        return [math.prod((*self.together, self.units)), 1]

    @property
    def initial(self) -> Any:
        """The probabilities pi, (units,)."""
        return shares(self.initial_logits)

    @property
    def transitions(self) -> Any:
        """The probabilities A, (units, units), from a row's hidden state to a column's."""
        return shares(self.transition_logits)

    def apart(self, h: Any) -> Any:
        """(..., units) as rows (n, units), of several models (n, chains, units)."""
        return ops.reshape(h, (-1, *self.together, self.units))

    def project(self, x):
        return x

    def next_states(self, h: Any, begun: Any) -> Any:
        """The probability of each hidden state to come next, (..., units)."""
        p = ops.matmul(begun * shares(h), self.transitions) + (1 - begun) * self.initial
        return ops.maximum(p, FLOOR)

    def recur(self, state):
        return ops.log(self.next_states(*(ops.cast(s, self.state_dtype) for s in state)))

    def update(self, input_term, recurrent_term, state):
        h = recurrent_term + input_term
        return h, [h, ops.ones_like(state[1])]

    def get_config(self):
        return {
            **super().get_config(),
            "initializer": keras.initializers.serialize(self.initializer),
        }


class ViterbiCell(HiddenMarkovCell):
    """The likeliest way to each hidden state (Viterbi 1967, Error bounds for convolutional codes).

    ::

        h_t(j) = max_i (h_{t-1}(i) - max h_{t-1} + log A(i, j)) + x_t(j)
        o_t(j) = the i that is best, the lowest of equal ones

    At the virtual start log pi(j) takes the place of the maximum. Arguments, weights, x and what a
    forbidden transition costs are those of `HiddenMarkovCell`; the output is o, from which the path
    is read backwards. State: h and o, named "came_from", (units,), and "begun" (1,).

    Raises:
        ValueError: as there; or a mixed policy's compute dtype, in which o is put out, doesn't hold
            the numbers of so many hidden states.

    Example::

        layer = rnnzoo.layers.Recurrent(ViterbiCell(8), return_sequences=True, return_state=True)
        came_from, h, *_ = layer(-keras.random.uniform((32, 100, 8)))       # (32, 100, 8), (32, 8)
        last = keras.ops.argmax(h, axis=-1)       # (32,)
    """

    state_names = ("h", "came_from", "begun")

    def __init__(
        self,
        units: int,
        initializer: Initializer = "random_normal",
        **kwargs: Unpack[CellArguments],
    ):
        super().__init__(units, initializer, **kwargs)
        most = WHOLE_UP_TO.get(self.compute_dtype, self.units)
        if self.units > most:
            raise WrongValue(
                f"{self.units} hidden states under dtype={self.dtype_policy.name!r}: their numbers "
                f"are put out in {self.compute_dtype}, which holds whole ones up to {most}; give "
                "the cell, and the layer that it is in, dtype='float32'"
            )

    @classmethod
    def of(cls, chain: HiddenMarkovCell) -> Self:
        """With the weights of another cell, which it shares."""
        cell = cls(chain.units, dtype=chain.dtype_policy)
        cell.initial_logits, cell.transition_logits = chain.initial_logits, chain.transition_logits
        cell.built = True
        return cell

    @property
    def state_size(self):
        return [self.units, self.units, 1]

    def recur(self, state):
        h, _, begun = (ops.cast(s, self.state_dtype) for s in state)
        h = h - ops.max(h, axis=-1, keepdims=True)
        ways = h[..., None] + _floored(ops.log_softmax(self.transition_logits))
        best = ops.max(ways, axis=-2)
        # Not argmax, which promises no order of equal ones.
        place = ops.arange(self.units, dtype=self.state_dtype)[:, None]
        came_from = ops.min(ops.where(ways == best[..., None, :], place, self.units), axis=-2)
        start = _floored(ops.log_softmax(self.initial_logits))
        return ops.where(begun > 0, best, start), came_from

    def update(self, input_term, recurrent_term, state):
        best, came_from = recurrent_term
        return came_from, [best + input_term, came_from, ops.ones_like(state[2])]
