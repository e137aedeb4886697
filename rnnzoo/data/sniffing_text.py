"""Which task the first lines of a text file are for."""

from __future__ import annotations

import contextlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rnnzoo.data.readers import rows as rows_of
from rnnzoo.data.readers.caption_rows import CAPTIONS, is_header
from rnnzoo.data.readers.caption_rows import NAMES as MEDIA_NAMES
from rnnzoo.data.readers.conll import split
from rnnzoo.data.readers.media import MEDIA, MEDIA_ALONE
from rnnzoo.data.readers.names import NAME_NAMES
from rnnzoo.data.readers.pair_columns import names_of, separator_of
from rnnzoo.data.readers.picture_lists import LABELS as PICTURE_LABELS
from rnnzoo.data.readers.tagged_layouts import MORE_TAGS, TAGS, WORDS
from rnnzoo.data.readers.tagged_spans import span_keys
from rnnzoo.data.readers.text import TEXT_NAMES
from rnnzoo.data.sniffing_dates import dates_without_class
from rnnzoo.errors import DataError

CAPTIONING = "captioning"
FORECASTING = "forecasting"
NAMES = "name-generation"
PICTURES = "picture-classification"
SERIES = "sequence-classification"
TAGGING = "sequence-tagging"
TEXT = "text-generation"
TRANSLATION = "translation"

_WORDS, _TAGS = {*WORDS}, {*TAGS, *MORE_TAGS}
_NUMBER = re.compile(
    r"[-+]?(\d+([.,]\d*)?|[.,]\d+)(e[-+]?\d+)?|\d{1,3}([.,]\d{3})+[.,]\d+|nan|na|null|",
    re.IGNORECASE,
)
_STAMP = re.compile(r"\d{4}-\d\d-\d\d\b.*|\d\d?[./]\d\d?[./]\d{2,4}\b.*|\d\d?:\d\d.*")
_QUANTITY = re.compile(r"([-+]?\d+([.,]\d+)? ?[^\W\d]{1,4})?")  # with a unit: its reader tells
_TAG = re.compile(r"[BIESLU]-\S+|[A-Z.,:$`'#-][A-Z0-9.,:$`'|=_-]*")
_TAGGED_WORD = re.compile(r"\S+[_/][A-Z.,:$`'#-][A-Z0-9.,:$`'|=-]*")
_COLUMNS_OF_NAMES = {*NAME_NAMES} - {*TEXT_NAMES}
_A_NAME = re.compile(r"[^\W\d_][^\n\t,;:!?{}()\[\]=\"]{0,29}")  # of one to three words
_BEGIN = re.compile(r"[^\s,]")  # of a record of JSON
_FACTS_OF_SERIES = re.compile(
    r"(?:[#%].*\n|\s)*@(relation|problemname|timestamps|univariate)\b", re.I
)


class Guess(NamedTuple):
    """A task that a source may be for.

    Attributes:
        task: its name.
        why: what it is that says so.
        sure: whether it is hardly for another.
    """

    task: str
    why: str
    sure: bool = True


def tasks_of_text(path: Path, text: str) -> list[Guess]:
    """The tasks that a text file's first lines may be for."""
    lines = text.split("\n")
    filled = [line for line in lines if line.strip()]
    if not filled:
        raise DataError(f"{path} is empty; expected data of one of the tasks", path)
    if len(filled) == 1 and path.suffix.lower() == ".csv":
        (names,) = filled
        cells = [cell.strip() for cell in re.split(r"[,;\t]", names)]
        if len(cells) > 1 and all(re.fullmatch(r"\w*[^\W\d]\w*", cell) for cell in cells):
            raise DataError(f"{path} holds a line of names, {names.strip()!r}, and no row", path)
    for found in (
        _marked(path, text),
        _json(text),
        _conll(lines),
        _tagged_words(filled),
        _table(filled[:200]),
        _names(lines[:200]),
    ):
        if found:
            return found
    return [Guess(TEXT, "lines of plain text", _is_prose(filled[:200]))]


def _is_prose(lines):
    words = [word.strip(".,;:!?()'\"-") for line in lines for word in line.split()]
    lengths = {len(line.split()) for line in lines}
    few = len(words) < 4 * len(lines) or len(lengths) < 3
    return not few and sum(word.isalpha() for word in words) > 0.8 * len(words)


def _names(lines):
    """A short name a line, nearly all of them different, perhaps below a column's name."""
    *lines, last = lines  # which may be cut
    lines += [last] * bool(last)
    headed = rows_of.plain(lines[0]) in _COLUMNS_OF_NAMES
    names = lines[headed:]
    short = [name for name in names if _A_NAME.fullmatch(name) and len(name.split()) <= 3]
    long = sum(len(name.split()) for name in short) > 1.5 * len(short)
    if len(names) < (2 if headed else 10) or long or len({*short}) < 0.9 * len(names):
        return None
    return [Guess(NAMES, f"a short name a line, such as {short[0]}", False)]


def _marked(path, text):
    """Formats that say themselves what they are."""
    if _FACTS_OF_SERIES.match(text):
        return [Guess(SERIES, f"a header of {'.arff' if '@rel' in text.lower() else '.ts'}")]
    if re.search(r'^msgid "', text, re.MULTILINE):
        return [Guess(TRANSLATION, "a catalogue of messages (msgid, msgstr)")]
    if re.search(r'^dialogStr\("', text, re.MULTILINE):
        return [Guess(TRANSLATION, "a game's dialogues (dialogId, dialogStr)")]
    if re.search(r"<tmx\b", text[:2000]):
        return [Guess(TRANSLATION, "a translation memory (TMX)")]
    if re.search(r"<xliff\b", text[:2000]):
        return [Guess(TRANSLATION, "translation units (XLIFF)")]
    return None


def _json(text):
    """JSON, by the keys of its first record."""
    text = text.strip()
    if text[:1] not in ("{", "["):
        return None
    if re.search(r'"(images|annotations)"\s*:\s*\[', text):
        return [Guess(CAPTIONING, "JSON with images and annotations")]
    records = list(_records(text))
    if not records:
        return None
    record = records[0]
    keys = {str(key).lower() for key in record}
    shown = ", ".join(map(str, list(record)[:4]))
    if keys & _WORDS and keys & _TAGS:
        return [Guess(TAGGING, f"JSON records with {shown}")]
    if of_spans := span_keys(records):
        sure = any(one.get(of_spans[1]) for one in records)
        return [Guess(TAGGING, f"JSON records with {shown}", sure)]
    if is_header(list(keys)):
        return [Guess(CAPTIONING, f"JSON records with {shown}")]
    if any(Path(key).suffix.lower() in MEDIA_ALONE for key in record):
        return [Guess(CAPTIONING, "JSON of captions by picture")]
    values = next((v for v in record.values() if isinstance(v, dict)), record)
    strings = [key for key, value in values.items() if isinstance(value, str)]
    named = bool(names_of([strings, strings]))
    if "translation" in keys or named or (len(strings) == 2 and len(values) <= 4):
        sure = "translation" in keys or named
        return [Guess(TRANSLATION, f"JSON records with {' and '.join(strings[:4])}", sure)]
    # Which are no columns, whatever their commas look like.
    return [Guess(TEXT, f"JSON records with {shown}", False)]


def _records(text: str) -> Iterator[dict[str, Any]]:
    """The objects of JSON lines or of an array, as far as they are whole: a head ends anywhere."""
    decoder, at = json.JSONDecoder(), int(text[0] == "[")
    with contextlib.suppress(ValueError, RecursionError):
        while begin := _BEGIN.search(text, at):
            record, at = decoder.raw_decode(text, begin.start())
            if not isinstance(record, dict):
                return
            yield record


def _conll(lines):
    """A word a line, and blank lines between sentences."""
    if any(line.startswith(("# sent_id", "# text =", "# newdoc")) for line in lines[:50]):
        return [Guess(TAGGING, "the comments of CoNLL-U")]
    words = [line for line in lines if line.strip() and not line.startswith(("#", "-DOCSTART-"))]
    cells = [split(line) for line in words]
    if all(len(row) == 10 and re.match(r"\d", row[0]) for row in cells) and words:
        return [Guess(TAGGING, "ten columns, as CoNLL has them")]
    between = "\n".join(map(str.strip, lines)).strip("\n").split("\n").count("")
    columns, rows = Counter(map(len, cells)).most_common(1)[0] if cells else (0, 0)
    steady = rows >= 0.98 * len(cells)  # the reader names the line that lacks its tag
    if between and steady and 2 <= columns <= 15 and len(words) > between:
        cells = [row for row in cells if len(row) == columns]
        tags = {row[-1] for row in cells}
        if not any(" " in row[0].strip() for row in cells) and len(tags) < 300:
            few = len(cells) >= 10 and 2 * len(tags) <= len(cells)
            sure = few or all(map(_TAG.fullmatch, tags))
            return [Guess(TAGGING, "a word a line, blank lines between sentences", sure)]
    return None


def _tagged_words(filled):
    words = [word for line in filled[:50] for word in line.split()]
    if len(words) > 2 and sum(bool(_TAGGED_WORD.fullmatch(word)) for word in words) > 0.9 * len(
        words
    ):
        return [Guess(TAGGING, "words with their tags, such as " + words[0])]
    return None


def _table(lines):
    """Columns apart by something: numbers, captions, tags, or sentences in two languages."""
    tables = {one: rows_of.head_cells(lines, one) for one in "\t|;,"}
    separator = max(tables, key=lambda one: (_steady(tables[one]), one == "\t"))
    table = [[cell.strip().strip('"') for cell in row] for row in tables[separator]]
    if not _steady(table) or (len(table) < 2 and separator != "\t"):
        return _numbers(lines)
    first, body = [cell.lower() for cell in table[0]], table[1:] or table
    if is_header(first) and not _numeric(table[0]):
        names = _named(first, MEDIA_NAMES)
        why = f"a table with {names} and {_named(first, CAPTIONS)}"
        return [Guess(CAPTIONING, why, _is_medium([*body[0], *first][first.index(names)]))]
    if {*first} & {*MEDIA_NAMES} and {*first} & {*PICTURE_LABELS} and any(map(_is_medium, body[0])):
        why = f"a table with {_named(first, MEDIA_NAMES)} and {_named(first, PICTURE_LABELS)}"
        return [Guess(PICTURES, why)]
    if sum(_is_medium(row[0]) for row in table) * 2 > len(table):
        return [Guess(CAPTIONING, f"lines that begin with a picture's name, {table[-1][0]}")]
    if set(first) & _WORDS and set(first) & _TAGS:
        return [Guess(TAGGING, f"a table with {_named(first, _WORDS)} and {_named(first, _TAGS)}")]
    if names_of(table):
        return [Guess(TRANSLATION, f"a table with {' and '.join(table[0][:4])}")]
    columns = [column for column in zip(*body, strict=False) if any(column)]
    numbers = [column for column in columns if all(_numeric([cell]) for cell in column)]
    words = [column for column in columns if column not in numbers]
    sentences = [c for c in words if sum(map(_is_sentence, c)) * 2 > len(c)]
    if set(first) & {*TEXT_NAMES} and len(numbers) < 2:
        return [Guess(TEXT, f"a table with a column of text, {_named(first, TEXT_NAMES)}", False)]
    enough = len(numbers) >= len(words) or len(numbers) > 1 or separator in ";,"
    measured = numbers or any(all(map(_QUANTITY.fullmatch, column)) for column in words)
    if measured and not sentences and (stamps := dates_without_class(table[0], body, words)):
        return [Guess(FORECASTING, f"a table with time stamps, {stamps}, and no class")]
    named = _column_of_names(first, body)
    if numbers and enough and not sentences:
        why = f"a table with {len(numbers)} column{'s' * (len(numbers) > 1)} of numbers"
        return [Guess(SERIES, why, len(numbers) > 1), *named]
    return named or _pairs(lines, separator, body, words, sentences)


def _column_of_names(header, rows):
    """Whether names stand in a column that is called so, each in one row, and no class beside."""
    at = next(
        (at for at, name in enumerate(header) if rows_of.plain(name) in _COLUMNS_OF_NAMES), -1
    )
    names = [row[at] for row in rows if len(row) > at >= 0]
    if len(names) < 2 or len({*names}) < len(names) or {*header} & {*PICTURE_LABELS}:
        return []
    return [Guess(NAMES, f"a column of names, {header[at]!r}, each in one row")]


def _pairs(lines, separator, body, words, sentences):
    """Columns of sentences, or of two words, which may be one and its tag."""
    if sum(sum(map(bool, row)) > 1 for row in body) < 0.8 * len(body):
        return None  # lines that begin with a separator
    by = separator_of(lines)
    apart = {"\t": "tabs", " ||| ": "three bars"}.get(by, repr(by))
    if separator in "\t;," and len(body[0]) == len(words) == 2 and not sentences:
        return _words_or_pairs(body, apart if separator == "\t" else repr(separator))
    if by == separator or (by, separator) == (" ||| ", "|"):
        told = separator == "\t" and any("CC-BY" in row[-1] for row in body)
        why = f"{len(body[0])} columns of sentences, apart by {apart}"
        return [Guess(TRANSLATION, why, told)]
    return None


def _words_or_pairs(rows, apart):
    """Single words with single words: a word and its tag, or one and its translation."""
    pairs = Guess(TRANSLATION, f"two columns of words, apart by {apart}", False)
    seconds = [row[1] for row in rows if len(row) > 1]
    why = f"words with few different ones beside, such as {seconds[0]}"
    if len(rows) >= 10 and len(set(seconds)) <= max(3, len(seconds) / 3):
        return [Guess(TAGGING, why), pairs]
    return [pairs]


def _steady(table):
    """How many columns there are, in nearly all rows as many; 0 if there is but one."""
    counts = [len(row) for row in table]
    usual = max(set(counts), key=counts.count, default=0)
    return usual if usual > 1 and counts.count(usual) >= 0.8 * len(counts) else 0


def _numbers(lines):
    """Columns of numbers apart by spaces, or a single column of them."""
    rows = [line.split() for line in lines]
    if len(rows) > 2 and all(_numeric(row) for row in rows[1:]):
        return [Guess(SERIES, f"{len(rows[-1])} columns of numbers", len(rows[-1]) > 1)]
    return None


def _numeric(cells: Sequence[str]) -> bool:
    return all(_NUMBER.fullmatch(cell.strip()) for cell in cells)


def _is_sentence(cell: str) -> bool:
    cell = cell.strip()
    return " " in cell and not _STAMP.fullmatch(cell) and not _QUANTITY.fullmatch(cell)


def _is_medium(name: str) -> bool:
    return Path(re.sub(r"#\d+$", "", name)).suffix.lower() in MEDIA - {".ts"}


def _named(header: Sequence[str], known: Iterable[str]) -> str:
    return next(name for name in header if name in known)
