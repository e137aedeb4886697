"""Pictures and videos with what is said of each: by name, or the user's own."""

import collections
import contextlib
import csv
import functools
import hashlib
import importlib.util
import io
import itertools
import json
import os
import re
import warnings
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from rnnzoo.data.names import no_such_source
from rnnzoo.data.pipelines.splits import shared_out
from rnnzoo.data.readers.text import decoded
from rnnzoo.data.sets import openmoji
from rnnzoo.data.sets.emoji_captions import pictures
from rnnzoo.data.sets.moving_emoji import clips
from rnnzoo.data.sets.prepare import import_tfds, prepared, read

COCO_URL = "http://images.cocodataset.org/annotations/annotations_trainval2014.zip"
FRAMES = 16  # of a video of one's own, at even distances; of a shorter one some come again

_SPLITS = {"train": "train", "test": "test"}
_SPLITS |= dict.fromkeys(("dev", "val", "validation"), "validation")
_VIDEOS = {".avi", ".gif", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".webm"}
_ARRAYS = {".npy", ".npz"}
# What Pillow, NumPy and PyAV raise of a file that is not what its name says, or was cut off.
_UNREADABLE = (OSError, ValueError, SyntaxError, EOFError, zipfile.BadZipFile)


@dataclass(frozen=True)
class Captions:
    """Media with what is said of each.

    Attributes:
        media: of arrays: pictures uint8 (height, width, 3) of any size, videos uint8 (frames,
            height, width, 3), or features float32 (size,) or (frames, size); may read each only
            when it is asked for.
        captions: one or more of each.
        names: of each, to show.
    """

    media: Sequence
    captions: tuple[tuple[str, ...], ...]
    names: tuple[str, ...]

    def __len__(self):
        return len(self.captions)


@dataclass(frozen=True)
class CaptionData:
    """Captioned media in parts that share none.

    Attributes:
        name: of the source, as `load_captions` took it.
        train, validation, test: `Captions`; test may be empty.
        composition: words that train has, in combinations it has not; None if that is not known.
        video: whether the media are sequences of frames.
        metadata: plain data that belongs beside a result: ``source``, ``sha256`` of each part, and
            as known ``license``.
    """

    name: str
    train: Captions
    validation: Captions
    test: Captions
    composition: Captions | None = None
    video: bool = False
    metadata: dict[str, Any] = field(default_factory=dict)


def load_captions(
    source: str | os.PathLike = "emoji_captions", *, validation: float = 0.1, test: float = 0.1
) -> CaptionData:
    """Load captioned pictures or videos by name or path.

    Args:
        source: one of
            ``"emoji_captions"``, 64 x 64 pictures of emoji with their English names (pip install
            'rnnzoo[captioning]'), split by what they show, no matter the skin tone or gender;
            ``"emoji_captions/de"`` and so on, see CAPTIONS, the same in another language;
            ``"moving_emoji"``, clips of a picture that moves, with three sentences each (pip
            install 'rnnzoo[video]'); the test split has pictures of its own, the others motions;
            ``"coco_captions"``, photographs with five captions each, through TFDS, which downloads
            them once (20 GB), in the splits of Karpathy and Li (2015), made smaller;
            the path of a folder with pictures, in it or in folders in it, and one file that says
            what they show: lines ``name.jpg<TAB>caption`` or ``name.jpg#0<TAB>caption``, or CSV
            under the line ``image,caption`` or ``image,caption,split`` (train, validation or test).
            Several lines of one picture are several captions. In place of pictures it may name
            videos, folders of frames, or files of features, as `read_media` reads them.
        validation, test: shares of own media that are held out, the same ones each time, where no
            column split says which.

    Raises:
        FileNotFoundError: no source of that name and no such folder; a package is missing.
        ValueError: the data is not as above (with file and line number), or nothing can be read.
        ConnectionError: it must be downloaded, and the network does not answer.

    Warns:
        UserWarning: media that are missing or unreadable, which are left out.

    Example:
        ``load_captions("Flickr8k").train.captions[0]``
    """
    if isinstance(source, str) and source in _NAMED:
        return _NAMED[source](source)
    if not (validation > 0 and test >= 0 and validation + test < 1):
        raise ValueError(
            f"validation={validation}, test={test}: expected shares that leave something to train "
            "on, and to validate on"
        )
    folder = Path(source)
    if not os.fspath(source) or not folder.is_dir():
        raise no_such_source(source, "a folder with pictures and a file of captions", CAPTIONS)
    return _own(folder, validation, test)


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
        FileNotFoundError: there is no such path; a package is missing.
        ValueError: it is nothing of that, or damaged.

    Example:
        ``read_media("Images/dog.jpg").shape``
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"{path}: there is no such file or folder")
    _check_packages([path])
    try:
        if path.is_dir():
            return _stacked([_read_picture(frame) for frame in _frame_files(path)])
        if path.suffix.lower() in _ARRAYS:
            array = _array(path)
            array = array[_evenly(len(array))] if array.ndim in (2, 4) else array
            return array if array.dtype == np.uint8 else array.astype(np.float32)
        if path.suffix.lower() in _VIDEOS:
            return _read_video(path)
        return _read_picture(path)
    except _UNREADABLE as error:
        raise ValueError(f"{path} can't be read: {error}") from error


# --- by name --------------------------------------------------------------------------------------


def _emoji_captions(name) -> CaptionData:
    import_tfds()
    from rnnzoo.data.sets.emoji_captions.builder import EmojiCaptions

    language = name.partition("/")[2] or pictures.LANGUAGES[0]
    builder = prepared(functools.partial(EmojiCaptions, config=pictures.config(language)))
    parts = {
        split: _examples(read(builder, split), "image", "captions") for split in pictures.SPLITS
    }
    return _data(name, parts, source=openmoji.URL, license=openmoji.LICENSE, language=language)


def _moving_emoji(name) -> CaptionData:
    import_tfds()
    from rnnzoo.data.sets.moving_emoji.builder import MovingEmoji

    builder = prepared(MovingEmoji)
    found = {"train": [], "validation": [], "test": list(read(builder, "test")), "composition": []}
    for example in itertools.chain(read(builder, "train"), read(builder, "validation")):
        found[clips.caption_split(example["name"].decode(), example["label"])].append(example)
    parts = {split: _examples(of_one, "frames", "sentences") for split, of_one in found.items()}
    return _data(name, parts, video=True, source=clips.URL, license=clips.LICENSE)


def _examples(found, media, captions) -> Captions:
    found = list(found)
    return Captions(
        [example[media] for example in found],
        tuple(tuple(caption.decode() for caption in example[captions]) for example in found),
        tuple(example["name"].decode() for example in found),
    )


def _data(name, parts, video=False, **metadata) -> CaptionData:
    metadata["sha256"] = {
        split: _digest(part, (np.ascontiguousarray(x) for x in part.media))
        for split, part in parts.items()
    }
    return CaptionData(name, **parts, video=video, metadata=metadata)


def _digest(part, contents) -> str:
    """Of names, captions and contents, each something with bytes."""
    sha256 = hashlib.sha256(json.dumps([part.names, part.captions]).encode())
    for content in contents:
        sha256.update(content)
    return sha256.hexdigest()


COCO_SIDE = 128


def _coco_captions(name) -> CaptionData:
    builder = prepared(functools.partial(import_tfds().builder, name), COCO_URL)
    # As is usual: what was left of COCO's own validation split is trained on, too.
    splits = {"train": "train+restval", "validation": "val", "test": "test"}
    parts, sha256 = {}, {}
    for split, of_tfds in splits.items():
        parts[split], sha256[split] = _small_on_disk(builder, of_tfds)
    metadata = {"source": builder.info.homepage, "sha256": sha256}
    return CaptionData(name, **parts, metadata=metadata)


def _small_on_disk(builder, split):
    """Small pictures in a file beside TFDS's that is mapped, not read; and their digest."""
    begin = Path(builder.data_path) / f"{split}_{COCO_SIDE}"
    pixels_path, rest_path = begin.with_suffix(".npy"), begin.with_suffix(".json")
    if not rest_path.exists():
        rest = {"shapes": [], "captions": [], "names": []}
        total = 0
        with pixels_path.open("wb") as file:
            _write_header(file, total)
            for example in read(builder, split):
                small = _small(example["image"])
                file.write(small.tobytes())
                total += small.size
                rest["shapes"].append(small.shape)
                rest["captions"].append([c.decode() for c in example["captions"]["text"]])
                rest["names"].append(example["image/filename"].decode())
            file.seek(0)
            _write_header(file, total)
        with pixels_path.open("rb") as file:
            rest["sha256"] = hashlib.file_digest(file, "sha256").hexdigest()
        beside = rest_path.with_suffix(".part")
        beside.write_text(json.dumps(rest), encoding="utf-8")
        os.replace(beside, rest_path)  # last: where it is, all is
    rest = json.loads(rest_path.read_text(encoding="utf-8"))
    media = _Pictures(np.load(pixels_path, mmap_mode="r"), rest["shapes"])
    part = Captions(media, tuple(map(tuple, rest["captions"])), tuple(rest["names"]))
    return part, _digest(part, [rest["sha256"].encode()])


def _write_header(file, total):
    """Of bytes whose number shows at the end only; NumPy leaves room for it to grow."""
    header = {"descr": "|u1", "fortran_order": False, "shape": (total,)}
    np.lib.format.write_array_header_1_0(file, header)


def _small(picture):
    """COCO_SIDE pixels on the shorter side, or as few as it has."""
    from PIL import Image

    height, width = picture.shape[:2]
    scale = min(1, COCO_SIDE / min(height, width))
    size = round(width * scale), round(height * scale)
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BOX))


class _Pictures(Sequence):
    """Pictures one after the other in an array of bytes."""

    def __init__(self, pixels, shapes):
        self._pixels = pixels
        self._shapes = shapes
        self._ends = np.cumsum([np.prod(shape) for shape in shapes])

    def __len__(self):
        return len(self._shapes)

    def __getitem__(self, i):
        begin = self._ends[i - 1] if i else 0
        return np.asarray(self._pixels[begin : self._ends[i]]).reshape(self._shapes[i])


_NAMED = {
    "emoji_captions": _emoji_captions,
    **{f"emoji_captions/{language}": _emoji_captions for language in pictures.LANGUAGES[1:]},
    "moving_emoji": _moving_emoji,
    "coco_captions": _coco_captions,
}
CAPTIONS = tuple(_NAMED)  # the names that `load_captions` takes


# --- the user's own -------------------------------------------------------------------------------


@dataclass
class _Medium:
    """What the file of captions says of one path."""

    name: str
    captions: list[str] = field(default_factory=list)
    split: str | None = None


class _Files(Sequence):
    """Media that are read when they are asked for."""

    def __init__(self, paths):
        self._paths = paths

    def __len__(self):
        return len(self._paths)

    def __getitem__(self, i):
        return read_media(self._paths[i])


def _own(folder, validation, test) -> CaptionData:
    file = _captions_file(folder)
    media, lost = _listed(folder, file)
    _check_packages(media)
    kinds = {}
    for path, medium in media.items():
        try:
            kinds[path] = _kind(path)
        except _UNREADABLE as error:
            lost[medium.name] = str(error)
    of_kind = collections.Counter(kinds.values())
    if lost:
        some = ", ".join(list(lost)[:5]) + ", ..." * (len(lost) > 5)
        words = f"{file}: {len(lost)} of the media it names are missing or can't be read: {some}"
        why = next(iter(lost.values()))
        if not kinds:
            raise ValueError(f"{words}; nothing is left. Of the first: {why}")
        warnings.warn(f"{words}; they are left out. Of the first: {why}", stacklevel=3)
    if len(of_kind) > 1:
        found = ", ".join(f"{count} {words}" for (words, _), count in of_kind.items())
        raise ValueError(f"{folder} holds media of several kinds ({found}); expected one")
    ((_, video),) = of_kind
    parts, sha256 = {}, {}
    for split, paths in _split({p: media[p] for p in kinds}, file, validation, test).items():
        parts[split] = Captions(
            _Files(paths),
            tuple(tuple(media[path].captions) for path in paths),
            tuple(media[path].name for path in paths),
        )
        sha256[split] = _digest(parts[split], map(_file_digest, paths))
    metadata = {"source": folder.absolute().name, "sha256": sha256}
    return CaptionData(os.fspath(folder), **parts, video=video, metadata=metadata)


def _captions_file(folder):
    found = sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in (".txt", ".csv", ".tsv", ".token") and path.is_file()
    )
    if len(found) != 1:
        names = ", ".join(path.name for path in found) or "none"
        raise ValueError(
            f"{folder} holds these files of captions: {names}; expected exactly one .txt, .csv, "
            ".tsv or .token file, and the media beside it or in a folder"
        )
    return found[0]


def _listed(folder, file):
    """By path what the file says of it; by name of what there is not, that."""
    paths = _paths_by_name(folder)
    media, lost = {}, {}
    for line, name, caption, split in _lines(file):
        if not name or not caption:
            missing = "caption" if name else "name"
            raise ValueError(f"{file}, line {line}: the {missing} is empty; fill it or delete it")
        found = paths.get(name, ())
        if len(found) > 1:
            raise ValueError(
                f"{file}, line {line}: {name} may be {found[0]} or {found[1]}; expected the path "
                f"from {folder}"
            )
        if not found:
            lost[name] = "there is no such file or folder"
            continue
        medium = media.setdefault(found[0], _Medium(name, split=split))
        if medium.split != split:
            raise ValueError(
                f"{file}, line {line}: {name} is in the split {split}, and above in {medium.split}"
            )
        medium.captions.append(caption)
    if not media and not lost:
        raise ValueError(f"{file} holds no caption; expected a line for each, name<TAB>caption")
    return media, lost


def _paths_by_name(folder):
    """What is in a folder, by its name, or, which goes before, its path from there."""
    by_name, by_path = collections.defaultdict(list), {}
    for within, folders, files in os.walk(folder, followlinks=True):
        for name in folders + files:
            path = Path(within, name)
            by_name[name].append(path)
            by_path[path.relative_to(folder).as_posix()] = [path]
    return {**by_name, **by_path}


def _lines(file):
    """Line number, name, caption and split, None where that is not said."""
    lines = io.StringIO(decoded(file.read_bytes(), file), newline="")
    first = [cell.strip(' "\r\n').lower() for cell in lines.readline().split(",")]
    if {"image", "caption"} <= set(first):
        yield from _csv_lines(file, lines, first)
        return
    lines.seek(0)
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        name, tab, caption = line.partition("\t")
        if not tab:
            raise ValueError(
                f"{file}, line {number}: {line.strip()[:40]!r} has no tab; expected "
                "name<TAB>caption, or CSV, whose first line is image,caption"
            )
        # Flickr8k numbers the captions of a picture.
        yield number, re.sub(r"#\d+$", "", name.strip()), caption.strip(), None


def _csv_lines(file, lines, columns):
    rows = csv.reader(lines, strict=True)
    try:
        for row in rows:
            number = rows.line_num + 1  # the line of names is read
            if not row:
                continue
            if len(row) != len(columns):
                raise ValueError(
                    f"{file}, line {number}: {len(row)} columns; expected {','.join(columns)}, "
                    "with quotes around a caption that holds a comma"
                )
            cells = {name: cell.strip() for name, cell in zip(columns, row, strict=True)}
            split = cells.get("split")
            if split is not None and split.lower() not in _SPLITS:
                raise ValueError(
                    f"{file}, line {number}: the split {split!r}; expected one of "
                    f"{', '.join(_SPLITS)}"
                )
            split = None if split is None else _SPLITS[split.lower()]
            yield number, cells["image"], cells["caption"], split
    except csv.Error as error:
        raise ValueError(f"{file}, line {rows.line_num + 1}: {error}") from None


def _split(media, file, validation, test):
    """By split its paths, in the order of the file."""
    splits = {path: medium.split for path, medium in media.items()}
    if None in splits.values():
        by_name = shared_out([medium.name for medium in media.values()], validation, test)
        splits = {path: by_name[medium.name] for path, medium in media.items()}
    parts = {
        split: [path for path in media if splits[path] == split]
        for split in ("train", "validation", "test")
    }
    if not parts["train"] or not parts["validation"]:
        raise ValueError(
            f"{file}: {len(parts['train'])} media to train on and {len(parts['validation'])} to "
            f"validate on, of {len(media)}; expected some of each"
        )
    return parts


def _file_digest(path):
    files = _frame_files(path) if path.is_dir() else [path]
    sha256 = hashlib.sha256()
    for one in files:
        with one.open("rb") as file:
            sha256.update(hashlib.file_digest(file, "sha256").digest())
    return sha256.digest()


# --- one medium -----------------------------------------------------------------------------------

_PICTURE, _VIDEO = ("pictures", False), ("videos", True)
_ORIENTATION = 0x0112  # EXIF's number for how the camera was held


def _kind(path):
    """Words for what it is, and whether it has frames, after a look at whether it opens."""
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


def _check_packages(paths):
    videos = any(path.suffix.lower() in _VIDEOS for path in paths)
    if videos and not importlib.util.find_spec("av"):
        raise FileNotFoundError("videos are read by PyAV (av missing): pip install 'rnnzoo[video]'")


def _frame_files(folder):
    """The frames of a folder that are read, each once."""
    files = sorted(
        path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")
    )
    if not files:
        raise ValueError(f"{folder} holds no file; expected a video's frames")
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
        raise ValueError(f"{error} Make it smaller.") from error


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
            raise ValueError("it holds no video")
        yield container


def _stacked(frames):
    """FRAMES of them, in one array."""
    _check_one_size(frame.shape for frame in frames)
    return np.stack([frames[i] for i in _evenly(len(frames))])


def _check_one_size(sizes):
    if len(set(sizes)) != 1:
        raise ValueError("its frames are of different sizes, or there are none")


def _array(path):
    """The one array of a file, never anything that could run code."""
    loaded = np.load(path, mmap_mode="r", allow_pickle=False)
    if path.suffix.lower() == ".npz":
        with loaded:
            if len(loaded.files) != 1:
                raise ValueError(f"it holds the arrays {', '.join(loaded.files)}; expected one")
            loaded = loaded[loaded.files[0]]
    pixels = loaded.dtype == np.uint8 and loaded.ndim in (3, 4) and loaded.shape[-1] == 3
    features = loaded.dtype.kind == "f" and loaded.ndim in (1, 2) and np.isfinite(loaded).all()
    if not (loaded.size and (pixels or features)):
        raise ValueError(
            f"it holds shape {loaded.shape} of type {loaded.dtype}; expected finite floats (size,) "
            "or (frames, size), or uint8 (height, width, 3) or (frames, height, width, 3)"
        )
    return np.asarray(loaded)
