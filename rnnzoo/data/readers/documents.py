"""The user's texts with a label each: a folder of folders, or a table."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

from rnnzoo.data.documents import Documents
from rnnzoo.data.readers import rows
from rnnzoo.data.readers.files import encodings_said, few, files_below, kind_of
from rnnzoo.data.readers.media import MEDIA_ALONE
from rnnzoo.data.readers.opening import read_text
from rnnzoo.data.readers.text import LABEL_NAMES, TEXT_NAMES
from rnnzoo.data.reading import Reading
from rnnzoo.errors import DataError, RnnzooError

BACKUPS = ("~", ".bak")  # endings that editors give them


def read_documents(
    path: str | os.PathLike[str],
    columns: str | Sequence[str | int] | None = None,
    encoding: str | None = None,
) -> tuple[Documents, Reading]:
    """Texts with their labels.

    Args:
        path: of a folder, each of whose folders is a label of the text files in it and below, but
            for hidden ones and backups; or of a table (.csv, .tsv, JSON lines) with a column of
            texts and one of labels. Blanks around a label are taken away.
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
        layout, pairs, lost, facts = _of_folders(path, encoding)
    else:
        layout, pairs, lost, facts = _of_table(path, columns, encoding)
    if not pairs:
        raise DataError(f"{path} holds no text with a label", path)
    documents = Documents.of(pairs)
    labels = sorted({*documents.labels})
    return documents, Reading(
        layout=layout,
        counts={"texts": len(pairs), "characters": len(documents.text)},
        facts={"labels": f"{len(labels)}: {few(dict.fromkeys(labels))}", **facts},
        left_out=lost,
        warnings=_odd(documents.labels),
        examples=[{"text": text[:200], "label": label} for text, label in pairs[:3]],
    )


def _of_folders(folder, encoding):
    pairs, lost, blank, backups, beside, media, facts = [], [], [], [], [], [], {}
    # None of these is a label, though it is a folder.
    others = [path.name for path in folder.iterdir() if path.is_dir() and _is_other(path.name)]
    for file in files_below(folder):
        label, *below = file.relative_to(folder).parts
        name = file.relative_to(folder).as_posix()
        if any(map(_is_other, (label, *below))):
            continue
        if name.lower().endswith(BACKUPS):
            backups.append(name)
        elif not below:
            beside.append(name)
        elif kind_of(file) in MEDIA_ALONE:
            media.append(name)
        else:
            try:
                text, found = read_text(file, encoding)
            except (RnnzooError, OSError) as error:
                lost.append(f"{name}: {error}")
                continue
            facts[name] = found
            if text.strip():
                pairs.append((text.strip("\n"), label.strip()))
            else:
                blank.append(name)
    left_out = {
        "hidden folders or those of macOS": sorted(others),
        "backups": backups,
        "files in no folder of a label": beside,
        "pictures or videos": media,
        "files without text": blank,
    }
    lost += [f"{len(each):,} {what}: {few(each)}" for what, each in left_out.items() if each]
    return "a folder for each label, of text files", pairs, lost, encodings_said(facts)


def _odd(labels):
    """What looks odd about the labels of texts, a line each."""
    count, alike = Counter(labels), defaultdict(list)
    for label in sorted(count):
        alike[" ".join(label.casefold().split())].append(label)
    odd = [f"labels that differ in case or blanks alone: {', '.join(each)}"
           for each in alike.values() if len(each) > 1]  # fmt: skip
    if single := [label for label in sorted(count) if count[label] == 1]:
        odd.append(f"{len(single):,} labels of one text each: {few(single)}")
    return odd


def _is_other(name):
    return name.startswith(".") or name == "__MACOSX"  # which macOS lays beside what it packs


def _of_table(path, columns, encoding):
    text, facts = read_text(path, encoding)
    lines, asked = text.split("\n"), rows.wanted(columns, "text,label or 1,2", 2)
    entries = rows.json_entries([text], lines[: rows.HEAD])
    keys = rows.json_keys(entries or lines[: rows.HEAD])
    if keys is not None:
        found = [(at, [*map(row.get, keys)]) for at, row in rows.json_rows(entries or lines, path)]
        layout, names = "JSON lines", keys
    else:
        found = [] if entries == [] else _cells(lines, path)
        layout, names = "a table", found[0][1] if found else []
    if not found:
        raise DataError(
            f"{path} is empty; expected a table of texts, each with its label, whose first line "
            "names its columns, such as text,label",
            path,
        )
    places = [
        _place(names, among, asked and asked[i], path)
        for i, among in enumerate((TEXT_NAMES, LABEL_NAMES))
    ]
    uneven = rows.LeftOut()
    if keys is None:
        headed = not (asked and all(map(str.isdecimal, asked)))
        found = list(rows.of_width(found[headed:], len(names), uneven))
        uneven.check(path, len(found), rows.QUOTES)
    pairs, missing = [], []
    for number, row in found:
        cells = [row[at] for at in places]
        if any(cell is None or not str(cell).strip() for cell in cells):
            missing.append(number)
            continue
        text, label = map(str, cells)
        pairs.append((text.strip("\n"), label.strip()))
    lost = uneven.said()
    if missing:
        first = f"{'entry' if entries else 'line'} {missing[0]}"
        lost.append(f"{len(missing):,} rows without text or label, the first is {first}")
    what = " and ".join(repr(names[at]) for at in places)
    return f"{layout}, of which {what} are text and label", pairs, lost, facts


def _cells(lines, path):
    """The cells of each row that is not blank, with the line at which it begins."""
    first = next(filter(str.strip, lines), "")
    separator = "\t" if kind_of(path) == ".tsv" else max(",;\t", key=first.count)
    quoted = rows.are_quoted(lines[: rows.HEAD], separator)
    found, begin = [], 1
    for end, row in rows.cells_of(lines, separator, path, quoted):
        if row not in ([], [""]):
            found.append((begin, row))
        begin = end + 1
    return found


def _place(names, among, asked, path):
    if asked is not None:
        return rows.place_of(asked, names, names, path)
    say = "which hold text and label, by numbers or names: --columns 1,2, in Python columns=(1, 2)"
    return rows.place_called(among, names, names, path, say)
