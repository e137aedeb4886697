"""A recurrent layer in two dimensions, which sees the whole picture at each of its pixels."""

from __future__ import annotations

from typing import Any, Literal

from rnnzoo.cells import GridCell, SimpleRNN2DCell
from rnnzoo.cells.arguments import DType
from rnnzoo.errors import WrongType, WrongValue
from rnnzoo.layers.recurrent import Recurrent
from rnnzoo.platform import keras

ops = keras.ops

# From which corner to sweep: the axes to turn around so that it becomes the upper left one.
_CORNERS = {
    "upper_left": (),
    "upper_right": (2,),
    "lower_left": (1,),
    "lower_right": (1, 2),
}


@keras.saving.register_keras_serializable("rnnzoo")
class FourDirections2D(keras.layers.Layer):
    """A two-dimensional recurrent layer (Graves, Fernandez and Schmidhuber 2007).

    ::

        h_(i,j) = F(x_(i,j), h_(i,j-1), h_(i-1,j))    from the upper left corner to the lower right
        y_(i,j) = [h, h', h'', h''']_(i,j)            from all four corners, each with own weights

    So each output sees the whole picture: the part above and left of it through h, the others
    through those that come from the other corners (Multi-dimensional recurrent neural networks).

    All pixels of a diagonal i + j = d depend on those of the one before only. So the layer shifts
    row i of the picture by i to the right, and the columns of what results are the time steps of a
    `Recurrent`: H + W - 1 of them do the H x W pixels, each with H positions. Where a picture is
    much higher than wide, it is faster turned.

    Args:
        cell: a `rnnzoo.cells.GridCell`, each direction having a copy of it; or the units of a
            `rnnzoo.cells.SimpleRNN2DCell`.
        jit_compile, checkpoint_every: as for `rnnzoo.layers.Recurrent`.
        name, dtype, trainable: as for every Keras layer; dtype also of the cell made from units.

    Call arguments:
        pictures: (batch, height, width, features), of any height and width.
        mask: (batch, height, width) of bool, True at real pixels. Masked ones count as outside of
            the picture, where h is 0, and put out zeros: so padding at any side changes nothing.

    Returns:
        (batch, height, width, 4 units) in the layer's compute dtype, in the order upper left, upper
        right, lower left, lower right.

    Raises:
        TypeError: the cell is neither a `GridCell` nor a number of units.
        ValueError: pictures or a mask of another shape; an argument as for `Recurrent`.
        NotImplementedError: called on another backend than TensorFlow.

    Example::

        layer = rnnzoo.layers.FourDirections2D(rnnzoo.cells.LSTM2DCell(16))
        layer(keras.random.normal((8, 28, 28, 1)))       # (8, 28, 28, 64)
    """

    def __init__(
        self,
        cell: GridCell | int,
        jit_compile: bool | Literal["auto"] = "auto",
        checkpoint_every: int | None = None,
        *,
        name: str | None = None,
        dtype: DType = None,
        trainable: bool = True,
    ):
        if not isinstance(cell, keras.layers.Layer):
            cell = SimpleRNN2DCell(cell, dtype=dtype)
        if not isinstance(cell, GridCell):
            raise WrongType(
                "FourDirections2D takes a rnnzoo.cells.GridCell, such as LSTM2DCell(16), or a "
                f"number of units, got {cell!r}"
            )
        super().__init__(name=name, dtype=dtype or cell.dtype_policy, trainable=trainable)
        self.directions = [
            Recurrent(
                type(cell).from_config({**cell.get_config(), "name": f"{cell.name}_{corner}"}),
                return_sequences=True,
                jit_compile=jit_compile,
                checkpoint_every=checkpoint_every,
                name=corner,
                dtype=self.dtype_policy,
            )
            for corner in _CORNERS
        ]
        self.cell = cell
        self.jit_compile = jit_compile
        self.checkpoint_every = checkpoint_every
        self.supports_masking = True

    def build(self, input_shape):
        self._check("pictures (batch, height, width, features)", input_shape, 4)
        if input_shape[-1] is None:
            raise WrongValue(
                f"{self.name} must know the number of features, got pictures of the shape "
                f"{tuple(input_shape)}: say it, as in keras.Input((None, None, 3))"
            )
        batch, height, width, features = input_shape
        steps = None if None in (height, width) else height + width - 1
        for direction in self.directions:
            direction.build((batch, steps, height, features))

    def call(self, pictures: Any, mask: Any = None) -> Any:
        self._check("pictures (batch, height, width, features)", pictures.shape, 4)
        if mask is None:
            mask = ops.ones(ops.shape(pictures)[:3], "bool")
        self._check("a mask (batch, height, width)", mask.shape, 3)
        pictures = ops.cast(pictures, self.compute_dtype)
        # As numbers, as oneDNN has a line to say about the transposition of bools; and not by a
        # cast, which TensorFlow would move to the other side of it.
        mask = ops.where(ops.cast(mask, "bool"), ops.ones((), self.compute_dtype), 0)
        width = ops.shape(pictures)[2]
        outputs = []
        for axes, direction in zip(_CORNERS.values(), self.directions, strict=True):
            x, real = (_diagonals(_turned(each, axes)) for each in (pictures, mask))
            h = direction(x, mask=real > 0)
            outputs.append(_turned(_rows(h, width), axes))
        return ops.concatenate(outputs, axis=-1)

    def _check(self, expected, shape, axes):
        if len(shape) != axes or 0 in shape[1:3]:
            raise WrongValue(
                f"{self.name} takes {expected} of at least one pixel, got the shape {tuple(shape)}"
            )

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        return *input_shape[:3], 4 * self.cell.units

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "cell": keras.saving.serialize_keras_object(self.cell),
            "jit_compile": self.jit_compile,
            "checkpoint_every": self.checkpoint_every,
        }

    @classmethod
    def from_config(cls, config, custom_objects=None):
        cell = keras.saving.deserialize_keras_object(config["cell"], custom_objects=custom_objects)
        return cls(**{**config, "cell": cell})


def _turned(x, axes):
    return ops.flip(x, axes) if axes else x


def _diagonals(x):
    """(batch, H, W, ...) -> (batch, H + W - 1, H, ...): pixel (i, j) at [i + j, i]; zeros else."""
    batch, height, width, *size = ops.shape(x)
    x = ops.pad(x, [(0, 0), (0, 0), (0, height)] + [(0, 0)] * len(size))
    # Rows that are one pixel shorter than what is in them: each begins one pixel further on.
    x = ops.reshape(x, (batch, height * (width + height), *size))[:, :-height]
    return ops.swapaxes(ops.reshape(x, (batch, height, height + width - 1, *size)), 1, 2)


def _rows(x, width):
    """The way back: (batch, H + W - 1, H, n) -> (batch, H, W, n)."""
    batch, steps, height, size = ops.shape(x)
    x = ops.reshape(ops.swapaxes(x, 1, 2), (batch, height * steps, size))
    x = ops.pad(x, [(0, 0), (0, height), (0, 0)])
    return ops.reshape(x, (batch, height, steps + 1, size))[:, :, :width]
