"""What a reader made of what it was given: said in one line when a run begins, shown in full by
`rnnzoo data`.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

_WIDTH = 80  # columns of the long form


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
        source: what was read, as it was given; only `rnnzoo.describe` says so, as the next ones.
        task: for which it was read, and why for that one.
        command: what trains on it; "" if nothing does.
        lacks: why nothing does.

    Example:
        >>> reading = Reading(layout="pairs, separated by tabs", counts={"pairs": 1200},
        ...                   left_out=["3 lines without a tab, the first is line 7"])
        >>> print(reading)
        read as pairs, separated by tabs: 1,200 pairs; left out: 3 lines without a tab, the first \
is line 7
        >>> print(reading.page())
        read as   pairs, separated by tabs
        holds     1,200 pairs
        left out  3 lines without a tab, the first is line 7
    """

    layout: str
    counts: Mapping[str, int] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    left_out: Sequence[str] = ()
    warnings: Sequence[str] = ()
    examples: Sequence[Mapping[str, Any]] = ()
    source: str = ""
    task: str = ""
    command: str = ""
    lacks: str = ""

    def __str__(self) -> str:
        parts = [": ".join(filter(None, (f"read as {self.layout}", self._counted())))]
        parts += [f"{name}: {found}" for name, found in self.facts.items()]
        parts += [f"left out: {', '.join(self.left_out)}"] if self.left_out else []
        parts += [f"odd: {', '.join(self.warnings)}"] if self.warnings else []
        return "; ".join(parts)

    def page(self) -> str:
        """All of it to be read by people, in lines of 80 columns at most, where words allow it."""
        rows: list[tuple[str, str]] = [("task", self.task), ("read as", self.layout)]
        rows.append(("holds", self._counted()))
        rows += self.facts.items()
        rows += [("left out", said) for said in self.left_out]
        rows += [("odd", said) for said in self.warnings]
        rows = [(name, said) for name, said in rows if said]
        width = max(len(name) for name, _ in rows) + 2
        lines = [self.source] if self.source else []
        before = None
        for name, said in rows:
            lines += _wrapped(said, (name if name != before else "").ljust(width))
            before = name
        for number, example in enumerate(self.examples, 1):
            lines += ["", f"example {number}"] if number == 1 else [f"example {number}"]
            lines += _of_example(example)
        if self.command:
            lines += ["", f"train on it: {self.command}"]
        if self.lacks:
            lines += ["", *_wrapped(self.lacks, "nothing trains on it: ")]
        return "\n".join(lines)

    def plain(self) -> dict[str, Any]:
        """All of it as plain data for JSON, for machines."""
        return {each.name: _plain(getattr(self, each.name)) for each in fields(self)}

    def _counted(self) -> str:
        return ", ".join(
            f"{count:,} {_one(of) if count == 1 else of}" for of, count in self.counts.items()
        )


def _one(many: str) -> str:
    """One of what is counted: ``file of captions`` for ``files of captions``."""
    if many.startswith("series"):
        return many
    return re.sub(r"^(\w*ss(?=es\b)|\w+(?=s\b))(es|s)", r"\1", many)


def _wrapped(said: str, label: str) -> list[str]:
    return textwrap.wrap(
        said,
        _WIDTH,
        initial_indent=label,
        subsequent_indent=" " * len(label),
        break_long_words=False,
        break_on_hyphens=False,
    ) or [label.rstrip()]


def _of_example(example: Mapping[str, Any]) -> Iterator[str]:
    """A line for each column, cut where it is full."""
    width = max(map(len, map(str, example)), default=0) + 2
    for name, value in example.items():
        if isinstance(value, Mapping):
            shown = {key: "missing" if one is None else one for key, one in value.items()}
            value = ", ".join(f"{key}: {one}" for key, one in shown.items())
        said = " ".join(str(_plain(value)).split())
        room = _WIDTH - 2 - width
        said = said if len(said) <= room else said[: room - 4] + " ..."
        yield f"  {str(name):<{width}}{said}"


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if hasattr(value, "tolist"):  # NumPy's
        return _plain(value.tolist())
    return value if value is None or isinstance(value, (str, int, float, bool)) else str(value)
