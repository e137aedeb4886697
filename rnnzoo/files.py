"""Files of runs and reports, each written beside and renamed, so that none is half there."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@contextlib.contextmanager
def written_beside(path: Path) -> Iterator[Path]:
    """A path beside to write to, which then takes the place of `path`."""
    beside = path.with_name(f".{path.name}")
    yield beside
    os.replace(beside, path)


def write_text(path: Path, text: str) -> None:
    """Write a UTF-8 text file."""
    with written_beside(path) as beside:
        beside.write_text(text, encoding="utf-8")


def write_json(path: Path, value: Any) -> None:
    """Write plain data as JSON, to be read by people, too."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def write_table(path: Path, columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
    """Write rows of cells below the names of their columns, as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    write_text(path, text.getvalue())


@contextlib.contextmanager
def picture(path: Path, figsize: tuple[float, float] = (6.4, 4)) -> Iterator[Figure]:
    """A matplotlib figure to draw in, which is then written as a PNG file."""
    # Figure alone, without pyplot, which would keep every picture in memory.
    from matplotlib.figure import Figure

    figure = Figure(figsize=figsize, layout="constrained")
    yield figure
    with written_beside(path) as beside:
        figure.savefig(beside, dpi=120, format="png")


def readable(metric: str) -> str:
    """A metric's name to read: ``bits per character`` for ``bits_per_character``."""
    return metric.replace("_", " ")
