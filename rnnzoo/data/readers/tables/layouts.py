"""Forms in which a line is a recording: .ts, .arff of series, and the text of UCI HAR.

SciPy reads no relational attributes of .arff, and sktime and aeon, which read both formats, bring
hundreds of megabytes of packages. Both are a head of lines that begin with @, and rows.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl

from rnnzoo.data.readers.opening import Lines
from rnnzoo.data.readers.tables.cutting import as_labels
from rnnzoo.data.readers.tables.folders import File, kind_of_file
from rnnzoo.data.readers.tables.recordings import Notes, Pieces, Recordings, Store, all_known
from rnnzoo.data.readers.tables.sampling import MAX_MISSING
from rnnzoo.data.readers.tables.table import NO_NUMBER, FrameTable, renamed
from rnnzoo.errors import DataError

_NUMBERED = re.compile(r"(.*?)_?(\d+)")


@dataclass
class _Head:
    """What stands before @data: `values` by word in lower case, and columns of an .arff file."""

    values: dict[str, str] = field(default_factory=dict)
    columns: list[tuple[str, str]] = field(default_factory=list)  # outside of a relation
    inner: list[tuple[str, str]] = field(default_factory=list)


def read_lines(files: Sequence[File], notes: Notes) -> Recordings | None:
    """The recordings of .ts or .arff files; None of .arff in which a row is a time step.

    Raises:
        ValueError: a file is neither, is damaged, or holds targets that are no classes.
        OSError: it can't be opened.
    """
    kind = kind_of_file(files[0].path)
    sets = {re.sub(r"_?(train|test)\b", "", file.path.stem, flags=re.I) for file in files}
    if len(sets) > 1 and files[0].label is None:
        raise DataError(
            f"{files[0].path.parent} holds several data sets: {', '.join(sorted(sets))}",
            files[0].path,
        )
    parse = _ts if kind == ".ts" else _arff
    store: Store | None = None
    places: list[tuple[int, int]] = []
    names: list[str] = []
    labels: list[str | None] = []
    splits: list[str | None] = []
    groups: list[str | None] = []
    stripped = missing = width = 0
    for file in files:
        lines = Lines(file.path)
        head, rows = _head(lines, file.path)
        if kind == ".arff" and not _is_of_series(head):
            return None
        for number, (x, label) in enumerate(parse(head, rows, file.path)):
            kept = np.flatnonzero(~np.isnan(x).all(axis=1))
            length = kept[-1] + 1 if len(kept) else 0
            if not length:
                notes.without(f"recording {number} of {file.name}, which holds no value")
                continue
            stripped += length < len(x)
            x = x[:length]
            store = store or Store(np.float32, x.shape[1])
            if places and x.shape[1] != width:
                raise DataError(
                    f"{file.path}: recording {number} has {x.shape[1]} channels, those before it "
                    f"{width}",
                    file.path,
                )
            width = x.shape[1]
            missing += int(np.isnan(x).sum())
            places.append((store.rows, store.rows + length))
            store.add(x)
            names.append(f"{file.name}:{number}" if len(files) > 1 else str(number))
            labels.append(file.label if label is None else label)
            splits.append(file.split)
            groups.append(file.group)
    if store is None:
        raise DataError(f"{files[0].path} holds no recording", files[0].path)
    if missing > MAX_MISSING * store.rows * width:
        raise DataError(
            f"{files[0].path}: {missing / (store.rows * width):.0%} of the values are missing; "
            f"at most {MAX_MISSING:.0%} may be: fill them before",
            files[0].path,
        )
    if stripped:
        notes.facts["ends"] = f"of {stripped:,} recordings padded with missing values, cut off"
    if missing:
        notes.facts["missing"] = f"{missing:,} values"
    notes.layout = f"{kind} (a line a recording)"
    channels, source = _names(head, width), str(files[0].path)
    return recordings_of_lines(
        notes, store, places, names, labels, splits, groups, channels, len(files), source
    )


def recordings_of_lines(
    notes: Notes,
    store: Store,
    places: Sequence[tuple[int, int]],
    names: Sequence[str],
    labels: Sequence[str | None],
    splits: Sequence[str | None],
    groups: Sequence[str | None],
    channels: tuple[str, ...],
    files: int,
    source: str,
) -> Recordings:
    """Recordings of what was read line by line: places in a store, and what is known of each."""
    mapped = store.mapped()
    x = Pieces([(mapped, begin, end) for begin, end in places], names)
    counts = {"files": files, "recordings": len(x), "steps": store.rows, "channels": len(channels)}
    found = as_labels(labels, source)
    if found is not None:
        counts["classes"] = len(set(labels))
    examples = [
        {"id": names[i], "class": labels[i], "steps": len(x[i]),
         "first step": dict(zip(channels, map(float, x[i][0]), strict=True))}
        for i in range(min(3, len(x)))
    ]  # fmt: skip
    return Recordings(
        x=x,
        channels=channels,
        ids=tuple(names),
        labels=found,
        groups=all_known(groups),
        splits=all_known(splits),
        reading=notes.reading(counts, examples),
    )


def _head(lines, path):
    """The head of a file, and its further lines with their numbers."""
    head, numbered, relation = _Head(), enumerate(lines, 1), False
    for _, line in numbered:
        line = line.strip()
        if not line or line[0] in "#%":
            continue
        if not line.startswith("@"):
            break
        word, _, rest = line[1:].partition(" ")
        word, rest = word.lower(), rest.strip()
        if word.startswith("data") and not rest:
            return head, ((number, line.strip()) for number, line in numbered)
        if word == "attribute":
            name, kind = _attribute(rest)
            if kind.lower() == "relational":
                relation = True
            else:
                (head.inner if relation else head.columns).append((name, kind))
        elif word == "end":
            relation = False
        else:
            head.values[word] = rest
    raise DataError(f"{path} holds no line @data; expected a .ts or an .arff file", path)


def _attribute(text):
    match = re.match(r"""('(?:[^'\\]|\\.)*'|"[^"]*"|[^\s{]+)\s*(.*)""", text)
    return (match[1].strip("'\""), match[2].strip()) if match else (text, "")


def _names(head, width):
    """The channels' names. Neither format has any: they are numbered as dimensions."""
    given = head.values.get("channels", "").split()
    return tuple(given) if len(given) == width else tuple(f"dim {i}" for i in range(width))


# --- .ts ------------------------------------------------------------------------------------------


def _ts(head: _Head, rows, path: Path) -> Iterator[tuple[np.ndarray, str | None]]:
    """Of each line the recording (time, channels) and its label."""
    if head.values.get("targetlabel", "false").lower().startswith("true"):
        raise DataError(f"{path} holds targets that are numbers (@targetLabel), not classes", path)
    labelled = head.values.get("classlabel", "false").lower().startswith("true")
    stamped = head.values.get("timestamps", "false").lower().startswith("true")
    for number, line in rows:
        if not line or line[0] in "#%":
            continue
        if stamped:
            raise DataError(
                f"{path} holds time stamps in its lines (@timestamps true), which are not read; "
                "write it as a table with the columns id, time, class, and one for each channel",
                path,
            )
        *dimensions, last = line.split(":")
        label = last.strip() if labelled else None
        if not labelled:
            dimensions.append(last)
        if labelled and (not dimensions or not label):
            raise DataError(f"{path}, line {number}: no class at its end, behind ':'", path, number)
        yield _stacked([cell.split(",") for cell in dimensions], path, number), label


def _stacked(dimensions, path, number):
    """(time, channels) of the cells of each channel; shorter ones end in missing values."""
    longest = max(map(len, dimensions))
    x = np.full((longest, len(dimensions)), np.nan, np.float32)
    for place, cells in enumerate(dimensions):
        try:
            with np.errstate(over="ignore"):
                x[: len(cells), place] = np.array(
                    ["nan" if cell.strip() in NO_NUMBER else cell for cell in cells], np.float64
                )
        except ValueError as error:
            said = " ".join(str(error).split())[:100]
            raise DataError(f"{path}, line {number}: {said}", path, number) from None
    if np.isinf(x).any():
        raise DataError(
            f"{path}, line {number}: a number that is none, or too large for float32", path, number
        )
    return x


# --- .arff ----------------------------------------------------------------------------------------


def _is_of_series(head):
    """Whether a line is a recording: its channels are a relation, or its steps are numbered."""
    if head.inner:
        return True
    numbered = [_NUMBERED.fullmatch(name) for name, kind in head.columns if not _is_class(kind)]
    return len(numbered) >= 8 and all(numbered) and len({match[1] for match in numbered}) == 1


def _is_class(kind):
    return kind.startswith("{") or kind.lower() == "string"


def _arff(head: _Head, rows, path: Path) -> Iterator[tuple[np.ndarray, str | None]]:
    for number, cells in _cells(rows, path):
        nested = bool(head.inner)
        width = len(head.columns) + nested
        if len(cells) != width:
            raise DataError(
                f"{path}, line {number}: {len(cells)} values, expected {width}", path, number
            )
        label = cells.pop() if head.columns and _is_class(head.columns[-1][1]) else None
        dimensions = [cells]
        if nested:
            dimensions = [part.split(",") for part in re.split(r"\\n|\n", cells[0])]
        yield _stacked(dimensions, path, number), label


def _cells(rows, path):
    """The values of each line, without quotes."""
    for number, line in rows:
        if not line or line[0] == "%":
            continue
        if line[0] == "{":
            raise DataError(f"{path}, line {number}: sparse rows are not read", path, number)
        quote = '"' if line[0] == '"' else "'"
        try:
            cells = next(csv.reader([line], quotechar=quote, skipinitialspace=True))
        except csv.Error as error:
            raise DataError(f"{path}, line {number}: {error}", path, number) from None
        yield number, [cell.strip() for cell in cells]


def open_arff(path: Path) -> FrameTable:
    """The table in an .arff file in which a row is a time step.

    Raises:
        ValueError: it is none, or a row has not as many values as there are columns.
        OSError: it can't be opened.
    """
    head, rows = _head(Lines(path), path)
    notes = Notes(".arff, a row a time step")
    names = renamed([name for name, _ in head.columns], notes)
    table = []
    for number, cells in _cells(rows, path):
        if len(cells) != len(names):
            raise DataError(
                f"{path}, line {number}: {len(cells)} values, expected {len(names)}", path, number
            )
        table.append(cells)
    if not table:
        raise DataError(f"{path} holds no row", path)
    frame = pl.DataFrame(table, schema=dict.fromkeys(names, pl.String), orient="row")
    found = FrameTable(frame.lazy(), frame.height, str(path), notes.layout)
    found.notes = notes
    return found
