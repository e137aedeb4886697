"""What the gated cells, LSTM and GRU, share."""

from __future__ import annotations

from typing import Unpack

from rnnzoo.cells.arguments import Activation, WeightArguments
from rnnzoo.cells.dense_cell import DenseCell
from rnnzoo.platform import keras


class GatedCell(DenseCell):
    """A `DenseCell` with gates.

    Args:
        units: size of the hidden state.
        activation: of the candidate state.
        recurrent_activation: of the gates.
        use_bias: whether there is a b.
        **kwargs: the other arguments of `DenseCell`.
    """

    def __init__(
        self,
        units: int,
        activation: Activation = "tanh",
        recurrent_activation: Activation = "sigmoid",
        use_bias: bool = True,
        **kwargs: Unpack[WeightArguments],
    ):
        super().__init__(units, activation, use_bias, **kwargs)
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
