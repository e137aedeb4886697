"""What the gated cells, LSTM and GRU, share."""

from rnnzoo.cells.dense_cell import DenseCell
from rnnzoo.platform import keras


class GatedCell(DenseCell):
    """A `DenseCell` with gates.

    Args:
        units: size of the hidden state.
        activation: of the candidate state.
        recurrent_activation: of the gates.
        **kwargs: the other arguments of `DenseCell`.
    """

    def __init__(self, units, activation="tanh", recurrent_activation="sigmoid", **kwargs):
        super().__init__(units, activation, **kwargs)
        self.recurrent_activation = keras.activations.get(recurrent_activation)

    def gate_activation(self, x):
        """The recurrent activation; the sigmoid as a tanh, which compiles to faster code."""
        if self.recurrent_activation is keras.activations.sigmoid:
            return 0.5 * keras.ops.tanh(0.5 * x) + 0.5
        return self.recurrent_activation(x)

    def get_config(self):
        return {
            **super().get_config(),
            "recurrent_activation": keras.activations.serialize(self.recurrent_activation),
        }
