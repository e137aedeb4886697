"""Long short-term memory in two dimensions."""

from rnnzoo.cells.gated_cell import GatedCell
from rnnzoo.cells.grid_cell import GridCell, above
from rnnzoo.platform import keras


class LSTM2DCell(GridCell, GatedCell):
    """Long short-term memory in two dimensions (Graves, Fernandez and Schmidhuber 2007).

    ::

        a = x_(i,j) W + h_(i,j-1) U_left + h_(i-1,j) U_above + b        in five blocks a_i ... a_o
        i, f_left, f_above, o = sigmoid(a_i, a_left, a_above, a_o)      gates, one f a neighbour
        g = tanh(a_g)                                                   candidate
        c_(i,j) = f_left c_(i,j-1) + f_above c_(i-1,j) + i g
        h_(i,j) = o tanh(c_(i,j))

    h and c are 0 outside of the grid. Source: Multi-dimensional recurrent neural networks, here
    without its peepholes. All biases start at zero, as the two forget gates then keep half of each
    c: with both near one, c would grow with the number of paths to a pixel.

    Weights, in blocks i f_left f_above g o: kernel W (features, 5 units), recurrent_kernel
    [U_left; U_above] (2 units, 5 units), bias b (5 units,). State: h and c. Arguments: those of
    `GatedCell`.

    Example::

        layer = rnnzoo.layers.FourDirections2D(LSTM2DCell(16))
        h = layer(keras.random.normal((8, 28, 28, 1)))       # (8, 28, 28, 64)
    """

    blocks = 5
    state_names = ("h", "c")

    def update(self, input_term, recurrent_term, state):
        _, c = state
        i, f_left, f_above, g, o = self._gates(input_term + recurrent_term)
        c = f_left * c + f_above * above(c) + i * g
        h = o * self.activation(c)
        return h, [h, c]

    def gates(self, input_term, recurrent_term, state):
        i, f_left, f_above, _, o = self._gates(input_term + recurrent_term)
        return {"input": i, "forget left": f_left, "forget above": f_above, "output": o}

    def _gates(self, x):
        i, f_left, f_above, g, o = keras.ops.split(x, 5, axis=-1)
        i, f_left, f_above, o = map(self.gate_activation, (i, f_left, f_above, o))
        return i, f_left, f_above, self.activation(g), o
