"""What each results file holds beside its figures: what ran, how, and on what machine."""

import csv
import importlib.metadata
import io
import json
import os
import platform
import shlex
import subprocess
import sys
from pathlib import Path
from statistics import mean, median, stdev

from rnnzoo.files import write_text
from rnnzoo.platform import tf

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results"


def write(name: str, result: dict, packages=("tensorflow", "keras", "rnnzoo")) -> None:
    """Write benchmarks/results/NAME.json, whole or not at all, and say where it is."""
    RESULTS.mkdir(exist_ok=True)
    versions = {package: importlib.metadata.version(package) for package in packages}
    how = {
        "command": shlex.join(["python", f"benchmarks/{Path(sys.argv[0]).name}", *sys.argv[1:]]),
        "commit": _commit(),
    }
    machine = {
        "device": _device(),
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "versions": {"python": platform.python_version(), **versions},
    }
    path = RESULTS / f"{name}.json"
    write_text(path, json.dumps({**how, **result, **machine}, indent=2) + "\n")
    print(f"written: {path}")


def read_csv(path: Path) -> list[dict[str, str]]:
    """The rows of a results file."""
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def write_csv(path: Path, rows: list[dict]) -> None:
    """Write a table, its columns in the order in which rows first name them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    table = io.StringIO()
    columns = dict.fromkeys(name for row in rows for name in row)
    writer = csv.DictWriter(table, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text(path, table.getvalue())
    print(f"written: {path}", flush=True)


def of_run(metrics: dict) -> dict:
    """What a table says of a run of `rnnzoo.train`, whatever its task."""
    return {
        "epochs": metrics["epochs"],
        "best_epoch": metrics["best_epoch"],
        "seconds": round(metrics["seconds"]),
        "cpu_seconds": round(metrics["cpu_seconds"]),
        "seed": metrics["seed"],
        "device": metrics["device"],
        "tensorflow": metrics["versions"]["tensorflow"],
        "keras": metrics["versions"]["keras"],
    }


def of_writing(metrics: dict) -> dict:
    """What a table says of a task that writes sentences."""
    return {
        "parameters": metrics["parameters"],
        "data": metrics["data"],
        "training_perplexity": metrics["training"]["perplexity"],
        "validation_accuracy": round(metrics["validation"]["accuracy"], 4),
        "test_perplexity": round(metrics["test"]["perplexity"], 2),
        "test_accuracy": round(metrics["test"]["accuracy"], 4),
        **of_scores(metrics["test_scores"]),
    }


def of_scores(scores: dict) -> dict:
    """What a table says of sentences that were written for the test split."""
    return {
        "test_bleu_1": scores["bleu_1"],
        "test_bleu_4": scores["bleu_4"],
        "test_bleu_4_interval": "{} to {}".format(*scores["bleu_4_interval"]),
        "test_chrf": scores["chrf"],
        "test_chrf_interval": "{} to {}".format(*scores["chrf_interval"]),
        "test_exact": scores["exact"],
        "test_exact_interval": "{} to {}".format(*scores["exact_interval"]),
    }


def spread(values) -> dict:
    """Median, least and greatest."""
    return {
        "median": round(median(values), 4),
        "min": round(min(values), 4),
        "max": round(max(values), 4),
    }


def deviations(runs: list[dict], digits: int) -> dict[str, float]:
    """Of each figure mean and standard deviation over the runs, the latter as FIGURE_sd."""
    row = {}
    for figure in runs[0]:
        of_all = [run[figure] for run in runs]
        row[figure] = round(mean(of_all), digits)
        row[f"{figure}_sd"] = round(stdev(of_all), digits) if len(of_all) > 1 else 0.0
    return row


def shown(values: dict, digits: int = 2) -> str:
    """A spread as text: median (least to greatest), the median alone if it is the only figure."""
    middle, least, greatest = (f"{values[k]:,.{digits}f}" for k in ("median", "min", "max"))
    return middle if values["min"] == values["max"] else f"{middle} ({least} to {greatest})"


def _commit() -> str | None:
    """The commit that is checked out, "dirty" if files differ from it; None outside of git."""

    def git(*arguments):
        command = ["git", "-C", str(ROOT), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    try:
        commit = git("rev-parse", "--short", "HEAD")
        # Results are written one after the other: that alone doesn't make a run another.
        changed = git("status", "--porcelain", "-uno", "--", ".", ":!benchmarks/results")
    except (OSError, subprocess.CalledProcessError):
        return None
    return f"{commit} dirty" if changed else commit


def _device() -> str:
    gpus = tf.config.list_physical_devices("GPU")
    return tf.config.experimental.get_device_details(gpus[0])["device_name"] if gpus else "CPU"


def _cpu() -> str:
    """The processor's name."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
