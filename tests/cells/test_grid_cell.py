"""The two-dimensional cells keep the contract, and look at the right neighbours."""

import numpy as np
import pytest

from rnnzoo import cells
from rnnzoo.cells.grid_cell import above
from rnnzoo.platform import keras


@pytest.mark.parametrize("cell", [cells.SimpleRNN2DCell(4), cells.LSTM2DCell(4)], ids=repr)
def test_it_keeps_the_contract(cell):
    cells.check_cell(cell)


def test_above_a_position_is_the_one_before_and_above_the_first_is_nothing():
    state = np.arange(1.0, 7).reshape(1, 3, 2)
    np.testing.assert_array_equal(above(keras.ops.array(state)), [[[0, 0], [1, 2], [3, 4]]])


def test_an_orthogonal_kernel_keeps_the_mean_square_of_two_neighbours():
    cell = cells.SimpleRNN2DCell(4)
    cell.build((None, 3))
    U = np.asarray(cell.recurrent_kernel)
    assert U.shape == (8, 4)
    np.testing.assert_allclose(U.T @ U, np.eye(4), atol=1e-6)
