"""Where a region of a picture is."""

from __future__ import annotations

from typing import Any

from rnnzoo.platform import keras, tf


@keras.saving.register_keras_serializable("rnnzoo")
class Places(keras.layers.Layer):
    """Says of each region where it is, and when: convolutions hardly tell the left from the right.

        a_frc + p_rc + f / F q      of row r and column c, of the f-th frame of F

    The vectors p_rc and q are learned, as those of positions are in Dosovitskiy et al. (2021), An
    image is worth 16x16 words. A picture is a video of one frame.

    Weights: p (rows, columns, size), or of regions in another order (..., size); q (size,).

    Call arguments:
        regions: the a_frc, (batch, frames, rows, columns, size).

    Example:
        >>> places = Places()
        >>> places.build((None, None, 4, 4, 8))
        >>> places(keras.ops.ones((2, 3, 4, 4, 8))).shape
        TensorShape([2, 3, 4, 4, 8])
    """

    def build(self, input_shape: Any) -> None:
        *grid, size = input_shape[2:]
        initializer = keras.initializers.RandomNormal(stddev=size**-0.5)
        self.p = self.add_weight(shape=(*grid, size), initializer=initializer, name="p")
        self.q = self.add_weight(shape=(size,), initializer=initializer, name="q")
        self.built = True

    def call(self, regions: tf.Tensor) -> tf.Tensor:
        count = tf.shape(regions)[1]
        number = tf.range(1, count + 1) / count
        by_frame = tf.reshape(number, (-1, *[1] * (regions.shape.rank - 2)))
        return regions + self.p + tf.cast(by_frame, regions.dtype) * self.q
