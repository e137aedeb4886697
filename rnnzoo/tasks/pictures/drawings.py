"""Drawings, strokes on a plain ground, grey: uint8 (height, width, 1), as graph code."""

from __future__ import annotations

from rnnzoo.platform import tf


def ground_of(picture: tf.Tensor) -> tf.Tensor:
    """The brightness of the plain ground of a drawing: the median of what is at its edges."""
    grey = picture[..., 0]
    edges = tf.sort(tf.concat([grey[0], grey[-1], grey[:, 0], grey[:, -1]], axis=0))
    middle = tf.size(edges) // 2  # of an even number
    return tf.reduce_sum(tf.cast(edges[middle - 1 : middle + 1], tf.int32)) // 2


def cut(picture: tf.Tensor, ground: tf.Tensor) -> tf.Tensor:
    """A drawing without what is plain around it; a plain one as it is."""
    away = tf.abs(tf.cast(picture[..., 0], tf.int32) - ground)
    most = tf.reduce_max(away)
    strokes = (away * 4 > most) | (most == 0)
    rows, columns = (tf.where(tf.reduce_any(strokes, axis=axis))[:, 0] for axis in (1, 0))
    return picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def stretched(picture: tf.Tensor, ground: tf.Tensor | int) -> tf.Tensor:
    """A drawing whose strokes are as far from the ground as can be."""
    from_ground = tf.cast(tf.cast(picture, tf.int32) - ground, tf.float32)
    far = tf.cast(tf.where(ground <= 127, 255 - ground, ground), tf.float32)
    most = tf.maximum(1.0, tf.reduce_max(tf.abs(from_ground)))
    found = tf.cast(ground, tf.float32) + from_ground / most * far
    return tf.cast(tf.clip_by_value(tf.round(found), 0, 255), tf.uint8)


def scaled(picture: tf.Tensor, size: tf.Tensor) -> tf.Tensor:
    """A picture at another height and width, int32 (2,), as means of areas."""
    found = tf.image.resize(picture, size, tf.image.ResizeMethod.AREA)
    return tf.cast(tf.round(found), tf.uint8)


def on_ground(picture: tf.Tensor, size: tf.Tensor, ground: int) -> tf.Tensor:
    """A drawing in the middle of a plain picture of a size, as large as fits in it."""
    given = tf.shape(picture)[:2]
    factor = tf.reduce_min(tf.cast(size, tf.float64) / tf.cast(given, tf.float64))
    inner = tf.cast(tf.round(tf.cast(given, tf.float64) * factor), tf.int32)
    inner = tf.clip_by_value(inner, 1, size)
    top, left = tf.unstack((size - inner) // 2)
    below, right = tf.unstack(size - inner - (size - inner) // 2)
    small = stretched(scaled(picture, inner), ground)
    return tf.pad(small, [[top, below], [left, right], [0, 0]], constant_values=ground)
