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
    "plain": (bool, "", "of text: as it is, though it is a table, JSON, or like another task's"),
    "columns": (
        str,
        "A,B",
        "of a table, by names or numbers from 1: name for names, text,label for labelled text, "
        "word,tag for a tagger, source,target for a translator, picture,caption for a captioner",
    ),
    "time": (
        str,
        "COLUMN",
        "of a table of recordings: the time stamps; none: there are none; columns: a row is a "
        "recording, its columns are the steps",
    ),
    "id": (str, "COLUMN", "... what tells recordings apart; none: a file is one"),
    "label": (
        str,
        "COLUMN",
        "... the class, else a folder's name, or the number to predict; given several times: "
        "columns of 1 and 0, for labels of which a recording has any number",
    ),
    "target": (
        str,
        "COLUMN",
        "the same, and of series in time: what is forecast; columns: each of numbers is a series",
    ),
    "known": (str, "A,B", "of series in time: covariates that are known of the future, too"),
    "past": (str, "A,B", "... covariates that are known up to now only"),
    "static": (str, "A,B", "... words that a series has at all times"),
    "frequency": (str, "ALIAS", "... of their steps: D, B, W, MS, QS, YS, h, 15min, ..."),
    "season": (int, "N", "... steps of the chief season; 1: none"),
    "kind": (str, "real|positive|counts|wet", "... of their values; wet: zeros and amounts"),
    "horizon": (int, "N", "... steps that are forecast"),
    "combine": (str, "mean|sum|...", "... what several rows of a step make"),
    "features": (str, "A,B", "... the channels; else all columns of numbers or few words"),
    "group": (str, "COLUMN", "... whose a recording is: no group is in two splits"),
    "labels": (
        str,
        "step|recording",
        "... whether the class is one at each step, or one for each recording, cut where it "
        "changes; else by step where it changes in recordings told apart by an id",
    ),
    "interval": (float, "SECONDS", "... to which uneven sampling is brought by straight lines"),
    "side": (
        int,
        "PIXELS",
        "of pictures with classes: the longer side that larger ones are made smaller to; 64 unless "
        "given",
    ),
    "split_seed": (
        int,
        "N",
        "which recordings are held out, whatever the seed of training (default: 0)",
    ),
}


_SEVERAL = ("label", "target")  # may be given several times


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
        value: dict[str, Any] = {"type": kind, "metavar": metavar}
        if kind is bool:
            value = {"action": "store_true"}
        elif name in _SEVERAL:
            value["action"] = "append"
        group.add_argument(
            f"--{name.replace('_', '-')}", default=argparse.SUPPRESS, help=text, **value
        )


def take_reader_options(given: dict[str, Any]) -> dict[str, Any]:
    """Those that are given, taken out of a command's arguments."""
    taken = {name: given.pop(name) for name in OPTIONS if name in given}
    return taken | {
        name: taken[name][0] for name in _SEVERAL if name in taken and len(taken[name]) == 1
    }
