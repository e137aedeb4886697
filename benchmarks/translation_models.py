"""How well do translators translate, and what does reading backwards give?

    python benchmarks/translation_models.py
    python benchmarks/translation_models.py --data emoji_names

Trains with `rnnzoo.train`, one model after the other. The epoch is chosen on validation; the test
split is measured once. Beside them stands what needs no training: the translation of the training
source that is most like the one given, by character n-grams. Writes
benchmarks/results/translation_models_NAME.csv after each. A model whose run folder is there already
goes on in it, so the command may be stopped and called again.
"""

import argparse
import csv
from pathlib import Path

from record import RESULTS, of_run, of_scores, of_writing, write_csv

import rnnzoo
from rnnzoo.baselines.translation import NearestSource
from rnnzoo.evaluation.sentences import scores
from rnnzoo.tasks.encoder_decoder.translation.feed import by_source, tokenizer

# These sets are small, and so are the models: one layer, where the models' default is two of 256.
SMALL = {"units": 128, "layers": 1, "embedding_size": 96, "dropout": 0.2}
# What a row is called, its model, its options.
MODELS = {
    **{name: (name, {}) for name in ("translate_lstm", "translate_lstm_forward", "translate_gru")},
    "translate_lstm, condition=both": ("translate_lstm", {"condition": "both"}),
    "translate_lstm, cased": ("translate_lstm", {"cased": True}),
}
RECIPE = {"learning_rate": 5e-3, "batch_size": 16, "ema": 0.99}
EPOCHS = 50


def main() -> None:
    """Train, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="ui_messages", help="as `rnnzoo.load_pairs` takes it")
    parser.add_argument("--name", help="of the results file; default: --data")
    parser.add_argument("--models", nargs="+", default=list(MODELS), choices=MODELS)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--runs", default="runs/translation_models", help="where run folders go")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    name = (arguments.name or arguments.data).replace("/", "_")
    results = RESULTS / f"translation_models_{name}.csv"
    baseline = nearest(rnnzoo.load_pairs(arguments.data))
    rows = []
    for row in arguments.models:
        model, overrides = MODELS[row]
        run = Path(arguments.runs) / name / row.replace(", ", "_").replace(" ", "_")
        metrics = rnnzoo.train(
            model,
            arguments.data,
            run,
            overrides={**SMALL, **overrides},
            epochs=arguments.epochs,
            seed=arguments.seed,
            resume=True,
            test=True,
            **RECIPE,
        )
        if overrides.get("cased"):
            metrics = in_lower_case(run, metrics)
        rows.append({"model": row, **of_writing(metrics), **of_run(metrics)})
        write_csv(results, [*rows, baseline])


def nearest(pairs) -> dict:
    """The row of what answers with the translation of the most similar training source."""
    sources, targets = by_source(pairs.test)
    answers = [answer.lower() for answer in NearestSource().fit(pairs).answers(sources)]
    lower = [[target.lower() for target in of_one] for of_one in targets]
    found = scores(answers, lower, tokenizer(pairs.languages))
    return {"model": "nearest training source", "data": pairs.name, **of_scores(found)}


def in_lower_case(run: Path, metrics: dict) -> dict:
    """Metrics with the scores as if the model had no upper case, to compare it with others."""
    with (run / "translations.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    answers = [row["translation"].lower() for row in rows]
    targets = [row["targets"].lower().split(" | ") for row in rows]
    return metrics | {"test_scores": scores(answers, targets, metrics["tokenize"])}


if __name__ == "__main__":
    main()
