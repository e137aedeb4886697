"""Which task the first lines of a text file are for."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from rnnzoo.data.readers.caption_rows import CAPTIONS, NAMES, is_header
from rnnzoo.data.readers.media import MEDIA
from rnnzoo.errors import DataError

CAPTIONING = "captioning"
SERIES = "sequence-classification"
TAGGING = "sequence-tagging"
TEXT = "text-generation"
TRANSLATION = "translation"

MEDIA_ALONE = MEDIA - {".ts", ".npy", ".npz"}  # whose endings are those of nothing else
_WORDS = {"word", "words", "token", "tokens", "form"}
_TAGS = {"tag", "tags", "pos", "upos", "ner", "ner_tags", "pos_tags", "label", "labels"}
_NUMBER = re.compile(r"[-+]?(\d+([.,]\d*)?|[.,]\d+)(e[-+]?\d+)?|nan|na|null|", re.IGNORECASE)
_STAMP = re.compile(r"\d{4}-\d\d-\d\d\b.*|\d\d?[./]\d\d?[./]\d{2,4}\b.*|\d\d?:\d\d.*")
_TAGGED_WORD = re.compile(r"\S+[_/][A-Z.,:$`'#-][A-Z0-9.,:$`'|=-]*")
_FACTS_OF_SERIES = re.compile(
    r"(?:[#%].*\n|\s)*@(relation|problemname|timestamps|univariate)\b", re.I
)


class Guess(NamedTuple):
    """A task that a source may be for, and what it is that says so."""

    task: str
    why: str


def tasks_of_text(path: Path, text: str) -> list[Guess]:
    """The tasks that a text file's first lines may be for."""
    lines = text.split("\n")
    filled = [line for line in lines if line.strip()]
    if not filled:
        raise DataError(f"{path} is empty; expected data of one of the tasks", path)
    for found in (
        _marked(path, text),
        _json(text),
        _conll(lines),
        _tagged_words(filled),
        _table(filled[:200]),
    ):
        if found:
            return found
    return [Guess(TEXT, "lines of plain text")]


def _marked(path, text):
    """Formats that say themselves what they are."""
    if _FACTS_OF_SERIES.match(text):
        return [Guess(SERIES, f"a header of {'.arff' if '@rel' in text.lower() else '.ts'}")]
    if re.search(r'^msgid "', text, re.MULTILINE):
        return [Guess(TRANSLATION, "a catalogue of messages (msgid, msgstr)")]
    if re.search(r"<tmx\b", text[:2000]):
        return [Guess(TRANSLATION, "a translation memory (TMX)")]
    return None


def _json(text):
    """JSON, by the keys of its first record; of a long file the head is not whole."""
    text = text.strip()
    if text[:1] not in ("{", "["):
        return None
    if re.search(r'"(images|annotations)"\s*:\s*\[', text):
        return [Guess(CAPTIONING, "JSON with images and annotations")]
    try:
        record, _ = json.JSONDecoder().raw_decode(text[1:].lstrip() if text[0] == "[" else text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(record, dict):
        return None
    keys = {str(key).lower() for key in record}
    shown = ", ".join(map(str, list(record)[:4]))
    if keys & _WORDS and keys & _TAGS:
        return [Guess(TAGGING, f"JSON records with {shown}")]
    if is_header(list(keys)):
        return [Guess(CAPTIONING, f"JSON records with {shown}")]
    if any(Path(key).suffix.lower() in MEDIA_ALONE for key in record):
        return [Guess(CAPTIONING, "JSON of captions by picture")]
    values = next((v for v in record.values() if isinstance(v, dict)), record)
    strings = [key for key, value in values.items() if isinstance(value, str)]
    if "translation" in keys or (len(strings) == 2 and len(values) <= 4):
        return [Guess(TRANSLATION, f"JSON records with {' and '.join(strings)}")]
    return None


def _conll(lines):
    """A word a line, and blank lines between sentences."""
    if any(line.startswith(("# sent_id", "# text =", "# newdoc")) for line in lines[:50]):
        return [Guess(TAGGING, "the comments of CoNLL-U")]
    words = [line for line in lines if line.strip() and not line.startswith(("#", "-DOCSTART-"))]
    tabbed = [line.split("\t") for line in words]
    if all(len(row) == 10 and re.match(r"\d", row[0]) for row in tabbed) and words:
        return [Guess(TAGGING, "ten columns, as CoNLL has them")]
    between = "\n".join(lines).strip("\n").split("\n").count("")
    columns = {len(line.split("\t") if "\t" in line else line.split()) for line in words}
    if between and len(columns) == 1 and 2 <= columns.copy().pop() <= 15 and len(words) > between:
        cells = [line.split("\t") if "\t" in line else line.split() for line in words]
        if not any(" " in row[0].strip() for row in cells) and len({r[-1] for r in cells}) < 300:
            return [Guess(TAGGING, "a word a line, blank lines between sentences")]
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
    separator = max("\t|;,", key=lambda one: (_steady(lines, one), one == "\t"))
    if not _steady(lines, separator) or len(lines) < 2:
        return _numbers(lines)
    rows = [[cell.strip().strip('"') for cell in _cells(line, separator)] for line in lines]
    first = [cell.lower() for cell in rows[0]]
    if is_header(first) and not _numeric(rows[0]):
        return [
            Guess(CAPTIONING, f"a table with {_named(first, NAMES)} and {_named(first, CAPTIONS)}")
        ]
    if sum(_is_medium(row[0]) for row in rows) * 2 > len(rows):
        return [Guess(CAPTIONING, f"lines that begin with a picture's name, {rows[-1][0]}")]
    if set(first) & _WORDS and set(first) & (_TAGS - {"label", "labels"}):
        return [Guess(TAGGING, f"a table with {_named(first, _WORDS)} and {_named(first, _TAGS)}")]
    body = rows[1:] or rows
    numeric = [all(_numeric([cell]) for cell in column) for column in zip(*body, strict=False)]
    filled = [any(cell for cell in column) for column in zip(*body, strict=False)]
    sentences = [
        sum(_is_sentence(cell) for cell in column) * 2 > len(column) and not number
        for column, number in zip(zip(*body, strict=False), numeric, strict=True)
    ]
    numbers = sum(is_number and full for is_number, full in zip(numeric, filled, strict=True))
    words = len(numeric) - sum(numeric)
    enough = numbers >= words or numbers > 1 or separator in ";,"
    if numbers and enough and not any(sentences):
        return [Guess(SERIES, f"a table with {numbers} column{'s' * (numbers > 1)} of numbers")]
    if separator == "\t" and len(rows[0]) == 2 and not any(sentences):
        return _words_or_pairs(body)
    if separator in "\t" or sum(sentences) >= 2:
        return [Guess(TRANSLATION, f"{len(rows[0])} columns of sentences, {_said(separator)}")]
    if words == 2 and not any(sentences) and separator in ",;" and len(rows[0]) == 2:
        return [Guess(TRANSLATION, f"two columns of words, {_said(separator)}")]
    return None


def _words_or_pairs(rows):
    """Single words with single words: a word and its tag, or one and its translation."""
    pairs = Guess(TRANSLATION, "two columns of words, apart by tabs")
    seconds = [row[1] for row in rows if len(row) > 1]
    if len(rows) >= 10 and len(set(seconds)) <= max(3, len(seconds) / 3):
        return [
            Guess(TAGGING, f"words with few different ones beside, such as {seconds[0]}"),
            pairs,
        ]
    return [pairs]


def _steady(lines, separator):
    """How many columns a separator makes, in nearly all lines as many; 0 if it makes none."""
    counts = [len(_cells(line, separator)) for line in lines]
    usual = max(set(counts), key=counts.count)
    return usual if usual > 1 and counts.count(usual) >= 0.8 * len(counts) else 0


def _cells(line, separator):
    # Within quotes a separator is a sign like others.
    try:
        return (
            next(csv.reader([line], delimiter=separator)) if '"' in line else line.split(separator)
        )
    except csv.Error:
        return line.split(separator)


def _numbers(lines):
    """Columns of numbers apart by spaces, or a single column of them."""
    rows = [line.split() for line in lines]
    if len(rows) > 2 and all(_numeric(row) for row in rows[1:]):
        return [Guess(SERIES, f"{len(rows[-1])} columns of numbers")]
    return None


def _numeric(cells: Sequence[str]) -> bool:
    return all(_NUMBER.fullmatch(cell.strip()) for cell in cells)


def _is_sentence(cell: str) -> bool:
    return " " in cell.strip() and not _STAMP.fullmatch(cell.strip())


def _is_medium(name: str) -> bool:
    return Path(re.sub(r"#\d+$", "", name)).suffix.lower() in MEDIA - {".ts"}


def _named(header: Sequence[str], known: Iterable[str]) -> str:
    return next(name for name in header if name in known)


def _said(separator):
    return "apart by tabs" if separator == "\t" else f"apart by {separator!r}"
