"""Wide tables: a row is a recording, and its columns are the steps.

Told by `time="columns"`, or by names: of the columns (t0, t1, ...), or of the file (the UCR
archive's NAME_TRAIN.tsv). A table without names is one, too, if its first or last column may be the
class and its numbers change little from one column to the next, down a column more. But where
something tells recordings of several rows apart, it is none: their neighbours would be taken for
examples. Numbers alone never decide, as channels side by side are often alike; they give a hint.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from rnnzoo.data.readers.tables.columns import Columns, plain
from rnnzoo.data.readers.tables.roles import MAX_WORDS, numbers_of
from rnnzoo.data.readers.tables.table import as_numbers
from rnnzoo.errors import DataError

HINT = (
    "if a row is a recording and its columns are the steps, say so (time='columns', --time columns)"
)
_FEWEST = 10  # columns that are steps where it isn't told
_CLEAR = 0.5  # how much smoother numbers are one way than the other, where that is clear
_ROWS, _STEPS = 200, 1000  # of the sample, which tell it
_STEP = re.compile(r"(|.*?[^\d.])[\s_.\-\[(]*(\d+)[\])]?")
_UCR = re.compile(r"_(TRAIN|TEST)\.(tsv|txt)(\.\w+)?$")  # as the UCR archive calls its files
_TIMES = re.compile(r"t|time|step|time ?step|frame")


@dataclass(frozen=True, kw_only=True)
class Wide:
    """Columns of a wide table.

    Attributes:
        id, label, group: a column's name; None where there is none.
        labels: the columns of which each tells whether a recording has a label.
        steps: by channel the columns of its steps, equally many; of a single one the name is empty.
        read_by: what another table is to be read by as this one was, by the name of `Options`.
    """

    id: str | None
    label: str | None
    group: str | None
    labels: tuple[str, ...]
    steps: Mapping[str, Sequence[str]]
    read_by: Mapping[str, Any]

    def kinds(self) -> dict[str, str]:
        """By column, how `Table.batches` is to read it."""
        words = (self.id, self.label, self.group, *self.labels)
        kinds = {name: "word" for name in words if name}
        return kinds | {name: "number" for names in self.steps.values() for name in names}


def find_wide(columns: Columns, apart: bool = False) -> Wide | None:
    """What the columns of a wide table are; None if it is none, or that is not certain.

    Args:
        columns: of the first table of a source, whose notes say what was found, and what is not
            certain.
        apart: whether files tell recordings apart, as there are several of a split.

    Raises:
        ValueError: it is told to be one and holds no steps; several columns could be what is looked
            for.
    """
    found = _found(columns, apart)
    if found is None:
        columns.taken.clear()
    return found


def _found(columns, apart):
    table, options = columns.table, columns.options
    sure = str(options.time).lower() == "columns" and options.time not in table.names
    if not sure and (columns.given("time") is not None or len(table.names) <= _FEWEST):
        return None
    labels = columns.labels_told()
    known = options.known.get("time") == "columns" and not columns.named("time")
    roles = {role: columns.told(role) for role in ("id", "label", "group")}
    chosen = columns.chosen()
    ends = []
    if not table.headed and not columns.class_told and options.label is None and not labels:
        # The class of an earlier table may be the first step of one to be answered.
        if roles["label"] and not _may_be_class(columns, roles["label"], known):
            columns.taken.discard(roles["label"])
            roles["label"] = None
        if columns.given("label") is None:
            ends = _class_ends(columns)
            roles["label"] = next(iter(ends), None)
            columns.taken |= set(ends[:1])
    steps = _steps(columns, chosen, sure or known)
    if not sure and not (steps and (known or _is_wide(columns, steps, roles, apart))):
        return None
    if not steps:
        raise DataError(f"{table.name} holds no columns of numbers that are steps", table.name)
    names = [name for of_channel in steps.values() for name in of_channel]
    columns.taken |= set(names)
    for role in roles:
        told = columns.given(role) is not None or (role == "label" and columns.class_told)
        if roles[role] is None and not told:
            roles[role] = columns.only(columns.named(role), role)
    _say(columns, steps, ends, sure)
    read_by = columns.read_by(roles, chosen) | {"time": "columns"}
    return Wide(**roles, labels=labels, steps=steps, read_by=read_by)


def _class_ends(columns):
    """The first column and the last, as far as they hold words or whole numbers that come again."""
    names = columns.table.names
    ends = [name for name in (names[0], names[-1]) if name not in columns.taken]
    return [name for name in ends if _may_be_class(columns, name)]


def _may_be_class(columns, name, known=False):
    """Whether a column holds words or whole numbers that come again; as is known, the latter."""
    kind, values = columns.kinds[name], columns.table.sample[name]
    if kind not in ("number", "word"):
        return False
    if kind == "number":
        values = numbers_of(values)
        if values.null_count() or not (values.cast(float) % 1 == 0).all():
            return False
    if known:
        return True
    return values.n_unique() < len(values) and values.n_unique() <= max(MAX_WORDS, len(values) / 2)


def _steps(columns, chosen, sure):
    """By channel the columns of its steps: those that were chosen, numbered ones, or all."""
    names = [name for name in chosen or columns.table.names if name not in columns.taken]
    # A column with a few words among its numbers is one, too: reading it tells where they are.
    apt = [name for name in names if columns.kinds[name] in ("number", "mixed", "empty")]
    if chosen and len(apt) < len(names):
        words = next(name for name in names if name not in apt)
        raise DataError(
            f"{columns.table.name}: column {words!r} holds no numbers to be steps",
            columns.table.name,
        )
    names = apt
    fewest = 2 if sure else _FEWEST
    if columns.table.headed:
        numbered: dict[str, dict[int, str]] = {}
        for name in names:
            if match := _STEP.fullmatch(name):
                numbered.setdefault(match[1].rstrip(" _.-[("), {})[int(match[2])] = name
        runs = {
            channel: [of[number] for number in sorted(of)]
            for channel, of in numbered.items()
            if len(of) >= fewest and len(set(np.diff(sorted(of)))) == 1  # t1, t2; nm900, nm905
        }
        longest = max(map(len, runs.values()), default=0)
        runs = {channel: of for channel, of in runs.items() if len(of) == longest}
        if runs or not sure:
            return runs if len(runs) != 1 else {"": next(iter(runs.values()))}
    return {"": names} if len(names) >= fewest else {}


def _is_wide(columns, steps, roles, apart):
    """Whether names say so, and nothing else; where that is not certain, the notes tell how to."""
    table, numbered = columns.table, {name for of in steps.values() for name in of}
    rest = [n for n in table.names if n not in columns.taken and n not in numbered]
    rest = rest if table.headed else table.names[:2]
    ids = [roles["id"]] if roles["id"] else columns.named("id")
    if (
        columns.named("time")
        or any(columns.kinds[name] == "stamp" or columns.counts_time(name) for name in rest)
        or any(table.sample[name].n_unique() < table.sample.height for name in ids)
        or (not table.headed and columns.counts_rows(table.names[0]))
    ):
        return False
    of_first = next(iter(steps.values()))[:_STEPS]
    sample = table.sample.head(_ROWS).select(of_first)
    x = sample.select(as_numbers(pl.all().cast(pl.String))).to_numpy()
    along, across = _roughness(x), _roughness(x.T)
    # Nobody has more channels than steps, but recordings in the order of their classes are alike.
    tall = len(of_first) <= table.sample.height
    smooth, steps_down = along < _CLEAR * across, tall and across < _CLEAR * along
    labels = [roles["label"]] if roles["label"] else columns.named("label")
    labels = columns.labels_told() or labels
    in_runs = any(_stand_in_runs(table.sample[name]) for name in labels)
    stem = _stem(of_first[0]) if table.headed and len(steps) == 1 else ""
    in_time = bool(_TIMES.fullmatch(stem))
    labelled = table.headed or bool(labels)
    ucr = not table.headed and labelled and bool(_UCR.search(table.name))
    if table.headed:
        sure = in_time and not (in_runs and stem == "t")  # which may be temperatures
    else:
        sure = labelled and (ucr or (smooth and not in_runs))
    if sure and not steps_down and not apart:
        return True
    if steps_down:
        might_be = ucr or (in_time and bool(labels) and not in_runs)
    else:
        might_be = smooth or in_time or ucr or (labelled and not apart and not (in_runs and tall))
    if might_be:
        table.notes.odd(HINT)
    return False


def _stem(name):
    return plain(_STEP.fullmatch(name)[1].rstrip(" _.-[("))


def _stand_in_runs(values):
    """Whether values stand in runs, half as many as by chance at most, as those of steps do."""
    shares = values.value_counts()["count"].to_numpy() / len(values)
    by_chance = 1 + len(values) * (1 - np.sum(shares**2))
    return len(values) >= _FEWEST and len(values.rle()) <= max(1, by_chance / 2)


def _roughness(rows):
    """By how much neighbours differ, squared, in twice the variance: 1 of noise, 0 of what is flat.

    The median over rows; NaN if none of them tells it.
    """
    found = []
    for row in rows:
        row = row[np.abs(row) < np.finfo(np.float32).max]  # no NaN is
        variance = np.var(row) if len(row) > 2 else 0.0
        if variance > 0:
            found.append(np.mean(np.diff(row) ** 2) / (2 * variance))
    return float(np.median(found)) if found else np.nan


def _say(columns, steps, ends, sure):
    notes, first = columns.table.notes, next(iter(steps.values()))
    notes.layout += ", a row a recording"
    notes.facts["steps"] = (
        f"columns {first[0]!r} to {first[-1]!r}"
        + (f", and so on for {len(steps)} channels" if len(steps) > 1 else "")
        + ("" if sure else " (if a row is a step: time='none', --time none)")
    )
    if len(ends) > 1:
        notes.odd(
            f"the class is taken to be {ends[0]!r}; it could be {ends[1]!r}: name it (label=, "
            "--label)"
        )
    if rest := [name for name in columns.table.names if name not in columns.taken]:
        more = f" and {len(rest) - 10} more" if len(rest) > 10 else ""
        notes.without(f"column(s) {', '.join(map(repr, rest[:10]))}{more}, as they are no steps")
