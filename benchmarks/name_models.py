"""How good is each model of names, by either way to end, beside a Markov chain?

    python benchmarks/name_models.py

Trains with `rnnzoo.train` and its defaults on python_names, one model after the other, and writes
their numbers to benchmarks/results/name_models_python_names.csv after each, in place of those that
are there for the same model, way to end and seed. The epoch is chosen on validation. A model whose
run folder is there already goes on in it, so the command may be stopped and called again. The names
that each has written lie in its run folder.
"""

import argparse
import itertools
from pathlib import Path

from record import RESULTS, read_csv, write_csv

import rnnzoo

MODELS = ("name_rnn", "name_leaky", "name_gru", "name_lstm")
LENGTHS = ("stop", "model")
FILE = RESULTS / "name_models_python_names.csv"
MEASURES = {
    "bits": "bits per character",
    "nats_per_name": "nats per name",
    "new": "new",
    "valid": "valid",
}


def main() -> None:
    """Train, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", nargs="+", default=MODELS)
    parser.add_argument("--lengths", nargs="+", default=LENGTHS, choices=LENGTHS)
    parser.add_argument("--runs", type=Path, default=Path("runs/name_models"))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    arguments = parser.parse_args()
    there = read_csv(FILE) if FILE.exists() else []
    rows = {(row["model"], row["length"], int(row["seed"])): row for row in there}
    for seed, length, model in itertools.product(
        arguments.seeds, arguments.lengths, arguments.models
    ):
        folder = arguments.runs / f"{model}-{length}-{seed}"
        metrics = rnnzoo.train(
            model,
            "python_names",
            folder,
            overrides={"length": length},
            seed=seed,
            resume=True,
            test=True,
            baseline=not any(key[0].startswith("Markov") for key in rows),  # always the same
        )
        rows[model, length, seed] = row_of(metrics, model, length)
        for split in metrics["scores"]:
            for baseline in split["baselines"]:
                of_chain = rows.setdefault(
                    (baseline["name"], "stop", 0),
                    {"model": baseline["name"], "length": "stop", "seed": 0},
                )
                of_chain |= measures(split["split"], baseline)
        blank = dict.fromkeys(rows[model, length, seed], "")
        write_csv(FILE, [blank | rows[key] for key in sorted(rows)])


def row_of(metrics: dict, model: str, length: str) -> dict:
    """What the results file says of a run."""
    row = {"model": model, "length": length, "seed": metrics["seed"]}
    for split in metrics["scores"]:
        row |= measures(split["split"], split)
    return row | {
        "parameters": metrics["parameters"],
        "best_epoch": metrics["best_epoch"],
        "epochs": metrics["epochs"],
        "cpu_seconds": round(metrics["cpu_seconds"]),
        "device": metrics["device"],
        "tensorflow": metrics["versions"]["tensorflow"],
        "keras": metrics["versions"]["keras"],
    }


def measures(split: str, found: dict) -> dict:
    """The measures of a split by the names of columns."""
    return {
        f"{split}_{column}": round(found["measures"][measure]["value"], 4)
        for column, measure in MEASURES.items()
    }


if __name__ == "__main__":
    main()
