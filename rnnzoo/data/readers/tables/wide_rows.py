"""The rows of wide tables, each a recording."""

from __future__ import annotations

from dataclasses import replace

from rnnzoo.data.readers.tables.label_columns import digits_of
from rnnzoo.data.readers.tables.lines import Collected
from rnnzoo.data.readers.tables.recordings import Notes, Recordings
from rnnzoo.data.readers.tables.roles import Options
from rnnzoo.data.readers.tables.table import Table
from rnnzoo.data.readers.tables.wide import Wide


class WideRows:
    """The rows of wide tables, each a recording.

    Args:
        wide: what the columns are, of all tables.
        notes, labelled: as for `Collected`.
        options: of which ``interval``, the seconds between steps, ``multi_label`` and
            ``numbers``.
    """

    def __init__(
        self, wide: Wide, notes: Notes, labelled: bool = True, options: Options | None = None
    ) -> None:
        self._wide, self._notes, self._options = wide, notes, options or Options()
        told, numbers = self._options.multi_label, self._options.numbers
        self._collected = Collected("", notes, labelled, told, wide.labels, numbers)

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
            table.check_finite(before, x, steps)
            x = x.reshape(len(x), len(wide.steps), -1).transpose(0, 2, 1)
            numbers = [str(row) for row in range(before, before + len(x))]
            ids = numbers
            if wide.id:
                own = table.words(wide.id, frame[wide.id])
                ids = [one or other for one, other in zip(own, numbers, strict=True)]
            names = ids if name is None else [f"{name}:{one}" for one in ids]
            labels = [label] * len(x)
            if wide.label:
                labels = table.words(wide.label, frame[wide.label]).to_list()
            elif wide.labels:
                labels = digits_of(table, before, frame, wide.labels).to_list()
            groups = (
                table.words(wide.group, frame[wide.group]).to_list()
                if wide.group
                else [group] * len(x)
            )
            self._collected.add_all(x, names, labels, [split] * len(x), groups)

    def recordings(self, source: str, files: int) -> Recordings:
        """All of them.

        Raises:
            ValueError: there is none, or too many values are missing.
        """
        self._collected.source = source
        wide, facts = self._wide, self._notes.facts
        if wide.label:
            what = "target" if self._options.numbers else "class"
            facts[what] = f"column {wide.label!r}"
        if wide.labels:
            facts["class"] = f"columns {', '.join(map(repr, wide.labels))}"
        if wide.group:
            facts["groups"] = f"column {wide.group!r}"
        channels = tuple(wide.steps) if len(wide.steps) > 1 else ()
        has_labels = bool(wide.label or wide.labels)
        found = self._collected.recordings(channels, files, self._options.interval, has_labels)
        return replace(found, read_by=wide.read_by)
