"""Long short-term memory."""

from __future__ import annotations

from typing import Unpack

import numpy as np

from rnnzoo.cells.arguments import Activation, WeightArguments
from rnnzoo.cells.gated_cell import GatedCell
from rnnzoo.platform import keras

ops = keras.ops


class LSTMCell(GatedCell):
    """Long short-term memory (Hochreiter & Schmidhuber 1997; forget gate: Gers et al. 2000).

    ::

        i = sigmoid(x_t W_i + h_{t-1} U_i + b_i)        input gate
        f = sigmoid(x_t W_f + h_{t-1} U_f + b_f)        forget gate
        g = tanh(x_t W_g + h_{t-1} U_g + b_g)           candidate
        o = sigmoid(x_t W_o + h_{t-1} U_o + b_o)        output gate
        c_t = f c_{t-1} + i g
        h_t = o tanh(c_t)

    Weights, in blocks i f g o, the same as `keras.layers.LSTM`'s: kernel W (features, 4 units),
    recurrent_kernel U (units, 4 units), bias b (4 units,). State: h and c, (batch, units) each.

    Args:
        units: size of the hidden state.
        activation: of the candidate and of the cell state on its way out.
        recurrent_activation: of the three gates.
        use_bias: whether there is a b.
        unit_forget_bias: whether b_f starts at one, so that a new network remembers
            (Jozefowicz et al. 2015).
        **kwargs: the other arguments of `DenseCell`.

    Example::

        layer = rnnzoo.layers.Recurrent(LSTMCell(64), return_state=True)
        h, h, c = layer(keras.random.normal((32, 100, 16)))       # (32, 64) each
    """

    blocks = 4
    state_names = ("h", "c")

    def __init__(
        self,
        units: int,
        activation: Activation = "tanh",
        recurrent_activation: Activation = "sigmoid",
        use_bias: bool = True,
        *,
        unit_forget_bias: bool = True,
        **kwargs: Unpack[WeightArguments],
    ):
        super().__init__(units, activation, recurrent_activation, use_bias, **kwargs)
        self.unit_forget_bias = unit_forget_bias

    def _initial_bias(self, shape, dtype):
        bias = super()._initial_bias(shape, dtype)
        if self.unit_forget_bias:
            i, f, g, o = ops.split(bias, 4)
            bias = ops.concatenate([i, ops.ones_like(f), g, o])
        return bias

    def update(self, input_term, recurrent_term, state):
        _, c = state
        i, f, g, o = self._gates(input_term + recurrent_term)
        c = f * c + i * g
        h = o * self.activation(c)
        return h, [h, c]

    def gates(self, input_term, recurrent_term, state):
        i, f, _, o = self._gates(input_term + recurrent_term)
        return {"input": i, "forget": f, "output": o}

    def _gates(self, x):
        defaults = (keras.activations.tanh, keras.activations.sigmoid)
        double = keras.backend.standardize_dtype(x.dtype) == "float64"
        if (self.activation, self.recurrent_activation) == defaults and not double:
            # One tanh over all four blocks, as sigmoid(x) = (tanh(x/2) + 1) / 2: on a CPU the
            # compiled forward loop takes 0.6 of the time of three sigmoids and a tanh. (Not in
            # float64: XLA for CPUs then makes wrong gradients of 4 rows and 5 units.)
            half = ops.convert_to_tensor(np.repeat([0.5, 0.5, 1, 0.5], self.units), x.dtype)
            return ops.split(half * ops.tanh(half * x) + (1 - half), 4, axis=-1)
        i, f, g, o = ops.split(x, 4, axis=-1)
        i, f, o = map(self.recurrent_activation, (i, f, o))
        return i, f, self.activation(g), o

    def get_config(self):
        return {**super().get_config(), "unit_forget_bias": self.unit_forget_bias}
