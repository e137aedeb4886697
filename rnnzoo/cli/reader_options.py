"""Options that say how a user's file is to be read: the same of every command that reads one.

Each is handed on to the loader of the task, such as `rnnzoo.load_text`, under its own name.
"""

from __future__ import annotations

import argparse
from typing import Any

# By name of the loaders' argument: its type, what stands for its value, and help.
OPTIONS: dict[str, tuple[type, str, str]] = {
    "encoding": (str, "NAME", "of text, such as cp1252"),
    "columns": (
        str,
        "A,B",
        "of a table, by names or numbers from 1: word,tag for a tagger, source,target for a "
        "translator, picture,caption for a captioner",
    ),
    "time": (str, "COLUMN", "of the time stamps of series, or none"),
    "id": (str, "COLUMN", "that tells recordings apart, or none"),
    "label": (str, "COLUMN", "of the class"),
    "features": (str, "A,B", "columns of the channels"),
    "group": (str, "COLUMN", "that tells whose a recording is, or none: no group is in two splits"),
    "interval": (float, "SECONDS", "between time steps, to which uneven sampling is brought"),
}


def add_reader_options(parser: argparse.ArgumentParser) -> None:
    """Declare them; what isn't given is not in the namespace."""
    group = parser.add_argument_group("how the data is read", "what isn't given is found out")
    for name, (kind, metavar, text) in OPTIONS.items():
        group.add_argument(
            f"--{name}", type=kind, metavar=metavar, default=argparse.SUPPRESS, help=text
        )


def take_reader_options(given: dict[str, Any]) -> dict[str, Any]:
    """Those that are given, taken out of a command's arguments."""
    return {name: given.pop(name) for name in OPTIONS if name in given}
