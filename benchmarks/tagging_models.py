"""How well does each tagger know words, or characters, and what is the future worth?

    python benchmarks/tagging_models.py
    python benchmarks/tagging_models.py --data UD_English-EWT --name "UD English EWT"

Trains with `rnnzoo.train`, one model after the other. Epoch and hyperparameters are chosen on
validation; the test split is measured once. Writes benchmarks/results/tagging_models_NAME.csv after
each, in place of the row that is there for the same model. A model whose run folder is there
already goes on in it, so the command may be stopped and called again.
"""

import argparse
from pathlib import Path

from record import RESULTS, of_run, read_csv, write_csv

import rnnzoo

KINDS = ("hmm", "rnn", "lstm", "birnn", "bileaky", "bigru", "bilstm")
MODELS = [f"tagger_{kind}" for kind in KINDS]
COUNTED = {"tagger_hmm": {"epochs": 1}}  # in one pass
OF_WORDS = {"epochs": 12, "learning_rate": 3e-3, "ema": 0.998}
OF_CHARACTERS = {"epochs": 3, "learning_rate": 3e-3, "ema": 0.99}
OPTIONS_OF_WORDS = {"dropout": 0.4}


def main() -> None:
    """Train, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="python_tokens", help="as `rnnzoo train` takes it")
    parser.add_argument("--name", help="what to call the data; default: as it calls itself")
    parser.add_argument("--models", nargs="+", default=MODELS, choices=MODELS)
    parser.add_argument("--runs", default="runs/tagging_models", help="where the run folders go")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    name = arguments.name or Path(arguments.data).name
    of_words = arguments.data != "python_tokens"
    results = RESULTS / f"tagging_models_{name.lower().replace(' ', '_')}.csv"
    rows = {row["model"]: row for row in read_csv(results)} if results.exists() else {}
    for model in arguments.models:
        recipe = OF_WORDS if of_words else OF_CHARACTERS
        metrics = rnnzoo.train(
            model,
            arguments.data,
            Path(arguments.runs) / results.stem / model,
            seed=arguments.seed,
            resume=True,
            test=True,
            overrides=OPTIONS_OF_WORDS if of_words and model not in COUNTED else {},
            **COUNTED.get(model, recipe),
        )
        rows[model] = row_of(metrics, name)
        write_csv(results, [rows[known] for known in MODELS if known in rows])


def row_of(metrics: dict, data: str) -> dict:
    """What a results file says of a run."""
    scores = metrics["test_scores"]
    return {
        "model": metrics["model"],
        "parameters": metrics["parameters"],
        "data": data,
        "validation_accuracy": round(metrics["validation"]["accuracy"], 4),
        "test_accuracy": round(metrics["test"]["accuracy"], 4),
        "test_macro_f1": round(metrics["test"]["macro_f1"], 4),
        "test_unknown_accuracy": scores["unknown_accuracy"],
        "test_unknown_share": scores["unknown_share"],
        "test_sequence_accuracy": scores["sequence_accuracy"],
        **of_run(metrics),
    }


if __name__ == "__main__":
    main()
