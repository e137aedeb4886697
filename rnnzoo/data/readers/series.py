"""Labelled sequences of measurements: the embedded recordings, one from TFDS, or the user's own."""

import array
import collections
import functools
import hashlib
import os
import tempfile
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from rnnzoo.data.names import no_such_source
from rnnzoo.data.sets.moving_emoji import clips
from rnnzoo.data.sets.prepare import import_tfds, prepared, read
from rnnzoo.data.sets.watch import files as watch_files

SMARTWATCH_URL = "https://drive.google.com/uc?export=download&id=1nEs-JlAQv6xpuSIqahTKK68TgK37GirP"


@dataclass(frozen=True)
class Examples:
    """Labelled sequences.

    Attributes:
        x: of arrays (time, ...); may read each only when it is asked for.
        labels: int32 (n,), places in the classes.
        subjects: whose each is, n strings; None if that is not known.
    """

    x: Sequence
    labels: np.ndarray
    subjects: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Series:
    """Labelled sequences in three parts that share nothing, no subject either.

    Attributes:
        name: of the source, as `load_series` took it.
        classes: the names of the labels.
        train, validation, test: `Examples`.
        window: the time steps of the windows that sequences are cut to unless one says otherwise;
            None: they stay whole.
        metadata: plain data that belongs beside a result: ``source``, ``sha256`` of each part, and
            as known ``license``, ``subjects`` of each part.
    """

    name: str
    classes: tuple[str | int, ...]
    train: Examples
    validation: Examples
    test: Examples
    window: int | None = None
    metadata: dict[str, Any] = field(default_factory=dict)


def load_series(
    source: str | os.PathLike = "watch", *, validation: float = 0.15, test: float = 0.15
) -> Series:
    """Load labelled sequences by name or path.

    Args:
        source: one of
            ``"watch"``, shoulder exercises recorded by a wristwatch (pip install
            'rnnzoo[activity]'): 140 recordings of 7 classes, 6 channels at 50 Hz, split by subject;
            ``"smartwatch_gestures"``, through TFDS, which downloads it once, split by subject;
            ``"moving_emoji"``, clips of a picture that moves, grows, shrinks, turns or fades (pip
            install 'rnnzoo[video]'): uint8 (12, 32, 32, 3) of 10 classes, split by picture;
            ``"ucf101"``, clips of 101 human actions, through TFDS, which downloads them once (6.5
            GB; it needs ffmpeg and unrar): 16 frames of 64 x 64 of each. Its first split; a tenth
            of the training clips validates, of scenes that others show too;
            the path of an ``.npz`` file with the arrays ``x`` (examples, time, channels), or, for
            different lengths, ``x`` (total steps, channels) with ``lengths`` (examples,); ``y``
            (examples,), labels of ints or strings; and, if known, ``subject`` (examples,);
            the path of a folder with a folder of CSV files for each class: a column a channel, a
            row a time step, with or without a line of names.
        validation, test: shares of own data that are held out: of the subjects, or, where they are
            not known, of each class's examples; the same ones each time.

    Raises:
        FileNotFoundError: no source of that name and no such path.
        ValueError: the data is not as above, or holds numbers that are none.
        ConnectionError: it must be downloaded, and the network does not answer.

    Example:
        ``load_series("exercises.npz").train.x[0].shape``
    """
    if isinstance(source, str) and source in _NAMED:
        return _NAMED[source]()
    if not (validation > 0 and test >= 0 and validation + test < 1):
        raise ValueError(
            f"validation={validation}, test={test}: expected shares that leave something to train "
            "on, and to validate on"
        )
    path = Path(source)
    if path.is_dir():
        x, labels, subjects = _read_folder(path)
    elif path.is_file() and path.suffix == ".npz":
        x, labels, subjects = _read_npz(path)
    else:
        kinds = "an .npz file, nor a folder with a folder of CSV files for each class"
        raise no_such_source(source, kinds, SERIES)
    classes, places = np.unique(labels, return_inverse=True)
    if len(classes) < 2:
        raise ValueError(f"{path} holds the class {classes[0]} only; expected two at least")
    splits = (
        _split_examples(labels, path, validation, test)
        if subjects is None
        else _split_subjects(subjects, path, validation, test)
    )
    parts = {
        split: Examples(
            _Chosen(x, rows),
            places[rows].astype(np.int32),
            None if subjects is None else tuple(subjects[rows].tolist()),
        )
        for split, rows in splits.items()
    }
    if missing := set(places) - set(parts["train"].labels):
        raise ValueError(
            f"{path}: the class {classes[min(missing)]} has no example to train on: all of them "
            "are held out"
        )
    return _series(os.fspath(source), classes.tolist(), parts, source=path.absolute().name)


def _series(name, classes, parts, window=None, **metadata) -> Series:
    """Also looks at all the data once, as what is no number would be found late."""
    metadata["sha256"] = {split: _digest(part, name) for split, part in parts.items()}
    if parts["train"].subjects is not None:
        metadata["subjects"] = {
            split: sorted(set(part.subjects), key=lambda s: (len(s), s))
            for split, part in parts.items()
        }
    return Series(name, tuple(classes), **parts, window=window, metadata=metadata)


def _digest(examples, name) -> str:
    sha256 = hashlib.sha256(np.ascontiguousarray(examples.labels))
    for i, x in enumerate(examples.x):
        if x.dtype.kind == "f" and not np.isfinite(x).all():
            step = int(np.argwhere(~np.isfinite(x))[0][0])
            where = getattr(examples.x, "where", lambda i: f"example {i}")(i)
            raise ValueError(f"{name}: {where} holds a number that is none at time step {step}")
        sha256.update(np.ascontiguousarray(x))
    return sha256.hexdigest()


# --- by name --------------------------------------------------------------------------------------


def _watch() -> Series:
    import_tfds()
    from rnnzoo.data.sets.watch.builder import Watch

    builder = prepared(Watch)
    parts = {}
    for split in watch_files.SUBJECTS:
        recordings = list(read(builder, split))
        parts[split] = Examples(
            [r["x"] for r in recordings],
            np.array([r["label"] for r in recordings], np.int32),
            tuple(r["subject"].decode() for r in recordings),
        )
    return _series(
        "watch",
        watch_files.CLASSES.values(),
        parts,
        window=100,  # two seconds
        source=watch_files.URL,
        license=watch_files.LICENSE,
    )


def _smartwatch_gestures() -> Series:
    make_builder = functools.partial(import_tfds().builder, "smartwatch_gestures")
    builder = prepared(make_builder, SMARTWATCH_URL)
    x, labels, subjects = [], [], []
    for example in read(builder, "train"):
        channels = [example["features"][f"accel_{axis}"] for axis in "xyz"]
        x.append(np.stack(channels, axis=-1).astype(np.float32))
        labels.append(example["gesture"])
        subjects.append(str(example["participant"]))
    subjects, labels = np.array(subjects), np.array(labels, np.int32)
    parts = {
        split: Examples(_Chosen(x, rows), labels[rows], tuple(subjects[rows].tolist()))
        for split, rows in _split_subjects(subjects, "smartwatch_gestures", 0.25, 0.25).items()
    }
    return _series(
        "smartwatch_gestures",
        builder.info.features["gesture"].names,
        parts,
        source=builder.info.homepage,
    )


def _moving_emoji() -> Series:
    import_tfds()
    from rnnzoo.data.sets.moving_emoji.builder import MovingEmoji

    builder = prepared(MovingEmoji)
    parts = {}
    for split in clips.COUNTS:
        found = list(read(builder, split))
        parts[split] = Examples(
            [example["frames"] for example in found],
            np.array([example["label"] for example in found], np.int32),
            tuple(example["name"].decode() for example in found),
        )
    return _series("moving_emoji", clips.MOTIONS, parts, source=clips.URL, license=clips.LICENSE)


UCF101_FRAMES, UCF101_SIDE = 16, 64


def _ucf101() -> Series:
    import_tfds()
    from tensorflow_datasets.video.ucf101 import SPLITS_URL, Ucf101, Ucf101Config

    config = Ucf101Config(
        name=f"ucf101_1_{UCF101_SIDE}",
        description="The first split, small.",
        split_number=1,
        width=UCF101_SIDE,
        height=UCF101_SIDE,
    )
    builder = prepared(functools.partial(Ucf101, config=config), SPLITS_URL)
    train, test = (_frames_on_disk(builder, split) for split in ("train", "test"))
    held_out = _split_examples(train.labels, "ucf101", validation=0.1, test=0)
    parts = {
        split: Examples(_Chosen(train.x, held_out[split]), train.labels[held_out[split]])
        for split in ("train", "validation")
    }
    return _series(
        "ucf101",
        builder.info.features["label"].names,
        {**parts, "test": test},
        source=builder.info.homepage,
    )


def _frames_on_disk(builder, split) -> Examples:
    """Frames of each clip at even distances, in a file beside TFDS's that is mapped, not read."""
    folder = Path(builder.data_path)
    x_path, y_path = (folder / f"{split}_{UCF101_FRAMES}_{kind}.npy" for kind in ("x", "y"))
    if not x_path.exists():
        count = builder.info.splits[split].num_examples
        shape = (count, UCF101_FRAMES, UCF101_SIDE, UCF101_SIDE, 3)
        beside = x_path.with_suffix(".part")
        x = np.lib.format.open_memmap(beside, "w+", np.uint8, shape)
        labels = np.zeros(count, np.int32)
        for i, clip in enumerate(read(builder, split)):
            frames = clip["video"]
            x[i] = frames[np.linspace(0, len(frames) - 1, UCF101_FRAMES).round().astype(int)]
            labels[i] = clip["label"]
        x.flush()
        np.save(y_path, labels)
        os.replace(beside, x_path)  # last: where it is, all is
    return Examples(np.load(x_path, mmap_mode="r"), np.load(y_path))


_NAMED = {
    "watch": _watch,
    "smartwatch_gestures": _smartwatch_gestures,
    "moving_emoji": _moving_emoji,
    "ucf101": _ucf101,
}
SERIES = tuple(_NAMED)  # the names that `load_series` takes


# --- the user's own -------------------------------------------------------------------------------


class _Chosen(Sequence):
    """Some of the sequences, in an order."""

    def __init__(self, x, rows):
        self._x = x
        self._rows = rows

    def __len__(self):
        return len(self._rows)

    def __getitem__(self, i):
        return self._x[self._rows[i]]

    def where(self, i):
        """Words for the place of a sequence in what the user gave."""
        of_all = self._rows[i]
        return getattr(self._x, "where", lambda i: f"example {i}")(of_all)


class _Pieces(Sequence):
    """Consecutive pieces of an array (total steps, ...)."""

    def __init__(self, steps, ends):
        self._steps = steps
        self._ends = ends

    def __len__(self):
        return len(self._ends)

    def __getitem__(self, i):
        begin = self._ends[i - 1] if i else 0
        return _as_numbers(self._steps[begin : self._ends[i]])


class _Rows(Sequence):
    """The entries of an array (examples, time, ...)."""

    def __init__(self, x):
        self._x = x

    def __len__(self):
        return len(self._x)

    def __getitem__(self, i):
        return _as_numbers(self._x[i])


class _CsvFiles(_Pieces):
    """Files, each parsed once, to where it is on disk, gone when nobody maps it any more."""

    def __init__(self, paths):
        ends, columns = [0], None
        with tempfile.TemporaryFile() as file:
            for path in paths:
                x = _read_csv(path)
                columns = columns or x.shape[1]
                if x.shape[1] != columns:
                    raise ValueError(
                        f"{path} has {x.shape[1]} columns, the files before it {columns}"
                    )
                file.write(x)
                ends.append(ends[-1] + len(x))
            file.flush()
            steps = np.memmap(file, np.float32, "r", shape=(ends[-1], columns))
        super().__init__(steps, ends[1:])
        self._paths = paths

    def where(self, i):
        return str(self._paths[i])


def _read_folder(folder):
    classes = sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))
    paths = [file for of_class in classes for file in sorted(of_class.glob("*.csv"))]
    if not paths:
        raise ValueError(
            f"{folder} holds no folder of CSV files; expected one for each class, named after it"
        )
    return _CsvFiles(paths), np.array([path.parent.name for path in paths]), None


def _read_csv(path):
    """(time, channels) of a file."""
    numbers, columns = array.array("f"), None
    with path.open(encoding="utf-8-sig", errors="replace") as lines:  # names may be in any encoding
        for number, line in enumerate(lines, 1):
            cells = line.strip().split(",")
            if cells == [""]:
                continue
            try:
                row = [float(cell) for cell in cells]
            except ValueError as error:
                if number == 1:
                    continue  # names
                raise ValueError(f"{path}, line {number}: {error}") from None
            columns = columns or len(row)
            if len(row) != columns:
                raise ValueError(
                    f"{path}, line {number}: {len(row)} columns, the lines before {columns}"
                )
            numbers.extend(row)
    if not numbers:
        raise ValueError(f"{path} holds no line of numbers")
    return np.frombuffer(numbers, np.float32).reshape(-1, columns)


def read_recordings(path: str | os.PathLike) -> Sequence:
    """The sequences of a file without labels, arrays (time, ...).

    Args:
        path: a ``.csv`` file of one, as in `load_series`; an ``.npy`` file of one (time, channels)
            or several (examples, time, channels); an ``.npz`` file with ``x`` and, as needed,
            ``lengths``, as in `load_series`.

    Raises:
        ValueError: the file holds something else.
        FileNotFoundError: there is none.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path}: there is no such file")
    if path.suffix == ".csv":
        return _CsvFiles([path])
    if path.suffix == ".npy":
        try:
            x = np.lib.format.open_memmap(path, mode="r")
        except ValueError as error:
            raise ValueError(f"{path} is not an .npy file of numbers: {error}") from None
        if x.dtype.kind not in "fiu" or x.ndim < 2:
            raise ValueError(
                f"{path} holds an array of shape {x.shape} and type {x.dtype}; expected numbers "
                "(time, channels) or (examples, time, channels)"
            )
        return _Rows(x[None] if x.ndim in (2, 4) else x)
    if path.suffix == ".npz":
        arrays = _arrays(path, needed={"x"})
        return _pieces(path, arrays["x"], arrays.get("lengths"))
    raise ValueError(f"{path}: expected a file whose name ends in .csv, .npy or .npz")


def _read_npz(path):
    arrays = _arrays(path, needed={"x", "y"})
    y, subjects = _decoded(arrays["y"]), arrays.get("subject")
    if y.ndim != 1 or y.dtype.kind not in "iuU" or not len(y):
        raise ValueError(
            f"{path}: y has shape {y.shape} and type {y.dtype}; expected (examples,) of ints or "
            "strings"
        )
    if subjects is not None:
        if subjects.shape != y.shape:
            raise ValueError(f"{path}: subject has shape {subjects.shape}, y {y.shape}")
        subjects = _decoded(subjects).astype(str)
    x = _pieces(path, arrays["x"], arrays.get("lengths"))
    if len(x) != len(y):
        raise ValueError(f"{path}: x and lengths make {len(x)} examples, y has shape {y.shape}")
    return x, y, subjects


def _arrays(path, needed):
    try:
        with zipfile.ZipFile(path) as archive:
            names = {
                name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy")
            }
            if missing := needed - names:
                raise ValueError(
                    f"{path} holds the arrays {', '.join(sorted(names)) or 'none'}, no "
                    f"{' and no '.join(sorted(missing))}; expected x, y and, as needed, lengths "
                    "and subject"
                )
            return {
                name: _array(archive, path, name)
                for name in names & {"x", "y", "lengths", "subject"}
            }
    except (zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(f"{path} is not an .npz file: {error}") from None


def _pieces(path, x, lengths):
    """The sequences that x (examples, time, ...), or (total steps, ...) with lengths, holds."""
    if x.dtype.kind not in "fiu":
        raise ValueError(f"{path}: x has type {x.dtype}; expected numbers")
    if lengths is None:
        if x.ndim < 3 or x.shape[1] == 0:
            raise ValueError(
                f"{path}: x has shape {x.shape}; expected (examples, time, channels), or (total "
                "steps, channels) with lengths (examples,)"
            )
        return _Rows(x)
    if lengths.ndim != 1 or lengths.dtype.kind not in "iu":
        raise ValueError(
            f"{path}: lengths has shape {lengths.shape} and type {lengths.dtype}; expected "
            "(examples,) of ints"
        )
    if x.ndim < 2 or not len(lengths) or lengths.min() < 1 or int(lengths.sum()) != len(x):
        raise ValueError(
            f"{path}: x has shape {x.shape}, lengths shape {lengths.shape} and sum "
            f"{lengths.sum()}; expected lengths (examples,) above 0 that add up to the time steps "
            "of x (total steps, channels)"
        )
    return _Pieces(x, np.cumsum(lengths))


def _array(archive, path, name):
    """An array of an archive, mapped into memory rather than read."""
    info = archive.getinfo(f"{name}.npy")
    with archive.open(info) as member:
        version = np.lib.format.read_magic(member)
        read_header = getattr(np.lib.format, f"read_array_header_{version[0]}_0")
        shape, fortran_order, dtype = read_header(member)
        if dtype.hasobject:
            raise ValueError(
                f"{path}: {name} holds Python objects, which are not read, as they could run code; "
                "expected an array of numbers, or of strings"
            )
        order = "F" if fortran_order else "C"
        if not all(shape):
            return np.zeros(shape, dtype)
        offset = member.tell()
        if info.compress_type == zipfile.ZIP_STORED:
            file, offset = path.open("rb"), offset + _begin_of(info, path)
        else:
            # Unpacked to where it is on disk, gone when nobody maps it any more.
            file, offset = tempfile.TemporaryFile(), 0  # noqa: SIM115  closed below
            while block := member.read(2**20):
                file.write(block)
            file.flush()
    with file:
        return np.memmap(file, dtype, "r", offset, shape, order)


def _begin_of(info, path):
    """Where a stored member's bytes begin in its archive, behind a header with two open lengths."""
    with path.open("rb") as file:
        file.seek(info.header_offset + 26)
        name, extra = np.frombuffer(file.read(4), "<u2").tolist()
    return info.header_offset + 30 + name + extra


def _decoded(labels):
    """Bytes as strings; all else as it is."""
    return (
        np.char.decode(labels, "utf-8", "backslashreplace") if labels.dtype.kind == "S" else labels
    )


def _as_numbers(x):
    """As the models read them: bytes of pictures as they are, all else as float32."""
    return np.asarray(x) if x.dtype == np.uint8 else np.asarray(x, np.float32)


def _split_subjects(subjects, source, validation, test):
    """By split the rows of its subjects."""
    names = sorted(set(subjects.tolist()))
    count = len(names)
    held_out = [max(1, round(count * validation)), max(1, round(count * test)) if test else 0]
    if sum(held_out) >= count:
        raise ValueError(
            f"{source} has {count} subject(s): too few to hold some out; leave subject out, and "
            "examples are split instead"
        )
    order = np.random.default_rng(0).permutation(count)
    ends = np.cumsum(held_out)
    of_split = {
        "train": order[ends[1] :],
        "validation": order[: ends[0]],
        "test": order[ends[0] : ends[1]],
    }
    return {
        split: np.flatnonzero(np.isin(subjects, [names[i] for i in chosen]))
        for split, chosen in of_split.items()
    }


def _split_examples(labels, source, validation, test):
    """By split the rows of its examples, of each class the same shares."""
    random = np.random.default_rng(0)
    rows = collections.defaultdict(list)
    for label in np.unique(labels):
        of_class = random.permutation(np.flatnonzero(labels == label))
        count = len(of_class)
        held_out = max(1, round(count * validation)), max(1, round(count * test)) if test else 0
        if sum(held_out) >= count:
            raise ValueError(
                f"{source}: the class {label} has {count} example(s): too few to train on and to "
                f"hold out; expected at least {sum(held_out) + 1} of each"
            )
        ends = np.cumsum(held_out)
        rows["validation"].append(of_class[: ends[0]])
        rows["test"].append(of_class[ends[0] : ends[1]])
        rows["train"].append(of_class[ends[1] :])
    return {split: np.sort(np.concatenate(of_split)) for split, of_split in rows.items()}
