"""The files that a name of pairs stands for: one, two side by side, or a folder's by split."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from rnnzoo.data.pipelines.splits import SPLIT_NAME, SPLIT_NAMES
from rnnzoo.data.readers.dialogues import files_of
from rnnzoo.data.readers.files import PACKED, few, files_below, kind_of
from rnnzoo.data.readers.languages import is_language
from rnnzoo.errors import DataError

_LANGUAGES = re.compile(r"([\w.]+)-([\w.]+)")
# Of files that hold both sides, in the order in which a folder is searched for them.
_KINDS = (".tsv", ".csv", ".jsonl", ".json", ".tmx", ".xlf", ".xliff", ".po", ".txt")

Found = dict[str | None, list[Path]]


def find_pairs(name: str) -> tuple[Path, Found, tuple[str, str] | None, list[str]] | None:
    """The files that `rnnzoo.load_pairs` reads for a name; None if there is nothing of that name.

    Returns:
        The path of all, the files of each split (those that are yet to be split under None: one of
        pairs, one of each side, or a game's dialogues in any number), the languages, if the name
        says them, and what is left out.

    Raises:
        ValueError: a folder holds other files than it should.
    """
    path, (folder, _, behind) = Path(name), name.rpartition(":")
    if name and path.is_dir():
        kind = next((kind for kind in _KINDS if _of_kind(path, [kind])), _KINDS[0])
        files = _files_by_split(path, [kind])
        return path, files, None, _others(path, files)
    if path.is_file():
        return path, {None: [path]}, None, []
    if (said := _LANGUAGES.fullmatch(behind)) and folder and Path(folder).is_dir():
        languages = said[1], said[2]
        if dialogues := files_of(Path(folder), languages):
            return Path(folder), {None: dialogues}, languages, []
        files = _files_by_split(Path(folder), [f".{language}" for language in languages])
        return Path(folder), files, languages, _others(Path(folder), files)
    two = [Path(part) for part in name.split(",", 1)]
    if any(file.is_file() for file in two):
        return path, {None: two}, None, []
    return None


def _others(folder: Path, files: Found) -> list[str]:
    read = {file for of_split in files.values() for file in of_split}
    others = [file.name for file in files_below(folder) if file not in read]
    return [f"{len(others):,} other files: {few(others)}"] if others else []


def _of_kind(folder: Path, endings: list[str]) -> dict[str, dict[str, Path]]:
    """By name and ending the files of these endings, packed or not, in any case.

    Those of the folder itself go before those of folders in it.
    """
    below = files_below(folder)
    for files in ([file for file in below if file.parent == folder], below):
        found: dict[str, dict[str, Path]] = {}
        for file, name, ending in _named(files, endings):
            key = (file.parent / name).relative_to(folder).as_posix()
            found.setdefault(key, {})[ending] = file
        if found:
            return found
    return {}


def _named(files: list[Path], endings: list[str]) -> Iterator[tuple[Path, str, str]]:
    for file in files:
        plain = file.stem if file.suffix.lower() in PACKED else file.name
        for ending in endings:
            if plain.lower().endswith(ending.lower()):
                yield file, plain[: -len(ending)], ending


def _files_by_split(folder: Path, endings: list[str]) -> Found:
    """By split its file of each ending; None stands for a split yet to be made."""
    by_name = _of_kind(folder, endings)
    for name, found in by_name.items():
        if lacks := [ending for ending in endings if ending not in found]:
            raise DataError(
                f"{folder} lacks {name}{lacks[0]}, of which it holds the other side", folder
            )
    files = {name: [found[ending] for ending in endings] for name, found in by_name.items()}
    expected = " and ".join(f"train{ending}" for ending in endings)
    splits: Found = {}
    for split in dict.fromkeys(SPLIT_NAMES.values()):
        begin = [
            name
            for name in files
            if (match := SPLIT_NAME.match(Path(name).name.lower()))
            and SPLIT_NAMES[match[1]] == split
        ]
        chosen = [name for name in begin if Path(name).name.lower() in SPLIT_NAMES] or begin
        if len(chosen) > 1:
            raise DataError(
                f"{folder} holds several files of the {split} split: {', '.join(chosen)}; expected "
                "one, or one whose name is that alone",
                folder,
            )
        if chosen:
            splits[split] = files[chosen[0]]
    if "train" in splits:
        return splits
    if len(files) == 1:
        return {None: next(iter(files.values()))}
    raise DataError(
        f"{folder} holds {', '.join(files) or 'no files'} of the kind {' and '.join(endings)}; "
        f"expected {expected}, or one alone to be split{_languages_in(folder, endings)}",
        folder,
    )


def _languages_in(folder: Path, endings: list[str]) -> str:
    """How to name the languages that a folder's files are called after; empty if there are none."""
    found = dict.fromkeys(kind_of(file)[1:] for file in files_below(folder))
    codes = [one for one in found if is_language(one) and f".{one}" not in endings]
    if len(codes) < 2:
        return ""
    names = " and ".join(filter(None, (", ".join(codes[:-1]), codes[-1])))
    return f". It has files in {names}: {folder}:{codes[0]}-{codes[1]} reads two of them"
