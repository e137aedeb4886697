"""`rnnzoo list`: the models, or the data sets."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import rnnzoo
from rnnzoo import registry
from rnnzoo.cli.datasets import infos_of
from rnnzoo.data.sources import task_called
from rnnzoo.errors import WrongValue


def add(commands: argparse._SubParsersAction) -> None:
    """The arguments of `rnnzoo list`."""
    parser = commands.add_parser("list", help="list the models, or the data sets")
    parser.add_argument("pattern", nargs="?", default="*", help="such as 'char_*' (default: all)")
    parser.add_argument("--task", help="only those of this task, such as text-generation")
    of_what = parser.add_mutually_exclusive_group()
    of_what.add_argument(
        "--pretrained", action="store_true", help="pretrained weights in place of models"
    )
    of_what.add_argument("--data", action="store_true", help="data sets in place of models")


def run(arguments: argparse.Namespace) -> None:
    """Print a table of what matches."""
    task = arguments.task and task_called(arguments.task)
    if arguments.data:
        _list_datasets(arguments.pattern, task)
    elif arguments.pretrained:
        _list_pretrained(arguments.pattern, task)
    else:
        _list_models(arguments.pattern, task)


def _list_models(pattern: str, task: str | None) -> None:
    rows = [("NAME", "TASK", "PARAMETERS", "PRETRAINED", "DESCRIPTION")]
    for info in map(registry.model_info, _names(pattern, task)):
        parameters = "" if info.parameters is None else f"{info.parameters:,}"
        tags = ", ".join(weights.tag for weights in info.weights)
        rows.append((info.name, info.task, parameters, tags, info.description))
    print_table(rows, right=2)


def _list_pretrained(pattern: str, task: str | None) -> None:
    rows = [("NAME", "TASK", "PARAMETERS", "FIGURE", "DATA", "LICENCE")]
    for info in map(registry.model_info, _names(pattern, task, pretrained=True)):
        (weights,) = info.weights
        figure, data = f"{weights.metric} {weights.value:g}", f"{weights.dataset}, {weights.split}"
        facts = (info.task, f"{weights.parameters:,}", figure, data, weights.licence)
        rows.append((weights.name, *facts))
    print_table(rows, right=2)


def _names(pattern: str, task: str | None, pretrained: bool = False) -> list[str]:
    """Of models, or of pretrained weights; a ValueError if none match."""
    names = registry.list_models(pattern, task, pretrained or None)
    if not names:
        if not registry.list_models():
            raise WrongValue(
                "no model is registered, as rnnzoo is not installed: "
                "pip install -e . in its folder brings the zoo"
            )
        weights = " with pretrained weights" if pretrained else ""
        raise WrongValue(
            f"no model{_of(task)}{weights} matches {pattern!r}; `rnnzoo list` shows all"
        )
    return names


def _list_datasets(pattern: str, task: str | None) -> None:
    names = rnnzoo.list_datasets(pattern, task)
    if not names:
        raise WrongValue(
            f"no data set{_of(task)} matches {pattern!r}; `rnnzoo list --data` shows all"
        )
    rows = [("NAME", "TASK", "SIZE", "LICENCE", "NEEDS", "DESCRIPTION")]
    for info in infos_of(names, task):
        needs = f"rnnzoo[{info.extra}]" if info.extra else ""
        folded = info.name + _folded(info.variants)
        rows.append((folded, info.task, info.size, info.license, needs, info.description))
    print_table(rows)


def _of(task: str | None) -> str:
    return f" of task {task!r}" if task else ""


def _folded(variants: Sequence[str], shown: int = 2) -> str:
    """Variants as the end of a name: ``[/de,/es,...]``."""
    if not variants:
        return ""
    ends = [f"/{variant}" for variant in variants[:shown]]
    return f"[{','.join(ends)}{',...' if len(variants) > shown else ''}]"


def print_table(rows: Sequence[Sequence[str]], right: int | None = None) -> None:
    """Print rows of cells as columns, each as wide as it must be; one is aligned to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [
            cell.rjust(width) if i == right else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        print("  ".join(cells).rstrip())
