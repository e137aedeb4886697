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
    "time": (str, "COLUMN", "of a table of recordings: the time stamps; none: there are none"),
    "id": (str, "COLUMN", "... what tells recordings apart; else a file is one"),
    "label": (str, "COLUMN", "... the class; else a folder's name"),
    "features": (str, "A,B", "... the channels; else all columns of numbers or few words"),
    "group": (str, "COLUMN", "... whose a recording is: no group is in two splits"),
    "labels": (
        str,
        "step|recording",
        "... whether the class is one at each step, or one for each recording, cut where it "
        "changes; else by step where it changes in recordings told apart by an id",
    ),
    "interval": (float, "SECONDS", "... to which uneven sampling is brought by straight lines"),
}


_ALSO = {"label": ["--target"]}  # other spellings


def add_reader_options(parser: argparse.ArgumentParser) -> None:
    """Declare them; what isn't given is not in the namespace."""
    group = parser.add_argument_group("how the data is read", "what isn't given is found out")
    for name, (kind, metavar, text) in OPTIONS.items():
        spellings = [f"--{name}", *_ALSO.get(name, ())]
        group.add_argument(
            *spellings, type=kind, metavar=metavar, default=argparse.SUPPRESS, help=text
        )


def take_reader_options(given: dict[str, Any]) -> dict[str, Any]:
    """Those that are given, taken out of a command's arguments."""
    return {name: given.pop(name) for name in OPTIONS if name in given}
