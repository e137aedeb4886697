"""Which settings suit a task? Runs of its flagship on several data sets, measured on validation.

    pip install "rnnzoo[bench]"
    python benchmarks/recipes.py sequence-tagging --data python_tokens UD_English-EWT wnut17
    python benchmarks/recipes.py translation --settings learning_rate=0.003 "" --seeds 0 1

Each setting is what is given to `rnnzoo.train` beside the budget; a name that is none of its own is
an option of the model, and the empty one is the default. The budget is the same number of passes
for all, so half the steps where batches are twice as large. The simple things are fitted once for
each set. Writes benchmarks/results/recipes_TASK.json after each run; runs that are in it already
are not made again.
"""

from __future__ import annotations

import argparse
import ast
import functools
import inspect
import json
import tempfile
from pathlib import Path

from record import RESULTS, write

import rnnzoo
from rnnzoo.data import Pairs, list_datasets, register_dataset
from rnnzoo.data.sources import loader_of

BATCH = 32  # of which --steps counts
VALIDATIONS = 5  # in a run: the order of the settings is asked for, not the best of them
SETS = {
    "sequence-tagging": ["python_tokens"],
    "translation": ["ui_messages", "emoji_names"],
    "captioning": ["emoji_captions", "moving_emoji"],
    "text-generation": ["python_source"],
}
SETTINGS = {
    "sequence-tagging": [
        "learning_rate=0.001",
        "learning_rate=0.002",
        "learning_rate=0.004",
        "learning_rate=0.002 batch_size=16",
        "learning_rate=0.004 batch_size=64",
        "learning_rate=0.002 dropout=0.5",
    ],
    "translation": [
        "learning_rate=0.001",
        "learning_rate=0.002",
        "learning_rate=0.003",
        "learning_rate=0.005",
        "learning_rate=0.003 batch_size=64",
    ],
    "captioning": [
        "learning_rate=0.001",
        "learning_rate=0.003",
        "learning_rate=0.005",
        "learning_rate=0.003 dropout=0.3",
    ],
    "text-generation": ["dropout=0.0", "dropout=0.3"],
}
OF_TRAIN = set(inspect.signature(rnnzoo.train).parameters)


def main() -> None:
    """Train, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("task", choices=SETS)
    parser.add_argument("--model", help="default: the flagship of each set's kind")
    parser.add_argument("--data", nargs="+", help="names of data sets, or paths")
    parser.add_argument("--examples", type=int, help="at most so many of them to train on")
    parser.add_argument("--validation", type=int, help="at most so many of them to validate on")
    parser.add_argument("--steps", type=int, help=f"of {BATCH} examples; default: the recipe's")
    parser.add_argument("--settings", nargs="+")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    arguments = parser.parse_args()
    task, steps = arguments.task, arguments.steps
    name = f"recipes_{task.replace('-', '_')}"
    path = RESULTS / f"{name}.json"
    found = json.loads(path.read_text()) if path.exists() else {"runs": [], "baselines": {}}
    found = {key: found[key] for key in ("runs", "baselines")}
    for source in arguments.data or SETS[task]:
        data = registered(source, task, arguments.examples, arguments.validation)
        model = arguments.model or flagship(task, source)
        for setting in arguments.settings or SETTINGS[task]:
            for seed in arguments.seeds:
                key = {"model": model, "data": data, "budget": steps, "setting": setting}
                key |= {"seed": seed}
                if any(key.items() <= run.items() for run in found["runs"]):
                    continue
                run, baselines = trained(key, data not in found["baselines"])
                found["runs"].append(key | run)
                found["baselines"] |= {data: baselines} if baselines else {}
                print(json.dumps(found["runs"][-1]), flush=True)
                write(name, found)


def flagship(task: str, source: str) -> str:
    """The model to begin with: of clips, that of clips."""
    if source == "moving_emoji":
        return "video_caption_lstm"
    (name,) = (n for n in rnnzoo.list_models(task=task) if rnnzoo.model_info(n).flagship)
    return name


def registered(source: str, task: str, examples: int | None, validation: int | None) -> str:
    """The name of a data set, read once, with at most so many examples to train and validate on."""
    if examples is None and validation is None and source in list_datasets(task=task):
        return source
    cuts = [f"{count:,}" if count else "all" for count in (examples, validation)]
    name = f"{source}, {cuts[0]}" + (f" and {cuts[1]}" if validation else "")
    if name not in list_datasets(task=task):

        @functools.cache
        def load(name):
            data = loader_of(task)(source)
            parts = {split: getattr(data, split) for split in ("train", "validation", "test")}
            for split, count in (("train", examples), ("validation", validation)):
                parts[split] = fewer(parts[split], count)
            fields = {"languages": data.languages} if task == "translation" else {}
            return type(data).from_parts(name, parts, {"source": source}, **fields)

        register_dataset(name, task=task, description="a part of another one")(load)
    return name


def fewer(part, count: int | None):
    """At most so many examples, from all over the part; of a text its beginning."""
    if count is None or len(part) <= count:
        return part
    if isinstance(part, str):
        return part[:count]
    rows = [i * len(part) // count for i in range(count)]
    if isinstance(part, Pairs):
        return Pairs.of((part.sources[i], part.targets[i]) for i in rows)
    return tuple(part[i] for i in rows)


def options(setting: str) -> dict:
    """What `rnnzoo.train` takes of "learning_rate=0.002 dropout=0.5".

    >>> options("batch_size=16 dropout=0.5")
    {'batch_size': 16, 'overrides': {'dropout': 0.5}}
    """
    given = dict(pair.split("=") for pair in setting.split())
    given = {name: ast.literal_eval(value) for name, value in given.items()}
    taken = {name: value for name, value in given.items() if name in OF_TRAIN}
    return taken | {"overrides": {k: v for k, v in given.items() if k not in OF_TRAIN}}


def trained(key: dict, baseline: bool) -> tuple[dict, dict]:
    """What a run found on validation, and what the simple things do there."""
    given = options(key["setting"])
    if key["budget"]:
        given["steps"] = round(key["budget"] * BATCH / given.get("batch_size", BATCH))
        given["validate_every"] = -(-given["steps"] // VALIDATIONS)
    with tempfile.TemporaryDirectory() as folder:
        metrics = rnnzoo.train(
            key["model"],
            key["data"],
            folder,
            **given,
            seed=key["seed"],
            baseline=baseline,
            verbose=0,
        )
        config = json.loads((Path(folder) / "config.json").read_text())
    (score,) = metrics["scores"]
    run = {
        **{name: config[name] for name in ("learning_rate", "batch_size", "steps")},
        "best_step": metrics["best_step"],
        "stopped_after": metrics["epochs"] * config["validate_every"],
        "learned": {name: round(value, 5) for name, value in metrics["validation"].items()},
        "measures": {name: of["value"] for name, of in score["measures"].items()},
        "seconds": round(metrics["seconds"], 1),
        "cpu_seconds": metrics["cpu_seconds"],
    }
    beside = {
        of["name"]: {name: measure["value"] for name, measure in of["measures"].items()}
        for of in score["baselines"]
    }
    return run, beside


if __name__ == "__main__":
    main()
