"""What the two-dimensional cells share."""

from __future__ import annotations

from typing import Any

from rnnzoo.cells.dense_cell import DenseCell
from rnnzoo.platform import keras

ops = keras.ops


class GridCell(DenseCell):
    """A `DenseCell` for one diagonal of a grid, with ``recur = [h_left, h_above] U``.

    Step d reads the pixels (i, j) with i + j = d, one position for each row i: the state at
    position i of step d - 1 is that of the pixel on the left, (i, j - 1), and at position i - 1
    that of the pixel above, (i - 1, j). Outside of the grid the state is zero, which the layer's
    mask by position sees to. `rnnzoo.layers.FourDirections2D` lays a grid out in this way.

    Weights: kernel W (features, n), recurrent_kernel U (2 units, n), the rows of the left neighbour
    first, bias b (n,), with n = ``blocks * units``. An orthogonal U, the default, leaves the length
    of the two neighbours' mean square as it is.

    Arguments: those of `DenseCell`. A subclass writes `update`, in which ``above(s)`` is a state of
    the pixels above.
    """

    positions = True

    def _build_recurrent_kernels(self, columns):
        self.recurrent_kernel = self._add_recurrent_kernel("recurrent_kernel", columns, 2)

    def recur(self, state):
        h = ops.concatenate([state[0], above(state[0])], axis=-1)
        return ops.matmul(h, self.recurrent_kernel)


def above(state: Any) -> Any:
    """Each position's neighbour above, (batch, positions, size): the position before it, or 0."""
    return ops.pad(state[:, :-1], ((0, 0), (1, 0), (0, 0)))
