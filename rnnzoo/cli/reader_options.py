"""Options that say how a user's file is to be read: the same of every command that reads one.

Each is handed on to the loader of the task, such as `rnnzoo.load_text`, under its own name.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
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
    "time": (
        str,
        "COLUMN",
        "of a table of recordings: the time stamps; none: there are none; columns: a row is a "
        "recording, its columns are the steps",
    ),
    "id": (str, "COLUMN", "... what tells recordings apart; none: a file is one"),
    "label": (str, "COLUMN", "... the class; else a folder's name"),
    "features": (str, "A,B", "... the channels; else all columns of numbers or few words"),
    "group": (str, "COLUMN", "... whose a recording is: no group is in two splits"),
    "interval": (float, "SECONDS", "... to which uneven sampling is brought by straight lines"),
    "split_seed": (
        int,
        "N",
        "which recordings are held out, whatever the seed of training (default: 0)",
    ),
}


_ALSO = {"label": ["--target"]}  # other spellings


def add_reader_options(
    parser: argparse.ArgumentParser,
    names: Iterable[str] = OPTIONS,
    otherwise: str = "what isn't given is found out",
) -> None:
    """Declare them; what isn't given is not in the namespace.

    Args:
        parser: of the command.
        names: those that it takes.
        otherwise: what holds where one is not given.
    """
    group = parser.add_argument_group("how the data is read", otherwise)
    for name in names:
        kind, metavar, text = OPTIONS[name]
        spellings = [f"--{name.replace('_', '-')}", *_ALSO.get(name, ())]
        group.add_argument(
            *spellings, type=kind, metavar=metavar, default=argparse.SUPPRESS, help=text
        )


def take_reader_options(given: dict[str, Any]) -> dict[str, Any]:
    """Those that are given, taken out of a command's arguments."""
    return {name: given.pop(name) for name in OPTIONS if name in given}
