"""The user's texts with a label each: a folder of folders, or a table."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from rnnzoo.data.documents import Documents
from rnnzoo.data.readers import rows
from rnnzoo.data.readers.files import few, files_below, kind_of
from rnnzoo.data.readers.opening import read_text
from rnnzoo.data.readers.text import TEXT_NAMES
from rnnzoo.data.reading import Reading
from rnnzoo.errors import DataError, RnnzooError

LABEL_NAMES = ("label", "class", "category", "author", "source", "topic", "module", "language")


def read_documents(
    path: str | os.PathLike[str],
    columns: str | Sequence[str | int] | None = None,
    encoding: str | None = None,
) -> tuple[Documents, Reading]:
    """Texts with their labels.

    Args:
        path: of a folder, each of whose folders is a label of the text files in it and below; or of
            a table (.csv, .tsv, JSON lines) with a column of texts and one of labels.
        columns: of text and label, by names or numbers from 1, where these aren't called "text"
            and "label" or the like.
        encoding: see `rnnzoo.data.readers.opening.read_text`.

    Raises:
        ValueError: there is no text, or nothing says which label it has.
        OSError: the file can't be opened.

    Example:
        ``documents, reading = read_documents("books_by_author")``
    """
    path = Path(path)
    if path.is_dir():
        layout, pairs, lost = _of_folders(path, encoding)
    else:
        layout, pairs, lost = _of_table(path, columns, encoding)
    if not pairs:
        raise DataError(f"{path} holds no text with a label", path)
    documents = Documents.of(pairs)
    labels = sorted({*documents.labels})
    return documents, Reading(
        layout=layout,
        counts={"texts": len(pairs), "characters": len(documents.text)},
        facts={"labels": f"{len(labels)}: {few(dict.fromkeys(labels))}"},
        left_out=lost,
        examples=[{"text": text[:200], "label": label} for text, label in pairs[:3]],
    )


def _of_folders(folder, encoding):
    pairs, lost = [], []
    for below in sorted(each for each in folder.iterdir() if each.is_dir()):
        for file in files_below(below):
            try:
                text, _ = read_text(file, encoding)
            except (RnnzooError, OSError) as error:
                lost.append(f"{file.relative_to(folder)}: {error}")
                continue
            if text.strip():
                pairs.append((text.strip("\n"), below.name))
    return "a folder for each label, of text files", pairs, lost


def _of_table(path, columns, encoding):
    text, _ = read_text(path, encoding)
    lines, asked = text.split("\n"), rows.wanted(columns, 2)
    entries = rows.json_entries([text], lines[: rows.HEAD])
    keys = rows.json_keys(entries or lines[: rows.HEAD])
    if keys is not None:
        table = [list(map(row.get, keys)) for _, row in rows.json_rows(entries or lines, path)]
        layout, names = "JSON lines", keys
    else:
        separator = "\t" if kind_of(path) == ".tsv" else max(",;\t", key=lines[0].count)
        quoted = rows.are_quoted(lines[: rows.HEAD], separator)
        names, *table = [row for _, row in rows.cells_of(lines, separator, path, quoted)]
        layout = "a table"
    places = [
        _place(names, among, asked and asked[i], path)
        for i, among in enumerate((TEXT_NAMES, LABEL_NAMES))
    ]
    if asked and all(map(str.isdecimal, asked)) and keys is None:
        table.insert(0, names)
    pairs, left_out = [], rows.LeftOut()
    for number, row in enumerate(table, 1 if table and table[0] is names else 2):
        if len(row) <= max(places) or not all(str(row[at] or "").strip() for at in places):
            left_out.add("rows without text or label", number)
            continue
        pairs.append(tuple(str(row[at]).strip("\n") for at in places))
    what = " and ".join(repr(names[at]) for at in places)
    return f"{layout}, of which {what} are text and label", pairs, left_out.said()


def _place(names, among, asked, path):
    if asked is not None:
        return rows.place_of(asked, names, names, path)
    lower = [name.strip().lower() for name in names]
    for name in among:
        if name in lower:
            return lower.index(name)
    raise DataError(
        f"{path} has no column called {', '.join(among)}, but {rows.listed(names, names)}. Say "
        "which hold text and label, by numbers or names: --columns 1,2, in Python columns=(1, 2)",
        path,
    )
