"""The bytes of picture files as pixels, in the graph, so that an export reads files."""

from __future__ import annotations

import numpy as np

from rnnzoo.platform import tf

# EXIF's entry of the orientation up to its value, in both byte orders: tag, type SHORT, count 1.
_LITTLE = np.frombuffer(b"\x12\x01\x03\x00\x01\x00\x00\x00", np.uint8)
_BIG = np.frombuffer(b"\x01\x12\x00\x03\x00\x00\x00\x01", np.uint8)
# Whether rows and columns run backwards, in the orientations 1 to 4; so in 5 to 8, of pictures that
# have rows for columns.
_BACKWARDS = ((False, False), (False, True), (True, True), (True, False))


def upright(image: tf.Tensor, pixels: tf.Tensor) -> tf.Tensor:
    r"""Pixels turned and mirrored as the EXIF orientation of their file says; graph code.

    ``tf.io.decode_image`` leaves that out. The entry is looked for in the first 64 KiB, which hold
    what a camera writes of a picture.

    Args:
        image: bytes of a picture file, a scalar string.
        pixels: (height, width, channels) that were decoded from it.

    Returns:
        Pixels of the same type; height and width are exchanged where the camera lay on its side.

    Example:
        >>> exif = b"\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00"
        >>> upright(exif, tf.zeros((2, 3, 1))).shape
        TensorShape([3, 2, 1])
    """
    start = tf.io.decode_raw(tf.strings.substr(image, 0, 1 << 16), tf.uint8)
    entries = tf.stack([tf.roll(start, -i, axis=0) for i in range(10)])  # one in each column
    little = tf.reduce_all(entries[:8] == _LITTLE[:, None], axis=0)
    big = tf.reduce_all(entries[:8] == _BIG[:, None], axis=0)
    values = tf.where(little, entries[8], entries[9])
    first = tf.cast(tf.concat([values[little | big], [1]], axis=0)[0], tf.int32)
    turn = tf.where((first >= 1) & (first <= 8), first - 1, 0)
    pixels = tf.transpose(pixels, tf.where(turn >= 4, (1, 0, 2), (0, 1, 2)))
    return tf.reverse(pixels, tf.boolean_mask((0, 1), tf.gather(_BACKWARDS, turn % 4)))


def decoded(image: tf.Tensor) -> tf.Tensor:
    """Pixels uint8 (height, width, 3) of a PNG or JPEG file, as `rnnzoo.data.read_media` has them.

    That is turned as its EXIF says, on white where it is transparent; of 16 bits the high byte.

    Args:
        image: bytes of a picture file, a scalar string.
    """

    def on_white():
        rgba = tf.cast(tf.io.decode_png(image, channels=4), tf.int32)
        colour, alpha = rgba[..., :3], rgba[..., 3:]
        return tf.cast((colour * alpha + 255 * (255 - alpha) + 127) // 255, tf.uint8)

    def opaque():
        return tf.io.decode_image(image, channels=3, expand_animations=False)

    # Of what has no alpha, TensorFlow is not asked for one: of fewer than 8 bits, it makes a mess.
    before = tf.strings.split(image, "IDAT", maxsplit=1)[0]
    in_pixels = tf.reduce_any(tf.strings.substr(before, 25, 1) == [b"\x04", b"\x06"])
    aside = tf.size(tf.strings.split(before, "tRNS")) > 1
    is_png = tf.strings.substr(before, 0, 8) == b"\x89PNG\r\n\x1a\n"
    pixels = tf.cond(is_png & (in_pixels | aside), on_white, opaque)
    pixels.set_shape((None, None, 3))
    return upright(image, pixels)
