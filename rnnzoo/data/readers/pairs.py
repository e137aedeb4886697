"""Sentences and their translations in the user's files: tables, and two files side by side."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rnnzoo.data.readers import rows
from rnnzoo.data.readers.catalogues import read_po, read_tmx
from rnnzoo.data.readers.languages import WORDS, is_language
from rnnzoo.data.readers.opening import Lines
from rnnzoo.data.reading import Reading
from rnnzoo.errors import DataError

_SOURCES = ("source", "src", "source_text", "input", "sentence1")
_TARGETS = ("target", "tgt", "trg", "target_text", "translation", "output", "sentence2")
_SEPARATORS = ("\t", " ||| ", ";", ",")
# What is said of who wrote a sentence, as in the files of Anki.
_ATTRIBUTION = re.compile(r"CC[- ]BY|tatoeba", re.IGNORECASE)


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
    translation memories (.tmx). Lines of which a half is missing are left out and counted.

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
    asked = rows.wanted(columns, 2)
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
        return _whole(path, "translation memory (TMX)", *read_tmx(path, encoding, asked))
    if re.search(r'^msgid\s+"', start, re.MULTILINE):
        return _whole(path, "message catalogue (PO)", *read_po(path, encoding))
    if keys := rows.json_keys(head):
        return _json(lines, path, keys, head, asked)
    return _columns(lines, path, head, asked)


def _whole(path, layout, pairs, languages, left_out):
    if not pairs:
        raise DataError(
            f"{path}: a {layout} without a translated sentence: {', '.join(left_out) or 'empty'}",
            path,
        )
    return _Read(pairs, _reading(layout, pairs, languages, left_out=left_out), languages)


def _reading(layout, pairs, languages, facts=None, left_out=()):
    names = languages or ("source", "target")
    facts = dict(facts or {})
    if languages:
        facts["direction"] = f"{languages[0]} to {languages[1]}"
    examples = [dict(zip(names, pair, strict=True)) for pair in pairs[:3]]
    counts = {"pairs": len(pairs)}
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
            left_out.add(f"lines whose {what} is empty" if what else "blank lines", number)
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
    reading = _reading("two files, line by line", pairs, None, facts, left_out.said())
    return _Read(pairs, reading, None)


# --- JSON lines -----------------------------------------------------------------------------------


def _json(lines, path, keys, head, asked):
    example = next(rows.json_rows(head, path))[1]
    inner = isinstance(example.get("translation"), dict)
    if inner:
        example = example["translation"]
    names = [key for key, value in example.items() if isinstance(value, str)]
    values = [example[name] for name in names]
    if asked:
        source, target = (names[rows.place_of(one, names, values, path)] for one in asked)
    else:
        at = _two_of(names, values, path)
        source, target = names[at[0]], names[at[1]]
    left_out = rows.LeftOut()

    def halves():
        for number, row in rows.json_rows(lines, path):
            row = row.get("translation") if inner else row
            both = [row.get(key) if isinstance(row, dict) else None for key in (source, target)]
            yield number, *(one if isinstance(one, str) else "" for one in both)

    pairs = _kept(halves(), path, left_out)
    languages = _languages(source, target)
    layout = f"JSON lines: {source!r} and {target!r}"
    return _Read(pairs, _reading(layout, pairs, languages, lines.facts, left_out.said()), languages)


def _two_of(names: Sequence[str], row: Sequence[str], path: Any) -> tuple[int, int]:
    """The places of source and target among columns with names."""
    plain = [name.strip().lower() for name in names]
    sources = [i for i, name in enumerate(plain) if name in _SOURCES]
    targets = [i for i, name in enumerate(plain) if name in _TARGETS]
    if len(sources) == len(targets) == 1:
        return sources[0], targets[0]
    told = [i for i, name in enumerate(plain) if is_language(name)]
    if len(told) != 2:
        told = [i for i, cell in enumerate(row) if not rows.NUMBER.fullmatch(cell.strip())]
    if len(told) != 2:
        raise DataError(
            f"{path}: which column is the source, and which the target? It has "
            f'{rows.listed(names, row)}. Say it: --columns en,fr, in Python columns=("en", "fr")',
            path,
        )
    return told[0], told[1]


def _languages(*names):
    plain = [name.strip() for name in names]
    return tuple(plain) if all(is_language(name.lower()) for name in plain) else None


# --- columns --------------------------------------------------------------------------------------


def _columns(lines, path, head, asked):
    separator = _separator(head, asked)
    table = rows.head_cells(head, separator)
    width = max((len(row) for row in table), key=[len(row) for row in table].count)
    names = _names(table, asked)
    body = [row for row in table[bool(names) :] if len(row) == width] or table
    if rows.numbers_share(body) > 0.9:
        raise DataError(
            f"{path} looks like a table of numbers, as load_series reads, and not like pairs of "
            "sentences",
            path,
        )
    if asked:
        at = tuple(rows.place_of(one, names, body[0], path) for one in asked)
    elif names:
        at = _two_of(names, body[0], path)
    else:
        at = _texts(body, width, path)
    left_out = rows.LeftOut()
    halves = _halves(lines, separator, path, at, width, bool(names), left_out)
    pairs = _kept(halves, path, left_out)
    said = {"\t": "tabs", " ||| ": "|||", ";": "semicolons", ",": "commas"}[separator]
    facts = dict(lines.facts)
    languages = _languages(*(names[i] for i in at)) if names else None
    if not languages and (names or width > 2 or asked):
        facts["columns"] = f"{_name(names, at[0])} to {_name(names, at[1])}, of {width}"
    reading = _reading(f"pairs, separated by {said}", pairs, languages, facts, left_out.said())
    if _looks_tagged(pairs):
        odd = (
            "its targets are few and of one word: of words and their tags, load_tagged reads these"
        )
        reading = rows.with_more(reading, warnings=[odd])
    return _Read(pairs, reading, languages)


def _looks_tagged(pairs):
    targets = {target for _, target in pairs}
    return len(pairs) >= 20 and len(targets) < len(pairs) / 10 and not any(map(_several, pairs))


def _several(pair):
    return any(" " in half for half in pair)


def _name(names, place):
    return repr(names[place]) if names else str(place + 1)


def _separator(head, asked):
    """What stands between columns; tabs, unless others plainly do."""
    filled = [line for line in head if line.strip()]
    for separator in _SEPARATORS:
        table = rows.head_cells(filled, separator)
        if not table:
            continue
        several = sum(len(row) > 1 for row in table) > 0.5 * len(table)
        # In sentences there are commas, too: only names or quotes make them columns.
        if separator in ";,":
            quoted = sum('"' in line for line in filled) > 0.5 * len(filled)
            alike = len({len(row) for row in table}) == 1
            plain = alike and (quoted or bool(_names(table, asked)) or bool(asked))
            several = several and plain
        if several:
            return separator
    return "\t"


def _names(table, asked):
    """The names of columns, if the first line is made of them."""
    first = [cell.strip() for cell in table[0]]
    plain = [cell.lower() for cell in first]
    if len(table) < 2 or len(first) < 2 or len(set(plain)) < len(plain):
        return None
    if asked and all(one.lower() in plain for one in asked):
        return first
    known = [
        name in (*_SOURCES, *_TARGETS, "id", "score", "attribution") or is_language(name)
        for name in plain
    ]
    told = sum(known) > 1 and sum(known) >= len(plain) - 1 and not WORDS.issuperset(plain)
    return first if told else None


def _texts(body: list[list[str]], width: int, path: Any) -> tuple[int, int]:
    """The places of the two columns that are neither numbers nor attributions."""
    if width < 2:
        line = next(iter(body[0]), "")
        raise DataError(
            f"{path}, line 1: {line[:40]!r} has no tab; expected source<TAB>target", path, 1
        )
    rest = []
    for place in range(width):
        cells = [row[place] for row in body]
        numbers = sum(bool(rows.NUMBER.fullmatch(cell.strip())) for cell in cells)
        attributed = sum(bool(_ATTRIBUTION.search(cell)) for cell in cells)
        if width == 2 or max(numbers, attributed) < 0.9 * len(cells):
            rest.append(place)
    if len(rest) != 2:
        raise DataError(
            f"{path}: which of its columns are source and target? It has "
            f"{rows.listed(None, body[0])}. Say it: --columns 1,2, in Python columns=(1, 2)",
            path,
        )
    return rest[0], rest[1]


def _halves(
    lines: Iterable[str],
    separator: str,
    path: Any,
    at: tuple[int, int],
    width: int,
    header: bool,
    left_out: rows.LeftOut,
) -> Iterator[tuple[int, str, str]]:
    blank = 0
    for number, row in itertools.islice(rows.cells_of(lines, separator, path), int(header), None):
        if not any(map(str.strip, row)) and len(row) < 2:
            blank = blank or number  # none at the end counts
            continue
        if blank:
            left_out.add("blank lines", blank)
            blank = 0
        if len(row) != width:
            no_tab = separator == "\t" and len(row) == 1
            what = "without a tab" if no_tab else f"not of {width} columns"
            left_out.add(f"lines {what}", number)
            continue
        yield number, row[at[0]], row[at[1]]
