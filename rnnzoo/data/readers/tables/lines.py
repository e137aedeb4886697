"""Forms in which a line is a recording, gathered one by one: .ts, .arff, UCI HAR, wide tables."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from rnnzoo.data.readers.tables import arff, ts
from rnnzoo.data.readers.tables.cutting import told_apart
from rnnzoo.data.readers.tables.folders import File, kind_of_file
from rnnzoo.data.readers.tables.label_columns import hold_several, labels_of
from rnnzoo.data.readers.tables.recordings import (
    Notes,
    Pieces,
    Recordings,
    Store,
    all_known,
    example_of,
)
from rnnzoo.data.readers.tables.roles import Options
from rnnzoo.data.readers.tables.sampling import MAX_MISSING
from rnnzoo.data.readers.tables.stamps import readable
from rnnzoo.errors import DataError, WrongValue


class Collected:
    """Recordings on disk, one after the other, and what is known of each.

    Args:
        source: for errors; may change.
        notes: take what was cut off or left out.
        labelled: whether those without a class are left out where others have one.
        multi_label: whether one has any number of labels; None: it is found out. Then those without
            any are examples of none.
        columns: of each of several labels; a label is then what `digits_of` gives.
        numbers: whether labels are numbers, and no classes.
    """

    def __init__(
        self,
        source: str,
        notes: Notes,
        labelled: bool = True,
        multi_label: bool | None = None,
        columns: Sequence[str] = (),
        numbers: bool = False,
    ) -> None:
        self.source, self._notes, self._labelled = source, notes, labelled
        self._multi_label, self._columns, self._numbers = multi_label, columns, numbers
        self._store: Store | None = None
        self._width = self._stripped = self._missing = self._empty = 0
        self._places: list[tuple[int, int]] = []
        self._names: list[str] = []
        self._known: dict[str, list[str | None]] = {"label": [], "split": [], "group": []}

    def add(
        self, x: np.ndarray, name: str, label: str | None, split: str | None, group: str | None
    ) -> None:
        """A recording (time, channels); all else is as for `add_all`."""
        self.add_all(x[None], [name], [label], [split], [group])

    def add_all(
        self,
        x: np.ndarray,
        names: Sequence[str],
        labels: Sequence[str | None],
        splits: Sequence[str | None],
        groups: Sequence[str | None],
    ) -> None:
        """Recordings (n, time, channels), whose ends are cut off where nothing is known of them.

        Raises:
            ValueError: they have not as many channels as those before them.
        """
        count, longest, width = x.shape
        if self._store is None:
            self._store, self._width = Store(np.float32, width), width
        if width != self._width:
            raise DataError(
                f"{self.source}: recording {names[0]} has {width} channels, those before it "
                f"{self._width}",
                self.source,
            )
        lengths, rows = np.full(count, longest), x.reshape(-1, width)
        if (absent := np.isnan(x)).any():
            known = ~absent.all(axis=2)
            lengths = np.where(known.any(axis=1), longest - known[:, ::-1].argmax(axis=1), 0)
            rows = x[np.arange(longest) < lengths[:, None]]
            self._missing += int(np.isnan(rows).sum())
        ends = self._store.rows + np.cumsum(lengths)
        self._stripped += int(((lengths > 0) & (lengths < longest)).sum())
        self._store.add(rows)
        kept = np.flatnonzero(lengths).tolist()
        self._empty += count - len(kept)
        self._places += zip((ends - lengths)[kept].tolist(), ends[kept].tolist(), strict=True)
        self._names += [names[i] for i in kept]
        for kind, values in (("label", labels), ("split", splits), ("group", groups)):
            self._known[kind] += [values[i] for i in kept]

    def recordings(
        self,
        channels: Sequence[str],
        files: int,
        interval: float | None = None,
        has_labels: bool = False,
    ) -> Recordings:
        """All of them.

        Args:
            channels: their names; of none, they are numbered as dimensions.
            files: how many they were read from.
            interval: seconds between steps, as the user says; None if that is not known.
            has_labels: whether the source tells labels, though no recording may have any.

        Raises:
            ValueError: there is none, or too many of their values are missing.
        """
        if self._store is None or not self._places:
            raise DataError(f"{self.source} holds no recording", self.source)
        self._say(interval)
        told = self._multi_label
        every = {label for label in self._known["label"] if label is not None}
        several = hold_several(every, self._columns, told)
        if not several:
            self._leave_out_unlabelled()
        channels = tuple(channels) or tuple(f"dim {i}" for i in range(self._width))
        mapped, words = self._store.mapped(), self._known["label"]
        there = self._labelled and (has_labels or bool(every))
        how = several, told, self._notes, self.source, there, self._numbers
        labels = labels_of(words, self._columns, *how)
        self._names = told_apart(self._names)
        x = Pieces([(mapped, begin, end) for begin, end in self._places], self._names)
        counts = {"files": files} if files else {}
        counts |= {"recordings": len(x),
                  "steps": sum(end - begin for begin, end in self._places),
                  "channels": self._width}  # fmt: skip
        counts |= labels.counts()
        examples = [
            example_of(self._names[i], labels.shown[i], x[i], channels, {})
            for i in range(min(3, len(x)))
        ]
        return Recordings(
            x=x,
            channels=channels,
            ids=tuple(self._names),
            labels=labels.values,
            label_names=labels.names,
            groups=all_known(self._known["group"]),
            splits=all_known(self._known["split"]),
            interval=interval,
            reading=self._notes.reading(counts, examples),
        )

    def _say(self, interval):
        total = self._store.rows * self._width
        if self._labelled and self._missing > MAX_MISSING * total:
            raise DataError(
                f"{self.source}: {self._missing / total:.0%} of the values are missing; at most "
                f"{MAX_MISSING:.0%} may be: fill them before",
                self.source,
            )
        facts = self._notes.facts
        if self._empty:
            self._notes.without(f"{self._empty:,} recording(s) that hold no value")
        if self._stripped:
            facts["ends"] = f"of {self._stripped:,} recordings padded with missing values, cut off"
        if self._missing:
            facts["missing"] = f"{self._missing:,} values"
        if interval is not None:
            facts["interval"] = f"{readable(interval)}, as told"

    def _leave_out_unlabelled(self):
        known = [i for i, label in enumerate(self._known["label"]) if label is not None]
        if not self._labelled or len(known) in (0, len(self._names)):
            return
        what = "target" if self._numbers else "class"
        self._notes.without(f"{len(self._names) - len(known):,} recording(s) without a {what}")
        self._places = [self._places[i] for i in known]
        self._names = [self._names[i] for i in known]
        self._known = {kind: [of[i] for i in known] for kind, of in self._known.items()}


def read_lines(
    files: Sequence[File], options: Options, notes: Notes, labelled: bool
) -> Recordings | None:
    """The recordings of .ts or .arff files; None of those in which a row is a time step.

    Raises:
        ValueError: a file is neither, is damaged, or holds targets that are no classes; columns
            were named, which such files lack.
        OSError: it can't be opened.
    """
    kind = kind_of_file(files[0].path)
    sets = {re.sub(r"_?(train|test)\b", "", file.path.stem, flags=re.I) for file in files}
    if len(sets) > 1 and files[0].label is None:
        raise DataError(
            f"{files[0].path.parent} holds several data sets: {', '.join(sorted(sets))}",
            files[0].path,
        )
    parser = ts if kind == ".ts" else arff
    collected = Collected(
        str(files[0].path), notes, labelled, options.multi_label, numbers=options.numbers
    )
    channels: Sequence[str] = ()
    for file in files:
        encoding = options.encoding or options.known.get("encoding")
        targets = {"numbers": True} if options.numbers and kind == ".ts" else {}
        found = parser.recordings_in(file.path, notes, encoding, **targets)
        if found is None:
            return None
        check_no_columns(options, str(file.path))
        channels, recordings = found
        for number, (x, label) in enumerate(recordings):
            name = f"{file.name}:{number}" if len(files) > 1 else str(number)
            label = file.label if label is None else label
            collected.add(x, name, label, file.split, file.group)
    notes.layout = f"{kind} (a line a recording)"
    return collected.recordings(channels, len(files), options.interval)


def check_no_columns(options: Options, source: str) -> None:
    """Raise a ValueError if columns were named of a form that has none."""
    if options.told.keys() - {"encoding"}:
        raise WrongValue(f"{source} holds a recording a line, and has no columns to name")
