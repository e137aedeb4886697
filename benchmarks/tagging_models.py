"""How well does each tagger know words, or characters, what is the future worth, and the network?

    python benchmarks/tagging_models.py
    python benchmarks/tagging_models.py --data UD_English-EWT --name "UD English EWT"
    python benchmarks/tagging_models.py --models most_frequent_tag crf

Trains with `rnnzoo.train`, one model after the other, and fits the simple things of
`rnnzoo.baselines`, the CRF to all of the training split. Epoch and hyperparameters are chosen on
validation; the test split is measured once. Writes benchmarks/results/tagging_models_NAME.csv after
each; rows of models that are not named stay. A model whose run folder is there already goes on in
it, so the command may be stopped and called again.
"""

import argparse
import math
import os
import time
from pathlib import Path

from record import RESULTS, of_run, read_csv, write_csv
from sklearn.metrics import f1_score

import rnnzoo
from rnnzoo.baselines.tagging import ConditionalRandomField, MostFrequentTag
from rnnzoo.tasks.tagging.feed import scores

SIMPLE = {
    "most_frequent_tag": MostFrequentTag,
    "crf": lambda: ConditionalRandomField(most=math.inf),
}
KINDS = ("hmm", "rnn", "lstm", "birnn", "bileaky", "bigru", "bilstm", "bilstm_crf")
MODELS = [f"tagger_{kind}" for kind in KINDS]
COUNTED = {"tagger_hmm": {}}  # in one pass
OF_WORDS = {"epochs": 12, "learning_rate": 3e-3, "ema": 0.998}
OF_CHARACTERS = {"epochs": 3, "learning_rate": 3e-3, "ema": 0.99}
OPTIONS_OF_WORDS = {"dropout": 0.4, "spelling_units": 64, "affix_size": 0}


def main() -> None:
    """Train, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="python_tokens", help="as `rnnzoo train` takes it")
    parser.add_argument("--name", help="what to call the data; default: as it calls itself")
    parser.add_argument(
        "--models", nargs="+", default=[*MODELS, *SIMPLE], choices=[*MODELS, *SIMPLE]
    )
    parser.add_argument("--runs", default="runs/tagging_models", help="where the run folders go")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    name = arguments.name or Path(arguments.data).name
    of_words = arguments.data != "python_tokens"
    results = RESULTS / f"tagging_models_{name.lower().replace(' ', '_')}.csv"
    rows = {row["model"]: row for row in read_csv(results)} if results.exists() else {}
    for model in arguments.models:
        if model in SIMPLE:
            rows[model] = simple_row(model, arguments.data, name)
            write_csv(results, list(rows.values()))
            continue
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
        write_csv(results, list(rows.values()))


def simple_row(simple: str, source: str, name: str) -> dict:
    """What a results file says of a simple thing, measured as the models are."""
    feed = rnnzoo.create_model("tagger_rnn").feed(source)
    begin, begin_cpu = time.perf_counter(), time.process_time()
    fitted = SIMPLE[simple]().fit(feed.data)
    validation, test = (fitted.answers(feed.questions(split)) for split in ("validation", "test"))
    found = scores(feed.preprocessor, feed.questions("test"), test)
    truth = [tag for sequence in feed.questions("test") for tag in sequence.tags]
    macro_f1 = f1_score(truth, [tag for tags in test for tag in tags], average="macro")
    on_validation = scores(feed.preprocessor, feed.questions("validation"), validation)
    return {
        "model": simple,
        "parameters": "",
        "data": name,
        "validation_accuracy": round(on_validation["accuracy"], 4),
        "test_accuracy": round(found["accuracy"], 4),
        "test_macro_f1": round(macro_f1, 4),
        **_of_scores(found),
        "epochs": "",
        "best_epoch": "",
        "seconds": round(time.perf_counter() - begin),
        "cpu_seconds": round(time.process_time() - begin_cpu),
        "seed": "",
        "device": f"CPU ({os.cpu_count()} cores)",
        "tensorflow": "",
        "keras": "",
    }


def row_of(metrics: dict, data: str) -> dict:
    """What a results file says of a run."""
    return {
        "model": metrics["model"],
        "parameters": metrics["parameters"],
        "data": data,
        "validation_accuracy": round(metrics["validation"]["accuracy"], 4),
        "test_accuracy": round(metrics["test"]["accuracy"], 4),
        "test_macro_f1": round(metrics["test"]["macro_f1"], 4),
        **_of_scores(metrics["test_scores"]),
        **of_run(metrics),
    }


def _of_scores(found):
    names = ("unknown_accuracy", "unknown_share", "sequence_accuracy")
    return {f"test_{name}": found[name] for name in names}


if __name__ == "__main__":
    main()
