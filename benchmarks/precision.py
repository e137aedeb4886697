"""Does a model train as well in bfloat16 as in float32?

    python benchmarks/precision.py --data input.txt --name "tiny Shakespeare"

Trains char_lstm with `rnnzoo.train` under each dtype policy from several seeds, which give both the
same first weights and order of batches. Writes each epoch's validation to
benchmarks/results/precision.csv and draws it in precision.png. A run whose folder is there already
goes on in it, so the command may be stopped and called again.
"""

import argparse
import csv
from pathlib import Path

import matplotlib
from record import RESULTS, write_csv

import rnnzoo

POLICIES = ("float32", "mixed_bfloat16")


def main() -> None:
    """Train, write, draw."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="python_source", help="as `rnnzoo train` takes it")
    parser.add_argument("--name", help="what to call the data; default: as it calls itself")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    parser.add_argument("--runs", default="runs/precision", help="where the run folders go")
    arguments = parser.parse_args()
    name = arguments.name or Path(rnnzoo.load_text(arguments.data).name).name
    rows = []
    for seed in arguments.seeds:
        for policy in POLICIES:
            folder = Path(arguments.runs) / f"{policy}_{seed}"
            metrics = rnnzoo.train(
                "char_lstm",
                arguments.data,
                folder,
                epochs=arguments.epochs,
                overrides={"dtype": policy},
                seed=seed,
                resume=True,
                test=True,
            )
            with (folder / "history.csv").open(newline="") as file:
                rows += [
                    {
                        "data": name,
                        "policy": policy,
                        "seed": seed,
                        "epoch": epoch["epoch"],
                        "validation_bits": f"{float(epoch['val_bits_per_character']):.4f}",
                        "device": metrics["device"],
                    }
                    for epoch in csv.DictReader(file)
                ]
    write_csv(RESULTS / "precision.csv", rows)
    draw(rows, RESULTS / "precision.png")


def draw(rows: list[dict], path: Path) -> None:
    """Validation by epoch, a line for each run."""
    matplotlib.use("agg")
    from matplotlib import pyplot, ticker

    figure, axes = pyplot.subplots(figsize=(6, 4), layout="constrained")
    for number, policy in enumerate(POLICIES):
        for seed in sorted({row["seed"] for row in rows}):
            run = [row for row in rows if (row["policy"], row["seed"]) == (policy, seed)]
            axes.plot(
                [int(row["epoch"]) for row in run],
                [float(row["validation_bits"]) for row in run],
                marker="o" if policy == "float32" else "x",
                linestyle="-" if policy == "float32" else "--",
                color=f"C{number}",
                alpha=0.7,
                label=f"{policy}, seed {seed}",
            )
    axes.xaxis.set_major_locator(ticker.MaxNLocator(integer=True))
    axes.set_xlabel("epoch")
    axes.set_ylabel("validation, bits per character")
    axes.set_title(f"char_lstm, {rows[0]['data']}")
    axes.legend()
    figure.savefig(path, dpi=120)


if __name__ == "__main__":
    main()
