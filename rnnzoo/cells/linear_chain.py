"""What cells share whose hidden states follow one another as scores say."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Unpack

import numpy as np

from rnnzoo.cells.arguments import CellArguments, Initializer
from rnnzoo.cells.cell import Cell
from rnnzoo.errors import WrongValue
from rnnzoo.platform import keras

ops = keras.ops

# The score of what must not be: a number, and so are all gradients; and so low that whatever else
# is added to it is lost.
FORBIDDEN = -1e30
# The parts of a table of what is forbidden.
START, MOVES, END = (-1, slice(-1)), (slice(-1), slice(-1)), (slice(-1), -1)


def forbidden_table(given: Any, units: int) -> np.ndarray | None:
    """What must not follow what, bool (units + 1, units + 1); None if nothing is given.

    Row i, column j: whether j must not follow i. The last row is the start, the last column the
    end.

    Raises:
        ValueError: the table has another shape.
    """
    if given is None:
        return None
    table = np.asarray(given)
    if table.shape != (units + 1, units + 1):
        raise WrongValue(
            f"forbidden has the shape {table.shape}: expected {(units + 1, units + 1)}, a row and "
            f"a column for each of {units}, a last row for the start, a last column for the end"
        )
    return table.astype(bool)


def without(scores: Any, forbidden: Any, part: tuple[Any, Any]) -> Any:
    """Scores, with `FORBIDDEN` in place of those that a part of a table marks; None marks none."""
    return scores if forbidden is None else ops.where(forbidden[part], FORBIDDEN, scores)


class LinearChainCell(Cell):
    """A chain of hidden states, each of which has a score to come first, and to follow each other.

    A subclass defines

    - ``start``, the scores to come first, (units,), and ``moves``, those to follow, (units, units),
      from a row's hidden state to a column's;
    - ``recur(state)``: of each hidden state the score of what leads to it.

    ::

        h_t(j) = recur(h_{t-1})(j) + x_t(j)

    The virtual start is a state of zeros, in which b, named "begun", is 0: `start` follows it.

    Args:
        units: how many hidden states; x has as many features.
        initializer: of the weights, which have the names `tables`; none where there are none.
        **kwargs: name, dtype, trainable, as for every Keras layer.

    Raises:
        ValueError: dtype is pure half precision, in which probabilities are too coarse; x has
            another number of features.
    """

    state_names: tuple[str, ...] = ("h", "begun")
    tables: ClassVar[tuple[str, ...]] = ()

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
                f"{self.name} takes a number for each of its {states} hidden states, "
                f"got {input_shape[-1]} features"
            )
        shapes = (self.units,), (self.units, self.units)
        for name, shape in zip(self.tables, shapes, strict=False):
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
    def start(self) -> Any:
        """The score of each hidden state to come first, (units,)."""
        raise NotImplementedError

    @property
    def moves(self) -> Any:
        """The score of a column's hidden state to follow a row's, (units, units)."""
        raise NotImplementedError

    def project(self, x):
        return x

    def update(self, input_term, recurrent_term, state):
        h = recurrent_term + input_term
        return h, [h, ops.ones_like(state[1])]

    def get_config(self):
        return {
            **super().get_config(),
            "initializer": keras.initializers.serialize(self.initializer),
        }
