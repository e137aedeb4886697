"""The gated recurrent unit."""

from rnnzoo.cells.gated_cell import GatedCell
from rnnzoo.platform import keras

ops = keras.ops


class GRUCell(GatedCell):
    """The gated recurrent unit (Cho et al. 2014), with the reset gate on the product h U.

    ::

        z  = sigmoid(x_t W_z + b_z + h_{t-1} U_z + b'_z)        update gate
        r  = sigmoid(x_t W_r + b_r + h_{t-1} U_r + b'_r)        reset gate
        h' = tanh(x_t W_h + b_h + r * (h_{t-1} U_h + b'_h))     candidate
        h_t = z h_{t-1} + (1 - z) h'

    Weights, in blocks z r h, the same as `keras.layers.GRU`'s with its default reset_after=True:
    kernel W (features, 3 units), recurrent_kernel U (units, 3 units), bias (2, 3 units), whose
    rows are b and b'. Arguments: those of `GatedCell`.

    Example::

        layer = rnnzoo.layers.Recurrent(GRUCell(64))
        h = layer(keras.random.normal((32, 100, 16)))       # (32, 64): the last hidden state
    """

    blocks = 3

    def _build_bias(self, *shape):
        return super()._build_bias(2, *shape)

    def project(self, x):
        x = ops.matmul(x, self.kernel)
        return x + self.bias[0] if self.use_bias else x

    def recur(self, state):
        h = ops.matmul(state[0], self.recurrent_kernel)
        return h + self.bias[1] if self.use_bias else h

    def update(self, input_term, recurrent_term, state):
        z, r, x_h, u_h = self._split(input_term, recurrent_term)
        h = z * state[0] + (1 - z) * self.activation(x_h + r * u_h)
        return h, [h]

    def gates(self, input_term, recurrent_term, state):
        z, r, *_ = self._split(input_term, recurrent_term)
        return {"update": z, "reset": r}

    def _split(self, input_term, recurrent_term):
        # Split, not sliced: a split's gradient is one concatenation.
        x_gates, x_h = ops.split(input_term, [2 * self.units], axis=-1)
        u_gates, u_h = ops.split(recurrent_term, [2 * self.units], axis=-1)
        z, r = ops.split(self.gate_activation(x_gates + u_gates), 2, axis=-1)
        return z, r, x_h, u_h
