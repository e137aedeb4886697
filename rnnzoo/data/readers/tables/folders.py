"""A folder of tables: which files it holds, and what their places say of them."""

from __future__ import annotations

import os
import re
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from rnnzoo.data.pipelines.splits import SPLIT_NAME, SPLIT_NAMES
from rnnzoo.data.readers.tables.recordings import Notes
from rnnzoo.errors import DataError
from rnnzoo.plugins import natural_key

TEXT = (".csv", ".tsv", ".tab", ".txt", ".dat", ".data", ".asc")
COLUMNS = (".parquet", ".pq", ".feather", ".arrow", ".ipc")
PACKED = (".gz", ".bz2", ".xz", ".zst", ".zip")
KINDS = (*TEXT, *COLUMNS, ".ts", ".arff")


def kind_of_file(path: Path) -> str:
    """The ending that tells what a file is, without that of a packer, in lower case.

    >>> kind_of_file(Path("r1.CSV.gz"))
    '.csv'
    """
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] in PACKED:
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


_LOOSE = (".txt", ".dat", ".data", ".asc")  # as tables are called, and notes beside them, too
_PERSON = re.compile(r"(s|subj|subject|p|person|participant|user|id)?[ _-]?\d+", re.I)


@dataclass(frozen=True)
class File:
    """A file of tables, and what its place says.

    Attributes:
        path: of it.
        name: from the folder on.
        label, group, split: None where its place says nothing.
    """

    path: Path
    name: str
    label: str | None = None
    group: str | None = None
    split: str | None = None


def files_in(folder: Path, notes: Notes) -> list[File]:
    """The files of a folder, in natural order.

    Folders in it are classes, those in them groups, such as subjects. Folders or files called train
    and test are splits.

    Raises:
        ValueError: there are none, or a class has none.
    """
    parts = {path: path.relative_to(folder).parts for path in _tables(folder, notes)}
    if not parts:
        raise DataError(
            f"{folder} holds no folder of CSV files, nor other tables; expected one for each "
            "class, named after it, or files with a column for the class",
            folder,
        )
    files = [File(path, "/".join(part)) for path, part in parts.items()]
    deep = [len(part) > 1 for part in parts.values()]
    if not any(deep):
        return _split_by_name(files, notes)
    if not all(deep):
        aside = [file.name for file, below in zip(files, deep, strict=True) if not below]
        notes.without(f"{len(aside)} file(s) beside the folders: {_some(aside)}")
        files = [file for file, below in zip(files, deep, strict=True) if below]
    tops = {file.name.split("/")[0] for file in files}
    if {"train"} < {SPLIT_NAMES.get(top.lower(), "") for top in tops} and all(
        top.lower() in SPLIT_NAMES for top in tops
    ):
        notes.facts["splits"] = f"by folder: {', '.join(sorted(tops))}"
        files = [
            replace(file, split=SPLIT_NAMES[file.name.split("/")[0].lower()]) for file in files
        ]
        below = [file.name.split("/")[1:-1] for file in files]
    else:
        below = [file.name.split("/")[:-1] for file in files]
        _check_full(folder, tops)
    if not all(below):
        return files
    return _by_place(files, below, notes)


def _by_place(files, folders, notes):
    """Class by the first folder, group by the second; the other way round where they say so."""
    first, second = 0, 1
    if all(len(names) > 1 for names in folders):
        people = all(_PERSON.fullmatch(names[0]) for names in folders)
        if people and not all(_PERSON.fullmatch(names[1]) for names in folders):
            first, second = 1, 0
            notes.odd(
                f"folders such as {folders[0][0]!r} are taken for subjects, those in them, such as "
                f"{folders[0][1]!r}, for classes"
            )
    notes.facts["class"] = "by folder"
    if any(len(names) > 1 for names in folders):
        notes.facts["groups"] = (
            "by the folders above the classes"
            if first
            else ("by the folders in those of the classes")
        )
    placed = []
    for file, names in zip(files, folders, strict=True):
        group = names[second] if len(names) > second else None
        placed.append(replace(file, label=names[first], group=group))
    if any(file.group is None for file in placed):
        placed = [replace(file, group=file.group or file.name) for file in placed
                  ] if any(file.group for file in placed) else placed  # fmt: skip
    return placed


def _check_full(folder, tops):
    empty = sorted(
        path.name
        for path in folder.iterdir()
        if path.is_dir() and not _is_hidden(path.name) and path.name not in tops
    )
    if empty:
        raise DataError(f"{folder} holds no CSV files of the class {', '.join(empty)}", folder)


def _split_by_name(files, notes):
    """Splits by names of files such as NAME_TRAIN.ts, where all have one and one is to train on."""
    found = [SPLIT_NAME.search(file.path.name.lower()) for file in files]
    splits = [SPLIT_NAMES[match[1]] if match else None for match in found]
    if None in splits or "train" not in splits or len(set(splits)) < 2:
        return files
    notes.facts["splits"] = f"by file: {_some([file.name for file in files])}"
    return [replace(file, split=split) for file, split in zip(files, splits, strict=True)]


def beside(path: Path) -> list[File]:
    """A file and the one that holds the other split of it, such as NAME_TRAIN.ts and NAME_TEST.ts.

    Of a file that has none beside it, itself alone.
    """
    own = File(path, path.name)
    match = re.search(r"(?<![A-Za-z])(train|test)(?![A-Za-z])", path.name, re.I)
    if not match:
        return [own]
    found, case = match[1], {"train": "test", "test": "train"}[match[1].lower()]
    other = case.upper() if found.isupper() else case.title() if found[0].isupper() else case
    path_of_other = path.with_name(path.name[: match.start()] + other + path.name[match.end() :])
    if not path_of_other.is_file():
        return [own]
    pair = [replace(own, split=found.lower()), File(path_of_other, path_of_other.name, split=case)]
    return sorted(pair, key=lambda file: file.split or "", reverse=True)


def _tables(folder, notes):
    """Paths of tables, at any depth, through links, too."""
    found, seen, others = [], set(), []
    for place, folders, names in os.walk(folder, followlinks=True):
        real = os.path.realpath(place)
        if real in seen:
            folders.clear()  # a link that leads back
            continue
        seen.add(real)
        folders[:] = [name for name in folders if not _is_hidden(name)]
        kept = [name for name in names if not _is_hidden(name)]
        tables = [name for name in kept if kind_of_file(Path(name)) in KINDS]
        sure = [name for name in tables if kind_of_file(Path(name)) not in _LOOSE]
        if sure:
            tables = sure
        others += [os.path.join(place, name) for name in kept if name not in tables]
        found += [Path(place, name) for name in tables]
    by_stem: dict[Path, list[Path]] = {}
    for path in found:  # data sets are shipped as .ts and .arff side by side
        by_stem.setdefault(path.with_suffix(""), []).append(path)
    for same in by_stem.values():
        kinds = {kind_of_file(path): path for path in same}
        if ".ts" in kinds and len(kinds) > 1:
            dropped = [path for path in same if path != kinds[".ts"]]
            found = [path for path in found if path not in dropped]
            others += map(str, dropped)
    if others:
        endings = Counter(Path(other).suffix or "no ending" for other in others)
        said = ", ".join(f"{count} {ending}" for ending, count in sorted(endings.items()))
        notes.without(f"{len(others)} other file(s): {said}")
    return sorted(found, key=lambda path: natural_key(str(path.relative_to(folder))))


def _is_hidden(name):
    return name.startswith((".", "__MACOSX"))


def _some(names):
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
