"""Pictures on their way into a network: made upright, and as a network from elsewhere wants them."""

import sys

from rnnzoo.platform import keras, tf

# EXIF's entry of the orientation up to its value, in both byte orders: tag, type SHORT, count 1;
# at its place, last, is the byte that counts.
_LITTLE, _LITTLE_PLACE = list(b"\x12\x01\x03\x00\x01\x00\x00\x00"), 8
_BIG, _BIG_PLACE = list(b"\x01\x12\x00\x03\x00\x00\x00\x01"), 9
# Whether rows and columns run backwards, of the orientations 1 to 4; 5 to 8 have them exchanged.
_BACKWARDS = ((False, False), (False, True), (True, True), (True, False))


def upright(image, pixels):
    """Pixels turned and mirrored as the EXIF orientation of their file says; graph code.

    TensorFlow leaves it out when it decodes a picture. It is looked for in the first 64 KiB, where
    cameras write it.

    Args:
        image: the bytes of a PNG or JPEG file, a scalar string.
        pixels: (height, width, channels), as decoded from it.

    Returns:
        Pixels of the same type, with height and width exchanged where the camera lay on its side.

    Example:
        >>> on_its_side = b"Exif" + b"\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00"
        >>> upright(on_its_side, tf.zeros((2, 3, 1))).shape
        TensorShape([3, 2, 1])
    """
    start = tf.io.decode_raw(tf.strings.substr(image, 0, 1 << 16), tf.uint8)
    entries = tf.signal.frame(start, 12, 1)
    little = tf.reduce_all(entries[:, :8] == _LITTLE, axis=1)
    big = tf.reduce_all(entries[:, :8] == _BIG, axis=1)
    values = tf.where(little, entries[:, _LITTLE_PLACE], entries[:, _BIG_PLACE])
    orientation = tf.concat([values[little | big], [1]], axis=0)[0]
