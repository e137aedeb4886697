"""Any table, opened by what it is: a frame at hand, or a file by its name and its first bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from rnnzoo.data.readers.tables import arff, ts
from rnnzoo.data.readers.tables.folders import COLUMNS, PACKED, kind_of_file
from rnnzoo.data.readers.tables.separated import SeparatedTable
from rnnzoo.data.readers.tables.table import FrameTable, Table, understood
from rnnzoo.errors import DataError


def open_file(path: Path, encoding: str | None = None) -> Table:
    """The table in a file.

    Raises:
        ValueError: it is none, or damaged.
        OSError: it can't be opened.
    """
    if kind_of_file(path) == ".arff":
        return arff.open_steps(path, encoding)
    if kind_of_file(path) == ".ts":
        return ts.open_stamped(path, encoding)
    with path.open("rb") as file:
        head = file.read(8)
    if head[:4] == b"PAR1":
        return _columnar(pl.scan_parquet, path, "Parquet")
    if head[:6] == b"ARROW1":
        return _columnar(pl.scan_ipc, path, "Arrow")
    if head[:4] == b"FEA1":
        raise DataError(f"{path} is Feather of version 1; write it as Arrow or Parquet", path)
    if kind_of_file(path) in COLUMNS and path.suffix.lower() not in PACKED:
        raise DataError(f"{path} is neither Parquet nor Arrow by its first bytes", path)
    return SeparatedTable(path, encoding)


def _columnar(scan, path, layout):
    with understood(str(path)):
        frame = scan(path)
        rows = int(frame.select(pl.len()).collect().item())
    if not rows:
        raise DataError(f"{path} holds no rows", path)
    return FrameTable(frame, rows, str(path), layout)


def is_frame(source: Any) -> bool:
    """Whether a source is a frame of polars or pandas, or a table of pyarrow."""
    return not isinstance(source, (str, Path)) and type(source).__module__.partition(".")[0] in (
        "polars", "pandas", "pyarrow",
    )  # fmt: skip


def open_frame(source: Any) -> Table:
    """The table that a frame of polars or pandas, or a table of pyarrow, is.

    Raises:
        ValueError: it has no rows, or holds what no column can.
    """
    package = type(source).__module__.partition(".")[0]
    name = f"the {package} frame" if package != "pyarrow" else "the pyarrow table"
    try:
        if package == "pandas":
            index = source.index
            if type(index).__name__ != "RangeIndex" and (
                index.name is not None or type(index).__name__ != "Index"
            ):
                if type(index).__name__ == "DatetimeIndex" and index.name is None:
                    source = source.rename_axis("time")
                source = source.reset_index()
            source = source.rename(columns=str)
            source = pl.from_pandas(source)
        elif package == "pyarrow":
            source = pl.from_arrow(source)
        if isinstance(source, pl.Series):
            source = source.to_frame()
        if isinstance(source, pl.LazyFrame):
            source = source.collect()
    except (Exception, pl.exceptions.PanicException) as error:
        said = " ".join(str(error).split())[:200]
        raise DataError(f"{name} can't be read: {said}", name) from None
    if not isinstance(source, pl.DataFrame):
        raise DataError(f"{name}: expected a frame, not {type(source).__name__}", name)
    if not source.height:
        raise DataError(f"{name} has no rows", name)
    return FrameTable(source.lazy(), source.height, name, f"a {package} frame")
