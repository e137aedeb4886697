"""Files that say what is to be seen on pictures, in the layouts that people have them in."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rnnzoo.data.readers.caption_json import json_file, json_lines
from rnnzoo.data.readers.caption_rows import Row, chosen, csv_rows, fault, is_header, split_of
from rnnzoo.data.readers.files import kind_of
from rnnzoo.data.readers.media import MEDIA, check_lists
from rnnzoo.data.readers.opening import read_text
from rnnzoo.data.readers.rows import HEAD, are_quoted
from rnnzoo.errors import DataError

_NUMBERED = re.compile(r"#\d+$")  # Flickr8k numbers the captions of a picture


@dataclass
class Listing:
    """A file of captions: the layout, in words, its rows, and what else is to be told of it."""

    file: Path
    layout: str
    rows: list[Row]
    facts: dict[str, str] = field(default_factory=dict)


def may_be_captions(path: Path) -> bool:
    """Whether a file's name is one of captions, packed or not."""
    endings = (".txt", ".csv", ".tsv", ".token", ".json", ".jsonl")
    return kind_of(path) in endings and path.name[0] != "."


def read_captions_file(
    file: Path, encoding: str | None = None, columns: str | Sequence[str | int] | None = None
) -> Listing:
    """The rows of a file of captions, in its order.

    Args:
        file: JSON, JSON lines, or text whose columns are apart by tabs, ``|``, ``,`` or ``;``, with
            or without a first line of their names.
        encoding: of the text; else found out.
        columns: of the picture and of the caption, by names or by numbers from 1; else found out.

    Raises:
        ValueError: it is malformed, with file and line.
        OSError: it can't be opened.
    """
    check_lists(file)
    text, facts = read_text(file, encoding)
    begin = text.lstrip()[:1]
    if begin == "{" and "\n{" in text.strip():
        layout, rows = "JSON lines", list(json_lines(file, text, columns))
    elif begin in ("{", "["):
        layout, rows = json_file(file, text, columns)
    else:
        layout, rows = _table(file, text, columns)
    for row in rows:
        if not row.name or not row.caption:
            missing = "caption" if row.name else "name"
            raise fault(file, row.line, f"the {missing} is empty; fill it or delete it")
    return Listing(file, layout, rows, facts)


# --- tables ---------------------------------------------------------------------------------------


def _table(file, text, columns):
    lines = [line for line in text.split("\n") if line.strip()]
    if not lines:
        raise DataError(
            f"{file} holds no caption; expected a line for each, name<TAB>caption", file
        )
    separator = separator_of(lines[:20])
    if separator is None:
        shown = lines[0].strip()[:40]
        number = text[: text.index(lines[0])].count("\n") + 1
        raise fault(
            file,
            number,
            f"{shown!r} has no tab; expected name<TAB>caption, name|caption, or CSV, whose first "
            "line is image,caption",
        )
    shown = {"\t": "tabs"}.get(separator, repr(separator))
    named = [cell.strip(' "').lower() for cell in lines[0].split(separator)]
    if is_header(named) or (separator in ",;" and not _is_medium(named[0])):
        rows = list(_headed(file, text, separator, columns))
        return f"CSV with a line of names, separated by {shown}", rows
    if separator in ",;" or are_quoted(lines[:HEAD], separator):
        return f"CSV without names, separated by {shown}", list(_two(file, text, separator))
    rows = list(_lines(file, text, separator))
    if all(row.caption and _is_medium(row.caption.split()[0]) for row in rows):
        raise DataError(f"{file} holds names beside names; expected captions", file)
    return f"lines picture{separator if separator == '|' else '<TAB>'}caption", rows


def separator_of(lines: list[str]) -> str | None:
    """What is between the columns of some lines; None if there is one column."""
    names = [re.split(r"[\t|,;]", line)[0].strip(' "') for line in lines]
    for separator in "\t|;,":
        holds = [separator in line for line in lines]
        if not holds[0]:
            continue
        cells = [cell.strip(' "').lower() for cell in lines[0].split(separator)]
        named = is_header(cells) or sum(map(_is_medium, names)) * 2 > len(names)
        if separator == "\t" or (named and sum(holds) * 2 > len(holds)):
            return separator
    # Of other names, which are then to be told by the user.
    return next((one for one in ";," if len({line.count(one) for line in lines} - {0}) == 1), None)


def _is_medium(name):
    return Path(_NUMBERED.sub("", name)).suffix.lower() in MEDIA


def _lines(file, text, separator):
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        name, found, caption = line.partition(separator)
        if not found:
            mark = "tab" if separator == "\t" else repr(separator)
            raise fault(
                file,
                number,
                f"{line.strip()[:40]!r} has no {mark}; expected name{'<TAB>' * (mark == 'tab')}"
                f"{separator.strip()}caption",
            )
        # The number of the caption, where it has a column of its own.
        if separator == "|" and (numbered := re.match(r"\s*\d+\s*\|", caption)):
            caption = caption[numbered.end() :]
        yield Row(number, _NUMBERED.sub("", name.strip()), " ".join(caption.split()), None)


def _quoted(text, separator):
    # In CSV by `|` or tabs, quotes are mostly signs like others.
    return separator in ",;" or are_quoted(text.split("\n", HEAD)[:HEAD], separator)


def _headed(file, text, separator, columns):
    rows = csv_rows(file, text, separator, _quoted(text, separator))
    line, header = next(rows)
    name, caption = map(header.index, chosen(file, line, header, columns))
    splits = [i for i, one in enumerate(header) if one.lower() == "split"]
    for number, row in rows:
        if len(row) != len(header):
            raise fault(
                file,
                number,
                f"{len(row)} columns; expected {separator.join(header)}, with quotes around a "
                f"caption that holds {'a comma' if separator == ',' else repr(separator)}",
            )
        split = split_of(file, number, row[splits[0]]) if splits else None
        yield Row(number, _NUMBERED.sub("", row[name]), " ".join(row[caption].split()), split)


def _two(file, text, separator):
    for number, row in csv_rows(file, text, separator, _quoted(text, separator)):
        if len(row) != 2:
            raise fault(
                file,
                number,
                f"{len(row)} columns; expected name{separator}caption, with quotes around a "
                f"caption that holds {separator!r}",
            )
        yield Row(number, _NUMBERED.sub("", row[0]), " ".join(row[1].split()), None)


# --- beside each picture, and lists of names ------------------------------------------------------


def beside(media: list[Path], read: Callable[[Path], str]) -> list[Row]:
    """The captions of text files beside pictures, of the same names: one a line."""
    return [
        Row(number, path.as_posix(), " ".join(line.split()), None)
        for path in media
        if (file := path.with_suffix(".txt")).is_file()
        for number, line in enumerate(read(file).split("\n"), 1)
        if line.strip()
    ]


def names_alone(file: Path, text: str) -> list[str] | None:
    """The names in a file of nothing else, such as Flickr8k's lists of its splits."""
    names = [line.strip() for line in text.split("\n") if line.strip()]
    alone = bool(names) and all(map(_is_medium, names)) and not any("\t" in one for one in names)
    return names if alone else None
