"""Batch normalization whose statistics are those of real steps, on all devices."""

from __future__ import annotations

from typing import Any

from rnnzoo.platform import keras

ops = keras.ops

if keras.backend.backend() == "tensorflow":
    from rnnzoo.replicas import total
else:

    def total(x: Any) -> Any:
        """There is one device."""
        return x


@keras.saving.register_keras_serializable("rnnzoo")
class BatchNormalization(keras.layers.BatchNormalization):
    """keras.layers.BatchNormalization of x (batch, time, size), over real steps.

        m = 1/n sum x,   v = 1/n sum (x - m)^2     over the n real steps of the whole batch
        y = gamma (x - m) / sqrt(v + epsilon) + beta

    What is kept for later are means over batches, of which the b-th counts as much as
    1 - min(momentum, (b - 1) / b): as much as each before it, until newer ones count more. So no
    start of 0 and 1 is left in them, which for a small variance takes hundreds of batches to go.

    Where devices share a batch, so do they these sums (Keras's own are each device's, as soon as
    there is a mask). A batch without a real step leaves the moving statistics as they are.
    """

    def build(self, input_shape):
        super().build(input_shape)
        self.batches = self.add_weight(
            shape=(), initializer="zeros", name="batches", trainable=False, autocast=False
        )

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        if not (training and self.trainable):
            return super().call(inputs, training=False)
        x = ops.cast(inputs, "float32")
        real = ops.ones_like(x[..., :1]) if mask is None else ops.cast(mask, "float32")[..., None]
        count = total(ops.sum(real))
        n = ops.maximum(count, 1.0)
        mean = total(ops.sum(real * x, axis=(0, 1))) / n
        variance = total(ops.sum(real * ops.square(x - mean), axis=(0, 1))) / n
        kept = ops.minimum(self.momentum, self.batches / (self.batches + 1))
        kept = ops.where(count > 0, kept, 1.0)
        for moving, newest in ((self.moving_mean, mean), (self.moving_variance, variance)):
            moving.assign(kept * moving + (1 - kept) * ops.cast(newest, moving.dtype))
        self.batches.assign_add(ops.where(count > 0, 1.0, 0.0))
        y = ops.batch_normalization(
            x, mean, variance, axis=-1, offset=self.beta, scale=self.gamma, epsilon=self.epsilon
        )
        return ops.cast(y, self.compute_dtype)
