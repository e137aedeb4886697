"""What is it worth to a character model to be told which package a line of code is from?

    python benchmarks/char_conditions.py --seeds 0 1 2

Trains char_lstm with `rnnzoo.train` on python_lines, told no label, and told it in each way, and
writes bits per character on the same rows to benchmarks/results/char_conditions_python_lines.csv
after each run, in place of those that are there for the same condition and seed; beside it, in
char_conditions_python_lines.txt, lines that the last model told both ways has written for two
labels. A model whose run folder is there already goes on in it, so the command may be stopped and
called again.
"""

import argparse
import itertools
from pathlib import Path

from record import RESULTS, read_csv, write_csv

import rnnzoo
from rnnzoo.files import write_text
from rnnzoo.training import load_model

# Lines are short: windows of 64 characters would be half empty. With the defaults' dropout of 0.3
# so short a training learns them far more slowly.
RECIPE = {
    "learning_rate": 6e-3,
    "batch_size": 64,
    "window": 32,
    "patience": 0,
    "validate_every": 500,
}
DROPOUT = 0.1
FILE = RESULTS / "char_conditions_python_lines.csv"
LABELS = ("asyncio", "email")  # side by side


def main() -> None:
    """Train, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    every = ("none", "input", "state", "both")
    parser.add_argument("--conditions", nargs="+", default=every, choices=every)
    parser.add_argument("--steps", type=int, default=5000)
    parser.add_argument("--runs", type=Path, default=Path("runs/char_conditions"))
    parser.add_argument("--results", type=Path, default=FILE)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    arguments = parser.parse_args()
    there = read_csv(arguments.results) if arguments.results.exists() else []
    rows = {(row["condition"], int(row["seed"])): row for row in there}
    for seed, condition in itertools.product(arguments.seeds, arguments.conditions):
        folder = arguments.runs / f"{condition}-{seed}"
        metrics = rnnzoo.train(
            "char_lstm",
            "python_lines",
            folder,
            steps=arguments.steps,
            overrides={"condition": condition, "dropout": DROPOUT},
            seed=seed,
            resume=True,
            test=True,
            baseline=condition == "none",
            **RECIPE,
        )
        rows[condition, seed] = {"condition": condition, "seed": seed, **row_of(metrics)}
        ordered = sorted(rows, key=lambda key: (every.index(key[0]), key[1]))
        write_csv(arguments.results, [rows[key] for key in ordered])
        if condition == "both":
            samples = side_by_side(load_model(folder))
            write_text(arguments.results.with_suffix(".txt"), samples)


def row_of(metrics: dict) -> dict:
    """What the results file says of a run."""
    bits = {
        f"{split['split']}_bits": split["measures"]["bits per character"]["value"]
        for split in metrics["scores"]
    }
    chain = {
        f"{split['split']}_bits_of_the_chain": each["measures"]["bits per character"]["value"]
        for split in metrics["scores"]
        for each in split["baselines"]
    }
    blank = dict.fromkeys(("validation_bits_of_the_chain", "test_bits_of_the_chain"), "")
    return (
        bits
        | blank
        | chain
        | {
            "parameters": metrics["parameters"],
            "steps": metrics["epochs"] * RECIPE["validate_every"],
            "cpu_seconds": round(metrics["cpu_seconds"]),
            "device": metrics["device"],
            "tensorflow": metrics["versions"]["tensorflow"],
            "keras": metrics["versions"]["keras"],
        }
    )


def side_by_side(model: rnnzoo.tasks.ConditionedGenerator) -> str:
    """Lines of two labels, of the same random numbers."""
    columns = [
        model.generate([""] * 12, label, length=56, temperature=0.7, seed=1) for label in LABELS
    ]
    pairs = [LABELS, *zip(*columns, strict=True)]
    return "".join(f"{left:<58}{right}\n" for left, right in pairs)


if __name__ == "__main__":
    main()
