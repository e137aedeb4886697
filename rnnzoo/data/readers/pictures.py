"""One picture or animation of the user's, as it is meant to be seen: upright, on white, 8 bits."""

from __future__ import annotations

import contextlib
import importlib.util
import itertools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rnnzoo.errors import MissingPackage, WrongValue

if TYPE_CHECKING:
    from PIL import Image

FRAMES = 16  # of a video, at even distances; of a shorter one some come again

# By their names; what a file is, is then told by its bytes.
PICTURES = {
    ".avif", ".bmp", ".gif", ".heic", ".heif", ".jfif", ".jp2", ".jpe", ".jpeg", ".jpg", ".pbm",
    ".pgm", ".png", ".pnm", ".ppm", ".tga", ".tif", ".tiff", ".webp",
}  # fmt: skip
_HEIF = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_ANIMATED = {"GIF", "PNG", "WEBP", "AVIF"}  # of others several pictures are pages, or views
_ORIENTATION = 0x0112  # EXIF's number for how the camera was held
_UNSAID = 100  # milliseconds that browsers show a frame whose time is not said


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Image.Image]:
    """A picture file, open, of which nothing is decoded yet.

    Raises:
        MissingPackage: it is HEIC, and what reads that is not installed.
        OSError, ValueError, SyntaxError, EOFError: it is no picture, or damaged, or too large.
    """
    from PIL import Image

    with path.open("rb") as file:
        head = file.read(12)
    if head[4:8] == b"ftyp" and head[8:] in _HEIF:
        check_heif()
        import pillow_heif

        pillow_heif.register_heif_opener()
    try:
        with Image.open(path) as picture:
            yield picture
    except Image.DecompressionBombError as error:
        raise WrongValue(f"{error} Make it smaller.") from error


def check_heif() -> None:
    """Raise MissingPackage if what reads HEIC is not installed."""
    if not importlib.util.find_spec("pillow_heif"):
        raise MissingPackage("HEIC is read by pillow-heif (pillow_heif missing)", "heic")


def looked_at(path: Path) -> tuple[tuple[int, int], bool]:
    """Width and height of a picture as it is read, and whether it moves; it is quickly decoded.

    Raises:
        As `opened` does.
    """
    with opened(path) as picture:
        size, moves = picture.size, _moves(picture)
        picture.draft("RGB", (64, 64))  # a JPEG is then quickly read
        picture.load()
        _check_range(picture)
        on_its_side = picture.getexif().get(_ORIENTATION) in range(5, 9)
    return (size[::-1] if on_its_side else size), moves


def read_picture(path: Path) -> np.ndarray:
    """The pixels of a picture or of an animation, uint8 (height, width, 3) or (FRAMES, ...).

    Raises:
        As `opened` does.
    """
    with opened(path) as picture:
        if not _moves(picture):
            return _pixels(picture)
        # Twice, rather than to hold all frames.
        durations = []
        for i in range(getattr(picture, "n_frames", 1)):
            picture.seek(i)
            picture.load()  # a WebP says only then how long
            durations.append(picture.info.get("duration") or _UNSAID)
        starts = list(itertools.accumulate(durations, initial=0))
        chosen = in_time(starts)
        frames = {}
        for i in sorted(set(chosen)):
            picture.seek(i)
            frames[i] = _pixels(picture)
        return np.stack([frames[i] for i in chosen])


def in_time(starts: Sequence[float]) -> list[int]:
    """Which FRAMES to take of a video: those shown at even distances in time.

    The times go from the middle of the first frame to that of the last one, so that of frames of
    one length as many are taken from one end as from the other.

    Args:
        starts: when each frame begins, rising, and when the last one ends.

    >>> in_time(range(17)) == list(range(16))
    True
    >>> in_time([0, 60, 61, 62])[:14]
    [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    """
    edges = np.asarray(starts, float)
    first, last = edges[:2].mean(), edges[-2:].mean()
    frames = np.searchsorted(edges, np.linspace(first, last, FRAMES), "right") - 1
    return frames.clip(0, len(edges) - 2).tolist()


def _moves(picture):
    return picture.format in _ANIMATED and getattr(picture, "n_frames", 1) > 1


def _pixels(picture):
    """As RGB: turned as its camera was held, and what can be seen through lies on white."""
    from PIL import Image, ImageOps

    _scale_transparency(picture)
    picture = ImageOps.exif_transpose(picture)
    if picture.mode.startswith(("I", "F")):
        _check_range(picture)
        values = np.asarray(picture)
        alpha = np.full(values.shape, 255, np.uint8)
        alpha[values == picture.info.get("transparency", -1)] = 0
        # Of 16 bits, which `convert` would cut off at 255, the high byte.
        grey = Image.fromarray((values >> 8).astype(np.uint8))
        picture = Image.merge("LA", (grey, Image.fromarray(alpha)))
    if not picture.has_transparency_data:
        return np.asarray(picture.convert("RGB"))
    return on_white(np.asarray(picture.convert("RGBA")))


def _scale_transparency(picture):
    """The colour that a PNG says can be seen through, in the 8 bits that Pillow makes of its."""
    seen_through = picture.info.get("transparency")
    layout = picture.tile[0].args if picture.tile else None
    if layout == "RGB;16B" and isinstance(seen_through, tuple):
        picture.info["transparency"] = tuple(value >> 8 for value in seen_through)
    elif layout in ("L;2", "L;4") and isinstance(seen_through, int):
        picture.info["transparency"] = seen_through * {"L;2": 85, "L;4": 17}[layout]


def on_white(rgba: np.ndarray) -> np.ndarray:
    """Pixels uint8 (..., 4) laid on white: uint8 (..., 3).

    An export does the same in TensorFlow, see `decoded` of the captioner's pictures.

    >>> on_white(np.array([[10, 20, 30, 255], [10, 20, 30, 0]], np.uint8)).tolist()
    [[10, 20, 30], [255, 255, 255]]
    """
    colour, alpha = rgba[..., :3].astype(np.int32), rgba[..., 3:].astype(np.int32)
    return ((colour * alpha + 255 * (255 - alpha) + 127) // 255).astype(np.uint8)


def _check_range(picture):
    """Refuse numbers of which nobody knows what is white."""
    if picture.mode.startswith("F"):
        raise WrongValue("it holds floats; expected whole numbers of at most 16 bits: convert it")
    if picture.mode == "I":
        low, high = picture.getextrema()
        if low < 0 or high >= 1 << 16:
            raise WrongValue(
                f"it holds numbers from {low} to {high}; expected at most 16 bits: convert it"
            )


def of_one_size(sizes: Iterable[tuple[int, ...]]) -> None:
    """Raise a ValueError unless frames are all of one size."""
    if len(set(sizes)) != 1:
        raise WrongValue("its frames are of different sizes, or there are none")
