"""Finished runs side by side."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rnnzoo.errors import WrongValue
from rnnzoo.files import picture, readable
from rnnzoo.training.settings import Settings

_LEFT_OUT = {"data", "sha256", "versions", "export", "tensorboard", "test", "baseline"}


@dataclass(frozen=True)
class Finished:
    """What the folder of a finished run says.

    Attributes:
        folder: where it is.
        settings: as in config.json.
        metrics: as in metrics.json.
        history: the rows of history.csv.
    """

    folder: Path
    settings: dict[str, Any]
    metrics: dict[str, Any]
    history: list[dict[str, str]]


def finished(folder: Path) -> Finished:
    """The run in a folder.

    Raises:
        ValueError: there is none, or it is not finished, or of another version of rnnzoo.
    """
    for name in ("config.json", "metrics.json", "history.csv"):
        if not (folder / name).is_file():
            raise WrongValue(f"{folder} holds no {name}: expected the folder of a finished run")
    metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    if "scores" not in metrics:
        raise WrongValue(f"{folder} is not of a run of this version of rnnzoo")
    with (folder / "history.csv").open(encoding="utf-8", newline="") as file:
        history = list(csv.DictReader(file))
    return Finished(folder, vars(Settings.read(folder)), metrics, history)


def differences(runs: Sequence[Finished]) -> list[tuple[str, ...]]:
    """A row for each setting that is not the same in all runs: its name, and that of each."""
    rows = []
    for name in runs[0].settings:
        values = [_shown(run.settings[name]) for run in runs]
        if name not in _LEFT_OUT and len(set(values)) > 1:
            rows.append((name, *values))
    return rows


def measured(runs: Sequence[Finished]) -> list[tuple[str, ...]]:
    """A row for each measure: its name with the split, and the value and interval of each run."""
    rows: dict[str, list[str]] = {}
    for i, run in enumerate(runs):
        for found in run.metrics["scores"]:
            for name, value in found["measures"].items():
                low, high = value["interval"]
                cells = rows.setdefault(f"{found['split']}, {name}", [""] * len(runs))
                cells[i] = f"{value['value']:.4g} ({low:.4g} to {high:.4g})"
    for name, key in (("parameters", "parameters"), ("seconds", "seconds")):
        rows[name] = [f"{run.metrics[key]:,.0f}" for run in runs]
    return [(name, *cells) for name, cells in rows.items()]


def draw(runs: Sequence[Finished], path: Path) -> None:
    """The loss of validation of each run, by seconds."""
    with picture(path, figsize=(7, 4.5)) as figure:
        axes = figure.subplots()
        styles = ("-", "--", "-.", ":")
        for i, run in enumerate(runs):
            seconds = [float(row["seconds"]) for row in run.history]
            losses = [float(row["val_loss"]) for row in run.history]
            axes.plot(seconds, losses, styles[i % 4], marker=".", label=str(run.folder))
        axes.set(xlabel="seconds", ylabel=readable("val_loss"), title="loss of validation")
        axes.legend()


def _shown(value):
    if isinstance(value, dict):
        return " ".join(f"{key}={each}" for key, each in value.items()) or "-"
    return "-" if value is None else str(value)
