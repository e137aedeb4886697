"""The rows of wide tables, each a recording."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rnnzoo.data.readers.tables.lines import Collected
from rnnzoo.data.readers.tables.recordings import Notes, Recordings
from rnnzoo.data.readers.tables.rows import clean
from rnnzoo.data.readers.tables.table import Table
from rnnzoo.data.readers.tables.wide import Wide


class WideRows:
    """The rows of wide tables, each a recording.

    Args:
        wide: what the columns are, of all tables.
        notes, labelled: as for `Collected`.
        interval: seconds between steps; None if that is not known.
    """

    def __init__(
        self, wide: Wide, notes: Notes, labelled: bool = True, interval: float | None = None
    ) -> None:
        self._wide, self._notes, self._interval = wide, notes, interval
        self._collected = Collected("", notes, labelled)

    def add(
        self,
        table: Table,
        name: str | None = None,
        group: str | None = None,
        label: str | None = None,
        split: str | None = None,
    ) -> None:
        """All rows of a table; arguments as for `Gathered.add`.

        Raises:
            ValueError: something in the table is not as the first rows are.
        """
        wide = self._wide
        self._collected.source = table.name
        steps = [column for names in wide.steps.values() for column in names]
        for before, frame in table.batches(wide.kinds()):
            x = frame.select(steps).to_numpy()
            if (infinite := np.isinf(x)).any():
                row, place = (int(i[0]) for i in np.nonzero(infinite))
                raise table.fault(
                    before + row,
                    f"column {steps[place]!r} holds a number that is none, or too large for "
                    "float32; mend it, or leave it empty",
                )
            x = x.reshape(len(x), len(wide.steps), -1).transpose(0, 2, 1)
            numbers = [str(row) for row in range(before, before + len(x))]
            ids = numbers
            if wide.id:
                own = clean(frame[wide.id])
                ids = [one or other for one, other in zip(own, numbers, strict=True)]
            names = ids if name is None else [f"{name}:{one}" for one in ids]
            labels = clean(frame[wide.label]).to_list() if wide.label else [label] * len(x)
            groups = clean(frame[wide.group]).to_list() if wide.group else [group] * len(x)
            self._collected.add_all(x, names, labels, [split] * len(x), groups)

    def recordings(self, source: str, files: int) -> Recordings:
        """All of them.

        Raises:
            ValueError: there is none, or too many values are missing.
        """
        self._collected.source = source
        for role in ("label", "group"):
            if column := getattr(self._wide, role):
                self._notes.facts["class" if role == "label" else "groups"] = f"column {column!r}"
        channels = tuple(self._wide.steps) if len(self._wide.steps) > 1 else ()
        found = self._collected.recordings(channels, files, self._interval)
        return replace(found, read_by=self._wide.read_by)
