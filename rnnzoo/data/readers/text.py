"""The user's text to train on: files and folders, tables with a column of text."""

from __future__ import annotations

import os
from pathlib import Path

from rnnzoo.data.readers import rows
from rnnzoo.data.readers.files import few, files_below, kind_of
from rnnzoo.data.readers.media import MEDIA_ALONE
from rnnzoo.data.readers.opening import read_text
from rnnzoo.data.reading import Reading
from rnnzoo.errors import DataError, RnnzooError

# What the column of a table, or the key of JSON lines, is called that holds the text.
TEXT_NAMES = ("text", "content", "body", "sentence", "document", "review", "tweet", "message")
# What that of their labels is called.
LABEL_NAMES = ("label", "class", "category", "author", "source", "topic", "module", "language")

PLAIN = "plain text"


def read_texts(
    path: str | os.PathLike[str], encoding: str | None = None, plain: bool = False
) -> tuple[str, Reading]:
    """The text of a file, or of all files of a folder in natural order, joined by newlines.

    Of JSON lines with a key ``text``, and of a ``.csv`` or ``.tsv`` file with a column ``text``,
    the text is read, one below the other. All other files are text as they are. A folder's files
    that can't be read are left out.

    Args:
        path: of a file or a folder.
        encoding: of all, see `rnnzoo.data.readers.opening.read_text`.
        plain: whether files are taken as they are, though they are tables or JSON.

    Raises:
        ValueError: there is no text.
        OSError: the file can't be opened.

    Example:
        ``text, reading = read_texts("book.txt")``
    """
    path = Path(path)
    if not path.is_dir():
        text, reading = _read_file(path, encoding, plain)
    else:
        text, reading = _read_folder(path, encoding, plain)
    if not text or text.isspace():
        raise DataError(f"{path} holds no text; expected some, as text or packed", path)
    return text, reading


def _read_folder(folder, encoding, plain):
    found = files_below(folder)
    if not found:
        raise DataError(f"the folder {folder} holds no files; expected text files", folder)
    texts, readings, lost = [], {}, {}
    for file in found:
        try:
            if kind_of(file) in MEDIA_ALONE:
                raise DataError(f"{file} is a picture or a video, by its name", file)
            text, reading = _read_file(file, encoding, plain)
        except (RnnzooError, OSError) as error:
            lost[file.relative_to(folder).as_posix()] = error
        else:
            texts.append(text)
            readings[file.relative_to(folder).as_posix()] = reading
    if not texts:
        raise DataError(
            f"{folder} holds {len(lost)} files, none of which is text ({few(lost)}). Of the first: "
            f"{next(iter(lost.values()))}",
            folder,
        )
    reading = rows.merged(readings)
    text = "\n".join(texts)
    counts = {"files": len(texts), "characters": len(text)}
    if lost:
        why = " ".join(str(next(iter(lost.values()))).split())
        said = f"{len(lost):,} files that are no text: {few(lost)} (of the first: {why})"
        reading = rows.with_more(reading, left_out=[said])
    return text, rows.with_more(reading, counts=counts)


def _read_file(path, encoding, plain):
    text, facts = read_text(path, encoding)
    layout, texts, warnings, left_out = (PLAIN, None, [], []) if plain else _texts_in(text, path)
    if texts is not None:
        kept = [one for one in texts if isinstance(one, str)]
        text = "\n".join(kept)
        facts["texts"] = f"{len(kept):,}"
        if lost := len(texts) - len(kept):
            facts["without text"] = f"{lost:,}"
    examples = [line for line in text[: 2**14].split("\n") if line.strip()][:3]
    return text, Reading(
        layout=layout,
        counts={"characters": len(text)},
        facts=facts,
        left_out=left_out,
        warnings=warnings,
        examples=[{"text": line[:200]} for line in examples],
    )


def _texts_in(text, path):
    """The layout, the texts in it, None if it is but one, what is odd, and what is left out."""
    lines = text[: 2**20].split("\n", rows.HEAD)[: rows.HEAD]
    entries = rows.json_entries([text], lines)
    keys = rows.json_keys(entries or lines)
    if keys is not None:
        if key := next((name for name in TEXT_NAMES if name in keys), None):
            texts = [row.get(key) for _, row in rows.json_rows(entries or text.split("\n"), path)]
            return f"JSON lines, of which {key!r} is the text", texts, [], _labels(keys)
        odd = [f"it looks like JSON lines, of which none of {few(keys)} is 'text'"]
        return PLAIN, None, odd, []
    if kind_of(path) not in (".csv", ".tsv"):
        return PLAIN, None, [], []
    for separator in (",", ";", "\t"):
        names = (rows.head_cells(lines[:1], separator) or [[]])[0]
        lower = [name.strip().lower() for name in names]
        if len(lower) > 1 and (name := next((n for n in TEXT_NAMES if n in lower), None)):
            at = lower.index(name)
            quoted = rows.are_quoted(lines, separator)
            body = text.removesuffix("\n").split("\n")
            table = list(rows.cells_of(body, separator, path, quoted))[1:]
            left_out = rows.LeftOut()
            texts = [row[at] for _, row in rows.of_width(table, len(names), left_out)]
            left_out.check(path, len(texts), rows.QUOTES)
            layout = f"a table, of which the column {names[at]!r} is the text"
            return layout, texts, [], _labels(names) + left_out.said()
    return PLAIN, None, ["it is read as plain text, as no column is called 'text'"], []


def _labels(names):
    """What is said of columns of labels, which only some models are told."""
    return [
        f"the column {name!r}, of which char_lstm is told by --set condition=input (in Python "
        "condition='input', and load_text(..., labelled=True))"
        for name in names
        if rows.plain(name) in LABEL_NAMES
    ]
