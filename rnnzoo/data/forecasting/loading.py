"""Series to be forecast: a data set by its name, or the user's own file or frame."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rnnzoo.data.forecasting.facts import kind_of, season_of
from rnnzoo.data.forecasting.lines import ReadLines, read_lines
from rnnzoo.data.forecasting.panel import KINDS, Panel
from rnnzoo.data.forecasting.roles import Told
from rnnzoo.data.pipelines import splits
from rnnzoo.data.readers.tables import is_frame
from rnnzoo.data.registry import list_datasets, load_dataset, no_such_source
from rnnzoo.errors import DataError, WrongValue

TASK = "forecasting"
_Names = str | int | Sequence[str | int] | None


def load_panel(
    source: Any = "us_employment",
    *,
    time: _Names = None,
    target: _Names = None,
    id: _Names = None,
    known: _Names = None,
    past: _Names = None,
    static: _Names = None,
    frequency: str | None = None,
    season: int | None = None,
    kind: str | None = None,
    horizon: int | None = None,
    combine: str | None = None,
    encoding: str | None = None,
    validation: float = 0.15,
    test: float = 0.15,
) -> Panel:
    """Load series to be forecast by name, of a file, or of a frame.

    A row is a step of a series (long form); or, with ``target="columns"``, of all, each in a
    column of its own (wide form). What isn't told is found out, and said in ``reading``. Several
    columns are a list, or one string with commas; ``"none"`` says that there is none.

    Args:
        source: one of ``rnnzoo.list_datasets(task="forecasting")``; a frame of pandas or polars, or
            a table of pyarrow; or the path of such a table: CSV and its kin, Parquet, Arrow
            (Feather), packed or not.
        time: the column of the time stamps: dates and times with or without zones, months
            (``1998-03``, ``Mar 1998``), quarters (``1998Q1``), years, or two columns of these.
        target: the column to be forecast; several, or "columns": each is a series.
        id: the column or columns that tell series apart; several are static ones, too.
        known: covariates that are known of the future, too, such as prices that are planned; in
            rows behind the last target they reach ahead. Default: those that do.
        past: covariates that are known up to now only. Default: all other columns of numbers.
        static: words that a series has at all times. Default: all columns of words that are so.
        frequency: of the steps, as pandas calls it, such as "D", "B", "W-SUN", "MS", "15min";
            else the most frequent step between stamps. Steps that are not there are missing.
        season: steps of the chief season, 1 for none; else the usual one of the frequency, if the
            series show it.
        kind: "real", "positive" (of at least 0, and so are the forecasts), "counts" or "wet" (zeros
            and amounts); else told by the values.
        horizon: steps that are forecast unless one says otherwise; else what is usual.
        combine: what several rows of a step make: "mean", "sum", "first", "last", "max", "min".
            Else a few make their mean, and many are refused.
        encoding: of text, such as ``"cp1252"``; else it is found out.
        validation, test: shares of all steps that come last and are held out, at least a horizon.
            With 0 and 0 all of it is in the first part.

    Raises:
        FileNotFoundError: no data set of that name and no such path.
        MissingPackage: it needs a package that is not installed.
        ValueError: the data is not as above, is too short, or can be read in several ways.

    Example:
        >>> import polars
        >>> frame = polars.DataFrame({
        ...     "month": [f"{2019 + i // 12}-{i % 12 + 1:02}" for i in range(60)],
        ...     "sales": [100.0 + i % 12 for i in range(60)],
        ... })
        >>> panel = load_panel(frame, horizon=6)
        >>> panel.frequency, panel.season, panel.kind, len(panel.train.lines[0])
        ('MS', 12, 'positive', 42)
    """
    told = Told(time=time, target=target, id=id, known=known, past=past, static=static)
    if kind not in (None, *KINDS):
        raise WrongValue(f"kind={kind!r}: expected one of {', '.join(KINDS)}")
    for name, value in (("horizon", horizon), ("season", season)):
        if value is not None and not (isinstance(value, int) and value >= 1):
            raise WrongValue(f"{name}={value!r}: expected a whole number of steps, at least 1")
    framed = is_frame(source)
    if not framed and source in list_datasets(task=TASK):
        if told != Told() or frequency or combine:
            raise WrongValue(f"{source} is a data set, which has no columns to name")
        return load_dataset(source, TASK)
    splits.check_shares(validation, test, to_validate=False)
    if not framed and not Path(source).is_file():
        raise no_such_source(source, "a table of series, such as a CSV file", TASK)
    read = read_lines(source, told, frequency, combine, encoding)
    name = "the frame" if framed else os.fspath(source)
    return panel_of(
        name,
        read,
        {"source": name if framed else Path(source).absolute().name},
        season=season,
        kind=kind,
        horizon=horizon,
        validation=validation,
        test=test,
    )


def panel_of(
    name: str,
    read: ReadLines,
    metadata: dict[str, Any],
    *,
    season: int | None = None,
    kind: str | None = None,
    horizon: int | None = None,
    validation: float = 0.15,
    test: float = 0.15,
    cuts: Sequence[str] | None = None,
) -> Panel:
    """A panel of lines, with season and kind found out where they are not told.

    They are told by what is trained on alone.

    Args:
        name: of the source.
        read: what it holds.
        metadata: what is known of it.
        season, kind, horizon, validation, test: as `load_panel` takes them.
        cuts: in place of the shares, see `Panel.of_lines`.
    """
    notes, frequency = read.notes, read.frequency
    horizon = horizon or frequency.horizon
    try:
        panel = Panel.of_lines(
            name,
            read.lines,
            metadata,
            horizon=horizon,
            validation=validation,
            test=test,
            cuts=cuts,
            frequency=str(frequency),
            target=read.target,
            known=read.known,
            past=read.past,
            static=read.static,
            read_by=read.read_by,
        )
    except DataError:
        raise
    except WrongValue as error:
        raise DataError(str(error), name) from None
    targets = [line.target for line in panel.train.lines]
    found = season or season_of(targets, frequency.seasons)
    usual = ", ".join(map(str, frequency.seasons))
    if season:
        said = f"{season} steps, as told"
    elif found > 1:
        said = f"{found} steps, as the series show"
    else:
        said = f"none; the series show none of the usual {usual} steps" if usual else "none"
    notes.facts["season"] = said
    of_values, why = kind_of(targets)
    notes.facts["values"] = why if kind is None else f"{kind}, as told"
    notes.facts["horizon"] = f"{horizon} steps"
    counts = {"series": len(read.lines), "steps": sum(map(len, read.lines))}
    examples = [
        {"id": line.id, "from": line.stamps[0], "to": line.stamps[len(line) - 1],
         "first values": [float(f"{v:.6g}") for v in line.target[:4]]}
        for line in read.lines[:3]
    ]  # fmt: skip
    return dataclasses.replace(
        panel, season=found, kind=kind or of_values, reading=notes.reading(counts, examples)
    )
