"""How well does each activity model know people it has never seen?

    python benchmarks/activity_models.py
    python benchmarks/activity_models.py --models activity_lrcn

Trains each model with `rnnzoo.train` from several seeds, and, for sensors, the logistic regression
of `rnnzoo.baselines` with the same windows and splits. Epoch and hyperparameters are chosen
on validation; the test split is measured once for each run. Writes
benchmarks/results/activity_models.csv (of other data: activity_models_NAME.csv) after each model;
what the file says of models that are not asked for stays. A run whose folder is there already goes
on in it, so the command may be stopped and called again.
"""

import argparse
import time
from dataclasses import replace
from pathlib import Path
from statistics import mean, stdev

from record import RESULTS, read_csv, write_csv

import rnnzoo
from rnnzoo.baselines.series import Statistics
from rnnzoo.data import Examples, Windows, load_series
from rnnzoo.evaluation.classes import of_probabilities

RECIPES = {
    "activity_rnn": {"learning_rate": 1e-3, "epochs": 20},
    "activity_leaky": {"learning_rate": 2e-3, "epochs": 20},
    "activity_skip": {"learning_rate": 1e-3, "epochs": 20},
    "activity_gru": {"learning_rate": 2e-3, "epochs": 20},
    "activity_lstm": {"learning_rate": 2e-3, "epochs": 20},
    "activity_bilstm": {"learning_rate": 2e-3, "epochs": 20},
    "activity_lrcn": {"learning_rate": 1e-3, "epochs": 10},
    "activity_hmm": {"epochs": 20},
}
BASELINE = "logistic regression"


def main() -> None:
    """Train, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", nargs="+", default=list(RECIPES), choices=RECIPES)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--runs", default="runs/activity_models", help="where the run folders go")
    arguments = parser.parse_args()
    by_data: dict[str, list] = {}
    for model in arguments.models:
        dataset = rnnzoo.model_info(model).dataset
        if dataset not in by_data:
            by_data[dataset] = [baseline(dataset)] if dataset == "watch" else []
        runs = []
        for seed in arguments.seeds:
            folder = Path(arguments.runs) / f"{model}_{seed}"
            runs.append(
                rnnzoo.train(model, out=folder, seed=seed, resume=True, test=True, **RECIPES[model])
            )
        by_data[dataset].append(row_of(runs))
        suffix = "" if dataset == "watch" else f"_{dataset}"
        write_rows(RESULTS / f"activity_models{suffix}.csv", by_data[dataset])


def write_rows(path: Path, rows: list[dict]) -> None:
    """Write rows in place of those of the same models, in the order of `RECIPES`."""
    before = read_csv(path) if path.exists() else []
    by_model = {row["model"]: row for row in (*before, *rows)}
    order = [BASELINE, *RECIPES]
    write_csv(path, [by_model[model] for model in order if model in by_model])


def row_of(runs: list[dict]) -> dict:
    """What the results file says of a model, from its runs."""
    first = runs[0]
    return {
        "model": first["model"],
        "parameters": first["parameters"],
        "data": first["data"],
        **spreads("validation", runs),
        **spreads("test", runs),
        "seconds": round(mean(run["seconds"] for run in runs)),
        "seeds": " ".join(str(run["seed"]) for run in runs),
        "epochs": first["epochs"],
        "device": first["device"],
        "tensorflow": first["versions"]["tensorflow"],
        "keras": first["versions"]["keras"],
    }


def spreads(split: str, runs: list[dict]) -> dict:
    """Mean and standard deviation of a split's figures over the seeds."""
    row = {}
    for metric in ("accuracy", "macro_f1"):
        values = [run[split][metric] for run in runs]
        row[f"{split}_{metric}"] = round(mean(values), 4)
        row[f"{split}_{metric}_sd"] = round(stdev(values), 4) if len(values) > 1 else ""
    return row


def baseline(dataset: str) -> dict:
    """The row of the logistic regression, of which each window is an example."""
    begin = time.perf_counter()
    series = load_series(dataset)
    parts = {}
    for split, stride in (("train", None), ("validation", series.window), ("test", series.window)):
        windows = Windows(getattr(series, split), series.window, stride)
        parts[split] = Examples(list(windows.read(range(len(windows)))), windows.labels)
    fitted = Statistics().fit(replace(series, **parts))
    run = {}
    for split in ("validation", "test"):
        measures = of_probabilities(fitted.answers(parts[split]), parts[split].labels)
        found = {measure.name: measure.value for measure in measures}
        run[split] = {"accuracy": found["accuracy"], "macro_f1": found["macro F1"]}
    regression = fitted.model[-1]
    return {
        "model": BASELINE,
        "parameters": regression.coef_.size + regression.intercept_.size,
        "data": dataset,
        **spreads("validation", [run]),
        **spreads("test", [run]),
        "seconds": round(time.perf_counter() - begin),
        "seeds": "",
        "epochs": "",
        "device": "CPU",
        "tensorflow": "",
        "keras": "",
    }


if __name__ == "__main__":
    main()
