"""Viterbi's algorithm, as a cell."""

from __future__ import annotations

from typing import Any, Self, Unpack

from rnnzoo.cells.arguments import CellArguments, Initializer
from rnnzoo.cells.hidden_markov import HiddenMarkovCell
from rnnzoo.cells.linear_chain import MOVES, START, LinearChainCell, without
from rnnzoo.errors import WrongValue
from rnnzoo.platform import keras

ops = keras.ops

# Up to which half precision holds whole numbers.
WHOLE_UP_TO = {"float16": 2048, "bfloat16": 256}


class ViterbiCell(LinearChainCell):
    """The best way to each hidden state (Viterbi 1967, Error bounds for convolutional codes).

    ::

        h_t(j) = max_i (h_{t-1}(i) - max h_{t-1} + A(i, j)) + x_t(j)
        o_t(j) = the i that is best, the lowest of equal ones

    At the virtual start pi(j) takes the place of the maximum. The scores pi and A are the `start`
    and the `moves` of another cell: of `HiddenMarkovCell` logarithms of probabilities, where a
    forbidden transition costs what it says there. The output is o, from which the path is read
    backwards. State: h and o, named "came_from", (units,), and "begun" (1,).

    Args:
        units, initializer, **kwargs: as for `HiddenMarkovCell`, of which the cell has one of its
            own; `of` makes it of another cell.

    Raises:
        ValueError: as there; or a mixed policy's compute dtype, in which o is put out, doesn't hold
            the numbers of so many hidden states.

    Example::

        layer = rnnzoo.layers.Recurrent(ViterbiCell(8), return_sequences=True, return_state=True)
        came_from, h, *_ = layer(-keras.random.uniform((32, 100, 8)))       # (32, 100, 8), (32, 8)
        last = keras.ops.argmax(h, axis=-1)       # (32,)
    """

    state_names = ("h", "came_from", "begun")
    chain: Any = None
    forbidden: Any = None

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
    def of(cls, chain: LinearChainCell, forbidden: Any = None) -> Self:
        """With the scores of another cell, which it shares.

        Args:
            chain: the other cell, built.
            forbidden: what else must not follow what, as for `ConditionalRandomFieldCell`.
        """
        cell = cls(chain.units, dtype=chain.dtype_policy)
        cell.chain, cell.forbidden = chain, forbidden
        cell.built = True
        return cell

    def build(self, input_shape):
        self.chain = HiddenMarkovCell(self.units, self.initializer, dtype=self.dtype_policy)
        self.chain.build(input_shape)

    @property
    def state_size(self):
        return [self.units, self.units, 1]

    @property
    def start(self):
        return without(self.chain.start, self.forbidden, START)

    @property
    def moves(self):
        return without(self.chain.moves, self.forbidden, MOVES)

    def recur(self, state):
        h, _, begun = (ops.cast(s, self.state_dtype) for s in state)
        h = h - ops.max(h, axis=-1, keepdims=True)
        ways = h[..., None] + self.moves
        best = ops.max(ways, axis=-2)
        # Not argmax, which promises no order of equal ones.
        place = ops.arange(self.units, dtype=self.state_dtype)[:, None]
        came_from = ops.min(ops.where(ways == best[..., None, :], place, self.units), axis=-2)
        return ops.where(begun > 0, best, self.start), came_from

    def update(self, input_term, recurrent_term, state):
        best, came_from = recurrent_term
        return came_from, [best + input_term, came_from, ops.ones_like(state[2])]
