"""The forward algorithm of a linear-chain conditional random field, as a cell."""

from __future__ import annotations

from typing import Any, Unpack

from rnnzoo.cells.arguments import CellArguments, Initializer
from rnnzoo.cells.linear_chain import MOVES, START, LinearChainCell, forbidden_table, without
from rnnzoo.platform import keras

ops = keras.ops


class ConditionalRandomFieldCell(LinearChainCell):
    """The forward algorithm of a linear-chain conditional random field (Lafferty et al. 2001).

    ::

        h_t(j) = log sum_i exp(log softmax(h_{t-1})(i) + A(i, j)) + x_t(j)

    At the virtual start pi(j) takes the place of the sum over i. This is `HiddenMarkovCell` with
    scores in place of logarithms of probabilities: x, pi and A are any numbers. The log-sum-exp of
    h_t, summed over t, is log Z, the log-sum-exp of the scores of all paths. The sum is made in log
    space, so that no path is lost, however much better others are, and the state is not rounded to
    half precision on its way.

    Weights: initial_scores pi (units,) and transition_scores A (units, units). State: h (units,)
    and "begun" (1,), 0 at the virtual start.

    Args:
        units: how many hidden states, or tags; x has as many features.
        forbidden: None, or what must not follow what, bool (units + 1, units + 1): row i, column j
            for j after i; the last row is the start, the last column the end, of which the cell
            knows nothing. Its score is then -1e30.
        initializer: of both weights.
        **kwargs: name, dtype, trainable, as for every Keras layer.

    Raises:
        ValueError: as for `HiddenMarkovCell`; or the table has another shape.

    Source: Lafferty, McCallum & Pereira 2001, Conditional random fields: probabilistic models for
    segmenting and labeling sequence data.

    Example::

        cell = ConditionalRandomFieldCell(8)
        layer = rnnzoo.layers.Recurrent(cell, return_sequences=True)
        h = layer(keras.random.normal((32, 100, 8)))       # (32, 100, 8)
        log_z = keras.ops.sum(keras.ops.logsumexp(h, axis=-1), axis=-1)       # (32,)
    """

    tables = ("initial_scores", "transition_scores")

    def __init__(
        self,
        units: int,
        forbidden: Any = None,
        initializer: Initializer = "zeros",
        **kwargs: Unpack[CellArguments],
    ):
        super().__init__(units, initializer, **kwargs)
        self.forbidden = forbidden_table(forbidden, self.units)

    @property
    def start(self):
        return without(self.initial_scores, self.forbidden, START)

    @property
    def moves(self):
        return without(self.transition_scores, self.forbidden, MOVES)

    def recurrent_term(self, state):
        return self.recur(state)

    def recur(self, state):
        h, begun = state
        ways = ops.log_softmax(h)[..., None] + self.moves
        return ops.where(begun > 0, ops.logsumexp(ways, axis=-2), self.start)

    def get_config(self):
        forbidden = None if self.forbidden is None else self.forbidden.tolist()
        return {**super().get_config(), "forbidden": forbidden}


class UnscoredChainCell(LinearChainCell):
    """A chain without weights: each hidden state may follow each, with a score of 0."""

    @property
    def start(self):
        return ops.zeros((self.units,), self.state_dtype)

    @property
    def moves(self):
        return ops.zeros((self.units, self.units), self.state_dtype)
