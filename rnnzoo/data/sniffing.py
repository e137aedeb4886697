"""Which task a file or folder is for, by its name and by the first of what is in it."""

from __future__ import annotations

import json
import os
import re
import textwrap
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rnnzoo.data.readers.caption_files import CAPTIONS, NAMES, is_header, names_alone
from rnnzoo.data.readers.files import files_below, kind_of, split_named
from rnnzoo.data.readers.media import MEDIA
from rnnzoo.data.readers.opening import decode, open_binary
from rnnzoo.data.registry import dataset_info, list_datasets
from rnnzoo.errors import DataError, WrongValue
from rnnzoo.plugins import did_you_mean

CAPTIONING = "captioning"
SERIES = "sequence-classification"
TAGGING = "sequence-tagging"
TEXT = "text-generation"
TRANSLATION = "translation"

_HEAD = 2**16  # bytes of a file that are looked at
_ENTRIES = 2000  # of a folder
_MEDIA = MEDIA - {".ts", ".npy", ".npz"}  # whose endings are those of nothing else
_WORDS = {"word", "words", "token", "tokens", "form"}
_TAGS = {"tag", "tags", "pos", "upos", "ner", "ner_tags", "pos_tags", "label", "labels"}
_NUMBER = re.compile(r"[-+]?(\d+([.,]\d*)?|[.,]\d+)(e[-+]?\d+)?|nan|na|null|", re.IGNORECASE)
_STAMP = re.compile(r"\d{4}-\d\d-\d\d\b.*|\d\d?[./]\d\d?[./]\d{2,4}\b.*|\d\d?:\d\d.*")
_TAGGED_WORD = re.compile(r"\S+[_/][A-Z.,:$`'#-][A-Z0-9.,:$`'|=-]*")
_FACTS_OF_SERIES = re.compile(
    r"\s*(#.*\n|%.*\n|\s)*@(relation|problemname|timestamps|univariate)\b", re.I
)


class Guess(NamedTuple):
    """A task that a source may be for, and what it is that says so."""

    task: str
    why: str


def task_of(source: str | os.PathLike[str], encoding: str | None = None) -> Guess:
    """The task that a file, a folder or a data set is for, and why.

    It is told by names and by the first of what is in them; nothing is read whole.

    Args:
        source: as the tasks' loaders take it: a data set's name, a path, ``path:column``,
            ``folder:en-de`` or ``one,other``.
        encoding: of text, such as ``"cp1252"``; else found out.

    Raises:
        FileNotFoundError: there is neither a path nor a data set of that name.
        ValueError: it may be for several tasks, which are told, or for none.
        OSError: it can't be opened.

    Example:
        >>> task_of("ui_messages/de").task
        'translation'
    """
    guesses = tasks_of(source, encoding)
    if len(guesses) > 1:
        may_be = "; or ".join(f"{guess.task} ({guess.why})" for guess in guesses)
        raise WrongValue(
            f"{os.fspath(source)} may be for {may_be}: which? (--task, in Python task=)"
        )
    return guesses[0]


def tasks_of(source: str | os.PathLike[str], encoding: str | None = None) -> list[Guess]:
    """All tasks that a source may be for where one can't be told, as `task_of` does."""
    given = os.fspath(source)
    if given in list_datasets():
        tasks = (CAPTIONING, SERIES, TAGGING, TEXT, TRANSLATION)
        known = [task for task in tasks if given in list_datasets(task=task)]
        known = known or [dataset_info(given).task]
        return [Guess(task, "a named data set for it") for task in known]
    path, (before, _, behind) = Path(given), given.rpartition(":")
    if given and path.is_dir():
        return _of_folder(path, encoding)
    if given and path.exists():
        return _of_file(path, encoding)
    if before and Path(before).exists():
        if re.fullmatch(r"[\w.]+-[\w.]+", behind):
            return [Guess(TRANSLATION, f"two languages, {behind}, stand behind the folder")]
        return [Guess(TAGGING, f"a column, {behind}, stands behind the path")]
    two = given.split(",", 1)
    if len(two) == 2 and all(Path(one).is_file() for one in two):
        return [Guess(TRANSLATION, "two files, of which one translates the other")]
    names = list_datasets()
    beside = map(str, path.parent.iterdir()) if path.name and path.parent.is_dir() else ()
    raise FileNotFoundError(
        f"{given!r}: there is no such file, folder or data set (`rnnzoo list --data` shows these)"
        f"{did_you_mean(given, [*names, *beside])}"
    )


# --- folders --------------------------------------------------------------------------------------


def _of_folder(folder, encoding):
    files = files_below(folder)[:_ENTRIES]
    if not files:
        raise DataError(f"{folder} holds no file; expected data of one of the tasks", folder)
    media = [path for path in files if kind_of(path) in _MEDIA]
    if len(media) * 2 > len(files) or (
        media and any(_may_list_media(path, encoding) for path in files)
    ):
        return [Guess(CAPTIONING, f"it holds pictures or videos, such as {media[0].name}")]
    others = [path for path in files if path not in media]
    languages = {kind_of(path) for path in others if split_named(path)}
    codes = [one for one in languages if re.fullmatch(r"\.[a-z]{2,3}", one)]
    if len(codes) == len(languages) == 2 and not languages & {".txt", ".csv", ".tsv", ".xml"}:
        return [Guess(TRANSLATION, f"files of two languages, {' and '.join(sorted(codes))}")]
    # What most of its files are for; of text beside other files (a README) that of the others.
    votes: dict[str, list[tuple[Path, Guess]]] = {}
    for path in _some(others):
        try:
            for guess in _of_file(path, encoding):
                votes.setdefault(guess.task, []).append((path, guess))
        except (DataError, OSError):
            continue
    if not votes:
        raise DataError(f"{folder}: none of its files is for a task, such as {files[0]}", folder)
    if len(votes) > 1:
        votes.pop(TEXT, None)
    most = max(map(len, votes.values()))
    return [
        Guess(task, f"{found[0][0].relative_to(folder)}: {found[0][1].why}")
        for task, found in votes.items()
        if len(found) == most
    ]


def _some(paths: Sequence[Path]) -> list[Path]:
    """A few of many files, of each ending."""
    by_ending: dict[str, list[Path]] = {}
    for path in paths:
        by_ending.setdefault(kind_of(path), []).append(path)
    return [path for of_ending in by_ending.values() for path in of_ending[:3]]


def _may_list_media(path, encoding):
    if kind_of(path) in _MEDIA or not path.is_file():
        return False
    try:
        head = _head(path, encoding)
        return names_alone(path, head) is not None or any(
            guess.task == CAPTIONING for guess in _of_text(path, head)
        )
    except (DataError, OSError):
        return False


# --- files ----------------------------------------------------------------------------------------


def _of_file(path, encoding):
    if kind_of(path) in _MEDIA:
        raise DataError(
            f"{path} is a single picture or video; captions need a folder of them with a file that "
            "says what they show",
            path,
        )
    if kind_of(path) == ".npz" and zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            names = [name.removesuffix(".npy") for name in archive.namelist()]
        shown = textwrap.shorten(", ".join(names), 60, placeholder=" ...")
        return [Guess(SERIES, f"an archive of arrays ({shown})")]
    with open_binary(path) as file:
        begin = file.read(8)
    for mark, said in ((b"\x93NUMPY", "an array"), (b"PAR1", "Parquet"), (b"ARROW1", "Arrow")):
        if begin.startswith(mark):
            return [Guess(SERIES, said)]
    return _of_text(path, _head(path, encoding))


def _head(path, encoding):
    """The first lines of a text file, whole ones."""
    with open_binary(path) as file:
        data = file.read(_HEAD + 1)
    cut = len(data) > _HEAD
    if cut:  # behind the last end of a line, in UTF-16 that of its two bytes
        end = data.rfind(b"\n") + 1
        data = data[: (end or _HEAD) & ~1] if 0 in data[:200] else data[: end or _HEAD]
    text, _ = decode(data, path, encoding)
    return text


def _of_text(path, text):
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
    if any(Path(key).suffix.lower() in _MEDIA for key in record):
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
    if '"' not in line:
        return line.split(separator)
    return re.split(rf'{re.escape(separator)}(?=(?:[^"]*"[^"]*")*[^"]*$)', line)


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


def _named(header: Sequence[str], known: Any) -> str:
    return next(name for name in header if name in known)


def _said(separator):
    return "apart by tabs" if separator == "\t" else f"apart by {separator!r}"
