"""Do regressors with their defaults beat the simple thing on recordings they have never seen?

    pip install "rnnzoo[regression,bench]"
    python benchmarks/regression_sets.py
    python benchmarks/regression_sets.py --sets humidity --models regress_gru --seeds 0

For each set `rnnzoo.train` with nothing but a model's name, the data and a seed; beside it what it
prints as baselines, ridge regression on statistics and the mean of the training targets, whose
strength and quantiles are chosen on validation. The test split is read once. `humidity` is a number
a step, of weeks held out; the others, of the package sktime, are a number a recording and have
their own splits, of whose training part 15 % validate. Writes
benchmarks/results/regression_sets.json after each model of a set; what is there already of others
stays.
"""

from __future__ import annotations

import argparse
import json
import tempfile

from record import RESULTS, deviations, write

import rnnzoo
from rnnzoo.data.sets.packages import folder_of

OF_SKTIME = ("Tecator", "Covid3Month")
MODELS = ("regress_gru", "regress_conv_gru")


def main() -> None:
    """Train, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", nargs="+", default=["humidity", *OF_SKTIME])
    parser.add_argument("--models", nargs="+", default=MODELS)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    arguments = parser.parse_args()
    path = RESULTS / "regression_sets.json"
    results = json.loads(path.read_text())["results"] if path.exists() else {}
    for name in arguments.sets:
        for model in arguments.models:
            runs = [trained(model, source_of(name), seed) for seed in arguments.seeds]
            scores = [run["scores"][-1] for run in runs]  # of validation, and of test
            row = results.setdefault(name, {})
            row["examples"] = scores[0]["examples"]
            for baseline in scores[0]["baselines"]:
                row[baseline["name"]] = values(baseline["measures"])
            figures = [
                values(score["measures"])
                | {"cpu_seconds": run["cpu_seconds"], "validation MAE": run["validation"]["mae"]}
                for score, run in zip(scores, runs, strict=True)
            ]
            row[model] = deviations(figures, 5)
            write("regression_sets", {"results": results})


def source_of(name: str) -> str:
    """A data set's name, or the file of the package sktime."""
    if name not in OF_SKTIME:
        return name
    return str(folder_of("sktime") / "datasets" / "data" / name / f"{name}_TRAIN.ts")


def trained(model: str, source: str, seed: int) -> dict:
    """A run with defaults only, tested once."""
    with tempfile.TemporaryDirectory() as folder:
        return rnnzoo.train(model, source, folder, seed=seed, test=True)


def values(measures: dict) -> dict[str, float]:
    """Measures by name, without their intervals."""
    return {name: measure["value"] for name, measure in measures.items()}


if __name__ == "__main__":
    main()
