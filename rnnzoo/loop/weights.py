"""A cell's weights as tensors, and the scope in which the cell computes with given ones.

A gradient function can differentiate by tensors that it was handed, not by variables that the cell
reads on its own. So the loop reads all weights once, and hands them to the cell again where it is
called.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rnnzoo.keras_internals import autocast_scope
from rnnzoo.platform import keras, tf

if TYPE_CHECKING:
    from rnnzoo.cells import Cell


def cell_weights(cell: Cell) -> list[tf.Tensor]:
    """The cell's weights as tensors, read and cast to the compute dtype once."""
    with autocast_scope(cell.compute_dtype):
        return [tf.convert_to_tensor(v.value) for v in _float_variables(cell)]


@contextlib.contextmanager
def weights_scope(cell: Cell, weights: list[tf.Tensor]) -> Iterator[None]:
    """Where the cell's weights are these tensors."""
    with autocast_scope(cell.compute_dtype), keras.StatelessScope() as scope:
        for variable, weight in zip(_float_variables(cell), weights, strict=True):
            # Not the constructor's mapping: that casts back to the variable's own dtype.
            scope.add_update((variable, weight))
        yield


def _float_variables(cell):
    return [v for v in cell.variables if keras.backend.is_float_dtype(v.dtype)]
