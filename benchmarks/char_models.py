"""How good is each character model after about four minutes on two cores, and the best in thirty?

    python benchmarks/char_models.py --data input.txt --name "tiny Shakespeare"
    python benchmarks/char_models.py --data input.txt --name "tiny Shakespeare" --best
    python benchmarks/char_models.py --data python_source --share 0.6
    python benchmarks/char_models.py --data input.txt --name "tiny Shakespeare" --deep --seeds 0 1 2

Trains with `rnnzoo.train`, one model after the other, and writes their numbers to
benchmarks/results/char_models_NAME.csv after each (--best: best_NAME.csv and the run's curves;
--deep: char_deep_NAME.csv, the ways to make a network deep, all of one size), in place of those
that are there for the same model and seed. A model whose run folder is there already goes on in it,
so the command may be stopped and called again.

"validation_nats" carries the state along the text. Of the best run there is another protocol beside
it, "validation_nats_in_blocks", which is how nanoGPT measures: blocks of 256 characters from random
places, of each of which a model knows nothing but one character before it; and both figures of the
network alone, without the Markov chain with which it is pooled.
"""

import argparse
import fnmatch
import itertools
import math
import shutil
from pathlib import Path

import numpy as np
from record import RESULTS, read_csv, write_csv

import rnnzoo

BLOCK, BLOCKS = 256, 4096
ALONE = "the network alone"

# Chosen on validation. The share of an epoch that four minutes hold differs with the cell, so
# characters read, not epochs, is what is given: in millions.
PLAIN = {"learning_rate": 2e-3, "ema": 0.995, "dropout": 0.0}
GATED = {"learning_rate": 5e-3, "ema": 0.995, "dropout": 0.1}
HIDDEN = {"learning_rate": 1e-1, "ema": 0.995}
COUNTED = {"millions": 0}  # counted in one pass, whatever the length
RECIPES = {
    **{f"char_markov{order}": COUNTED for order in (1, 2, 5, 7)},
    "char_hmm": {**HIDDEN, "millions": 14},
    "char_hmm128": {**HIDDEN, "millions": 7},
    "char_rnn": {**PLAIN, "millions": 14},
    "char_leaky": {**PLAIN, "millions": 13},
    "char_skip": {**PLAIN, "millions": 9},
    "char_gru": {**GATED, "millions": 7},
    "char_lstm": {**GATED, "millions": 7},
    "char_lstm2": {**GATED, "millions": 3},
}
BEST = {
    "char_lstm_markov": {
        "layers": 2,
        "dropout": 0.35,
        "learning_rate": 4e-3,
        "ema": 0.998,
        "weight_decay": 0.05,
        "millions": 18,
    }
}
DEEP = {
    name: {**PLAIN, "millions": 14}
    for name in (
        "char_rnn",
        "char_deep_transition",
        "char_deep_skip",
        "char_deep_output",
        "char_stacked",
    )
}
KINDS = {"char_models": RECIPES, "best": BEST, "char_deep": DEEP}
OF_THE_MODEL = ("layers", "dropout")


def main() -> None:
    """Train, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="python_source", help="as `rnnzoo train` takes it")
    parser.add_argument("--name", help="what to call the data; default: as it calls itself")
    parser.add_argument("--share", type=float, default=1.0, help="of the characters to read")
    parser.add_argument("--models", default="*", help="which ones, such as 'char_markov*'")
    kinds = parser.add_mutually_exclusive_group()
    for option, kind in (("--best", "best"), ("--deep", "char_deep")):
        models = ", ".join(KINDS[kind])
        kinds.add_argument(option, action="store_const", dest="kind", const=kind, help=models)
    parser.set_defaults(kind="char_models")
    parser.add_argument("--runs", default="runs/char_models", help="where the run folders go")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    arguments = parser.parse_args()
    text = rnnzoo.load_text(arguments.data)
    name = arguments.name or Path(text.name).name
    results = RESULTS / f"{arguments.kind}_{name.lower().replace(' ', '_')}.csv"

    recipes = KINDS[arguments.kind]
    models = fnmatch.filter(recipes, arguments.models)
    there = read_csv(results) if results.exists() else []
    rows = {(row["model"], int(row["seed"])): row for row in there}
    for seed, model in itertools.product(arguments.seeds, models):
        recipe = recipes[model]
        settings = {key: value for key, value in recipe.items() if key not in OF_THE_MODEL}
        characters = arguments.share * settings.pop("millions") * 1e6
        folder = Path(arguments.runs) / results.stem / f"{model}-{seed}"
        metrics = rnnzoo.train(
            model,
            arguments.data,
            folder,
            epochs=max(1, round(characters / len(text.train))),
            overrides={key: recipe[key] for key in OF_THE_MODEL if key in recipe},
            seed=seed,
            resume=True,
            test=True,
            **settings,
        )
        rows[model, seed] = row_of(metrics, recipe, name)
        if arguments.kind == "best":
            trained = rnnzoo.load_model(folder)
            network = alone(trained)
            loss = network.evaluate(text.validation, return_dict=True, verbose=0)["loss"]
            of_network = {"model": ALONE, "parameters": network.num_parameters} | nats(loss)
            rows[ALONE, seed] = {**rows[model, seed], **of_network}
            for which, of_both in ((model, trained), (ALONE, network)):
                in_blocks = nats_in_blocks(of_both, text.validation)
                rows[which, seed]["validation_nats_in_blocks"] = round(in_blocks, 4)
        order = [*recipes, ALONE]
        write_csv(results, [rows[k] for k in sorted(rows, key=lambda k: (order.index(k[0]), k[1]))])
    if arguments.kind == "best":
        shutil.copyfile(folder / "curves.png", results.with_suffix(".png"))


def alone(pooled):
    """The network of a pooled model, as a model by itself."""
    network = rnnzoo.tasks.TextGenerator.from_config(
        {
            name: value
            for name, value in pooled.get_config().items()
            if name not in ("order", "texts", "table")
        }
    )
    for mine, theirs in zip(network.trainable_weights, pooled.trainable_weights, strict=True):
        mine.assign(theirs)
    return network


def nats_in_blocks(model, text: str) -> float:
    """Nats per character over blocks from random places, the same for all models."""
    begins = np.random.default_rng(0).integers(len(text) - BLOCK, size=BLOCKS)
    scores = model.log_prob([text[at : at + BLOCK + 1] for at in begins], batch_size=256)
    return -float(np.mean(scores)) / BLOCK


def nats(loss: float) -> dict:
    """On validation, with the state carried along the text; and in bits."""
    bits = loss / math.log(2)
    return {"validation_nats": round(loss, 4), "validation_bits": round(bits, 4)}


def row_of(metrics: dict, recipe: dict, data: str) -> dict:
    """What a results file says of a run."""
    test = metrics["test"] or {}
    return {
        "model": metrics["model"],
        "parameters": metrics["parameters"],
        "data": data,
        **nats(metrics["validation"]["loss"]),
        "test_bits": round(test["bits_per_character"], 4) if test else "",
        "epochs": metrics["epochs"],
        "best_epoch": metrics["best_epoch"],
        "seconds": round(metrics["seconds"]),
        "cpu_seconds": round(metrics["cpu_seconds"]),
        "seed": metrics["seed"],
        **dict.fromkeys(("learning_rate", "ema", "dropout"), ""),
        **{key: value for key, value in recipe.items() if key != "millions"},
        "device": metrics["device"],
        "tensorflow": metrics["versions"]["tensorflow"],
        "keras": metrics["versions"]["keras"],
    }


if __name__ == "__main__":
    main()
