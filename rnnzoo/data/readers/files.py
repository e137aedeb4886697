"""The files of a user's folder: all of them, or those that are named after a split."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from rnnzoo.data.pipelines.splits import SPLIT_NAME, SPLIT_NAMES
from rnnzoo.plugins import natural_key

# Endings of what is packed, behind that of what it holds.
PACKED = (".gz", ".bz2", ".xz", ".zst", ".zip")


def files_below(folder: Path) -> list[Path]:
    """All files in a folder and below, links followed, in natural order; none that is hidden."""
    return sorted(_walk(folder, set()), key=lambda file: natural_parts(file.relative_to(folder)))


def _walk(folder: Path, above: set[str]) -> Iterator[Path]:
    real = os.path.realpath(folder)
    if real in above:  # a link to a folder that it is in
        return
    for entry in folder.iterdir():
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from _walk(entry, above | {real})
        elif entry.is_file():
            yield entry


def natural_parts(path: Path) -> list[list[tuple[int, str]]]:
    """Sorts paths by their folders, and numbers by their size."""
    return [natural_key(part) for part in path.parts]


def kind_of(path: Path) -> str:
    """The ending of a file's name in lower case, without that of a packer.

    >>> kind_of(Path("train.TSV.gz"))
    '.tsv'
    """
    endings = [ending.lower() for ending in path.suffixes]
    if endings and endings[-1] in PACKED:
        del endings[-1]
    return endings[-1] if endings else ""


def split_named(path: Path) -> str | None:
    """The split that a file's name says; None if it says none, or several.

    >>> split_named(Path("en_ewt-ud-dev.conllu")), split_named(Path("esp.testb"))
    ('validation', 'test')
    """
    found = {SPLIT_NAMES[name] for name in SPLIT_NAME.findall(path.name.lower())}
    return found.pop() if len(found) == 1 else None


def encodings_said(found: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Facts for a `Reading` of several files: which encodings they are in, and which of them.

    Args:
        found: by name of a file, what `rnnzoo.data.readers.opening.read_text` found out.

    >>> encodings_said({"a.txt": {"encoding": "UTF-16"}, "b.txt": {}})
    {'encoding': 'UTF-16: a.txt'}
    """
    files: dict[str, list[str]] = {}
    for name, facts in found.items():
        if "encoding" in facts:
            files.setdefault(facts["encoding"], []).append(name)
    said = "; ".join(f"{encoding}: {few(names)}" for encoding, names in files.items())
    return {"encoding": said} if said else {}


def few(names: Iterable[object]) -> str:
    """The first few of many, in words."""
    said = [str(name) for name in names]
    return ", ".join(said[:3]) + ", ..." * (len(said) > 3)
