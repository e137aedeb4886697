"""Convolutions over time before a recurrent layer: fewer steps, each of which says more."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable
from typing import Any

from rnnzoo.cells.arguments import Activation, DType
from rnnzoo.errors import WrongValue
from rnnzoo.layers.batch_normalization import BatchNormalization
from rnnzoo.platform import keras
from rnnzoo.sizes import is_size

ops = keras.ops

# Keras's momentum of 0.99 remembers a hundred batches, of which a small set's whole training has
# only a few times as many.
NORMALIZATIONS = {
    "batch": functools.partial(BatchNormalization, momentum=0.95),
    "layer": keras.layers.LayerNormalization,
}


@keras.saving.register_keras_serializable("rnnzoo")
class ConvStack(keras.layers.Layer):
    """Strided convolutions over time that see the past only, so that they stream.

        y_j = relu(norm(sum_{k < K} W_k x_{(j + 1) s - K + k} + b))        frame j of a convolution

    A frame reads K steps, the newest at its end, and the next one begins s steps later (the
    convolutions of DeepConvLSTM: Ordonez and Roggen 2016, Deep convolutional and LSTM recurrent
    neural networks for multimodal wearable activity recognition). With S the product of all
    strides, T steps become ceil(T / S) frames. The sequence stands still before it begins and
    after it ends: its first step is repeated where a frame reaches back beyond it, its last one
    where the last frame is not full. So even one step is a frame, and padding is never read.

    norm is batch normalization (Ioffe and Szegedy 2015) over all frames that real steps reach,
    never over padding; or layer normalization (Ba et al. 2016) over the filters, at each frame by
    itself, which takes away how strong a frame is beside others. There is no b where batch
    normalization would take it away again.

    Args:
        filters: of each convolution, the lowest first.
        kernel_size: K, steps that a convolution reads; a number for all, or one for each.
        strides: s, a number for all, or one for each; at most as large as the kernel.
        activation: Keras's name of a function, or one.
        normalization: "batch", "layer" or None.
        name, dtype, trainable: as for every Keras layer.

    Call arguments:
        x: (batch, time, features).
        mask: (batch, time) of bool, True at real steps. Masked steps, wherever they are, count as
            left out, and the frames of a row come first in its output.
        training: whether batch normalization takes the statistics of this batch, and not those
            that it keeps of all: the means of the batches, newer ones counting more.

    Returns:
        (batch, ceil(time / S), filters of the last convolution). `compute_mask` says which frames
        are real: the first ceil(steps / S).

    Raises:
        ValueError: sizes that are no positive whole numbers, or not one for each convolution; a
            stride that leaves steps unread; another normalization.

    Example::

        front = rnnzoo.layers.ConvStack([64, 64, 64], kernel_size=5, strides=2)
        front(keras.random.normal((32, 100, 6)))       # (32, 13, 64)
        state = front.initial_state(32)
        frame, full, state = front.step(keras.random.normal((32, 6)), state)     # frame (32, 64)
    """

    def __init__(
        self,
        filters: Iterable[int],
        kernel_size: int | Iterable[int] = 5,
        strides: int | Iterable[int] = 2,
        activation: Activation = "relu",
        normalization: str | None = "batch",
        *,
        name: str | None = None,
        dtype: DType = None,
        trainable: bool = True,
    ):
        super().__init__(name=name, dtype=dtype, trainable=trainable)
        self.filters = _sizes("filters", filters)
        count = len(self.filters)
        self.kernel_size = _sizes("kernel_size", kernel_size, count)
        self.strides = _sizes("strides", strides, count)
        for kernel, stride in zip(self.kernel_size, self.strides, strict=True):
            if stride > kernel:
                raise WrongValue(
                    f"strides={self.strides}: expected at most kernel_size={self.kernel_size}, or "
                    "steps between two frames are never read"
                )
        self.activation = keras.activations.get(activation)
        if normalization not in (*NORMALIZATIONS, None):
            raise WrongValue(
                f"normalization={normalization!r}: expected {', '.join(NORMALIZATIONS)} or None"
            )
        self.normalization = normalization
        dtype = self.dtype_policy
        self.convolutions = [
            keras.layers.Conv1D(
                n,
                k,
                strides=s,
                use_bias=normalization != "batch",
                data_format="channels_last",
                dtype=dtype,
                trainable=trainable,
            )
            for n, k, s in zip(self.filters, self.kernel_size, self.strides, strict=True)
        ]
        self.norms = [
            NORMALIZATIONS[normalization](dtype=dtype, trainable=trainable)
            for _ in self.filters
            if normalization
        ]
        self.supports_masking = True

    @property
    def stride(self) -> int:
        """S, steps from one frame of the whole stack to the next."""
        return math.prod(self.strides)

    @property
    def reach(self) -> int:
        """Steps that one frame of the whole stack reads."""
        steps = 1
        for kernel, stride in zip(reversed(self.kernel_size), reversed(self.strides), strict=True):
            steps = (steps - 1) * stride + kernel
        return steps

    def build(self, input_shape):
        shape = (None, None, input_shape[-1])
        self._features = input_shape[-1]
        for convolution in self.convolutions:
            convolution.build(shape)
            shape = (None, None, convolution.filters)
        for norm, filters in zip(self.norms, self.filters, strict=False):
            norm.build((None, None, filters))

    def call(self, x: Any, mask: Any = None, training: bool | None = None) -> Any:
        batch, time = ops.shape(x)[:2]
        before = self.reach - self.stride
        places = ops.arange(before + -(-time // self.stride) * self.stride, dtype="int32") - before
        if mask is None:
            return self._frames(ops.take(x, ops.clip(places, 0, time - 1), axis=1), training)
        mask = ops.cast(mask, "int32")
        # Real steps first, each side in order.
        order = ops.argsort(ops.arange(time, dtype="int32") - time * mask, axis=1)
        steps = ops.sum(mask, axis=1, keepdims=True)
        places = ops.minimum(ops.maximum(places, 0), ops.maximum(steps - 1, 0))
        x = _picked(x, _picked(order[..., None], places)[..., 0])
        return self._frames(x, training, frames=-(-steps // self.stride))

    def _frames(self, x, training=False, frames=None):
        """Frames of steps that go back far enough, of which each row has (batch, 1) real ones."""
        if x.shape[0] == 0:  # on some processors TensorFlow answers no rows with the shape of x
            shape = (0, (x.shape[1] - self.reach) // self.stride + 1, self.filters[-1])
            return ops.zeros(shape, self.compute_dtype)
        counts = self._counts(frames)
        for i, convolution in enumerate(self.convolutions):
            x = convolution(x)
            if self.normalization == "batch":
                x = self.norms[i](x, training=training, mask=_first(counts[i], x))
            elif self.normalization == "layer":
                x = self.norms[i](x)
            x = self.activation(x)
        return x

    def _counts(self, frames):
        """Of each convolution how many frames real steps reach, (batch, 1); None where all are."""
        if frames is None:
            return [None] * len(self.filters)
        counts = [frames]
        for kernel, stride in zip(self.kernel_size[:0:-1], self.strides[:0:-1], strict=True):
            counts.insert(0, ops.where(frames > 0, (counts[0] - 1) * stride + kernel, 0))
        return counts

    def compute_mask(self, x: Any, mask: Any = None) -> Any:
        """Which frames are real, (batch, frames) of bool; None without a mask."""
        if mask is None:
            return None
        real_last = ops.sort(ops.cast(mask, "int32"), axis=1)
        return ops.cast(ops.flip(real_last, axis=1)[:, :: self.stride], "bool")

    # --- streaming --------------------------------------------------------------------------------

    def initial_state(self, batch_size: Any) -> dict[str, Any]:
        """The state before any step, float32.

        past (batch_size, reach - 1, features), the newest steps; steps (batch_size, 1), how many
        there were, without full frames of long ago.
        """
        past = (batch_size, self.reach - 1, self._features)
        return {"past": ops.zeros(past, "float32"), "steps": ops.zeros((batch_size, 1), "float32")}

    def read(self, x: Any, state: dict[str, Any]) -> tuple[Any, Any, Any, dict[str, Any]]:
        """Some more steps, in rows that need not have had as many before.

        Args:
            x: (batch, time, features).
            state: as from `initial_state`.

        Returns:
            frames (batch, F, filters), the newest ones of a row first among them; full (batch, F)
            of bool, those that are full; partial (batch, F), of which at most one is True: the
            frame that is not full yet, as `call` has it at a sequence's end; and the new state.
        """
        past, steps = state["past"], ops.cast(state["steps"], "int32")
        time, stride, kept = ops.shape(x)[1], self.stride, self.reach - 1
        x = ops.concatenate([past, ops.cast(x, "float32")], axis=1)
        phase = steps % stride  # of these, the past ends with steps of a frame that is not full
        count = -(-(time + stride - 1) // stride)
        places = ops.arange(self.reach - stride + count * stride, dtype="int32")
        places = places + (stride - 1 - phase)
        # The first step ever, and the newest one, stand for those beyond them.
        places = ops.minimum(ops.maximum(places, kept - steps), kept + time - 1)
        frames = self._frames(_picked(x, places))

        begins = ops.arange(count, dtype="int32") * stride
        full = begins + stride <= phase + time
        partial = ops.logical_and(begins < phase + time, ops.logical_not(full))
        steps = steps + time
        most = -(-kept // stride) * stride  # beyond it, only the phase matters
        steps = ops.where(steps < most, steps, most + (steps - most) % stride)
        past = ops.reshape(x[:, time:], ops.shape(past))
        return frames, full, partial, {"past": past, "steps": ops.cast(steps, "float32")}

    def step(self, x: Any, state: dict[str, Any]) -> tuple[Any, Any, dict[str, Any]]:
        """One more step x (batch, features).

        Returns:
            The newest frame (batch, filters); whether it is full (batch, 1); the new state.
        """
        frames, full, _, state = self.read(x[:, None], state)
        return frames[:, 0], full, state

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        time = input_shape[1]
        return input_shape[0], time and -(-time // self.stride), self.filters[-1]

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "activation": keras.activations.serialize(self.activation),
            "normalization": self.normalization,
        }


def _first(count, x):
    """Which of each row's frames are the first `count`, (batch, frames); None where that is."""
    return None if count is None else ops.arange(ops.shape(x)[1], dtype="int32")[None] < count


def _picked(x, places):
    """Of each row of x (batch, time, size) the steps at its places (batch, n).

    Not Keras's take_along_axis, whose transposition of indices oneDNN has a line to say about.
    """
    batch, time = ops.shape(x)[:2]
    rows = ops.arange(batch, dtype="int32")[:, None] * time
    return ops.take(ops.reshape(x, (-1, x.shape[-1])), rows + places, axis=0)


def _sizes(name, given, count=None):
    """Positive whole numbers, one for each convolution, of which a single one is for all."""
    sizes = [given] * count if count and is_size(given) else given
    sizes = list(sizes) if isinstance(sizes, Iterable) else [sizes]
    if not sizes or not all(map(is_size, sizes)) or len(sizes) != (count or len(sizes)):
        expected = f"a positive whole number, or {count} of them" if count else "some"
        raise WrongValue(f"{name}={given!r}: expected {expected}, one for each convolution")
    return [int(size) for size in sizes]
