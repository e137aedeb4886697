"""Which column is what: time, recording, class, group and features, as told or by their names."""

from __future__ import annotations

import re

import polars as pl

from rnnzoo.data.readers.tables.roles import (
    MAX_WORDS,
    ROLES,
    Options,
    Roles,
    numbers_of,
    stamps_of,
)
from rnnzoo.data.readers.tables.stamps import Stamps, epoch_unit, of_numbers, of_text
from rnnzoo.data.readers.tables.table import Table
from rnnzoo.errors import DataError, WrongValue
from rnnzoo.plugins import did_you_mean

_PLAIN = {
    "time": "time|times|timestamp|timestamps|time stamp|date|datetime|date time|ts",
    "id": "id|recording|recording id|series|series id|session|session id|sample|sample id",
    "label": "label|labels|class|activity|target|y",
    "group": "subject|person|user|participant|group",
}
_PLAIN["group"] = f"({_PLAIN['group']})( id)?"
_UNIT = r"( ?[\[(/]? ?(ns|us|µs|ms|msec|s|sec|secs|seconds|milliseconds)[\])]?)?"
_COUNTS = re.compile(r"(unnamed 0|index|row|row id|line|nr|no|column 1)?")
_IDENTIFIES = re.compile(r"(.* )?(id|uuid|guid)")


def plain(name: str) -> str:
    """A column's name without case, and with blanks for what parts its words.

    >>> plain("Subject_ID")
    'subject id'
    """
    parted = re.sub(r"([a-z])([A-Z])", r"\1 \2", name)
    return re.sub(r"[\s_\-.:]+", " ", parted).strip().lower()


class Finder:
    """Finds the roles of a table's columns, and notes what it found.

    Args:
        table: the first of the source.
        options: what the user said.
        wanted: whether a class is looked for.
        told: whether it is known already, such as by a folder's name.
    """

    def __init__(
        self, table: Table, options: Options, wanted: bool = True, told: bool = False
    ) -> None:
        self._table, self._options, self._wanted, self._told = table, options, wanted, told
        self._notes = table.notes
        self._kinds = {name: table.kind(name) for name in table.names}
        self._taken: set[str] = set()

    def roles(self) -> Roles:
        """The roles of all columns.

        Raises:
            ValueError: a column that was named is not there or can't be what it was named for;
                several could be what is looked for; there are no features.
        """
        labels: tuple[str, ...] = ()
        named = {role: self._given(role) for role in ROLES}
        found = {}
        for role, given in named.items():  # what was named is not found for another
            if isinstance(given, (list, tuple)):
                labels = tuple(self._column(name, role) for name in given)
                self._taken.update(labels)
            elif given is not None and not _is_none(given, self._table):
                found[role] = self._column(given, role)
                self._taken.add(found[role])
        chosen = self._chosen()
        for role in ("id", "label", "group"):
            if named[role] is None:
                found[role] = self._found(role, chosen)
        date = None
        if named["time"] is None:
            found["time"], date = self._found_time(chosen)
        stamps = self._stamps(found.get("time"), date)
        channels = chosen if chosen is not None else self._features()
        if not channels:
            raise DataError(
                f"{self._table.name} holds no column of numbers beside "
                f"{_listed(sorted(self._taken)) or 'none'}: {self._all()}",
                self._table.name,
            )
        words = frozenset(name for name in channels if self._kinds[name] in ("word", "stamp"))
        read_by = {role: found.get(role) or named[role] for role in ROLES}
        if date is not None:
            read_by["time"] = None  # two columns, which are found again
        read_by["features"] = None if chosen is None else chosen
        read_by["encoding"] = self._options.encoding or self._options.known.get("encoding")
        return Roles(
            **{role: found.get(role) for role in ROLES},
            date=date,
            stamps=stamps,
            time_kind=self._time_kind(found.get("time"), stamps),
            channels=tuple(channels),
            words=words,
            labels=labels,
            read_by={name: value for name, value in read_by.items() if value is not None},
        )

    def _given(self, role):
        """What a role was named for, by the user or by an earlier table, if that is there."""
        told, known = getattr(self._options, role), self._options.known.get(role)
        if told is not None or (role == "label" and self._told):
            return told
        names = known if isinstance(known, (list, tuple)) else [known]
        return known if known == "none" or set(names) <= set(self._table.names) else None

    def _column(self, given, role):
        """The name of a column that is told by name or number."""
        names = self._table.names
        if str(given) in names:
            return str(given)
        alike = [name for name in names if plain(name) == plain(str(given))]
        if len(alike) == 1:
            return alike[0]
        if str(given).isdigit() and 1 <= int(given) <= len(names):
            return names[int(given) - 1]
        raise DataError(
            f"{self._table.name} has no column {given!r} for {role}{did_you_mean(given, names)}; "
            + self._all(),
            self._table.name,
        )

    def _all(self):
        return f"its columns are {_listed(self._table.names)}"

    def _chosen(self):
        """The features that were named."""
        given = self._options.features
        if given is None:
            given = self._options.known.get("features")
            if given is None or not set(given) <= set(self._table.names) - self._taken:
                return None
        if isinstance(given, (str, int)):
            given = [given] if given in self._table.names else str(given).split(",")
        chosen = [self._column(str(name).strip(), "features") for name in given]
        if both := self._taken & set(chosen) or {n for n in chosen if chosen.count(n) > 1}:
            raise WrongValue(
                f"features: {_listed(sorted(both))} named twice, as more than one thing"
            )
        for name in chosen:
            if self._kinds[name] in ("nested", "empty"):
                raise DataError(
                    f"{self._table.name}: column {name!r} holds no numbers and no words",
                    self._table.name,
                )
        return chosen

    def _named(self, role, chosen):
        """The columns whose names say that they are it."""
        pattern = _PLAIN[role] + (_UNIT if role == "time" else "")
        if role == "time":
            pattern = f"({_PLAIN[role]}){_UNIT}"
        return [
            name
            for name in self._table.names
            if re.fullmatch(pattern, plain(name))
            and name not in self._taken
            and name not in (chosen or ())
            and self._kinds[name] not in ("nested", "empty")
        ]

    def _found(self, role, chosen):
        """The column that is it by its name; None if none is."""
        named = self._named(role, chosen)
        if role == "label":
            named = [name for name in named if plain(name) != "y" or not self._is_axis(name)]
        if role == "label" and self._told:
            for name in named:
                self._taken.add(name)
                self._notes.without(f"column {name!r}, as the folders' names tell the class")
            return None
        if role == "id":
            for name in [name for name in named if self._differs_in_each_row(name)]:
                named.remove(name)
                self._taken.add(name)
                self._notes.without(f"column {name!r}, another value in each row")
        if not named:
            return None
        if len(named) > 1:
            what = {"id": "the recording", "label": "the class", "group": "the group"}[role]
            raise DataError(
                f"{self._table.name}: {_listed(named)} could each tell {what}; name one "
                f"({role}=, --{role}), or none ({role}='none')",
                self._table.name,
            )
        self._taken.add(named[0])
        return named[0]

    def _is_axis(self, name):
        """Whether y is a channel: beside x or z, or with fractions, or where no class is wanted."""
        if not self._wanted or self._told or {"x", "z"} & set(map(plain, self._table.names)):
            return True
        values = self._table.sample[name]
        return self._kinds[name] == "number" and not numbers_of(values).dtype.is_integer()

    def _differs_in_each_row(self, name):
        values = self._table.sample[name]
        return len(values) > 2 and values.n_unique() == len(values)

    def _found_time(self, chosen):
        """The columns of the time, and of the date where it is on its own."""
        named = self._named("time", chosen)
        stamps = [
            name
            for name in self._table.names
            if self._kinds[name] == "stamp" and name not in (*self._taken, *(chosen or ()))
        ]
        candidates = named or stamps
        if not named and not stamps:
            epochs = [n for n in self._table.names if n not in self._taken and self._counts_time(n)]
            if epochs and not set(epochs) & set(chosen or ()):
                self._notes.odd(f"column {epochs[0]!r} counts seconds since 1970 by its size")
                candidates = epochs[:1]
        if len(candidates) == 2:
            pair = {plain(name).split()[0]: name for name in candidates}
            if pair.keys() == {"date", "time"} and all(
                self._table.sample[n].dtype == pl.String and self._kinds[n] == "stamp"
                for n in candidates
            ):
                self._taken |= set(candidates)
                return pair["time"], pair["date"]
            if len(kept := [name for name in candidates if self._kinds[name] == "stamp"]) == 1:
                other = next(name for name in candidates if name not in kept)
                if self._counts_time(other):
                    self._taken.add(other)
                    self._notes.without(f"column {other!r}, a second stamp")
                    candidates = kept
        if len(candidates) > 1:
            raise DataError(
                f"{self._table.name}: {_listed(candidates)} could each be the time; name one "
                "(time=, --time), or none (time='none')",
                self._table.name,
            )
        self._taken |= set(candidates)
        return (candidates[0] if candidates else None), None

    def _counts_time(self, name):
        """Whether numbers look like stamps: of our days, rising, not the same."""
        if self._kinds[name] != "number":
            return False
        values = numbers_of(self._table.sample[name]).drop_nulls()
        if len(values) < 3 or epoch_unit(values) is None or values.n_unique() < 3:
            return False
        return (values.diff().drop_nulls() >= 0).mean() > 0.9

    def _stamps(self, time, date):
        if time is None:
            return None
        kind, values = self._kinds[time], stamps_of(self._table.sample, time, date)
        if kind == "number":
            numbers = numbers_of(values)
            return of_numbers(time, numbers)
        if kind == "stamp" and values.dtype.is_temporal():
            return Stamps(said="dates and times" if values.dtype != pl.Time else "times of day")
        if kind == "stamp" and (found := of_text(values.drop_nulls())):
            if found.odd:
                self._notes.odd(found.odd)
            return found
        raise DataError(
            f"{self._table.name}: column {time!r} holds no time stamps that are known, such as "
            f"{_first(values)!r}; expected numbers, or 2024-05-31 14:02:10.5; name another (time=, "
            "--time), or none (time='none')",
            self._table.name,
        )

    def _time_kind(self, time, stamps):
        if stamps is None or stamps.unit is None:
            return "stamp"
        whole = numbers_of(self._table.sample[time]).dtype.is_integer()
        return "whole" if whole else "real"

    def _features(self):
        """All columns of numbers that are nothing else, and those of few different words."""
        channels = []
        for name in self._table.names:
            if name in self._taken:
                continue
            kind, values = self._kinds[name], self._table.sample[name]
            if kind == "empty":
                self._notes.without(f"column {name!r}, which is empty")
            elif kind == "stamp":
                self._notes.without(f"column {name!r}, which holds stamps")
            elif kind == "nested":
                self._notes.without(f"column {name!r}, which holds {values.dtype}")
            elif kind == "number" and self._only_names(name, values):
                self._notes.without(f"column {name!r}, which counts or names rows")
            elif kind == "number" and self._counts_time(name):
                self._notes.without(f"column {name!r}, which holds stamps by its size")
            elif kind == "word" and values.n_unique() > min(MAX_WORDS, max(2, len(values) / 2)):
                self._notes.without(f"column {name!r}, which holds too many different words")
            else:
                if kind == "number" and self._counts_rows(values):
                    self._notes.odd(f"column {name!r} counts the rows, and is read as a channel")
                channels.append(name)
        return channels

    def _only_names(self, name, values):
        """Whether numbers are an index or an identifier, by their column's name and themselves."""
        if _IDENTIFIES.fullmatch(plain(name)):
            return True
        unnamed = name == "column 1" and self._table.headed
        index = unnamed or (name != "column 1" and _COUNTS.fullmatch(plain(name)))
        return bool(index) and self._counts_rows(values)

    @staticmethod
    def _counts_rows(values):
        numbers = numbers_of(values)
        if len(numbers) < 3 or numbers.null_count():
            return False
        return numbers[0] in (0, 1) and bool((numbers.diff().drop_nulls() == 1).all())


def _is_none(given, table):
    return str(given).lower() == "none" and given not in table.names


def _first(values):
    rest = values.drop_nulls()
    return str(rest[0])[:40] if len(rest) else ""


def _listed(names):
    more = f" and {len(names) - 30} more" if len(names) > 30 else ""
    return ", ".join(map(repr, names[:30])) + more
