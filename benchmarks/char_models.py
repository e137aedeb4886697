"""How good is each character model after about four minutes on two cores, and the best in thirty?

    python benchmarks/char_models.py --data input.txt --name "tiny Shakespeare"
    python benchmarks/char_models.py --data input.txt --name "tiny Shakespeare" --best
    python benchmarks/char_models.py --data python_source --share 0.6

Trains with `rnnzoo.train`, one model after the other, and writes their numbers to
benchmarks/results/char_models_NAME.csv after each (--best: best_NAME.csv and the run's curves), in
place of those that are there for the same model. A
model whose run folder is there already goes on in it, so the command may be stopped and called
again.
"""

import argparse
import fnmatch
import shutil
from pathlib import Path

from record import RESULTS, read_csv, write_csv

import rnnzoo

# Chosen on validation. The share of an epoch that four minutes hold differs with the cell, so
# characters read, not epochs, is what is given: in millions.
PLAIN = {"learning_rate": 2e-3, "ema": 0.995, "dropout": 0.0}
GATED = {"learning_rate": 5e-3, "ema": 0.995, "dropout": 0.1}
HIDDEN = {"learning_rate": 5e-2, "ema": 0.995}
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
    "char_lstm2": {
        "units": 256,
        "dropout": 0.35,
        "learning_rate": 4e-3,
        "ema": 0.998,
        "weight_decay": 0.05,
        "millions": 22,
    }
}
OF_THE_MODEL = ("units", "dropout")


def main() -> None:
    """Train, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="python_source", help="as `rnnzoo train` takes it")
    parser.add_argument("--name", help="what to call the data; default: as it calls itself")
    parser.add_argument("--share", type=float, default=1.0, help="of the characters to read")
    parser.add_argument("--models", default="*", help="which ones, such as 'char_markov*'")
    parser.add_argument("--best", action="store_true", help="the best recipe only")
    parser.add_argument("--runs", default="runs/char_models", help="where the run folders go")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    text = rnnzoo.load_text(arguments.data)
    name = arguments.name or Path(text.name).name
    kind = "best" if arguments.best else "char_models"
    results = RESULTS / f"{kind}_{name.lower().replace(' ', '_')}.csv"

    rows = {row["model"]: row for row in read_csv(results)} if results.exists() else {}
    for model, recipe in (BEST if arguments.best else RECIPES).items():
        if not fnmatch.fnmatch(model, arguments.models):
            continue
        settings = {key: value for key, value in recipe.items() if key not in OF_THE_MODEL}
        characters = arguments.share * settings.pop("millions") * 1e6
        folder = Path(arguments.runs) / results.stem / model
        metrics = rnnzoo.train(
            model,
            arguments.data,
            folder,
            epochs=max(1, round(characters / len(text.train))),
            overrides={key: recipe[key] for key in OF_THE_MODEL if key in recipe},
            seed=arguments.seed,
            resume=True,
            test=True,
            **settings,
        )
        rows[model] = row_of(metrics, recipe, name)
        write_csv(results, [rows[known] for known in {**RECIPES, **BEST} if known in rows])
    if arguments.best:
        shutil.copyfile(folder / "curves.png", results.with_suffix(".png"))


def row_of(metrics: dict, recipe: dict, data: str) -> dict:
    """What a results file says of a run."""
    test = metrics["test"] or {}
    return {
        "model": metrics["model"],
        "parameters": metrics["parameters"],
        "data": data,
        "validation_nats": round(metrics["validation"]["loss"], 4),
        "validation_bits": round(metrics["validation"]["bits_per_character"], 4),
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
