"""The bytes of picture files as pixels."""

import io

import numpy as np
import pytest
from PIL import Image, ImageOps

from rnnzoo.data import read_media
from rnnzoo.platform import tf
from rnnzoo.tasks.picture_files import decoded, upright


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


def test_every_kind_of_png_is_decoded_as_training_reads_it(png, tmp_path):
    """Of all colours and depths, with and without what can be seen through."""
    random = np.random.default_rng(0)
    decode = tf.function(decoded, input_signature=[tf.TensorSpec((), tf.string)])
    palette = {"PLTE": random.bytes(3 * 2)}
    kinds = [(0, depth, 1) for depth in (1, 2, 4, 8, 16)] + [(3, 1, 1)]
    kinds += [(colour, depth, n) for depth in (8, 16) for colour, n in ((2, 3), (4, 2), (6, 4))]
    for colour, depth, channels in kinds:
        rows = [random.bytes(depth * channels) for _ in range(4)]
        seen = {3: bytes([0, 128]), 0: b"\0\1", 2: b"".join(b"\0%c" % c for c in rows[0][:3])}
        if depth == 16:
            seen = {0: rows[0][:2], 2: rows[0][:6]}
        for chunks in ({}, {"tRNS": seen[colour]}) if colour in seen else ({},):
            image = png(colour, depth, rows, **(palette if colour == 3 else {}), **chunks)
            (tmp_path / "a.png").write_bytes(image)
            expected = read_media(tmp_path / "a.png")
            np.testing.assert_array_equal(decode(image), expected, f"{colour} {depth} {chunks}")


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "BMP"])
def test_what_is_opaque_is_decoded_as_it_is(tmp_path, file_format):
    pixels = np.random.default_rng(0).integers(0, 256, (8, 6, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, file_format)
    image = file.getvalue()
    expected = tf.io.decode_image(image, channels=3, expand_animations=False)
    np.testing.assert_array_equal(decoded(image), expected)
