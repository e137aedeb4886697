"""What a reader made of what it was given: said in one line when a run begins, shown in full by
`rnnzoo data`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What was read of a source, what was left out of it, and what looks odd.

    Attributes:
        layout: what it was taken for, such as ``"CSV, separated by ';', decimal comma"``.
        counts: how many of what was read, such as ``{"files": 8, "recordings": 8}``.
        facts: what was found out, in words, such as ``{"time": "column 'stamp', every 20 ms"}``.
        left_out: what was not read, a line each with the reason.
        warnings: what was read and looks odd, a line each.
        examples: the first few examples, for a table: by column its value.

    Example:
        >>> reading = Reading(layout="pairs, separated by tabs", counts={"pairs": 1200},
        ...                   left_out=["3 lines without a tab, the first is line 7"])
        >>> print(reading)
        read as pairs, separated by tabs: 1,200 pairs; left out: 3 lines without a tab, the first \
is line 7
    """

    layout: str
    counts: Mapping[str, int] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    left_out: Sequence[str] = ()
    warnings: Sequence[str] = ()
    examples: Sequence[Mapping[str, Any]] = ()

    def __str__(self) -> str:
        counts = ", ".join(f"{count:,} {of}" for of, count in self.counts.items())
        parts = [": ".join(filter(None, (f"read as {self.layout}", counts)))]
        parts += [f"{name}: {found}" for name, found in self.facts.items()]
        parts += [f"left out: {', '.join(self.left_out)}"] if self.left_out else []
        parts += [f"odd: {', '.join(self.warnings)}"] if self.warnings else []
        return "; ".join(parts)
