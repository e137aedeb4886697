"""Dropout whose masks don't depend on the number of devices."""

from __future__ import annotations

from typing import Any

from rnnzoo.platform import keras

ops = keras.ops

ON_TENSORFLOW = keras.backend.backend() == "tensorflow"
if ON_TENSORFLOW:
    from rnnzoo.replicas import drawn, several


@keras.saving.register_keras_serializable("rnnzoo")
class Dropout(keras.layers.Dropout):
    """keras.layers.Dropout; where devices share a batch, they share the mask of one device, too."""

    def call(self, inputs: Any, training: bool = False) -> Any:
        if ON_TENSORFLOW and training and self.rate and several():
            return inputs * dropout_mask(inputs, self.rate, self.seed_generator)
        return super().call(inputs, training=training)


def dropout_mask(like: Any, rate: float, seed: keras.random.SeedGenerator) -> Any:
    """What entries of a tensor (batch, ...) are multiplied by: 0, or 1 / (1 - rate)."""

    def draw(shape):
        return keras.random.dropout(ops.ones(shape, like.dtype), rate, seed=seed)

    return drawn(draw, ops.shape(like)) if ON_TENSORFLOW else draw(ops.shape(like))
