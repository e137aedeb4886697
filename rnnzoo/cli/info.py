"""`rnnzoo info`: what is known about a model, a data set, or a model that was trained."""

from __future__ import annotations

import argparse
import json
import textwrap
import zipfile
from pathlib import Path
from typing import Any

import rnnzoo
from rnnzoo import registry
from rnnzoo.cli.datasets import infos_of
from rnnzoo.errors import WrongValue
from rnnzoo.plugins import did_you_mean, table


def add(commands: argparse._SubParsersAction) -> None:
    """The arguments of `rnnzoo info`."""
    parser = commands.add_parser("info", help="show what is known about a model or a data set")
    parser.add_argument(
        "name",
        metavar="NAME",
        help="as `rnnzoo list` or `rnnzoo list --data` shows it; NAME.TAG"
        " for one of a model's pretrained weights; or a run folder, or a .keras file",
    )


def run(arguments: argparse.Namespace) -> None:
    """Print what is known about a model, a data set, or a model that was trained."""
    name, models = arguments.name, registry.list_models()
    if name.partition(".")[0] in models:
        print(registry.model_info(name))
        return
    if Path(name).exists():
        print(table(name, _of_trained(Path(name))))
        return
    datasets = rnnzoo.list_datasets()
    if name not in datasets:
        raise WrongValue(
            f"No model or data set is named {name!r}{did_you_mean(name, [*models, *datasets])}; "
            "`rnnzoo list` and `rnnzoo list --data` show all."
        )
    print("\n\n".join(map(str, infos_of([name]))))


def _of_trained(path: Path) -> dict[str, str]:
    """What a run folder or a .keras file says of its model, in words by what it is."""
    from rnnzoo.training.loading import saved_model_file

    with zipfile.ZipFile(saved_model_file(path) or path) as archive:
        config = json.loads(archive.read("config.json"))
    rows = {"model": config["class_name"]}
    rows |= {name: _shown(value) for name, value in config["config"].items() if name != "name"}
    metrics = path / "metrics.json"
    if metrics.is_file():
        measured = json.loads(metrics.read_text(encoding="utf-8"))
        for name in ("data", "validation", "test"):
            rows[name] = _shown(measured[name])
    return {name: words for name, words in rows.items() if words}


def _shown(value: Any) -> str:
    """A setting in a line: of a layer its class, of nothing nothing."""
    if isinstance(value, dict):
        if "class_name" in value:
            return str(value["config"].get("name", value["class_name"]))
        value = [f"{name}: {_shown(part)}" for name, part in value.items()]
    if isinstance(value, list):
        value = ", ".join(map(_shown, value))
    if isinstance(value, float):
        value = f"{value:.4g}"
    return "" if value is None else textwrap.shorten(str(value), 400, placeholder=" ...")
