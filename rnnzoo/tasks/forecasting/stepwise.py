"""A matrix for each of the steps that are told at once."""

from __future__ import annotations

from typing import Any

from rnnzoo.platform import keras, tf


@keras.saving.register_keras_serializable("rnnzoo")
class Stepwise(keras.layers.Layer):
    """y_k = x_k A_k for the steps k = 0 ... K - 1; the matrices begin at 0.

    Weights: kernel A (K, features, size), float32.

    Args:
        size: of y_k.
        **kwargs: of keras.layers.Layer.

    Call arguments:
        x: (batch, time, K, features), or of the first of the K steps.

    Example:
        >>> layer = Stepwise(2)
        >>> layer(tf.ones((1, 3, 4, 5))).shape
        TensorShape([1, 3, 4, 2])
    """

    def __init__(self, size: int, **kwargs: Any):
        super().__init__(**{"dtype": "float32", **kwargs})
        self.size = size

    def build(self, input_shape):
        *_, steps, features = input_shape
        self.kernel = self.add_weight(
            shape=(steps, features, self.size), name="kernel", initializer="zeros"
        )

    def call(self, x):
        return tf.einsum("btkf,kfs->btks", x, self.kernel[: x.shape[2]])

    def get_config(self):
        return {**super().get_config(), "size": self.size}
