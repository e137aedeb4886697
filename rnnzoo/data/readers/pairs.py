"""Sentences and their translations in the user's files: tables, and two files side by side."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rnnzoo.data.readers import rows
from rnnzoo.data.readers.catalogues import Found, read_po, read_tmx, read_xliff
from rnnzoo.data.readers.dialogues import BEGINNING, read_dialogues
from rnnzoo.data.readers.opening import Lines
from rnnzoo.data.readers.pair_columns import columns_of, languages_of, separator_of, two_of
from rnnzoo.data.reading import Reading
from rnnzoo.errors import DataError


def lists_pairs(path: Path, encoding: str | None) -> bool:
    """Whether halves are apart as no sentence is in itself: by tabs, bars, quotes, names, JSON."""
    lines = Lines(path, encoding)
    head = list(itertools.islice(lines, rows.HEAD))
    if rows.json_keys(rows.json_entries(lines, head) or head):
        return True
    return any(separator_of(head) in line for line in head)


class _Read(NamedTuple):
    pairs: list[tuple[str, str]]
    reading: Reading
    languages: tuple[str, str] | None


def read_pairs(
    path: str | os.PathLike[str],
    targets: str | os.PathLike[str] | None = None,
    *,
    columns: str | Sequence[str | int] | None = None,
    encoding: str | None = None,
) -> tuple[list[tuple[str, str]], Reading]:
    """The pairs of one file, or of two, in order, without space around them; and what was read.

    A file's layout is known by what is in it: columns between tabs, of which those of numbers and
    of attributions (Tatoeba, Anki) are left out; CSV with a first line of names; JSON lines of two
    strings, or of ``{"translation": {"en": ..., "fr": ...}}``; message catalogues (.po);
    translation memories (.tmx); XLIFF; a game's dialogues (.lua). Lines of which a half is missing
    are left out and counted.

    Args:
        path: of pairs, or of sources alone; packed or not.
        targets: a file of their targets, if they are alone.
        columns: of source and target, by names or by numbers from 1; of a translation memory, the
            languages. By default, the first that is named is the source.
        encoding: of the files, see `rnnzoo.load_text`.

    Raises:
        ValueError: what is not as above, with file and line number; more than a tenth is left out.
        OSError: a file can't be opened.

    Example:
        ``pairs, reading = read_pairs("train.en", "train.de")``
    """
    read = read_with_languages(path, targets, columns=columns, encoding=encoding)
    return read.pairs, read.reading


def read_with_languages(
    path: str | os.PathLike[str],
    targets: str | os.PathLike[str] | None = None,
    *,
    columns: str | Sequence[str | int] | None = None,
    encoding: str | None = None,
) -> _Read:
    """As `read_pairs`; also the languages of sources and targets, None if the file says none."""
    asked = rows.wanted(columns, "source,target or 1,2", 2)
    if targets is not None:
        return _two_files(Path(path), Path(targets), encoding)
    path = Path(path)
    lines = Lines(path, encoding)
    head = list(itertools.islice(lines, rows.HEAD))
    if not any(map(str.strip, head)):
        raise DataError(
            f"{path} holds nothing; expected a pair, or one side of it, in each line", path
        )
    start = "\n".join(head[:50])
    if re.search(r"<tmx[\s>]", start):
        return _whole(path, "translation memory (TMX)", read_tmx(path, encoding, asked))
    if re.search(r"<xliff[\s>]", start):
        return _whole(path, "XLIFF", read_xliff(path, encoding, asked))
    if re.search(r'^msgid\s+"', start, re.MULTILINE):
        return _whole(path, "message catalogue (PO)", read_po(path, encoding, asked))
    if BEGINNING.search(start):
        return read_dialogue_files([path], encoding, asked)
    entries = rows.json_entries(lines, head)
    if rows.json_keys(entries or head):
        return _json(entries or lines, path, entries or head, asked, lines.facts)
    return _columns(lines, path, head, asked)


def read_dialogue_files(
    files: Sequence[Path], encoding: str | None, asked: Sequence[str] | None
) -> _Read:
    """The pairs of a game's dialogues, see `rnnzoo.data.readers.dialogues`."""
    found = read_dialogues(files, encoding, asked)
    return _whole(files[0], "dialogues of a game (Lua)", found, len(files))


def _whole(path, layout, found: Found, files=1):
    pairs, languages, left_out, facts = found
    if not pairs:
        raise DataError(
            f"{path}: a {layout} without a translated sentence: {', '.join(left_out) or 'empty'}",
            path,
        )
    return _Read(pairs, _reading(layout, pairs, languages, facts, left_out, files), languages)


def _reading(layout, pairs, languages, facts=None, left_out=(), files=1):
    names = languages if languages and languages[0] != languages[1] else ("source", "target")
    facts = dict(facts or {})
    if languages:
        facts["direction"] = f"{languages[0]} to {languages[1]}"
    examples = [dict(zip(names, pair, strict=True)) for pair in pairs[:3]]
    counts = {**({"files": files} if files > 1 else {}), "pairs": len(pairs)}
    return Reading(layout=layout, counts=counts, facts=facts, left_out=left_out, examples=examples)


def _kept(
    halves: Iterable[tuple[int, str, str]], path: Any, left_out: rows.LeftOut
) -> list[tuple[str, str]]:
    """Pairs of which no half is empty."""
    pairs = []
    for number, source, target in halves:
        source, target = source.strip(), target.strip()
        if source and target:
            pairs.append((source, target))
        else:
            what = "source" if target else "target" if source else ""
            left_out.add(f"lines whose {what} is empty" if what else rows.BLANK, number)
    left_out.check(path, len(pairs), "expected source<TAB>target; fill these lines, or delete them")
    return pairs


# --- two files ------------------------------------------------------------------------------------


def _two_files(path, targets, encoding):
    sides, facts = [], {}
    for file in (path, targets):
        lines = Lines(file, encoding)
        sides.append(list(lines))
        facts |= lines.facts
        if not any(map(str.strip, sides[-1])):
            raise DataError(
                f"{file} holds nothing; expected a pair, or one side of it, in each line", file
            )
    if len(sides[0]) != len(sides[1]):
        for side in sides:  # a blank line at a file's end is no sentence
            while not side[-1].strip():
                side.pop()
    if len(sides[0]) != len(sides[1]):
        raise DataError(
            f"{path} has {len(sides[0]):,} lines and {targets} {len(sides[1]):,}; expected as "
            "many, each a translation of the other's at its place",
            path,
        )
    left_out = rows.LeftOut()
    pairs = _kept(
        ((n, *pair) for n, pair in enumerate(zip(*sides, strict=True), 1)), path, left_out
    )
    reading = _reading("two files, line by line", pairs, None, facts, left_out.said(), 2)
    return _Read(pairs, reading, None)


# --- JSON lines -----------------------------------------------------------------------------------


def _json(lines, path, head, asked, facts):
    example = next(rows.json_rows(head, path))[1]
    inner = isinstance(example.get("translation"), dict)
    if inner:
        example = example["translation"]
    names = [key for key, value in example.items() if isinstance(value, str)]
    values = [example[name] for name in names]
    if asked:
        source, target = (names[rows.place_of(one, names, values, path)] for one in asked)
    else:
        at = two_of(names, values, path)
        source, target = names[at[0]], names[at[1]]
    left_out = rows.LeftOut()

    def halves():
        for number, row in rows.json_rows(lines, path):
            row = row.get("translation") if inner else row
            both = [row.get(key) if isinstance(row, dict) else None for key in (source, target)]
            yield number, *(one if isinstance(one, str) else "" for one in both)

    pairs = _kept(halves(), path, left_out)
    languages = languages_of(source, target)
    layout = f"JSON lines: {source!r} and {target!r}"
    return _Read(pairs, _reading(layout, pairs, languages, facts, left_out.said()), languages)


# --- columns --------------------------------------------------------------------------------------


def _columns(lines, path, head, asked):
    of = columns_of(head, path, asked)
    left_out = rows.LeftOut()
    pairs = _kept(of.halves(lines, path, left_out), path, left_out)
    said = {"\t": "tabs", " ||| ": "|||", ";": "semicolons", ",": "commas"}[of.separator]
    facts = lines.facts | of.facts
    reading = _reading(f"pairs, separated by {said}", pairs, of.languages, facts, left_out.said())
    return _Read(pairs, reading, of.languages)
