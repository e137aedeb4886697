"""The user's media in a folder, found by the names that people write for them."""

from __future__ import annotations

import collections
import os
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path

from rnnzoo.data.readers.media import MEDIA
from rnnzoo.plugins import natural_key


class MediaPaths:
    """What is in a folder and below, found by the names that people write."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.all = list(_walk(folder))
        self.media = [path for path in self.all if path.suffix.lower() in MEDIA]
        self.stems = {path.with_suffix("") for path in self.media}
        self._by_name: dict[str, list[Path]] = collections.defaultdict(list)
        self._by_stem: dict[str, list[Path]] = collections.defaultdict(list)
        for path in self.all:
            self._by_name[_plain(path.name)].append(path)
        for path in self.media:
            self._by_stem[_plain(path.stem)].append(path)

    def find(self, name: str, beside: Path) -> Sequence[Path]:
        """The path that a name means, written with backslashes, ``./``, a folder that is elsewhere,
        in another case or form of Unicode; several if it may be any of these; none.
        """
        written = _plain(name).replace("\\", "/")
        parts = [part for part in written.split("/") if part not in ("", ".")]
        if not parts:
            return []
        found = self._by_name.get(parts[-1], []) or self._by_stem.get(parts[-1], [])
        for wanted in (list, lambda parts: [part.casefold() for part in parts]):
            for start in (beside, self.folder):
                exact = [
                    path
                    for path in found
                    if path.is_relative_to(start)
                    and wanted(_parts(path.relative_to(start))) == wanted(parts)
                ]
                if exact:
                    return exact[:1]
            if wanted is list and not found:
                found = [
                    path
                    for path in self.media
                    if _plain(path.name).casefold() == parts[-1].casefold()
                ]
        # What is behind the folders that are elsewhere, as far as it is the same.
        common = [_common(_parts(path), parts) for path in found]
        return [path for path, n in zip(found, common, strict=True) if n == max(common)]

    def others(self, named: set[Path]) -> list[str]:
        """Names of the media that are not among these, nor a frame of one of them."""
        return [
            path.relative_to(self.folder).as_posix()
            for path in self.media
            if path not in named and path.parent not in named
        ]


def _walk(folder) -> Iterator[Path]:
    """All files and folders below, linked ones too, in natural order, each folder once."""
    seen = set()
    for within, folders, files in os.walk(folder, followlinks=True):
        status = os.stat(within)
        if (status.st_dev, status.st_ino) in seen:
            folders.clear()
            continue
        seen.add((status.st_dev, status.st_ino))
        folders[:] = sorted((one for one in folders if one[0] != "."), key=natural_key)
        for name in folders + sorted(files, key=natural_key):
            if name[0] != ".":
                yield Path(within, name)


def _plain(name):
    return unicodedata.normalize("NFC", name)


def _parts(path):
    return [_plain(part) for part in path.parts]


def _common(one, other):
    """How many of the last parts of two paths are the same."""
    count = 0
    for a, b in zip(reversed(one), reversed(other), strict=False):
        if a.casefold() != b.casefold():
            break
        count += 1
    return count
