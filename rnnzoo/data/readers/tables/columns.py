"""A table's columns while it is found out what each is: by number, by name, by what they hold."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import polars as pl

from rnnzoo.data.readers.tables.roles import ROLES, Options, numbers_of
from rnnzoo.data.readers.tables.stamps import epoch_unit
from rnnzoo.data.readers.tables.table import Table, as_numbers, kinds_of
from rnnzoo.errors import DataError, MissingColumn, WrongValue
from rnnzoo.plugins import did_you_mean

_PLAIN = {
    "time": "time|times|timestamp|timestamps|time stamp|date|datetime|date time|ts",
    "id": "id|recording|recording id|series|series id|session|session id|sample|sample id",
    "label": "label|labels|class|activity|target|y",
    "group": "subject|person|user|participant|group",
}
_PLAIN["group"] = f"({_PLAIN['group']})( id)?"
_UNIT = r"( ?[\[(/]? ?(ns|us|µs|ms|msec|s|sec|secs|seconds|milliseconds)[\])]?)?"
_PLAIN["time"] = f"({_PLAIN['time']}){_UNIT}"
_WHAT = {"id": "the recording", "label": "the class", "group": "the group", "time": "the time"}


def plain(name: str) -> str:
    """A column's name without case, and with blanks for what parts its words.

    >>> plain("Subject_ID")
    'subject id'
    """
    parted = re.sub(r"([a-z])([A-Z])", r"\1 \2", name)
    return re.sub(r"[\s_\-.:]+", " ", parted).strip().lower()


# What is written where there is no value, by whoever needs a number there.
_STAND_INS = [float(sign * (10**n - 1)) for n in range(2, 8) for sign in (1, -1)] + [-32768.0]


def _stand_ins(frame, kinds):
    """By number the columns in which it may stand for missing values."""
    # All columns at once, as there may be thousands: few hold such a number twice.
    names = [name for name, kind in kinds.items() if kind == "number"]
    text = [name for name in names if frame[name].dtype == pl.String]
    numbers = pl.col([name for name in names if name not in {*text}]), as_numbers(pl.col(text))
    counts = frame.select(of.cast(pl.Float64).is_in(_STAND_INS).sum() for of in numbers)
    found: dict[float, list[str]] = {}
    for name in (name for name in counts.columns if counts[name][0] > 1):
        if (number := _stand_in(numbers_of(frame[name]))) is not None:
            found.setdefault(number, []).append(name)
    return found


def _stand_in(values):
    """The number that may stand for missing values, met twice or more; None if none does."""
    values = values.drop_nulls().cast(pl.Float64)
    found = values.filter(values.is_in(_STAND_INS))
    if not 2 <= len(found) < len(values) / 2 or found.n_unique() > 1:
        return None
    others = values.filter(values != found[0])
    low, high = float(others.min()), float(others.max())
    away = max(low - found[0], found[0] - high)
    return found[0] if away > 3 * (high - low) else None


class Columns:
    """Names and kinds of a table's columns, and which of them are known to be something.

    Args:
        table: of which they are.
        options: what the user says of them; else counts what the table says of itself, and then
            what is known of an earlier one.
        class_told: whether the class is known already, such as by a folder's name.

    Attributes:
        kinds: by name, what each holds, as `kind_of` tells.
        taken: those that have a role.
    """

    def __init__(self, table: Table, options: Options, class_told: bool = False) -> None:
        self.table, self.options, self.class_told = table, options, class_told
        self.kinds = kinds_of(table.sample)
        self.taken: set[str] = set()
        for number, names in _stand_ins(table.sample, self.kinds).items():
            which = f"column {names[0]!r} holds"
            if len(names) > 1:
                which = f"columns {listed(names)} hold"
            table.notes.odd(
                f"{which} {number:g} again and again, far from all else: where it stands for a "
                "missing value, leave the cell empty"
            )

    def told(self, role: str) -> str | None:
        """The column that was told to be it; None if none was, or several were."""
        given = self.given(role)
        if given is None or self.is_none(role) or not isinstance(given, (str, int)):
            return None
        name = self.called(given, role)
        self.taken.add(name)
        return name

    def labels_told(self) -> tuple[str, ...]:
        """The columns that were told to be a label each.

        Raises:
            ValueError: one is not there, or is told twice.
        """
        given = self.given("label")
        if given is None or isinstance(given, (str, int)):
            return ()
        names = tuple(self.called(name, "label") for name in given)
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise WrongValue(
                f"label: {listed(twice)} named twice; expected a column for each label"
            )
        self.taken.update(names)
        return names

    def given(self, role: str) -> str | int | Sequence[str | int] | None:
        """What was told of a role: by the user, the table, or an earlier one that had it, too."""
        given, known = getattr(self.options, role), self.options.known.get(role)
        given = self.table.told.get(role) if given is None else given
        if given is not None or (role == "label" and self.class_told):
            return given
        names = known if isinstance(known, (list, tuple)) else [known]
        return known if known == "none" or set(names) <= set(self.table.names) else None

    def read_by(
        self, found: Mapping[str, str | None], chosen: Sequence[str] | None
    ) -> dict[str, Any]:
        """How others are to be read, as this one was, by the name of the option.

        Args:
            found: the columns by role.
            chosen: the features that were named.
        """
        read_by: dict[str, Any] = {role: found.get(role) or self.given(role) for role in ROLES}
        read_by["features"] = chosen
        read_by["encoding"] = self.options.encoding or self.options.known.get("encoding")
        return {name: value for name, value in read_by.items() if value is not None}

    def is_none(self, role: str) -> bool:
        """Whether it was told that there is no such column."""
        given = self.given(role)
        return str(given).lower() == "none" and given not in self.table.names

    def called(self, given: str | int, role: str) -> str:
        """The name of a column that is told by name or number.

        Raises:
            ValueError: there is none.
        """
        names = self.table.names
        if str(given) in names:
            return str(given)
        alike = [name for name in names if plain(name) == plain(str(given))]
        if len(alike) == 1:
            return alike[0]
        if str(given).isdigit() and 1 <= int(given) <= len(names):
            return names[int(given) - 1]
        near = did_you_mean(str(given), names)
        raise MissingColumn(
            f"{self.table.name} has no column {given!r} for {role}{near}; its columns are "
            f"{listed(names)}",
            self.table.name,
        )

    def chosen(self) -> list[str] | None:
        """The features that were named; None if none were.

        Raises:
            ValueError: one is not there, is something else, too, or holds nothing to read.
        """
        given = self.options.features
        if given is None:
            given = self.options.known.get("features")
            if given is None or not set(given) <= set(self.table.names) - self.taken:
                return None
        if isinstance(given, (str, int)):
            given = [given] if given in self.table.names else str(given).split(",")
        chosen = [self.called(str(name).strip(), "features") for name in given]
        if both := self.taken & set(chosen) or {n for n in chosen if chosen.count(n) > 1}:
            raise WrongValue(
                f"features: {listed(sorted(both))} named twice, as more than one thing"
            )
        for name in chosen:
            if self.kinds[name] in ("nested", "empty"):
                raise DataError(
                    f"{self.table.name}: column {name!r} holds no numbers and no words",
                    self.table.name,
                )
        return chosen

    def named(self, role: str, but: Collection[str] = ()) -> list[str]:
        """The columns whose names say that they are it, but for those that are something else."""
        return [
            name
            for name in self.table.names
            if re.fullmatch(_PLAIN[role], plain(name))
            and name not in self.taken
            and name not in but
            and self.kinds[name] not in ("nested", "empty")
        ]

    def only(self, names: Sequence[str], role: str) -> str | None:
        """The one of several that is it; None of none.

        Raises:
            ValueError: there are several.
        """
        if len(names) > 1:
            raise DataError(
                f"{self.table.name}: {listed(names)} could each "
                f"{'be' if role == 'time' else 'tell'} {_WHAT[role]}; name one ({role}=, "
                f"--{role}), or none ({role}='none')",
                self.table.name,
            )
        self.taken |= set(names)
        return names[0] if names else None

    def differs_in_each_row(self, name: str) -> bool:
        """Whether no value comes twice."""
        values = self.table.sample[name]
        return len(values) > 2 and values.n_unique() == len(values)

    def counts_rows(self, name: str) -> bool:
        """Whether numbers are those of the rows, from 0 or 1 on."""
        numbers = numbers_of(self.table.sample[name])
        if len(numbers) < 3 or numbers.null_count():
            return False
        return numbers[0] in (0, 1) and bool((numbers.diff().drop_nulls() == 1).all())

    def counts_time(self, name: str) -> bool:
        """Whether numbers look like stamps: of our days, rising, not the same."""
        if self.kinds[name] != "number":
            return False
        values = numbers_of(self.table.sample[name]).drop_nulls()
        if len(values) < 3 or epoch_unit(values) is None or values.n_unique() < 3:
            return False
        return bool((values.diff().drop_nulls() >= 0).mean() > 0.9)  # type: ignore[operator]


def listed(names: Sequence[str]) -> str:
    """Names as an error shows them."""
    more = f" and {len(names) - 30} more" if len(names) > 30 else ""
    return ", ".join(map(repr, names[:30])) + more
