"""Tags that mark spans: what may follow what.

``B-x`` begins a span of kind x, ``I-x`` goes on with it, ``O`` is outside (Ramshaw & Marcus 1995,
Text chunking using transformation-based learning). Where a kind has ``E-x`` (or ``L-x``), which
ends a span, and ``S-x`` (or ``U-x``), which is one by itself, its spans are closed: what begins one
must be followed by what ends it.
"""

from __future__ import annotations

import collections
import itertools
from collections.abc import Iterable, Sequence
from typing import TypeAlias

import numpy as np

from rnnzoo.evaluation.classes import marks_spans

# A tag and the one after it; None is the start, or the end.
Move: TypeAlias = tuple[str | None, str | None]

_BEGINS, _GOES_ON, _ENDS = "BSU", "IEL", "EL"
_LEAST = 0.01


def forbidden_moves(tags: Sequence[str], more: Iterable[Move] = ()) -> np.ndarray | None:
    """What must not follow what, bool (tags + 1, tags + 1): `rnnzoo.layers.ConditionalRandomField`.

    Args:
        tags: their names.
        more: what is allowed besides, see `moves_beyond`.

    Returns:
        The table; None if the tags mark no spans, or all may follow all.

    Example:
        >>> forbidden_moves(["B-x", "I-x", "O"]).astype(int).tolist()  # I-x after O, or first
        [[0, 0, 0, 0], [0, 0, 0, 0], [0, 1, 0, 0], [0, 1, 0, 0]]
    """
    if not marks_spans(set(tags)):
        return None
    allowed, closed, all_of_them = set(more), _closed(tags), [*tags, None]
    table = [
        [(a, b) not in allowed and not _fits(a, b, closed) for b in all_of_them]
        for a in all_of_them
    ]
    return np.array(table) if np.any(table) else None


def moves_beyond(
    tags: Sequence[str], sequences: Iterable[Sequence[str]], layout: bool = True
) -> set[Move]:
    """What training shows to be allowed beyond `forbidden_moves` of the tags alone.

    That is each pair of tags that follow one another there, at least once in a hundred of the rarer
    one's occurrences: what is rarer is taken for a mistake. And where more spans begin with I- than
    with B-, as in IOB1, which has B- only where two spans of a kind meet, I- may follow all.

    Args:
        tags: the names of all.
        sequences: the tags of each sequence of training.
        layout: whether they tell how spans begin.

    Example:
        >>> tags = ["B-x", "I-x", "I-y", "O"]
        >>> sorted(moves_beyond(tags, [["B-x", "O", "I-x"], ["B-x", "O"]]))
        [('O', 'I-x')]
        >>> forbidden_moves(tags, moves_beyond(tags, [["O", "I-x"]])) is None
        True
    """
    if not marks_spans(set(tags)):
        return set()
    closed = _closed(tags)
    moves = collections.Counter(
        move for of_one in sequences for move in itertools.pairwise([None, *of_one, None])
    )
    seen: collections.Counter = collections.Counter()
    for (before, after), count in moves.items():
        seen[before] += count
        if after is None:  # which counts as the start does, once for each sequence
            seen[after] += count
    beyond = {
        move
        for move, count in moves.items()
        if not _fits(*move, closed) and count >= _LEAST * min(seen[tag] for tag in move)
    }
    bare = sum(moves[move] for move in beyond if _mark(move[1]) in _GOES_ON)
    if layout and bare > sum(count for (_, tag), count in moves.items() if _mark(tag) in _BEGINS):
        going_on = [tag for tag in tags if _mark(tag) in _GOES_ON]
        beyond |= set(itertools.product([None, *tags], going_on))
        beyond = {move for move in beyond if not _fits(*move, closed)}
    return beyond


def _fits(before, after, closed):
    """Whether a tag may follow another, by what they mark."""
    is_open = _mark(before) in "BI"
    if _mark(after) in _GOES_ON:
        return is_open and before[2:] == after[2:]
    return not (is_open and before[2:] in closed)


def _closed(tags):
    """The kinds whose spans are closed."""
    return {tag[2:] for tag in tags if _mark(tag) in _ENDS}


def _mark(tag):
    return "-" if tag is None else tag[:1]
