"""The vanilla recurrent network in two dimensions."""

from rnnzoo.cells.grid_cell import GridCell


class SimpleRNN2DCell(GridCell):
    """The vanilla network in two dimensions (Graves, Fernandez and Schmidhuber 2007).

    ::

        h_(i,j) = tanh(x_(i,j) W + h_(i,j-1) U_left + h_(i-1,j) U_above + b)

    h is 0 outside of the grid. Source: Multi-dimensional recurrent neural networks. Weights: kernel
    W (features, units), recurrent_kernel [U_left; U_above] (2 units, units), bias b (units,).
    Arguments: those of `DenseCell`.

    Example::

        layer = rnnzoo.layers.FourDirections2D(SimpleRNN2DCell(16))
        h = layer(keras.random.normal((8, 28, 28, 1)))       # (8, 28, 28, 64)
    """

    def update(self, input_term, recurrent_term, state):
        h = self.activation(input_term + recurrent_term)
        return h, [h]
