"""Gathered rows, cut into recordings: sorted by time, evenly sampled, of one class or more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from rnnzoo.data.readers.tables.by_step import at_steps, by_step, names_at_steps
from rnnzoo.data.readers.tables.label_columns import (
    OTHER_TASKS,
    Labels,
    as_labels,
    as_numbers,
    hold_several,
    labels_of,
    tell_of_spellings,
)
from rnnzoo.data.readers.tables.ordering import ordered
from rnnzoo.data.readers.tables.recordings import Pieces, Recordings, all_known, example_of
from rnnzoo.data.readers.tables.roles import Options
from rnnzoo.data.readers.tables.rows import Gathered, likely_ids
from rnnzoo.data.readers.tables.sampling import check_missing, even, said_of_missing
from rnnzoo.errors import DataError


def recordings_of(
    gathered: Gathered,
    source: str,
    files: int,
    options: Options,
    by_label: bool = True,
) -> Recordings:
    """The recordings of all rows.

    Args:
        gathered: the rows.
        source: for errors.
        files: how many there were.
        options: of which ``interval``, without which sampling must be even, ``labels``, and
            ``multi_label``.
        by_label: whether labels are wanted: at each step, or one for each recording, of which
            what one label holds for becomes one of its own.

    Raises:
        ValueError: uneven sampling without an interval; too much is missing; nothing is left.
    """
    notes, roles = gathered.notes, gathered.roles
    for count, what in ((gathered.without_stamp, "time stamp"), (gathered.without_id, "id")):
        if count:
            notes.without(f"{count:,} row(s) without {what}")
    several = hold_several(gathered.labels, roles.labels, options.multi_label)
    found = list(ordered(gathered, source))
    numbers = options.numbers
    stepwise = by_label and not several and at_steps(found, gathered, options.labels, numbers)
    if stepwise:
        pieces = by_step(found, gathered, numbers)
    elif numbers:
        pieces = _by_number(found, gathered, source, by_label)
    else:
        pieces = _by_label(found, gathered, source, by_label, several)
    if not pieces:
        if numbers and by_label and gathered.recordings:
            raise DataError(
                f"{source}: no recording has a target: column {roles.label!r} is empty everywhere; "
                "name another (label=, --target)",
                source,
            )
        raise DataError(f"{source} holds no row to read", source)
    if by_label:  # what is only to be answered may lack a sensor
        shares = gathered.missing / max(1, gathered.x.rows)
        check_missing(shares, list(map(repr, roles.channels)), source)
    pieces, interval = even(pieces, gathered, source, options.interval)
    names = told_apart([piece.name for piece in pieces])
    places = [(piece.x, piece.begin, piece.end) for piece in pieces]
    groups = tuple(piece.group for piece in pieces)
    splits = tuple(piece.split for piece in pieces)
    _say(gathered, groups, "target" if numbers else "class")
    words = [piece.label for piece in pieces]
    if stepwise:
        each = as_numbers if numbers else as_labels
        if not numbers:
            tell_of_spellings(gathered.labels, notes)
        known: Any = each(list(gathered.labels), source)
        at_each = names_at_steps(pieces, known.tolist())
        shown = [", ".join(str(w) for w in dict.fromkeys(y) if w is not None) for y in at_each]
        labels = Labels(at_each, shown=shown)
    else:
        there = by_label and (gathered.label_ids is not None or any(words))
        told = options.multi_label
        labels = labels_of(words, roles.labels, several, told, notes, source, there, numbers)
    x = Pieces(places, names)
    counts = {"files": files} if files else {}
    counts |= {
        "recordings": len(pieces),
        "steps": sum(end - begin for _, begin, end in places),
        "channels": len(roles.channels),
    }
    counts |= labels.counts()
    categories = {name: tuple(words) for name, words in gathered.words.items()}
    examples = [
        example_of(names[i], labels.shown[i], x[i], roles.channels, categories)
        for i in range(min(3, len(pieces)))
    ]
    return Recordings(
        x=x,
        channels=roles.channels,
        categories=categories,
        ids=tuple(names),
        labels=labels.values,
        label_names=labels.names,
        groups=all_known(groups),
        splits=all_known(splits),
        interval=interval,
        read_by=roles.read_by,
        reading=notes.reading(counts, examples),
    )


def _say(gathered, groups, outcome):
    """The facts about roles and values."""
    roles, notes = gathered.roles, gathered.notes
    by = [repr(column) for column in (roles.group, roles.id) if column]
    if by:
        notes.facts["recordings by"] = f"column {' and '.join(by)}"
    if roles.label:
        notes.facts[outcome] = f"column {roles.label!r}"
    if roles.labels:
        notes.facts["class"] = f"columns {', '.join(map(repr, roles.labels))}"
    if roles.group:
        notes.facts["groups"] = f"column {roles.group!r}, {len(set(groups)):,}"
    notes.facts["channels"] = ", ".join(roles.channels[:20]) + (
        ", ..." if len(roles.channels) > 20 else ""
    )
    if gathered.words:
        notes.facts["categories"] = "; ".join(
            f"{name}: {', '.join(list(words)[:8])}{', ...' if len(words) > 8 else ''}"
            for name, words in gathered.words.items()
        )
    if gathered.missing.any():
        notes.facts["missing"] = said_of_missing(gathered.missing, gathered.x.rows, roles.channels)


# --- of one class each ---------------------------------------------------------------------------


def _by_label(ordered, gathered, source, by_label, several):
    """Pieces of one label: whole recordings, or runs of a label within them.

    Where there are `several`, a recording without one is an example that has none of them.
    """
    words, notes = list(gathered.labels), gathered.notes
    pieces, unlabelled, cut = [], 0, 0
    for piece, labels, stamps in ordered:
        piece = replace(piece, times=stamps)
        if labels is None:
            pieces.append(piece)
            continue
        known = np.unique(labels[labels >= 0])
        if len(known) == 1 or not by_label:
            label = words[known[0]] if len(known) == 1 else None
            pieces.append(replace(piece, label=label))
            continue
        if not len(known) and several:
            pieces.append(piece)
            continue
        if not len(known):
            unlabelled += len(labels)
            continue
        cut += 1
        cuts = [0, *(np.flatnonzero(np.diff(labels)) + 1).tolist(), len(labels)]
        run = 0
        for begin, end in zip(cuts, cuts[1:], strict=False):
            if labels[begin] < 0:
                unlabelled += end - begin
                continue
            pieces.append(
                replace(
                    piece,
                    name=f"{piece.name}#{run}",
                    begin=piece.begin + begin,
                    end=piece.begin + end,
                    times=None if stamps is None else stamps[begin:end],
                    label=words[labels[begin]],
                    group=piece.name if piece.group is None else piece.group,
                )
            )
            run += 1
    if unlabelled:
        notes.without(f"{unlabelled:,} row(s) without a class")
    if cut:
        lengths = [piece.end - piece.begin for piece in pieces]
        if np.median(lengths) < 1.5:
            column = ", ".join(map(repr, gathered.roles.labels or [gathered.roles.label]))
            raise DataError(
                f"{source}: the class (column {column}) changes at nearly every row: name the "
                "column that tells recordings apart (id=, --id); a row is a step, not a recording"
                f"{likely_ids(gathered)}; {OTHER_TASKS}",
                source,
            )
        notes.facts["cut"] = (
            f"{cut:,} recording(s) in which the class changes, into runs of one class each "
            "(labels='step', --labels step: a class at each step)"
        )
        if gathered.roles.group is None and cut == 1 and len(ordered) == 1:
            pieces = [replace(piece, group=None) for piece in pieces]
            notes.odd(
                "all examples are cut from one recording: neighbours may be alike"
                + likely_ids(gathered)
            )
        elif gathered.roles.group is None:
            pieces = [replace(p, group=p.group or p.name) for p in pieces]
            notes.facts["groups"] = "the recordings that were cut"
    return pieces


# --- of one number each --------------------------------------------------------------------------


def _by_number(ordered, gathered, source, by_label):
    """Whole recordings of one number each."""
    words, pieces, without = list(gathered.labels), [], 0
    for piece, labels, stamps in ordered:
        known = [] if labels is None else np.unique(labels[labels >= 0])
        if by_label and len(known) > 1:
            raise DataError(
                f"{source}: {piece.name} has {len(known):,} different numbers to be predicted, in "
                f"column {gathered.roles.label!r}, where one is expected for all of it: take one "
                "at each step (labels='step', --labels step; of a model --set answer=each)",
                source,
            )
        if by_label and labels is not None and not len(known):
            without += 1
            continue
        label = words[known[0]] if len(known) == 1 else piece.label
        pieces.append(replace(piece, times=stamps, label=label))
    if without:
        gathered.notes.without(f"{without:,} recording(s) without a target")
    return pieces


def told_apart(names: Sequence[str]) -> list[str]:
    """Names of which no two are the same."""
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return found
