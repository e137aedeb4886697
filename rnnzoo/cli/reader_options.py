"""Options that say how a user's file is to be read: the same of every command that reads one.

Each is handed on to the loader of the task, such as `rnnzoo.load_text`, under its own name.
"""

from __future__ import annotations

import argparse
from typing import Any

# By name of the loaders' argument, what stands for its value, and help.
OPTIONS = {
    "encoding": ("NAME", "of the data's text, such as cp1252; else found out"),
    "columns": (
        "A,B",
        "of the data's table, by names or numbers from 1: word,tag for a tagger, source,target "
        "for a translator, picture,caption for a captioner; else found out",
    ),
}


def add_reader_options(parser: argparse.ArgumentParser) -> None:
    """Declare them; what isn't given is not in the namespace."""
    group = parser.add_argument_group("how the data is read")
    for name, (metavar, text) in OPTIONS.items():
        group.add_argument(
            f"--{name.replace('_', '-')}", metavar=metavar, default=argparse.SUPPRESS, help=text
        )


def take_reader_options(given: dict[str, Any]) -> dict[str, Any]:
    """Those that are given, taken out of a command's arguments."""
    return {name: given.pop(name) for name in OPTIONS if name in given}
