"""A folder of the user's media, and the files that say what is to be seen on each."""

from __future__ import annotations

import collections
import os
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from rnnzoo.data.readers.caption_files import (
    Listing,
    beside,
    may_be_captions,
    names_alone,
    read_captions_file,
)
from rnnzoo.data.readers.files import encodings_said, split_named
from rnnzoo.data.readers.media import UNREADABLE, check_packages, kind
from rnnzoo.data.readers.media_paths import MediaPaths
from rnnzoo.data.readers.opening import read_text
from rnnzoo.data.reading import Reading
from rnnzoo.errors import DataError, MissingPackage


@dataclass
class Medium:
    """What the files of captions say of one path; the split is None where they don't."""

    path: Path
    name: str
    captions: list[str] = field(default_factory=list)
    split: str | None = None


class Found(NamedTuple):
    """What `read_captions` found: the media, whether these have frames, and what to tell of it."""

    media: list[Medium]
    video: bool
    reading: Reading


def read_captions(
    source: Path, encoding: str | None = None, columns: str | Sequence[str | int] | None = None
) -> Found:
    """What `rnnzoo.load_captions` reads of a folder, or of a file of captions in it.

    Raises:
        ValueError: a file is malformed, or nothing can be read.
        MissingPackage: what reads videos is not installed.

    Warns:
        UserWarning: media that are missing or unreadable, which are left out.
    """
    folder = source if source.is_dir() else source.parent
    paths = MediaPaths(folder)
    listings, left_out = _listings(source, paths, encoding, columns)
    media, lost = _listed(paths, listings, left_out)
    check_packages(medium.path for medium in media)
    kinds: dict[tuple[str, bool], list[Medium]] = {}
    for medium in media:
        try:
            kinds.setdefault(kind(medium.path), []).append(medium)
        except MissingPackage:
            raise
        except UNREADABLE as error:
            lost[medium.name] = str(error)
    readable = [medium for medium in media if medium.name not in lost]
    if lost:
        some = ", ".join(list(lost)[:5]) + ", ..." * (len(lost) > 5)
        words = f"{listings[0].file}: {len(lost)} of the media it names are missing or can't be "
        words += f"read: {some}"
        why = next(iter(lost.values()))
        if not readable:
            raise DataError(f"{words}; nothing is left. Of the first: {why}", listings[0].file)
        warnings.warn(f"{words}; they are left out. Of the first: {why}", stacklevel=3)
        left_out += [_counted(list(lost), "named medium", "named media", why)]
    if len(kinds) > 1:
        few = min(kinds.values(), key=len)
        found = ", ".join(f"{len(of_one)} {words}" for (words, _), of_one in kinds.items())
        raise DataError(
            f"{folder} holds media of several kinds ({found}); expected one: see {few[0].name}",
            folder,
        )
    named = {medium.path for medium in media}
    if uncaptioned := paths.others(named):
        left_out.append(_counted(uncaptioned, "medium", "media", "no caption"))
    ((words, video),) = kinds
    reading = Reading(
        layout=" and ".join(dict.fromkeys(one.layout for one in listings)),
        counts={
            "files of captions": len(listings),
            words: len(readable),
            "captions": sum(len(medium.captions) for medium in readable),
        },
        facts=_facts(listings, readable),
        left_out=left_out,
        warnings=_odd(readable),
        examples=[{"file": medium.name, "caption": medium.captions[0]} for medium in readable[:3]],
    )
    return Found(readable, video, reading)


def _counted(names, one, many, why):
    """A line on what was left out."""
    if len(names) == 1:
        return f"1 {one}, {names[0]} ({why})"
    return f"{len(names):,} {many}, the first is {names[0]} ({why})"


def _facts(listings, media):
    facts = {}
    for listing in listings:
        facts |= listing.facts
    if len(listings) > 1:
        facts |= encodings_said({listing.file.name: listing.facts for listing in listings})
    by_split = collections.Counter(medium.split for medium in media)
    if by_split.keys() - {None}:
        facts["splits"] = ", ".join(
            f"{split or 'not said'} {count:,}" for split, count in by_split.items()
        )
    return facts


def _odd(media):
    counts = collections.Counter(caption for medium in media for caption in set(medium.captions))
    caption, count = counts.most_common(1)[0]
    if count > 1 and count == len(media):
        return [f"all have the same caption, {caption[:40]!r}"]
    return []


# --- which files ----------------------------------------------------------------------------------


def _listings(source, paths, encoding, columns) -> tuple[list[Listing], list[str]]:
    """The files of captions, read, and a line for each other that might have been one."""
    folder = paths.folder
    if source.is_file():
        return [read_captions_file(source, encoding, columns)], []
    files_in = {}
    for within in (folder, *filter(Path.is_dir, sorted(folder.iterdir()))):
        files = [path for path in sorted(within.iterdir()) if _may_be(path, paths)]
        if files:
            files_in[within] = files
    if not files_in:
        return [_beside(folder, paths, encoding)], []
    if folder in files_in or len(files_in) == 1:
        within, files = next(iter(files_in.items()))
        return _of(within, files, encoding, columns)
    if not all(split_named(within) for within in files_in):
        names = ", ".join(within.name for within in files_in)
        raise DataError(
            f"{folder} holds files of captions in several folders: {names}; expected one: "
            "move the others elsewhere, or the one that is meant into the folder itself",
            folder,
        )
    found, left_out = [], []  # as Hugging Face lays out its splits
    for within, files in files_in.items():
        (listing,), others = _of(within, files, encoding, columns, several=False)
        found.append(_with_split(listing, split_named(within), f"{within.name}/"))
        left_out += others
    return found, left_out


def _may_be(path, paths):
    """Whether a path may be a file of captions, and not one beside its picture."""
    return path.is_file() and may_be_captions(path) and path.with_suffix("") not in paths.stems


def _with_split(listing, split, within=""):
    """Rows that say no split are of this one; their names begin with the folder they are within."""
    rows = [
        row._replace(split=row.split or split, name=f"{within}{row.name}") for row in listing.rows
    ]
    return replace(listing, rows=rows)


def _of(folder, files, encoding, columns, several=True):
    """Of files those of captions: one, or one a split; lists of names say the split."""
    if len(files) == 1:
        return [read_captions_file(files[0], encoding, columns)], []
    found, lists, left_out, facts = [], {}, [], {}
    for file in files:
        try:
            text, of_file = read_text(file, encoding)
            names = names_alone(file, text)
            split = split_named(Path(file.name.replace("Images", "")))
            if names is not None and split:
                lists |= dict.fromkeys(names, split)
                facts[file.name] = of_file
            else:
                found.append(read_captions_file(file, encoding, columns))
        except DataError as error:
            why = str(error).removeprefix(os.fspath(file)).lstrip(", :")
            left_out.append(f"{file.name} ({why.partition(';')[0]})")
    plain = [one for one in found if "lemma" not in one.file.name.lower()]
    if plain and len(plain) < len(found):  # Flickr8k's words without their endings
        left_out += [f"{one.file.name} (lemmas)" for one in found if one not in plain]
        found = plain
    by_split = [split_named(one.file) for one in found]
    if several and len(found) > 1 and None not in by_split:
        return [_with_split(*both) for both in zip(found, by_split, strict=True)], left_out
    if len(found) != 1:
        names = ", ".join(one.file.name for one in found) or ", ".join(left_out) or "none"
        raise DataError(
            f"{folder} holds these files of captions: {names}; expected exactly one .txt, .csv, "
            ".tsv, .token, .json or .jsonl file, or one of each split, and the media beside it or "
            f"in a folder; else give the file itself: {files[0]}",
            folder,
        )
    if lists:
        rows = [row for row in found[0].rows if row.name in lists]
        if unlisted := sorted({row.name for row in found[0].rows} - lists.keys()):
            left_out.append(_counted(unlisted, "medium", "media", "in no list of a split"))
        rows = [row._replace(split=lists[row.name]) for row in rows]
        facts = encodings_said({found[0].file.name: found[0].facts, **facts})
        found = [replace(found[0], rows=rows, facts={**found[0].facts, **facts})]
    return found, left_out


def _beside(folder, paths, encoding):
    facts = {}

    def read(file):
        text, facts[file.relative_to(folder).as_posix()] = read_text(file, encoding)
        return text

    rows = beside([path for path in paths.media if path.is_file()], read)
    if not rows:
        raise DataError(
            f"{folder} holds these files of captions: none; expected exactly one .txt, .csv, "
            ".tsv, .token, .json or .jsonl file, and the media beside it or in a folder, or a .txt "
            "file beside each of them",
            folder,
        )
    rows = [row._replace(name=Path(row.name).relative_to(folder).as_posix()) for row in rows]
    return Listing(folder, "a .txt file beside each picture", rows, encodings_said(facts))


def _listed(
    paths: MediaPaths, listings: Iterable[Listing], left_out: list[str]
) -> tuple[list[Medium], dict[str, str]]:
    """What the files say of each path; by name of what there is not, that."""
    media: dict[Path, Medium] = {}
    lost: dict[str, str] = {}
    found_of: dict[tuple[str, Path], Sequence[Path]] = {}
    for listing in listings:
        file, beside = listing.file, listing.file.parent
        if not listing.rows:
            raise DataError(f"{file} holds no caption; expected a line for each picture", file)
        for line, name, caption, split in listing.rows:
            key = (name, beside)
            if key not in found_of:
                found_of[key] = paths.find(name, beside)
            found = found_of[key]
            if len(found) > 1:
                raise DataError(
                    f"{file}, line {line}: {name} may be {found[0]} or {found[1]}; expected the "
                    f"path from {paths.folder}",
                    file,
                    line,
                )
            if not found:
                lost[name] = "there is no such file or folder"
                continue
            medium = media.setdefault(found[0], Medium(found[0], name, split=split))
            if medium.name != name:
                # Two names that mean one file: of one of them it is not the picture.
                lost[name] = f"its name alone is that of {medium.path}, which {medium.name} is"
                continue
            if medium.split != split:
                raise DataError(
                    f"{file}, line {line}: {name} is in the split {split}, and above in "
                    f"{medium.split}",
                    file,
                    line,
                )
            medium.captions.append(caption)
    return list(media.values()), lost
