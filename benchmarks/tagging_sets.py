"""Do taggers with their defaults beat the simple things, on words of several sets?

    pip install "rnnzoo[bench]"
    python benchmarks/tagging_sets.py --sets wnut17 UD_English-EWT
    python benchmarks/tagging_sets.py --sets wnut17 --models tagger_bilstm_crf --seeds 0

Each set is read as `rnnzoo train` reads it: here from folders of those names, with the published
splits. For each `rnnzoo.train` with nothing but a model's name, the data and a seed; the epoch is
chosen on validation, and the test split is read once. Beside it the simple things, fitted to the
whole of the training split. Writes benchmarks/results/tagging_sets.json after each run; runs that
are there already are not made again.
"""

from __future__ import annotations

import argparse
import json
import tempfile

from record import RESULTS, write
from tagging_models import SIMPLE

import rnnzoo
from rnnzoo.tasks.tagging.feed import scores


def main() -> None:
    """Train, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", nargs="+", required=True, help="as `rnnzoo train` takes them")
    parser.add_argument("--models", nargs="+", default=["tagger_bilstm", "tagger_bilstm_crf"])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    arguments = parser.parse_args()
    path = RESULTS / "tagging_sets.json"
    results = json.loads(path.read_text())["results"] if path.exists() else {}
    for name in arguments.sets:
        row = results.setdefault(name, {})
        for simple in SIMPLE:
            if simple not in row:
                row[simple] = fitted(simple, name)
                write("tagging_sets", {"results": results})
        for model in arguments.models:
            runs = row.setdefault(model, {})
            for seed in map(str, arguments.seeds):
                if seed not in runs:
                    runs[seed] = trained(model, name, int(seed))
                    write("tagging_sets", {"results": results})


def trained(model: str, source: str, seed: int) -> dict:
    """What a run with defaults only has on validation and on the test split, and what it took."""
    with tempfile.TemporaryDirectory() as folder:
        metrics = rnnzoo.train(model, source, folder, seed=seed, baseline=False)
        best = rnnzoo.load_model(folder)
        feed = best.feed(source)
        of_splits = {
            split: scores(best.preprocessor, feed.questions(split), feed.replies(best, split))
            for split in ("validation", "test")
        }
    return {
        **of_splits,
        "parameters": metrics["parameters"],
        "best_step": metrics["best_step"],
        "seconds": round(metrics["seconds"]),
        "cpu_seconds": round(metrics["cpu_seconds"]),
    }


def fitted(simple: str, source: str) -> dict:
    """What a simple thing has, measured as the models are."""
    feed = rnnzoo.create_model("tagger_rnn").feed(source)
    model = SIMPLE[simple]().fit(feed.data)
    return {
        split: scores(feed.preprocessor, questions, model.answers(questions))
        for split in ("validation", "test")
        for questions in [feed.questions(split)]
    }


if __name__ == "__main__":
    main()
