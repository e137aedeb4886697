"""Pictures as they are meant to be seen, whatever file they are in."""

import importlib.util
import random
import struct
from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

from rnnzoo import MissingPackage
from rnnzoo.data import read_media
from rnnzoo.data.readers.pictures import in_time

RANDOM = np.random.default_rng(0)
RGBA = RANDOM.integers(0, 256, (6, 8, 4), np.uint8)
RGBA[0, :, 3], RGBA[1, :, 3] = 0, 255


def on_white(rgba):
    """As it looks: rounded, in floats."""
    alpha = rgba[..., 3:] / 255
    return np.floor(rgba[..., :3] * alpha + 255 * (1 - alpha) + 0.5).astype(np.uint8)


@pytest.mark.parametrize("ending", ["png", "webp", "tif"])
def test_transparent_pictures_are_on_white(tmp_path, ending):
    options = {"lossless": True, "exact": True} if ending == "webp" else {}
    Image.fromarray(RGBA).save(tmp_path / f"a.{ending}", **options)
    read = read_media(tmp_path / f"a.{ending}")
    np.testing.assert_array_equal(read, on_white(RGBA))
    assert (read[0] == 255).all() and (read[1] == RGBA[1, :, :3]).all()


def test_transparent_grey_and_palettes_are_on_white(tmp_path):
    grey = RGBA[..., [0, 3]]
    Image.fromarray(grey).save(tmp_path / "la.png")
    as_rgba = np.concatenate([np.repeat(grey[..., :1], 3, axis=2), grey[..., 1:]], axis=2)
    np.testing.assert_array_equal(read_media(tmp_path / "la.png"), on_white(as_rgba))
    palette = Image.new("P", (8, 6), 1)
    palette.putpalette([0, 0, 0, 200, 0, 0, 0, 90, 0])
    palette.paste(2, (0, 0, 4, 6))
    for name, seen in (("a.png", {"transparency": bytes([0, 128, 255])}), ("a.gif", {})):
        palette.save(tmp_path / name, **seen)
        alpha = 128 if seen else 255
        right = on_white(np.array([200, 0, 0, alpha], np.uint8))
        assert (read_media(tmp_path / name)[:, :4] == (0, 90, 0)).all()
        assert (read_media(tmp_path / name)[:, 4:] == right).all()
    palette.save(tmp_path / "a.gif", transparency=1)
    assert (read_media(tmp_path / "a.gif")[:, 4:] == 255).all()


@pytest.mark.parametrize("value", [0, 85, 170, 255])
def test_a_value_is_the_same_in_every_depth(png, tmp_path, value):
    part = value // 85  # of 2 bits; 4 bits make five times more of it
    files = {
        "grey2": png(0, 2, [bytes([part * 85])] * 2),
        "grey4": png(0, 4, [bytes([part * 85])] * 2),
        "grey8": png(0, 8, [bytes([value] * 4)] * 2),
        "grey16": png(0, 16, [bytes([value] * 8)] * 2),
        "colour8": png(2, 8, [bytes([value] * 12)] * 2),
        "colour16": png(2, 16, [bytes([value] * 24)] * 2),
        "alpha16": png(6, 16, [bytes([*[value] * 6, 255, 255]) * 4] * 2),
    }
    if value in (0, 255):
        files["grey1"] = png(0, 1, [bytes([value])] * 2)
    for name, content in files.items():
        path = tmp_path / f"{name}.png"
        path.write_bytes(content)
        assert (read_media(path) == value).all(), name
    Image.fromarray(np.full((2, 3), value * 257, np.uint16)).save(tmp_path / "a.tif")
    assert (read_media(tmp_path / "a.tif") == value).all()


def test_the_colour_that_is_seen_through_is_that_of_the_depth(png, tmp_path):
    for depth, value in ((1, 0), (2, 1), (4, 5), (8, 85), (16, 85 * 257)):
        row = value.to_bytes(2, "big") * 4 if depth == 16 else bytes([{1: 0}.get(depth, 85)] * 4)
        (tmp_path / "a.png").write_bytes(png(0, depth, [row], tRNS=struct.pack(">H", value)))
        assert (read_media(tmp_path / "a.png") == 255).all(), depth


def test_numbers_of_which_nobody_knows_what_is_white(tmp_path):
    Image.fromarray(np.ones((2, 3), np.float32)).save(tmp_path / "f.tif")
    with pytest.raises(ValueError, match="f.tif can't be read: it holds floats; expected whole"):
        read_media(tmp_path / "f.tif")
    Image.fromarray(np.full((2, 3), 1 << 20, np.int32)).save(tmp_path / "i.tif")
    with pytest.raises(ValueError, match="from 1048576 to 1048576; expected at most 16 bits"):
        read_media(tmp_path / "i.tif")


# --- what moves -----------------------------------------------------------------------------------


def animation(path, levels, durations):
    frames = [Image.new("RGB", (8, 6), (level, level, level)) for level in levels]
    lossless = {"lossless": True} if path.suffix == ".webp" else {}
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=durations, **lossless)


@pytest.mark.parametrize("name", ["a.gif", "a.webp", "a.png", "A.APNG"])
def test_animations_are_clips(tmp_path, name):
    levels = list(range(0, 240, 15))
    animation(tmp_path / name, levels, 40)
    read = read_media(tmp_path / name)
    assert read.shape == (16, 6, 8, 3) and read.dtype == np.uint8
    assert read.mean(axis=(1, 2, 3)).round().tolist() == levels
    # Of 11 seconds, the first frame takes ten.
    animation(tmp_path / name, [0, 100, 200], [10_000, 500, 500])
    shown = read_media(tmp_path / name).mean(axis=(1, 2, 3)).round().tolist()
    assert shown.count(0) == 14 and shown[-1] == 200 and 100 in shown
    animation(tmp_path / name, [70], 40)
    assert read_media(tmp_path / name).shape == (6, 8, 3)  # nothing moves


def test_frames_are_taken_in_time():
    even = in_time(range(31))
    assert even == np.linspace(0, 29, 16).round().astype(int).tolist()
    assert in_time([0, 1]) == [0] * 16
    assert in_time([5, 6, 7]) == [0] * 8 + [1] * 8


def test_frames_of_a_folder_are_in_natural_order(tmp_path):
    for number in range(1, 13):
        Image.new("L", (4, 3), number).save(tmp_path / f"frame{number}.png")
    (tmp_path / "notes.txt").write_text("no frame")
    (tmp_path / "Thumbs.db").write_bytes(b"no frame")
    shown = read_media(tmp_path)[:, 0, 0, 0].tolist()
    assert shown == sorted(shown) and shown[0] == 1 and shown[-1] == 12
    (tmp_path / "frame7.png").write_bytes(b"no picture")
    with pytest.raises(ValueError, match="can't be read: its frame frame7.png: cannot identify"):
        read_media(tmp_path)


@pytest.mark.skipif(not importlib.util.find_spec("av"), reason="pip install 'rnnzoo[video]'")
def test_a_variable_frame_rate_is_read_by_time(tmp_path):
    import av

    path, times = tmp_path / "a.mkv", [0, 1000, 1100, 1200]  # in milliseconds
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=1000)
        stream.width, stream.height, stream.pix_fmt = 32, 16, "bgr0"
        for level, time in zip((0, 80, 160, 240), times, strict=True):
            frame = av.VideoFrame.from_ndarray(
                np.full((16, 32, 3), level, np.uint8), format="rgb24"
            )
            frame.pts, frame.time_base = time, Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    shown = read_media(path).mean(axis=(1, 2, 3)).round().tolist()
    assert shown.count(0) >= 10 and shown[0] == 0 and shown[-1] == 240 and shown == sorted(shown)


# --- HEIC -----------------------------------------------------------------------------------------


def test_what_to_install_for_heic_is_said(tmp_path, monkeypatch):
    (tmp_path / "a.jpg").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0")
    (tmp_path / "a.HEIC").touch()
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name, *args: name != "pillow_heif" and found(name, *args),
    )
    for name in ("a.jpg", "a.HEIC"):  # a phone's pictures keep their bytes under another name
        with pytest.raises(MissingPackage, match=r"pillow_heif missing.*rnnzoo\[heic\]"):
            read_media(tmp_path / name)


@pytest.mark.skipif(
    not importlib.util.find_spec("pillow_heif"), reason="pip install 'rnnzoo[heic]'"
)
@pytest.mark.parametrize("name", ["a.heic", "a.jpg"])
def test_heic(tmp_path, name):
    import pillow_heif

    pillow_heif.from_pillow(Image.new("RGB", (64, 32), (200, 40, 40))).save(tmp_path / "x.heic")
    (tmp_path / "x.heic").rename(tmp_path / name)
    read = read_media(tmp_path / name)
    assert read.shape == (32, 64, 3) and abs(read.astype(int) - (200, 40, 40)).max() < 6


@pytest.mark.filterwarnings("error")
def test_damaged_animations(tmp_path):
    """Each is read, or told of."""
    rng = random.Random(0)
    for name in ("a.gif", "a.webp", "a.png"):
        animation(tmp_path / name, range(0, 250, 50), 40)
        whole = (tmp_path / name).read_bytes()
        for _ in range(60):
            content, at = bytearray(whole), rng.randrange(len(whole))
            if rng.random() < 0.5:
                content[at] ^= 1 << rng.randrange(8)
            else:
                del content[at : at + rng.randrange(1, len(whole))]
            (tmp_path / name).write_bytes(content)
            try:
                assert read_media(tmp_path / name).dtype == np.uint8
            except ValueError as error:
                assert name in str(error)
