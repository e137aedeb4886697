"""What is done to pictures before the network reads them, as graph code.

Python and exports share it, so that a picture means the same to both.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rnnzoo.data.readers.picture_sizes import nearest
from rnnzoo.platform import tf
from rnnzoo.tasks.pictures.drawings import cut, ground_of, on_ground, scaled, stretched


@dataclass(frozen=True)
class Preparation:
    """Makes a picture like those of training.

    Attributes:
        colours: 1, brightness alone, or 3.
        size: height and width that all are brought to; None where those of training differed.
        longest: of a side, to which larger ones are then brought; None where any is read.
        ground: the brightness of what drawings are on; None where pictures are no drawings.
        cuts: whether drawings of another size are cut to their strokes.
    """

    colours: int
    size: tuple[int, int] | None = None
    longest: int | None = None
    ground: int | None = None
    cuts: bool = False

    @property
    def steps(self) -> tuple[str, str, str]:
        """What can be done to a picture beyond grey or colour, or is odd about it, in words."""
        blank = "drawings without a stroke, of one brightness"
        exchanged = f"drawings with light and dark exchanged, to be {ground_said(self.ground or 0)}"
        if self.size is None:
            return (
                exchanged,
                f"pictures made smaller, to the longest side in training, {self.longest}",
                blank,
            )
        what = "drawings cut to strokes and made" if self._to_strokes else "pictures made"
        return exchanged, f"{what} {self.size[0]} x {self.size[1]}, the size in training", blank

    def __call__(self, picture: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """A picture as it is read, and which of `steps` it took.

        Args:
            picture: uint8 (height, width, 1 or 3).

        Returns:
            uint8 (height, width, colours), and bool (steps,).
        """
        colours = tf.shape(picture)[-1]
        is_either = (colours == 1) | (colours == 3)
        tf.debugging.Assert(is_either, ["x: expected 1 colour or 3, got", colours])
        x = grey(picture) if self.ground is not None or self.colours == 1 else picture
        exchanged, blank, ground = tf.constant(False), tf.constant(False), 0
        if self.ground is not None:
            ground = ground_of(x)
            blank = tf.reduce_max(x) == tf.reduce_min(x)
            exchanged = (ground > 127) != (self.ground > 127)
            x, ground = (tf.where(exchanged, 255 - each, each) for each in (x, ground))
        given = tf.shape(x)[:2]
        size = self.size_read(given)
        other = tf.reduce_any(size != given)
        x = tf.cond(other, lambda: self._at_size(x, size, ground), lambda: x)
        return _with_colours(x, self.colours), tf.stack([exchanged & ~blank, other & ~blank, blank])

    @property
    def _to_strokes(self):
        return self.cuts and self.ground is not None and self.size is not None

    def _at_size(self, x, size, ground):
        if not self._to_strokes:
            return scaled(x, size)
        return on_ground(stretched(cut(x, ground), ground), size, self.ground)

    def size_read(self, size: tf.Tensor) -> tf.Tensor:
        """The height and width at which pictures of a size are read, int32 (..., 2) both."""
        if self.size is not None:
            return tf.broadcast_to(tf.constant(self.size, tf.int32), tf.shape(size))
        if self.longest is None:
            return size
        side = tf.reduce_max(size, axis=-1, keepdims=True)
        smaller = tf.round(tf.cast(size * self.longest, tf.float64) / tf.cast(side, tf.float64))
        return tf.where(side > self.longest, tf.maximum(1, tf.cast(smaller, tf.int32)), size)

    def of_batch(self, x: tf.Tensor, mask: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Padded pictures and their mask as they are read, padded.

        Args:
            x: uint8 (n, height, width, 1 or 3).
            mask: bool (n, height, width), True at their pixels. Where a picture becomes smaller,
                what is in holes of its mask gets into the pixels around them.
        """
        rows = tf.shape(x)[0]
        spare = [0, tf.maximum(1 - rows, 0)]  # as none at all can't be stacked
        x = tf.pad(x, [spare, [0, 0], [0, 0], [0, 0]])
        mask = tf.pad(mask, [spare, [0, 0], [0, 0]])
        given = extents(mask)
        read = self.size_read(given)
        largest = tf.reduce_max(read, axis=0)

        def one(inputs):
            picture, (height, width), to = inputs[0], tf.unstack(inputs[1]), inputs[2]
            made = self(picture[:height, :width])[0]
            return tf.pad(made, [*([0, more] for more in tf.unstack(largest - to)), [0, 0]])

        spec = tf.TensorSpec([None, None, self.colours], tf.uint8)
        made = tf.map_fn(one, (x, given, read), fn_output_signature=spec)
        return made[:rows], sampled(mask, given, read, largest)[:rows]


@functools.lru_cache(maxsize=16)
def compiled(of_picture: Callable) -> Any:
    """A function of one picture, compiled for pictures of any size."""
    spec = tf.TensorSpec([None, None, None], tf.uint8)
    return tf.function(of_picture, input_signature=[spec], autograph=False)


def ground_said(ground: int) -> str:
    """What drawings are on, in words."""
    return "on a light ground" if ground > 127 else "on a dark ground"


def grey(picture: tf.Tensor) -> tf.Tensor:
    """The brightness of a picture uint8 (height, width, 1 or 3), by ITU-R BT.601 as Pillow has it:
    0.299 R + 0.587 G + 0.114 B.
    """
    parts = tf.constant([19595, 38470, 7471])  # of 65536

    def brightness():
        sums = tf.reduce_sum(tf.cast(picture, tf.int32) * parts, axis=-1, keepdims=True)
        return tf.cast((sums + 0x8000) // 0x10000, tf.uint8)

    return tf.cond(tf.shape(picture)[-1] == 3, brightness, lambda: picture[..., :1])


def _with_colours(picture, colours):
    """A picture of 1 or 3 colours with so many, which its shape says."""
    if colours == 3:
        picture = tf.broadcast_to(picture, [*tf.unstack(tf.shape(picture)[:2]), 3])
    return tf.ensure_shape(picture, [None, None, colours])


# --- sizes of pictures in a batch -----------------------------------------------------------------


def extents(mask: tf.Tensor) -> tf.Tensor:
    """Height and width of padded pictures by a mask (n, height, width): int32 (n, 2), from 1."""

    def last(axis):
        there = tf.cast(tf.reduce_any(mask, axis=axis), tf.int32)
        return tf.reduce_max(there * tf.range(1, tf.shape(there)[1] + 1), axis=1)

    return tf.maximum(1, tf.stack([last(2), last(1)], axis=-1))


def sampled(values: tf.Tensor, given: tf.Tensor, to: tf.Tensor, within: tf.Tensor) -> tf.Tensor:
    """Padded values at other heights and widths, each one of those that there are.

    As `rnnzoo.data.readers.picture_sizes.sampled` for one picture.

    Args:
        values: (n, height, width, ...).
        given: their heights and widths, int32 (n, 2).
        to: those wanted, int32 (n, 2).
        within: height and width of what is returned, int32 (2,); zeros, or False, are beyond those.
    """
    inside = []
    for axis in (0, 1):
        old, new = given[:, axis, None], to[:, axis, None]
        places = tf.range(within[axis])[None]
        at = tf.minimum(nearest(places, old, new), old - 1)
        values = tf.gather(values, at, axis=axis + 1, batch_dims=1)
        inside.append(places < new)
    there = inside[0][:, :, None] & inside[1][:, None]
    there = there[(..., *[None] * (values.shape.rank - 3))]
    return tf.where(there, values, tf.zeros((), values.dtype))
