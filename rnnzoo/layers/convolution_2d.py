"""A convolution over pictures of any size, of which some pixels may be padding."""

from __future__ import annotations

from typing import Any

from rnnzoo.cells.arguments import Activation, DType
from rnnzoo.errors import WrongValue
from rnnzoo.platform import keras

ops = keras.ops


@keras.saving.register_keras_serializable("rnnzoo")
class Convolution2D(keras.layers.Layer):
    """A normalized convolution that keeps height and width, beside `FourDirections2D`.

    ::

        y_(i,j) = relu(norm(b + sum_(k,l) W_(k,l) x_(i + d k, j + d l)))      -K/2 < k, l < K/2

    d is the dilation: layers of dilations 1, 2, 4, ... see 2 (1 + 2 + 4 + ...) + 1 pixels each way
    with kernels of 3 (Yu and Koltun 2016, Multi-scale context aggregation by dilated convolutions).
    It is normalized over its filters, at each pixel by itself (Ba et al. 2016): batch normalization
    would take statistics of the padding, too.

    Args:
        filters: how many.
        kernel_size: K, odd.
        dilation: d.
        activation: Keras's name of a function, or one.
        name, dtype, trainable: as for every Keras layer.

    Call arguments:
        pictures: (batch, height, width, features), of any height and width.
        mask: (batch, height, width) of bool, True at real pixels. Masked ones count as outside of
            the picture, where x is 0, and put out zeros: so padding at any side changes nothing.

    Returns:
        (batch, height, width, filters).

    Raises:
        ValueError: a kernel without a middle.

    Example::

        layer = rnnzoo.layers.Convolution2D(16, dilation=2)
        layer(keras.random.normal((8, 28, 28, 1)))       # (8, 28, 28, 16)
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int = 3,
        dilation: int = 1,
        activation: Activation = "relu",
        *,
        name: str | None = None,
        dtype: DType = None,
        trainable: bool = True,
    ):
        super().__init__(name=name, dtype=dtype, trainable=trainable)
        if kernel_size % 2 == 0:
            raise WrongValue(f"kernel_size={kernel_size}: expected an odd number")
        self.filters = filters
        self.kernel_size = kernel_size
        self.dilation = dilation
        self.activation = keras.activations.get(activation)
        dtype = self.dtype_policy
        self.convolution = keras.layers.Conv2D(
            filters,
            kernel_size,
            padding="same",
            dilation_rate=dilation,
            data_format="channels_last",
            dtype=dtype,
        )
        self.norm = keras.layers.LayerNormalization(dtype=dtype)
        self.supports_masking = True

    def build(self, input_shape):
        self.convolution.build((None, None, None, input_shape[-1]))
        self.norm.build((None, None, None, self.filters))

    def call(self, pictures: Any, mask: Any = None) -> Any:
        if mask is None:
            return self.activation(self.norm(self.convolution(pictures)))
        real = ops.cast(mask, self.compute_dtype)[..., None]
        y = self.convolution(ops.cast(pictures, self.compute_dtype) * real)
        return self.activation(self.norm(y)) * real

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        return *input_shape[:3], self.filters

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "dilation": self.dilation,
            "activation": keras.activations.serialize(self.activation),
        }
