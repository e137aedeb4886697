"""Sentences and their translations in the user's files: tables, and two files side by side."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from rnnzoo.data.pipelines.splits import SPLIT_NAME, SPLIT_NAMES
from rnnzoo.data.readers.text import lines_of
from rnnzoo.errors import DataError

_LANGUAGES = re.compile(r"([\w.]+)-([\w.]+)")


def read_pairs(
    path: str | os.PathLike, targets: str | os.PathLike | None = None
) -> list[tuple[str, str]]:
    """The pairs of one file, or of two, in order, without space around them.

    Args:
        path: a UTF-8 file of lines ``source<TAB>target``, or of sources alone.
        targets: a file of their targets, if they are alone.

    Raises:
        ValueError: what is not as above, with file and line number.

    Example:
        ``read_pairs("train.en", "train.de")[0]``
    """
    sides: list[Sequence[str]]
    if targets is None:
        lines = _lines(path)
        for number, line in enumerate(lines, 1):
            if (tabs := line.count("\t")) != 1:
                raise DataError(
                    f"{path}, line {number}: {line[:40]!r} has {tabs or 'no'} tab"
                    f"{'s' * (tabs > 1)}; expected source<TAB>target",
                    path,
                    number,
                )
        sides = list(zip(*(line.split("\t") for line in lines), strict=True))
    else:
        sides = [_lines(path), _lines(targets)]
        if len(sides[0]) != len(sides[1]):
            raise DataError(
                f"{path} has {len(sides[0]):,} lines and {targets} {len(sides[1]):,}; expected as "
                "many, each a translation of the other's at its place",
                path,
            )
    sides = [[sentence.strip() for sentence in side] for side in sides]
    for file, side, what in zip((path, targets or path), sides, ("source", "target"), strict=True):
        if "" in side:
            raise DataError(
                f"{file}, line {side.index('') + 1}: the {what} is empty; fill it, or delete the "
                "pair",
                file,
                side.index("") + 1,
            )
    return list(zip(*sides, strict=True))


def _lines(file):
    lines = lines_of(Path(file).read_bytes(), file)
    if not any(map(str.strip, lines)):
        raise DataError(
            f"{file} holds nothing; expected a pair, or one side of it, in each line", file
        )
    return lines


def find_pairs(
    name: str,
) -> tuple[Path, dict[str | None, list[Path]], tuple[str, str] | None] | None:
    """The files that `rnnzoo.load_pairs` reads for a name; None if there is nothing of that name.

    Returns:
        The path of all, the files of each split (those that are yet to be split under None: one of
        pairs, or one of each side), and the languages, if the name says them.

    Raises:
        ValueError: a folder holds other files than it should.
    """
    path, (folder, _, behind) = Path(name), name.rpartition(":")
    if name and path.is_dir():
        return path, _files_by_split(path, [".tsv"]), None
    if path.is_file():
        return path, {None: [path]}, None
    if (said := _LANGUAGES.fullmatch(behind)) and folder and Path(folder).is_dir():
        languages = said[1], said[2]
        endings = [f".{language}" for language in languages]
        return Path(folder), _files_by_split(Path(folder), endings), languages
    two = [Path(part) for part in name.split(",", 1)]
    if any(file.is_file() for file in two):
        return path, {None: two}, None
    return None


def _files_by_split(folder, endings):
    """By split its file of each ending; None stands for a split yet to be made."""
    names = {
        file.name.removesuffix(ending)
        for file in folder.iterdir()
        for ending in endings
        if file.name.endswith(ending) and not file.name.startswith(".")
    }
    files = {name: [folder / f"{name}{ending}" for ending in endings] for name in sorted(names)}
    lone = [file.name for pair in files.values() for file in pair if not file.is_file()]
    if lone:
        raise DataError(f"{folder} lacks {lone[0]}, of which it holds the other side", folder)
    expected = " and ".join(f"train{ending}" for ending in endings)
    found = {}
    for split in dict.fromkeys(SPLIT_NAMES.values()):
        begin = [
            name
            for name in files
            if (match := SPLIT_NAME.match(name.lower())) and SPLIT_NAMES[match[1]] == split
        ]
        chosen = [name for name in begin if name.lower() in SPLIT_NAMES] or begin
        if len(chosen) > 1:
            raise DataError(
                f"{folder} holds several files of the {split} split: {', '.join(chosen)}; expected "
                "one, or one whose name is that alone",
                folder,
            )
        if chosen:
            found[split] = files[chosen[0]]
    if "train" in found:
        return found
    if len(files) == 1:
        return {None: next(iter(files.values()))}
    raise DataError(
        f"{folder} holds {', '.join(files) or 'no files'} of the kind {' and '.join(endings)}; "
        f"expected {expected}, or one alone to be split. Languages that files are named by stand "
        f"behind the folder: {folder}:en-de",
        folder,
    )
