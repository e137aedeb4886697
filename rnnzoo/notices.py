"""Warnings that point at the user's line, however deep in rnnzoo they come from."""

import sys
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_counts: ContextVar[Counter[str] | None] = ContextVar("counts", default=None)


def warn(message: str) -> None:
    """Warn at the nearest line outside rnnzoo, or at the outermost one if all are inside."""
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("rnnzoo."):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, stacklevel=level)


def warn_of(what: str, count: int) -> None:
    """Warn of what holds for so many; within `counted`, when that ends, of all of them at once."""
    counts = _counts.get()
    if counts is None:
        warn(f"{what}: {count:,}")
    else:
        counts[what] += count


@contextmanager
def counted() -> Iterator[None]:
    """Within, what `warn_of` is told of one file after the other is added up, and said once."""
    counts: Counter[str] = Counter()
    before = _counts.set(counts)
    try:
        yield
    finally:
        _counts.reset(before)
        for what, count in counts.items():
            warn_of(what, count)
