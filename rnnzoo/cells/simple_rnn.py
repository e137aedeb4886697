"""The vanilla recurrent network."""

from rnnzoo.cells.dense_cell import DenseCell


class SimpleRNNCell(DenseCell):
    """The vanilla recurrent network (Elman 1990, Finding structure in time).

    ::

        h_t = tanh(x_t W + h_{t-1} U + b)

    Weights: kernel W (features, units), recurrent_kernel U (units, units), bias b (units,); the
    same as `keras.layers.SimpleRNN`'s. Arguments: those of `DenseCell`.

    Example::

        layer = rnnzoo.layers.Recurrent(SimpleRNNCell(64))
        h = layer(keras.random.normal((32, 100, 16)))       # (32, 64): the last hidden state
    """

    def update(self, input_term, recurrent_term, state):
        h = self.activation(input_term + recurrent_term)
        return h, [h]
