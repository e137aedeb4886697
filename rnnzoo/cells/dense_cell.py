"""The two matrix products that most cells share."""

from __future__ import annotations

from typing import Unpack

from rnnzoo.cells.arguments import (
    Activation,
    CellArguments,
    Constraint,
    Initializer,
    Regularizer,
)
from rnnzoo.cells.cell import Cell
from rnnzoo.platform import keras


class DenseCell(Cell):
    """A cell with ``project = x W + b`` and ``recur = h U``; subclasses write `update`.

    Weights, in Keras's order, with n = ``blocks * units`` columns, one block for each gate:
    kernel W (features, n), recurrent_kernel U (units, n), bias b (n,).

    Args:
        units: size of the hidden state.
        activation: of the candidate state; a name or a function, None for the identity.
        use_bias: whether there is a b.
        kernel_initializer, recurrent_initializer, bias_initializer: how the weights start.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: penalties added to the loss.
        kernel_constraint, recurrent_constraint, bias_constraint: projections after each update.
        **kwargs: name, dtype, trainable, as for every Keras layer.
    """

    blocks = 1

    def __init__(
        self,
        units: int,
        activation: Activation = "tanh",
        use_bias: bool = True,
        kernel_initializer: Initializer = "glorot_uniform",
        recurrent_initializer: Initializer = "orthogonal",
        bias_initializer: Initializer = "zeros",
        kernel_regularizer: Regularizer = None,
        recurrent_regularizer: Regularizer = None,
        bias_regularizer: Regularizer = None,
        kernel_constraint: Constraint = None,
        recurrent_constraint: Constraint = None,
        bias_constraint: Constraint = None,
        **kwargs: Unpack[CellArguments],
    ):
        super().__init__(units, **kwargs)
        self.activation = keras.activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.recurrent_initializer = keras.initializers.get(recurrent_initializer)
        self.bias_initializer = keras.initializers.get(bias_initializer)
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)
        self.recurrent_regularizer = keras.regularizers.get(recurrent_regularizer)
        self.bias_regularizer = keras.regularizers.get(bias_regularizer)
        self.kernel_constraint = keras.constraints.get(kernel_constraint)
        self.recurrent_constraint = keras.constraints.get(recurrent_constraint)
        self.bias_constraint = keras.constraints.get(bias_constraint)

    def build(self, input_shape):
        columns = self.blocks * self.units
        self.kernel = self.add_weight(
            shape=(input_shape[-1], columns),
            name="kernel",
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        self._build_recurrent_kernels(columns)
        self.bias = self._build_bias(columns) if self.use_bias else None

    def _build_recurrent_kernels(self, columns):
        self.recurrent_kernel = self._add_recurrent_kernel("recurrent_kernel", columns)

    def _add_recurrent_kernel(self, name, columns, neighbours=1):
        return self.add_weight(
            shape=(neighbours * self.units, columns),
            name=name,
            initializer=self.recurrent_initializer,
            regularizer=self.recurrent_regularizer,
            constraint=self.recurrent_constraint,
        )

    def _build_bias(self, *shape):
        return self.add_weight(
            shape=shape,
            name="bias",
            initializer=self._initial_bias,
            regularizer=self.bias_regularizer,
            constraint=self.bias_constraint,
        )

    def _initial_bias(self, shape, dtype):
        return self.bias_initializer(shape, dtype)

    def project(self, x):
        x = keras.ops.matmul(x, self.kernel)
        return x + self.bias if self.use_bias else x

    def recur(self, state):
        return keras.ops.matmul(state[0], self.recurrent_kernel)

    def get_config(self):
        return {
            **super().get_config(),
            "activation": keras.activations.serialize(self.activation),
            "use_bias": self.use_bias,
            **{
                f"{weight}_{kind}": getattr(keras, f"{kind}s").serialize(
                    getattr(self, f"{weight}_{kind}")
                )
                for kind in ("initializer", "regularizer", "constraint")
                for weight in ("kernel", "recurrent", "bias")
            },
        }
