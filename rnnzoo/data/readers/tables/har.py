"""The text of UCI HAR: a folder with a file for each channel, a line a recording."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from rnnzoo.data.readers.opening import Lines
from rnnzoo.data.readers.tables.lines import Collected, check_no_columns
from rnnzoo.data.readers.tables.recordings import Notes, Recordings
from rnnzoo.data.readers.tables.roles import Options
from rnnzoo.data.readers.tables.separated import SeparatedTable
from rnnzoo.errors import DataError


def read_har(folder: Path, options: Options) -> Recordings | None:
    """The recordings of a folder like that of UCI HAR; None if it is no such one.

    In it are ``train`` and ``test``, in each of which ``Inertial Signals`` holds a file of each
    channel, a line a recording; ``y_train.txt`` and ``subject_train.txt`` tell whose and what each
    is, and ``activity_labels.txt`` beside them the classes' names.

    Raises:
        ValueError: files don't go together; columns were named.
    """
    folders = (folder, *sorted(path for path in folder.iterdir() if path.is_dir()))
    folder = next((f for f in folders if (f / "train" / "Inertial Signals").is_dir()), None)  # type: ignore[assignment]
    if folder is None:
        return None
    check_no_columns(options, str(folder))
    classes = {}
    if (folder / "activity_labels.txt").is_file():
        lines = Lines(folder / "activity_labels.txt")
        classes = dict(line.split(None, 1) for line in lines if len(line.split()) == 2)
    notes = Notes("UCI HAR's text (a file a channel, a line a recording)")
    notes.facts["splits"] = "by folder: train, test"
    collected = Collected(str(folder), notes)
    files = 0
    channels: tuple[str, ...] = ()
    for split in ("train", "test"):
        if not (folder / split / "Inertial Signals").is_dir():
            continue
        y = _column(folder / split / f"y_{split}.txt")
        whose = folder / split / f"subject_{split}.txt"
        subjects = _column(whose) if whose.is_file() else [None] * len(y)
        found = sorted((folder / split / "Inertial Signals").glob(f"*_{split}.txt"))
        own = tuple(path.name.removesuffix(f"_{split}.txt") for path in found)
        if not own or (channels and own != channels):
            raise DataError(f"{folder / split} holds other channels than train", folder)
        channels = own
        x = np.stack([_matrix(path) for path in found], axis=-1) if _alike(found, y) else None
        if x is None or len(subjects) != len(y):
            raise DataError(
                f"{folder / split}: its files have not as many lines as y_{split}.txt, {len(y)}",
                folder,
            )
        for i, (row, label, subject) in enumerate(zip(x, y, subjects, strict=True)):
            collected.add(row, f"{split}:{i}", classes.get(label, label).strip(), split, subject)
        files += len(found) + 1 + whose.is_file()
    notes.facts["channels"] = ", ".join(channels)
    return collected.recordings(channels, files, options.interval)


def _column(path):
    return [line.strip() for line in Lines(path) if line.strip()]


def _matrix(path):
    table = SeparatedTable(path)
    kinds = dict.fromkeys(table.names, "number")
    return np.concatenate([frame.to_numpy() for _, frame in table.batches(kinds)])


def _alike(paths, y):
    return all(len(_column(path)) == len(y) for path in paths)
