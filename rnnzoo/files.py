"""Files of runs and reports, each written beside and renamed, so that none is half there."""

import contextlib
import csv
import io
import os


@contextlib.contextmanager
def written_beside(path):
    """A path beside to write to, which then takes the place of `path`."""
    beside = path.with_name(f".{path.name}")
    yield beside
    os.replace(beside, path)


def write_text(path, text):
    """Write a UTF-8 text file."""
    with written_beside(path) as beside:
        beside.write_text(text, encoding="utf-8")


def write_table(path, columns, rows):
    """Write rows of cells below the names of their columns, as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    write_text(path, text.getvalue())


@contextlib.contextmanager
def picture(path, figsize=(6.4, 4)):
    """A matplotlib figure to draw in, which is then written as a PNG file."""
    # Figure alone, without pyplot, which would keep every picture in memory.
    from matplotlib.figure import Figure

    figure = Figure(figsize=figsize, layout="constrained")
    yield figure
    with written_beside(path) as beside:
        figure.savefig(beside, dpi=120, format="png")


def readable(metric):
    """A metric's name to read: ``bits per character`` for ``bits_per_character``."""
    return metric.replace("_", " ")
