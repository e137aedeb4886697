"""One picture, video or array of features of the user's."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from rnnzoo.data.readers.arrays import Npz, read_npy
from rnnzoo.errors import DataError, MissingPackage, WrongValue

FRAMES = 16  # of a video, at even distances; of a shorter one some come again

_VIDEOS = {".avi", ".gif", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".webm"}
_ARRAYS = {".npy", ".npz"}
# What Pillow and PyAV raise of a file that is not what its name says, or was cut off.
UNREADABLE = (OSError, ValueError, SyntaxError, EOFError)

_PICTURE, _VIDEO = ("pictures", False), ("videos", True)
_ORIENTATION = 0x0112  # EXIF's number for how the camera was held


def read_media(path: str | os.PathLike) -> np.ndarray:
    """Read a picture, a video, or features that were taken from one.

    Args:
        path: a picture in any format that Pillow reads; a video file (pip install 'rnnzoo[video]');
            a folder of frames, in the order of their names; an ``.npy`` file, or an ``.npz`` file
            of one array: of features (size,) or (frames, size), or bytes as below.

    Returns:
        A picture uint8 (height, width, 3), a video uint8 (FRAMES, height, width, 3), or features
        float32 (size,) or (FRAMES, size). Frames are taken at even distances, some of them again
        where there are fewer, so that videos of any length train together.

    Raises:
        FileNotFoundError: there is no such path.
        MissingPackage: what reads it is not installed.
        ValueError: it is nothing of that, or damaged.

    Example:
        ``read_media("Images/dog.jpg").shape``
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"{path}: there is no such file or folder")
    check_packages([path])
    if path.suffix.lower() in _ARRAYS and path.is_file():
        array = _array(path)
        array = array[_evenly(len(array))] if array.ndim in (2, 4) else array
        return np.array(array)  # a copy, as each array that is mapped holds a file open
    try:
        if path.is_dir():
            return _stacked([_read_picture(frame) for frame in _frame_files(path)])
        if path.suffix.lower() in _VIDEOS:
            return _read_video(path)
        return _read_picture(path)
    except UNREADABLE as error:
        raise DataError(f"{path} can't be read: {error}", path) from error


class MediaFiles(Sequence):
    """Media that are read when they are asked for."""

    def __init__(self, paths):
        self._paths = paths

    def __len__(self):
        return len(self._paths)

    def __getitem__(self, i):
        return read_media(self._paths[i])


def file_digest(path: Path) -> bytes:
    """SHA-256 of a file, or of the frames of a folder that are read."""
    files = _frame_files(path) if path.is_dir() else [path]
    sha256 = hashlib.sha256()
    for one in files:
        with one.open("rb") as file:
            sha256.update(hashlib.file_digest(file, "sha256").digest())
    return sha256.digest()


def kind(path: Path) -> tuple[str, bool]:
    """Words for what it is, and whether it has frames, after a look at whether it opens.

    Raises:
        UNREADABLE: one of these, if it doesn't.
    """
    if path.suffix.lower() in _ARRAYS and path.is_file():
        array = _array(path)
        if array.dtype == np.uint8:
            return _VIDEO if array.ndim == 4 else _PICTURE
        if array.ndim == 1:
            return f"features of size {len(array)}", False
        return f"sequences of features of size {array.shape[1]}", True
    if path.suffix.lower() in _VIDEOS and path.is_file():
        with _video(path):
            return _VIDEO
    if path.is_dir():
        _check_one_size(_picture_size(frame) for frame in _frame_files(path))
        return _VIDEO
    _picture_size(path)
    return _PICTURE


def _picture_size(path):
    """Of a picture as it is read, after a look at whether it can be."""
    with _opened(path) as picture:
        size = picture.size
        picture.draft("RGB", (64, 64))  # a JPEG is then quickly read
        picture.load()
        on_its_side = picture.getexif().get(_ORIENTATION) in range(5, 9)
    return size[::-1] if on_its_side else size


def check_packages(paths: Iterable[Path]) -> None:
    """Raise MissingPackage if what reads one of these is not installed."""
    videos = any(path.suffix.lower() in _VIDEOS for path in paths)
    if videos and not importlib.util.find_spec("av"):
        raise MissingPackage("videos are read by PyAV (av missing)", "video")


def _frame_files(folder):
    """The frames of a folder that are read, each once."""
    files = sorted(
        path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")
    )
    if not files:
        raise DataError(f"{folder} holds no file; expected a video's frames", folder)
    return [files[i] for i in np.unique(_evenly(len(files)))]


def _evenly(count):
    """Which FRAMES of so many to take; of fewer some again."""
    return np.linspace(0, count - 1, FRAMES).round().astype(int)


@contextlib.contextmanager
def _opened(path):
    from PIL import Image

    try:
        with Image.open(path) as picture:
            yield picture
    except Image.DecompressionBombError as error:
        raise WrongValue(f"{error} Make it smaller.") from error


def _read_picture(path):
    from PIL import Image, ImageOps

    with _opened(path) as picture:
        # A camera says how it was held, rather than to turn what it took.
        picture = ImageOps.exif_transpose(picture)
        if picture.mode.startswith("I"):  # grey of 16 bits, which `convert` would cut off at 255
            high = np.asarray(picture) >> 8
            picture = Image.fromarray(high.clip(0, 255).astype(np.uint8))
        return np.asarray(picture.convert("RGB"))


def _read_video(path):
    # Twice, rather than to hold all frames: what a file says of their number is often not so.
    with _video(path) as video:
        chosen = set(_evenly(sum(1 for _ in video.decode(video=0))).tolist())
    with _video(path) as video:
        frames = enumerate(video.decode(video=0))
        return _stacked([frame.to_ndarray(format="rgb24") for i, frame in frames if i in chosen])


@contextlib.contextmanager
def _video(path):
    """An open video file. (Not by imageio, which collects garbage each time that it closes one: a
    second beside TensorFlow's graphs.)
    """
    import av

    with av.open(str(path)) as container:
        if not container.streams.video:
            raise WrongValue("it holds no video")
        yield container


def _stacked(frames):
    """FRAMES of them, in one array."""
    _check_one_size(frame.shape for frame in frames)
    return np.stack([frames[i] for i in _evenly(len(frames))])


def _check_one_size(sizes):
    if len(set(sizes)) != 1:
        raise WrongValue("its frames are of different sizes, or there are none")


def _array(path):
    """The one array of a file, never anything that could run code."""
    if path.suffix.lower() == ".npy":
        array = read_npy(path)
    else:
        arrays = Npz(path)
        if len(arrays) != 1:
            names = textwrap.shorten(", ".join(arrays), 200, placeholder="...") or "none"
            raise DataError(f"{path} holds the arrays {names}; expected one", path)
        (array,) = arrays.values()
    if array.dtype.kind == "f":
        with np.errstate(over="ignore", invalid="ignore"):  # such numbers are found below
            array = array.astype(np.float32)
    pixels = array.dtype == np.uint8 and array.ndim in (3, 4) and array.shape[-1] == 3
    features = array.dtype.kind == "f" and array.ndim in (1, 2) and np.isfinite(array).all()
    if not (pixels or features):
        raise DataError(
            f"{path} holds shape {array.shape} of type {array.dtype}; expected finite floats "
            "(size,) or (frames, size), or uint8 (height, width, 3) or (frames, height, width, 3)",
            path,
        )
    return array
