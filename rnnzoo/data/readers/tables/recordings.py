"""What the reader of tables hands on: recordings, and what is known of them."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from rnnzoo.data.reading import Reading


@dataclass(frozen=True, kw_only=True)
class Recordings(Sequence[np.ndarray]):
    """Recordings of several channels, in the order of their source; itself a sequence of them.

    Attributes:
        x: of float32 arrays (time, channels), NaN where a value is missing; of large sources each
            is mapped into memory only when it is asked for. Pictures (time, height, width,
            channels) stay uint8.
        channels: names in the order of the source; empty where nothing names them.
        categories: by the name of a channel that holds words, the words that its numbers index.
        ids: a name for each recording.
        labels: of each, whole numbers or strings; or, of dtype object, an array of those at its
            steps, None where there is none (`rnnzoo.data.step_labels`); where a recording has any
            number of them, 1 at those it has, int32 (recordings, labels); None if there are none.
        label_names: of the columns of such labels.
        groups: whose each is, such as a subject's; None if that is not known.
        splits: of each "train", "validation" or "test"; None where the source tells none.
        interval: seconds between steps; None if that is not known.
        read_by: of a table, what others are to be read by as it was, by the name of the option.
        reading: what was read, and what was left out.
    """

    x: Sequence[np.ndarray]
    channels: tuple[str, ...] = ()
    categories: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ids: tuple[str, ...] = ()
    labels: np.ndarray | None = None
    label_names: tuple[str | int, ...] = ()
    groups: tuple[str, ...] | None = None
    splits: tuple[str, ...] | None = None
    interval: float | None = None
    read_by: Mapping[str, Any] = field(default_factory=dict)
    reading: Reading

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, i: Any) -> Any:
        return self.x[i]

    def where(self, i: int) -> str:
        """Words for the place of a recording in its source."""
        return self.x.where(i) if hasattr(self.x, "where") else self.ids[i]


def all_known(values: Sequence[str | None]) -> tuple[str, ...] | None:
    """What is known of each recording; None if it is not of all."""
    known = tuple(value for value in values if value is not None)
    return known if len(known) == len(values) else None


def example_of(
    name: str,
    label: str | None,
    x: np.ndarray,
    channels: Sequence[str],
    categories: Mapping[str, Sequence[str]],
) -> dict[str, Any]:
    """A recording as a `Reading` shows it, its first step as the source has it; None is missing."""
    step: dict[str, Any] = {}
    for channel, value in zip(channels, x[0], strict=True):
        if np.isnan(value):
            step[channel] = None
        elif channel in categories:
            step[channel] = categories[channel][int(value)]
        else:  # 0.1, not what float32 makes of it, 0.10000000149
            whole = value.is_integer() and abs(value) < 2**24
            step[channel] = int(value) if whole else float(str(value))
    return {"id": name, "class": label, "steps": len(x), "first step": step}


class Pieces(Sequence[np.ndarray]):
    """Pieces of arrays (total steps, channels), each looked up when it is asked for."""

    def __init__(self, places: Sequence[tuple[np.ndarray, int, int]], names: Sequence[str]) -> None:
        self._places = places
        self._names = names

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, i: Any) -> Any:
        steps, begin, end = self._places[i]
        return steps[begin:end]

    def where(self, i: int) -> str:
        """The name of a piece, for an error."""
        return self._names[i]


class Store:
    """Rows of numbers on disk, in a file without a name that is gone when nobody maps it."""

    def __init__(self, dtype: Any, columns: int | None = None) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 (mapped later, closed with this)
        self._dtype = np.dtype(dtype)
        self._row = () if columns is None else (columns,)
        self.rows = 0

    def __del__(self) -> None:
        self._file.close()  # what is mapped stays

    def add(self, rows: np.ndarray) -> None:
        """Write rows behind the others."""
        self._file.write(
            np.ascontiguousarray(rows, self._dtype).data.cast("B") if len(rows) else b""
        )
        self.rows += len(rows)

    def mapped(self) -> np.ndarray:
        """All rows, read-only, mapped into memory."""
        self._file.flush()
        shape = (self.rows, *self._row)
        if not self.rows or 0 in shape:
            return np.zeros(shape, self._dtype)
        return np.memmap(self._file, self._dtype, "r", shape=shape)


@dataclass
class Notes:
    """What is found out while reading, before it becomes a `Reading`."""

    layout: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def odd(self, line: str) -> None:
        """Note what looks odd, once."""
        if line not in self.warnings:
            self.warnings.append(line)

    def without(self, line: str) -> None:
        """Note what is left out, once."""
        if line not in self.left_out:
            self.left_out.append(line)

    def reading(self, counts: Mapping[str, int], examples: Sequence[Mapping[str, Any]]) -> Reading:
        """All of it, and how much was read."""
        return Reading(
            layout=self.layout,
            counts=counts,
            facts=self.facts,
            left_out=tuple(self.left_out),
            warnings=tuple(self.warnings),
            examples=tuple(examples),
        )
