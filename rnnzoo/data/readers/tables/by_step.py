"""Recordings with a class at each step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from rnnzoo.data.readers.tables.rows import Gathered
from rnnzoo.data.readers.tables.sampling import Piece
from rnnzoo.data.step_labels import NONE, entries

Ordered = Sequence[tuple[Piece, Any, Any]]  # a recording, the ids of its labels, its stamps


def at_steps(ordered: Ordered, gathered: Gathered, told: str | None, numbers: bool = False) -> bool:
    """Whether a class is read at each step: as told, or where it changes in what has an id; a
    number wherever it changes, as a recording can't be cut where it does.
    """
    if told == "recording" or all(
        labels is None and piece.label is None for piece, labels, _ in ordered
    ):
        return False
    if told == "step":
        return True
    return (numbers or gathered.roles.id is not None) and any(
        labels is not None and len(np.unique(labels[labels >= 0])) > 1 for _, labels, _ in ordered
    )


def by_step(ordered: Ordered, gathered: Gathered, numbers: bool = False) -> list[Piece]:
    """Whole recordings, with the ids of their labels; in words, whether these are numbers."""
    notes, known = gathered.notes, gathered.labels
    pieces, without, nowhere, changing = [], 0, 0, 0
    for piece, labels, stamps in ordered:
        if labels is None:  # the file's place tells it
            told = NONE if piece.label is None else known.setdefault(piece.label, len(known))
            labels = np.full(piece.end - piece.begin, told, np.int32)
        there = labels >= 0
        if not there.any():
            nowhere += len(labels)
            continue
        without += int((~there).sum())
        changing += len(np.unique(labels[there])) > 1
        pieces.append(replace(piece, times=stamps, labels=labels))
    if nowhere:
        what = "target" if numbers else "class"
        notes.without(f"{nowhere:,} row(s) of recordings without a {what}")
    said = f"one at each step; it changes in {changing:,} of {len(pieces):,} recordings"
    if without:
        said += f"; {without:,} step(s) have none, and count neither in training nor in scores"
    if numbers:
        notes.facts["target at"] = said
    else:
        also = "(labels='recording', --labels recording: one for each run)"
        notes.facts["classes"] = f"{said} {also}"
    return pieces


def names_at_steps(pieces: Sequence[Piece], names: Sequence[Any]) -> np.ndarray:
    """Of each recording the labels at its steps, None where there is none, as one array."""
    of_id = np.array([*names, None], object)
    return entries([of_id[piece.labels] for piece in pieces])
