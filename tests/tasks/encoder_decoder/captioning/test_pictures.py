"""Pictures on their way into a network."""

import io

import numpy as np
import pytest
from PIL import Image, ImageOps

from rnnzoo.platform import tf
from rnnzoo.tasks.encoder_decoder.captioning.pictures import upright


@tf.function(input_signature=[tf.TensorSpec([], tf.string)])
def _decoded(image):
    return upright(image, tf.io.decode_image(image, channels=3, expand_animations=False))


def _saved(file_format, exif):
    """Bytes of a picture without symmetry, and its pixels as Pillow has them upright."""
    pixels = np.repeat(np.random.default_rng(0).integers(0, 256, (6, 10, 1), np.uint8), 3, axis=2)
    image = Image.fromarray(pixels).resize((80, 48), Image.Resampling.NEAREST)
    file = io.BytesIO()
    image.save(file, file_format, exif=exif)
    with Image.open(file) as opened:
        return file.getvalue(), np.asarray(ImageOps.exif_transpose(opened))


@pytest.mark.parametrize("file_format", ["JPEG", "PNG"])
@pytest.mark.parametrize("byte_order", ["<", ">"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_upright_is_what_pillow_makes_of_the_orientation(file_format, byte_order, orientation):
    exif = Image.Exif()
    exif.endian = byte_order
    exif[0x010F] = "a maker of cameras"
    exif[0x0112] = orientation
    image, expected = _saved(file_format, exif)
    assert expected.shape == ((48, 80, 3) if orientation < 5 else (80, 48, 3))
    np.testing.assert_allclose(_decoded(image), expected, atol=3)  # two decoders of JPEG
    pixels = tf.io.decode_image(image, channels=3)
    np.testing.assert_array_equal(upright(image, pixels), _decoded(image))


@pytest.mark.parametrize("orientation", [None, 0, 9])
def test_upright_leaves_what_says_no_orientation(orientation):
    exif = Image.Exif()
    if orientation is not None:
        exif[0x0112] = orientation
    image, expected = _saved("PNG", exif)
    np.testing.assert_array_equal(_decoded(image), expected)
