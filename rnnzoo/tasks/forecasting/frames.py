"""Frames in, frames out: series of what a user has, and answers as a table."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from rnnzoo.data.forecasting.lines import read_lines
from rnnzoo.data.forecasting.panel import Line, Panel
from rnnzoo.data.forecasting.roles import Told
from rnnzoo.data.readers.tables import is_frame
from rnnzoo.errors import MissingColumn, WrongType
from rnnzoo.notices import warn

_ROLES = ("time", "target", "id", "known", "past", "static")


@contextlib.contextmanager
def as_training_read() -> Iterator[None]:
    """Within, a column that is missing is one that the table of training had, and so it is said."""
    try:
        yield
    except MissingColumn as error:
        raise MissingColumn(
            f"{error}. Tables are read as that of training was; read another one by "
            "rnnzoo.load_panel, and give what that returns",
            *error.args[1:],
        ) from None


def lines_of(given: Any, read_by: Mapping[str, Any]) -> tuple[Line, ...]:
    """The series of a panel, of a list of lines, of a frame, or of a file.

    Args:
        given: one of these.
        read_by: how the table that was trained on is read, see `Panel`; others are read alike.

    Raises:
        TypeError: it is something else.
        ValueError: the table holds no such series.
    """
    if isinstance(given, Panel):
        return given.lines
    if isinstance(given, (list, tuple)) and all(isinstance(one, Line) for one in given):
        return tuple(given)
    if not (is_frame(given) or isinstance(given, str) or hasattr(given, "__fspath__")):
        raise WrongType(
            f"Expected a rnnzoo.data.forecasting.Panel, a frame of pandas or polars, or the path "
            f"of a table, got a {type(given).__name__}"
        )
    told = Told(**{role: read_by.get(role) for role in _ROLES})
    how = {name: read_by.get(name) for name in ("frequency", "combine", "encoding")}
    with as_training_read():
        read = read_lines(given, told, **how)
    if read.unused:
        warn(
            f"{', '.join(map(repr, read.unused))} has values behind the last target, which are not "
            "read: training took it for known up to now only; to use them, train with known= "
            "(--known)"
        )
    return read.lines


def frame_like(given: Any, columns: Mapping[str, Any]) -> Any:
    """Columns as a frame of the library that a given one is of; of polars unless it is pandas."""
    if type(given).__module__.partition(".")[0] == "pandas":
        import pandas

        return pandas.DataFrame(dict(columns))
    # polars knows no seconds.
    return pl.DataFrame(
        {
            name: values.astype("datetime64[us]") if _are_stamps(values) else values
            for name, values in columns.items()
        }
    )


def _are_stamps(values):
    return isinstance(values, np.ndarray) and values.dtype.kind == "M"


def forecast_columns(
    lines: Sequence[Line],
    stamps: np.ndarray,
    quantiles: np.ndarray,
    mean: np.ndarray,
    levels: Sequence[float],
) -> dict[str, Any]:
    """A row for each series and step: ``id``, ``time``, ``mean``, and a column for each level.

    Args:
        lines: that were forecast.
        stamps: int64 (lines, horizon), seconds.
        quantiles: (lines, horizon, levels).
        mean: (lines, horizon).
        levels: of the quantiles; 0.1 makes the column ``q0.1``.
    """
    horizon = stamps.shape[1]
    return {
        "id": np.repeat([line.id for line in lines], horizon),
        "time": stamps.reshape(-1).astype("datetime64[s]"),
        "mean": mean.reshape(-1),
        **{f"q{level:g}": quantiles[..., i].reshape(-1) for i, level in enumerate(levels)},
    }
