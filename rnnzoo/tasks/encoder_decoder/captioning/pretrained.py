"""Pictures as a network from elsewhere wants them."""

from __future__ import annotations

import sys
from typing import Any

from rnnzoo.platform import keras, tf


@keras.saving.register_keras_serializable("rnnzoo")
class Preprocessing(keras.layers.Layer):
    """What a network of keras.applications wants done to pictures first.

    Args:
        network: its name, such as "MobileNetV2".

    Example:
        >>> float(keras.ops.max(Preprocessing("MobileNetV2")(keras.ops.full((1, 2, 2, 3), 255))))
        1.0
    """

    def __init__(self, network: str, **kwargs: Any):
        super().__init__(**kwargs)
        self.network = network
        module = sys.modules[getattr(keras.applications, network).__module__]
        self._preprocess = module.preprocess_input

    def call(self, pictures: tf.Tensor) -> tf.Tensor:
        return self._preprocess(keras.ops.cast(pictures, "float32"))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "network": self.network}
