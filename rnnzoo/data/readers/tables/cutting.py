"""Gathered rows, cut into recordings: sorted by time, evenly sampled, of one class or more."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from rnnzoo.data.readers.tables.by_step import at_steps, by_step, names_at_steps
from rnnzoo.data.readers.tables.recordings import Pieces, Recordings, all_known
from rnnzoo.data.readers.tables.roles import Options
from rnnzoo.data.readers.tables.rows import Gathered
from rnnzoo.data.readers.tables.sampling import MAX_MISSING, Moved, Piece, even
from rnnzoo.data.step_labels import occurring
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
        options: of which ``interval``, without which sampling must be even, and ``labels``.
        by_label: whether labels are wanted: at each step, or one for each recording, of which
            what one label holds for becomes one of its own.

    Raises:
        ValueError: uneven sampling without an interval; too much is missing; nothing is left.
    """
    notes, roles = gathered.notes, gathered.roles
    for count, what in ((gathered.without_stamp, "time stamp"), (gathered.without_id, "id")):
        if count:
            notes.without(f"{count:,} row(s) without {what}")
    ordered = list(_ordered(gathered, source))
    stepwise = by_label and at_steps(ordered, gathered, options.labels)
    if stepwise:
        pieces = by_step(ordered, gathered)
    else:
        pieces = _by_label(ordered, gathered, source, by_label)
    if not pieces:
        raise DataError(f"{source} holds no row to read", source)
    _check_missing(gathered, source)
    pieces, interval = even(pieces, gathered, source, options.interval)
    names = _told_apart([piece.name for piece in pieces])
    places = [(piece.x, piece.begin, piece.end) for piece in pieces]
    if stepwise:
        known: Any = as_labels(list(gathered.labels), source)
        labels: Any = names_at_steps(pieces, known.tolist())
    else:
        labels = as_labels([piece.label for piece in pieces], source)
    groups = tuple(piece.group for piece in pieces)
    splits = tuple(piece.split for piece in pieces)
    _say(gathered, groups)
    x = Pieces(places, names)
    counts = {"files": files} if files else {}
    counts |= {
        "recordings": len(pieces),
        "steps": sum(end - begin for _, begin, end in places),
        "channels": len(roles.channels),
    }
    if labels is not None:
        counts["classes"] = len(occurring(labels))
    examples = [_example(i, names, labels, x, roles) for i in range(min(3, len(pieces)))]
    return Recordings(
        x=x,
        channels=roles.channels,
        categories={name: tuple(words) for name, words in gathered.words.items()},
        ids=tuple(names),
        labels=labels,
        groups=all_known(groups),
        splits=all_known(splits),
        interval=interval,
        reading=notes.reading(counts, examples),
    )


def _example(i, names, labels, x, roles):
    first = dict(zip(roles.channels, map(float, x[i][0]), strict=True))
    label = None if labels is None else labels[i]
    if isinstance(label, np.ndarray):
        label = ", ".join(str(each) for each in dict.fromkeys(label) if each is not None)
    return {"id": names[i], "class": label, "steps": len(x[i]), "first step": first}


def _say(gathered, groups):
    """The facts about roles and values."""
    roles, notes = gathered.roles, gathered.notes
    by = [repr(column) for column in (roles.group, roles.id) if column]
    if by:
        notes.facts["recordings by"] = f"column {' and '.join(by)}"
    if roles.label:
        notes.facts["class"] = f"column {roles.label!r}"
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
        shares = gathered.missing / max(1, gathered.x.rows)
        worst = int(shares.argmax())
        notes.facts["missing"] = (
            f"{gathered.missing.sum():,} values, at most {shares[worst]:.1%} of a channel "
            f"({roles.channels[worst]})"
        )


# --- in order ------------------------------------------------------------------------------------


def _ordered(gathered, source):
    """A piece for each recording, in the order of its stamps, of which none comes twice."""
    x = gathered.x.mapped()
    times = gathered.times.mapped() if gathered.times else None
    labels = gathered.label_ids.mapped() if gathered.label_ids else None
    unsorted = again = 0
    moved = Moved(gathered)
    for rows in gathered.recordings:
        if not rows.segments:
            continue
        begin, end = rows.segments[0]
        piece = Piece(rows.name, x, begin, end, times, rows.label, rows.group, rows.split)
        stamps = None if times is None else _joined(times, rows.segments)
        steps = None if stamps is None else np.diff(stamps)
        if len(rows.segments) == 1 and (steps is None or (steps > 0).all()):
            yield piece, None if labels is None else labels[begin:end], stamps
            continue
        order = np.arange(sum(end - begin for begin, end in rows.segments))
        if stamps is not None and (steps <= 0).any():
            backwards = np.flatnonzero(steps < 0)
            order = np.argsort(stamps, kind="stable")
            first = np.append(True, np.diff(stamps[order]) > 0)
            if len(backwards) and not gathered.roles.id and first.mean() < 0.7:
                raise DataError(
                    f"{source}: the stamps of recording {rows.name} begin anew after "
                    f"{int(backwards[0]) + 1:,} rows: several recordings in one? Name the column "
                    "that tells them apart (id=, --id)",
                    source,
                )
            unsorted += bool(len(backwards))
            again += int((~first).sum())
            order = order[first]
        own = _joined(x, rows.segments)[order]
        own_labels = None if labels is None else _joined(labels, rows.segments)[order]
        stamps = None if stamps is None else stamps[order]
        begin, end = moved.add(own)
        yield replace(piece, x=moved, begin=begin, end=end), own_labels, stamps
    if unsorted:
        gathered.notes.odd(
            f"the stamps of {unsorted:,} recording(s) were not in order, and are now"
        )
    if again:
        gathered.notes.odd(f"{again:,} row(s) repeat a stamp: the first of each counts")


def _joined(rows, segments):
    parts = [rows[begin:end] for begin, end in segments]
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


# --- of one class each ---------------------------------------------------------------------------


def _by_label(ordered, gathered, source, by_label):
    """Pieces of one label: whole recordings, or runs of a label within them."""
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
            column = gathered.roles.label
            raise DataError(
                f"{source}: the class (column {column!r}) changes at nearly every row: name the "
                "column that tells recordings apart (id=, --id); a row is a step, not a recording",
                source,
            )
        notes.facts["cut"] = (
            f"{cut:,} recording(s) in which the class changes, into runs of one class each "
            "(labels='step', --labels step: a class at each step)"
        )
        if gathered.roles.group is None and cut == 1 and len(ordered) == 1:
            pieces = [replace(piece, group=None) for piece in pieces]
            notes.odd("all examples are cut from one recording: neighbours may be alike")
        elif gathered.roles.group is None:
            pieces = [replace(p, group=p.group or p.name) for p in pieces]
            notes.facts["groups"] = "the recordings that were cut"
    return pieces


def as_labels(labels: Sequence[str | None], source: str) -> np.ndarray | None:
    """Whole numbers as such, all else as text; None if some have no label."""
    known = [label for label in labels if label is not None]
    if len(known) < len(labels):
        return None
    if all(re.fullmatch(r"-?(0|[1-9]\d{0,17})(\.0+)?", label) for label in known):
        return np.array([int(label.partition(".")[0]) for label in known])
    numbers = all(re.fullmatch(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", label) for label in known)
    if numbers and any("." in label for label in known):
        raise DataError(
            f"{source}: the classes are numbers with fractions, such as "
            f"{next(label for label in known if '.' in label)}; expected names or whole "
            "numbers: a class each",
            source,
        )
    return np.array(known)


def _told_apart(names):
    """Names of which no two are the same."""
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return found


def _check_missing(gathered, source):
    shares = gathered.missing / max(1, gathered.x.rows)
    if (bad := np.flatnonzero(shares > MAX_MISSING)).size:
        channels = gathered.roles.channels
        said = ", ".join(f"{channels[i]!r} ({shares[i]:.0%})" for i in bad[:10])
        raise DataError(
            f"{source}: more than {MAX_MISSING:.0%} of the values of {said} are missing; name the "
            "columns to read without it (features=, --features), or fill it before",
            source,
        )
