"""Units that remember nothing."""

from __future__ import annotations

from typing import Any

from rnnzoo.cells.arguments import Activation
from rnnzoo.platform import keras, tf


@keras.saving.register_keras_serializable("rnnzoo")
class Memoryless(keras.layers.Layer):
    """Stands where a `rnnzoo.layers.RecurrentStack` could, with nothing carried from step to step.

        h_t = tanh(x_t W + b)

    All steps are one matrix product. Weights: those of a dense layer, kernel W (features, units)
    and bias b (units,).

    Args:
        units: how many there are.
        activation: tanh unless another is given.
        **kwargs: name, dtype, trainable, as for every Keras layer.

    Call arguments:
        x: (batch, time, features).
        state: the empty dict.
        mask, training: change nothing.

    Returns:
        h (batch, time, units) and the new state, which is empty.

    Example:
        >>> h, state = Memoryless(4)(tf.zeros((2, 5, 3)))
        >>> h.shape, state
        (TensorShape([2, 5, 4]), {})
    """

    def __init__(self, units: int, activation: Activation = "tanh", **kwargs: Any):
        super().__init__(**kwargs)
        self.dense = keras.layers.Dense(units, activation, dtype=self.dtype_policy)
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        self.dense.build(input_shape)

    @property
    def output_size(self) -> int:
        """The width of the output."""
        return self.dense.units

    def initial_state(self, batch_size: Any) -> dict[str, tf.Tensor]:
        """Nothing."""
        return {}

    def call(
        self, x: Any, state: Any = None, mask: Any = None, training: bool = False
    ) -> tuple[Any, dict[str, tf.Tensor]]:
        return self.dense(x), {}

    def step(self, x: Any, state: Any) -> tuple[Any, dict[str, tf.Tensor]]:
        """One time step: x (batch, features) -> h (batch, units), and the empty state."""
        return self.dense(x), {}

    def get_config(self) -> dict[str, Any]:
        activation = keras.activations.serialize(self.dense.activation)
        return {**super().get_config(), "units": self.dense.units, "activation": activation}
