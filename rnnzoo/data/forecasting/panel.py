"""A panel: series that are regular in time, split in time, to forecast their next steps from."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from rnnzoo.data.base import Counted, Data
from rnnzoo.errors import WrongValue

# Of the values: positive ones are of at least 0; wet: zeros and amounts, as of rain.
KINDS = ("real", "positive", "counts", "wet")


@dataclass(frozen=True, eq=False, repr=False)
class Line(Counted):
    """One series: a target, and what is known beside it, at the steps of a frequency.

    Attributes:
        id: its name; "" where there is only one.
        stamps: datetime64[s] (time + ahead,), each a step of the frequency after the one before;
            beyond the target where the covariates that are known ahead reach beyond it.
        target: float64 (time,), NaN where it is missing.
        known: float32 (time + ahead, k), covariates that are known of the future, too; NaN is
            missing.
        past: float32 (time, p), covariates that are known up to now only; NaN is missing.
        static: a word for each static column, (s,).
    """

    id: str
    stamps: np.ndarray
    target: np.ndarray
    known: np.ndarray
    past: np.ndarray
    static: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.target)

    def until(self, step: int, ahead: int = 0) -> Line:
        """What is known before a step: later targets are gone, and what is known ahead stays.

        Args:
            step: the first whose target is not known.
            ahead: how many steps from there on keep their stamps and known covariates.
        """
        return dataclasses.replace(
            self,
            stamps=self.stamps[: step + ahead],
            target=self.target[:step],
            known=self.known[: step + ahead],
            past=self.past[:step],
        )


@dataclass(frozen=True, eq=False, repr=False)
class Lines(Counted):
    """Some lines, and from where on each is to be forecast: what is before is history.

    Attributes:
        lines: of which none holds anything behind the last step that is to be forecast, but for
            stamps and known covariates.
        starts: for each line the first step that is to be forecast; its length where none is.
    """

    lines: tuple[Line, ...] = ()
    starts: tuple[int, ...] = ()

    def __len__(self) -> int:
        """How many lines have steps to be forecast."""
        pairs = zip(self.lines, self.starts, strict=True)
        return sum(start < len(line) for line, start in pairs)

    def origins(self, horizon: int, every: int | None = None) -> list[tuple[int, int]]:
        """Rolling origins, as (line, step): forecast are the targets from that step on.

        Each is of a whole horizon whose truth is there, with one value of the target known before.

        Args:
            horizon: steps that are forecast.
            every: steps from an origin to the next one; default: the horizon.

        >>> nothing = np.zeros((5, 0), np.float32)
        >>> stamps = np.arange("2024-01-01", "2024-01-06", dtype="datetime64[D]")
        >>> line = Line("a", stamps.astype("datetime64[s]"), np.arange(5.0), nothing, nothing)
        >>> Lines((line,), (1,)).origins(2)
        [(0, 1), (0, 3)]
        """
        return [
            (place, origin)
            for place, (line, start) in enumerate(zip(self.lines, self.starts, strict=True))
            for origin in range(start, len(line) - horizon + 1, every or horizon)
            if np.isfinite(line.target[:origin]).any()
        ]


@dataclass(frozen=True, kw_only=True, repr=False)
class Panel(Data[Lines]):
    """Series of one frequency in three parts, each behind the other in time.

    A part holds nothing that comes after it: `train` ends where `validation` begins to be forecast,
    and `validation` where `test` does. What stands before its first step to be forecast is its
    history. The other attributes are those of `rnnzoo.data.Data`.

    Attributes:
        frequency: of the steps, as pandas calls it: "D", "MS", "h", "15min", ...
        season: steps of the chief season; 1 where there is none.
        horizon: steps that are forecast unless one says otherwise.
        kind: of the target's values: "real", "positive" (of at least 0), "counts" (whole, of at
            least 0), or "wet" (many zeros, and amounts).
        target: its name.
        known, past, static: the names of the covariates.
        read_by: of a table, what others are to be read by as it was, by the name of the option.
    """

    frequency: str
    season: int = 1
    horizon: int = 1
    kind: str = "real"
    target: str = "target"
    known: tuple[str, ...] = ()
    past: tuple[str, ...] = ()
    static: tuple[str, ...] = ()
    read_by: Mapping[str, Any] = field(default_factory=dict)

    @property
    def lines(self) -> tuple[Line, ...]:
        """All lines, whole."""
        return self.test.lines or self.validation.lines or self.train.lines

    @classmethod
    def of_lines(
        cls,
        name: str,
        lines: Sequence[Line],
        metadata: Mapping[str, Any] | None = None,
        *,
        horizon: int,
        validation: float = 0.15,
        test: float = 0.15,
        cuts: Sequence[str] | None = None,
        **fields: Any,
    ) -> Self:
        """Lines, split in time.

        Args:
            name: of the source.
            lines: whole.
            metadata: what is known, such as ``source`` and ``license``.
            horizon: steps that are forecast; what is held out is as long at least.
            validation, test: shares of all steps that come last and are held out, at one time for
                all lines. With 0 and 0 all is in the first part.
            cuts: in place of the shares, from when on is validated and tested, such as
                ``("2023-01-01", "2024-01-01")``.
            **fields: the other fields.

        Raises:
            ValueError: no line is left anything to train on.
        """
        first, second = cuts or cuts_by_share(lines, horizon, validation, test)
        parts = split_in_time(name, lines, horizon, first, second)
        return cls.from_parts(name, parts, metadata, horizon=horizon, **fields)

    def as_test(self) -> Self:
        """All of it as one test part: to be forecast from the first step on that has a history."""
        nothing = Lines()
        lines = self.lines
        whole = Lines(lines, tuple(min(1, len(line)) for line in lines))
        return dataclasses.replace(self, train=nothing, validation=nothing, test=whole)

    @staticmethod
    def digest(part: Lines) -> str:
        """Also looks for what is infinite; NaN is missing."""
        sha256 = hashlib.sha256(np.asarray(part.starts, np.int64).tobytes())
        for line in part.lines:
            sha256.update("\0".join((line.id, *line.static)).encode())
            for values in (line.stamps, line.target, line.known, line.past):
                if values.dtype.kind == "f" and np.isinf(values).any():
                    step = int(np.argwhere(np.isinf(values))[0][0])
                    raise WrongValue(
                        f"the series {line.id!r} holds a number that is none at "
                        f"{line.stamps[step]}; mend it, or leave it empty"
                    )
                sha256.update(np.ascontiguousarray(values).tobytes())
        return sha256.hexdigest()


def cuts_by_share(
    lines: Sequence[Line], horizon: int, validation: float, test: float
) -> tuple[np.datetime64 | None, np.datetime64 | None]:
    """From when on is validated and tested, so that shares of all steps lie behind; None: never.

    At least a horizon lies behind each, in the line that reaches furthest.

    Args:
        lines, horizon, validation, test: as `Panel.of_lines` takes them.
    """
    stamps = np.sort(np.concatenate([line.stamps[: len(line)] for line in lines]))
    last = max(lines, key=lambda line: line.stamps[len(line) - 1])

    def cut(share, horizons):
        if not share:
            return None
        at = stamps[min(len(stamps) - 1, round(len(stamps) * (1 - share)))]
        return min(at, last.stamps[max(0, len(last) - horizons * horizon)])

    both = validation + test if validation else 0.0
    return cut(both, 2 if test else 1), cut(test, 1)


def split_in_time(
    name: str,
    lines: Sequence[Line],
    horizon: int,
    validation_from: str | np.datetime64 | None,
    test_from: str | np.datetime64 | None,
) -> dict[str, Lines]:
    """Parts of lines by split, cut at the same times in all lines.

    Args:
        name: of the source, for the error.
        lines: whole.
        horizon: steps that are forecast; the longest line is to have more to train on.
        validation_from, test_from: the time of the first step that is to be forecast; None: there
            is no such part.

    Raises:
        ValueError: too little is left to train on.
    """

    def part(begin, end):
        """Lines that end at one time, to be forecast from another on."""
        kept, starts = [], []
        for line in lines:
            own = line.stamps[: len(line)]
            length = len(line) if end is None else int(np.searchsorted(own, np.datetime64(end)))
            start = 0 if begin is None else int(np.searchsorted(own, np.datetime64(begin)))
            if length:
                kept.append(line if end is None else line.until(length))
                starts.append(min(start, length))
        return Lines(tuple(kept), tuple(starts))

    first = test_from if validation_from is None else validation_from
    parts = {"train": part(None, first)}
    parts["validation"] = Lines() if validation_from is None else part(first, test_from)
    parts["test"] = Lines() if test_from is None else part(test_from, None)
    longest = max(map(len, parts["train"].lines), default=0)
    if longest <= horizon:
        raise WrongValue(
            f"{name}: the longest series has {max(map(len, lines)):,} steps, of which {longest:,} "
            f"are left to train on: too few for a horizon of {horizon}; tell a shorter one "
            "(horizon=, --horizon), or hold less out (in Python validation=, test=)"
        )
    return parts
