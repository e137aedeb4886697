"""Does two-dimensional recurrence know pictures better than as many convolutions?

    python benchmarks/picture_models.py
    python benchmarks/picture_models.py --data openmoji_outlines

Trains with `rnnzoo.train`, one model after the other, each with several seeds. The epoch is chosen
on validation; the test split is measured once, beside the simple things on the same pictures.
Writes benchmarks/results/picture_models_NAME.csv after each; where pixels have classes, also
benchmarks/results/picture_models_NAME.png: the first pictures of the test split, the truth and what
the models of the first seed answer. A model whose run folder is there already goes on in it, so the
command may be stopped and called again.
"""

import argparse
from pathlib import Path

import numpy as np
from record import RESULTS, of_run, write_csv

import rnnzoo
from rnnzoo.evaluation.pictures import draw_pixels

MODELS = {
    "digits": ("digits_rnn2d", "digits_cnn"),
    "openmoji_outlines": ("outline_rnn2d", "outline_cnn"),
}
SHOWN = 8  # pictures, each of another emoji


def main() -> None:
    """Train, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="digits", choices=MODELS)
    parser.add_argument("--runs", default="runs/picture_models", help="where the run folders go")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--steps", type=int, help="of each; default: by the data")
    parser.add_argument("--validate-every", type=int, help="steps; default: a 25th of all")
    arguments = parser.parse_args()
    results = RESULTS / f"picture_models_{arguments.data}.csv"
    rows, simple = [], []
    for seed in arguments.seeds:
        for model in MODELS[arguments.data]:
            metrics = rnnzoo.train(
                model,
                arguments.data,
                run_folder(arguments.runs, model, seed),
                seed=seed,
                steps=arguments.steps,
                validate_every=arguments.validate_every,
                resume=True,
                test=True,
                baseline=not simple,
            )
            rows.append(row_of(metrics, arguments.data))
            simple = simple or simple_rows(metrics, arguments.data, rows[0])
            write_csv(results, sorted(rows, key=lambda row: row["model"]) + simple)
    if arguments.data == "openmoji_outlines":
        draw(arguments, results.with_suffix(".png"))


def run_folder(runs: str, model: str, seed: int) -> Path:
    """Where a run goes."""
    return Path(runs) / f"{model}_{seed}"


def row_of(metrics: dict, data: str) -> dict:
    """What a results file says of a run."""
    (test,) = (found for found in metrics["scores"] if found["split"] == "test")
    accuracy, f1 = (test["measures"][name] for name in ("accuracy", "macro F1"))
    return {
        "model": metrics["model"],
        "parameters": metrics["parameters"],
        "data": data,
        "validation_accuracy": round(metrics["validation"]["accuracy"], 4),
        "test_accuracy": round(accuracy["value"], 4),
        "test_accuracy_interval": "{:.4f} to {:.4f}".format(*accuracy["interval"]),
        "test_macro_f1": round(f1["value"], 4),
        **of_run(metrics),
    }


def simple_rows(metrics: dict, data: str, like: dict) -> list[dict]:
    """What it says of the simple things, which are measured beside a run."""
    by_split = {found["split"]: found["baselines"] for found in metrics["scores"]}
    rows = []
    for test, validation in zip(by_split["test"], by_split["validation"], strict=True):
        measures = test["measures"]
        low, high = measures["accuracy"]["interval"]
        found = {
            "model": test["name"],
            "data": data,
            "validation_accuracy": round(validation["measures"]["accuracy"]["value"], 4),
            "test_accuracy": round(measures["accuracy"]["value"], 4),
            "test_accuracy_interval": f"{low:.4f} to {high:.4f}",
            "test_macro_f1": round(measures["macro F1"]["value"], 4),
            "device": like["device"],
        }
        rows.append({**dict.fromkeys(like, ""), **found})
    return rows


def draw(arguments: argparse.Namespace, path: Path) -> None:
    """Draw what the models of the first seed answer."""
    data = rnnzoo.load_pictures(arguments.data)
    some = data.test.at(np.linspace(0, len(data.test) - 1, SHOWN).round().astype(int))
    answers = {}
    for model in MODELS[arguments.data]:
        loaded = rnnzoo.load_model(run_folder(arguments.runs, model, arguments.seeds[0]))
        ids = loaded.preprocessor.labels.ids(data.classes)  # the model's, of those of the data
        answers[model] = [p[..., ids].argmax(axis=-1) for p in loaded.probabilities(some.x)]
    draw_pixels(path, some.x, some.labels, answers, data.classes)
    print(f"written: {path}")


if __name__ == "__main__":
    main()
