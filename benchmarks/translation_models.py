"""How well do translators translate, and what do attention and reading backwards give?

    python benchmarks/translation_models.py
    python benchmarks/translation_models.py --data emoji_names --steps 1000
    python benchmarks/translation_models.py --data pairs:en-fr --name pairs --seeds 0

Trains with `rnnzoo.train`, one model after the other, all of as many units and with the same
number of steps. The best of the validated states is kept; the test split is measured once, beside
what `rnnzoo evaluate` takes as baselines. Writes benchmarks/results/translation_models.json after
each run, where those of other data sets, models and seeds stay, and draws BLEU by the length of
the source. A run whose folder is there already goes on in it, so the command may be stopped and
called again.
"""

import argparse
import json
from pathlib import Path

from record import RESULTS, write

import rnnzoo
from rnnzoo.files import picture
from rnnzoo.tasks.encoder_decoder.translation.feed import length_of

SIZE = {"units": 192, "embedding_size": 160, "layers": 1, "pieces": 2000}
# What a row is called, its model, its options.
MODELS = {
    "translate_attention_gru": ("translate_attention_gru", {}),
    "translate_gru": ("translate_gru", {}),
    "translate_gru, forward": ("translate_gru", {"reverse_source": False}),
    "translate_attention_gru, layers=2": ("translate_attention_gru", {"layers": 2}),
    "translate_attention_gru, copying=False": ("translate_attention_gru", {"copying": False}),
    "translate_attention_gru, words": ("translate_attention_gru", {"pieces": None}),
}
STEPS = 5000


def main() -> None:
    """Train, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="ui_messages", help="as `rnnzoo.load_pairs` takes it")
    parser.add_argument("--name", help="of the data in the results; default: --data")
    parser.add_argument("--models", nargs="+", default=list(MODELS), choices=MODELS)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--runs", default="runs/translation_models", help="where run folders go")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    arguments = parser.parse_args()
    name = arguments.name or arguments.data
    path = RESULTS / "translation_models.json"
    found = json.loads(path.read_text())["results"] if path.exists() else {}
    for row in arguments.models:
        model, options = MODELS[row]
        for seed in arguments.seeds:
            what = f"{name}_{row}_{seed}".replace(", ", "_").replace(" ", "_").replace("/", "_")
            metrics = rnnzoo.train(
                model,
                arguments.data,
                Path(arguments.runs) / what,
                overrides={**SIZE, **options},
                steps=arguments.steps,
                seed=seed,
                resume=True,
                test=True,
            )
            of_data = found.setdefault(name, {"models": {}})
            (score,) = (each for each in metrics["scores"] if each["split"] == "test")
            of_data["examples"] = score["examples"]
            of_data["baselines"] = {
                baseline["name"]: baseline["measures"] for baseline in score["baselines"]
            }
            of_data["models"].setdefault(row, {})[str(seed)] = {
                "options": {**SIZE, **options},
                "parameters": metrics["parameters"],
                "measures": score["measures"],
                "better_than": {
                    baseline["name"]: baseline["model_is_better_by"]
                    for baseline in score["baselines"]
                },
                "bleu_by_length": metrics["test_bleu_by_length"],
                "best_step": metrics["best_step"],
                "cpu_seconds": metrics["cpu_seconds"],
            }
            write("translation_models", {"results": found})
    draw(found[name]["models"], name)


def draw(models: dict, name: str) -> None:
    """BLEU by the length of the source, of each model's lowest seed."""
    with picture(RESULTS / f"translation_models_{name.replace('/', '_')}.png") as figure:
        axis = figure.subplots()
        for row, runs in models.items():
            groups = runs[min(runs, key=int)]["bleu_by_length"]
            axis.plot(
                [*map(length_of, groups)],
                [group["bleu"] for group in groups],
                marker="o",
                label=row,
            )
        axis.set(xlabel="words of the source", ylabel="BLEU", ylim=(0, None), title=name)
        axis.legend()


if __name__ == "__main__":
    main()
