"""One picture, video or array of features of the user's."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import struct
import textwrap
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from rnnzoo.data.readers.arrays import Npz, read_npy
from rnnzoo.data.readers.files import kind_of
from rnnzoo.data.readers.pictures import (
    FRAMES,
    PICTURES,
    check_heif,
    in_time,
    looked_at,
    of_one_size,
    read_picture,
)
from rnnzoo.errors import DataError, MissingPackage, WrongValue
from rnnzoo.plugins import natural_key

_VIDEOS = {
    ".3gp", ".avi", ".flv", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".ogv", ".ts",
    ".webm", ".wmv",
}  # fmt: skip
_ARRAYS = {".npy", ".npz"}
MEDIA = PICTURES | _VIDEOS | _ARRAYS
MEDIA_ALONE = MEDIA - _ARRAYS - {".ts"}  # whose endings are those of nothing else
# What Pillow and PyAV raise of a file that is not what its name says, or is damaged.
UNREADABLE = (
    OSError, ValueError, SyntaxError, EOFError, LookupError, ArithmeticError, TypeError,
    AttributeError, RuntimeError, struct.error, zlib.error,
)  # fmt: skip

_PICTURE, _VIDEO = ("pictures", False), ("videos", True)


def read_media(path: str | os.PathLike) -> np.ndarray:
    """Read a picture, a video, or features that were taken from one.

    Args:
        path: a picture in any format that Pillow reads, or HEIC (pip install 'rnnzoo[heic]'); an
            animated GIF, WebP or PNG; a video file (pip install 'rnnzoo[video]'); a folder of
            frames, frame2 before frame10; an ``.npy`` file, or an ``.npz`` file of one array: of
            features (size,) or (frames, size), or bytes as below.

    Returns:
        A picture uint8 (height, width, 3), a video uint8 (FRAMES, height, width, 3), or features
        float32 (size,) or (FRAMES, size). Pictures are turned as their EXIF says, laid on white
        where they are transparent, and of 16 bits the high byte is taken. Frames are taken at even
        distances in time, some of them again where there are fewer, so that videos of any length
        train together.

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
            return _stacked([_read_frame(frame) for frame in _frame_files(path)])
        if path.suffix.lower() in _VIDEOS:
            return _read_video(path)
        return read_picture(path)
    except MissingPackage:
        raise
    except UNREADABLE as error:
        raise DataError(f"{path} can't be read: {error}", path) from error


def check_lists(path: Path) -> None:
    """Raise a ValueError of a picture or video where a folder or a list of them is expected."""
    if kind_of(path) in MEDIA_ALONE and path.is_file():
        raise DataError(
            f"{path} is a single picture or video; captions need a folder of them with a file that "
            "says what they show, classes a folder of pictures for each",
            path,
        )


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
        of_one_size(_named(frame, looked_at)[0] for frame in _frame_files(path))
        return _VIDEO
    return _VIDEO if looked_at(path)[1] else _PICTURE


def check_packages(paths: Iterable[Path]) -> None:
    """Raise MissingPackage if what reads one of these is not installed."""
    suffixes = {path.suffix.lower() for path in paths}
    if suffixes & _VIDEOS and not importlib.util.find_spec("av"):
        raise MissingPackage("videos are read by PyAV (av missing)", "video")
    if suffixes & {".heic", ".heif"}:
        check_heif()


def frames_of(folder: Path) -> list[Path]:
    """The frames of a folder, in their order: its pictures, or, without any, all its files."""
    files = [path for path in folder.iterdir() if path.is_file() and path.name[0] != "."]
    files = [path for path in files if path.suffix.lower() in PICTURES] or files
    return sorted(files, key=lambda path: (natural_key(path.name), path.name))


def _frame_files(folder):
    """The frames of a folder that are read, each once."""
    files = frames_of(folder)
    if not files:
        raise DataError(f"{folder} holds no file; expected a video's frames", folder)
    return [files[i] for i in np.unique(_evenly(len(files)))]


def _read_frame(path):
    pixels = _named(path, read_picture)
    return pixels if pixels.ndim == 3 else pixels[0]


def _named(frame, look):
    """What is seen of a frame; which one, where it can't be read."""
    try:
        return look(frame)
    except MissingPackage:
        raise
    except UNREADABLE as error:
        raise DataError(f"its frame {frame.name}: {error}", frame) from error


def _evenly(count):
    """Which FRAMES of so many to take; of fewer some again."""
    return np.linspace(0, count - 1, FRAMES).round().astype(int)


def _read_video(path):
    # Twice, rather than to hold all frames: what a file says of their number is often not so.
    with _video(path) as video:
        chosen = _shown([(frame.time, frame.duration) for frame in video.decode(video=0)], video)
    with _video(path) as video:
        frames = enumerate(video.decode(video=0))
        found = {i: frame.to_ndarray(format="rgb24") for i, frame in frames if i in chosen}
    of_one_size(frame.shape for frame in found.values())
    return np.stack([found[i] for i in chosen])


def _shown(frames, video):
    """Which frames to take, of the time at which each begins and how long it says to last."""
    if not frames:
        raise WrongValue("it holds no frame")
    starts = [start for start, _ in frames]
    if None in starts or any(np.diff(starts) <= 0):  # damaged, or of a format without times
        return _evenly(len(frames)).tolist()
    base = video.streams.video[0].time_base
    last = float((frames[-1][1] or 0) * base) or (
        float(np.median(np.diff(starts))) if len(starts) > 1 else 1.0
    )
    return in_time([*starts, starts[-1] + last])


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
    of_one_size(frame.shape for frame in frames)
    return np.stack([frames[i] for i in _evenly(len(frames))])


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
