"""Train the weights that come with the package.

    python benchmarks/pretrain.py
    python benchmarks/pretrain.py --models activity_lstm

Trains each model on its own data set (a quarter of an hour or less each) and writes

- zoo_models/weights/MODEL.TAG.keras, at most 2 MB (translate_attention_gru: 5), whose tag is the
  data set, and beside it the card MODEL.TAG.json, which `model_info` shows (see
  `rnnzoo.weights.Weights`),
- for char_lstm tests/zoo_models/pretrained_excerpt.json: a fixed piece of the test split and its
  bits per character, which a test measures again.
"""

import argparse
import json
import shutil
from pathlib import Path

import rnnzoo
from rnnzoo.files import write_text
from rnnzoo.weights import Weights, file_sha256

ROOT = Path(__file__).parents[1]
WEIGHTS = ROOT / "zoo_models" / "weights"
LARGEST = {"translate_attention_gru": 5_000_000}  # bytes; of others 2 MB


RECIPES = {
    "char_lstm": {"epochs": 5, "learning_rate": 5e-3, "ema": 0.998, "overrides": {"dropout": 0.1}},
    "activity_lstm": {},
    "activity_conv_gru": {},
    # Of characters, whose weights are those of a tagger with any other way to know words.
    "tagger_bilstm": {
        "epochs": 3,
        "learning_rate": 3e-3,
        "ema": 0.99,
        "overrides": {"spelling_units": 64, "affix_size": 0},
    },
    # Given the picture once, it learns these few pictures' names far more slowly.
    "caption_lstm": {
        "epochs": 20,
        "learning_rate": 3e-3,
        "overrides": {"condition": "both", "embedding_size": 80},
    },
    "caption_attention_lstm": {"epochs": 20, "learning_rate": 3e-3},
    "translate_attention_gru": {
        "steps": 5000,
        "overrides": {"units": 192, "embedding_size": 160, "layers": 1, "pieces": 2000},
    },
    "name_lstm": {"overrides": {"units": 256}},
    "digits_rnn2d": {},
    "outline_rnn2d": {"steps": 300, "validate_every": 50},
    "forecast_gru": {},
}
OF_PYTHON = ("python_source", "python_tokens", "python_names")  # of the running Python's version
LICENCES = {
    **dict.fromkeys(OF_PYTHON, "MIT; trained on CPython's standard library (PSF-2.0)"),
    "emoji_scenes": "CC BY-SA 4.0; trained on pictures of OpenMoji (CC BY-SA 4.0)",
    "emoji_captions": "CC BY-SA 4.0; trained on pictures of OpenMoji (CC BY-SA 4.0) and names of "
    "Unicode CLDR",
    "ui_messages": "BSD-3-Clause; trained on messages of Django, Wagtail, django CMS, "
    "django-oscar, Trac, JupyterLab (BSD-3-Clause), django-allauth (MIT) and Sphinx (BSD-2-Clause)",
    "watch": "MIT; trained on the recordings of seglearn (BSD-3-Clause)",
    "digits": "MIT; trained on the digits of scikit-learn (CC BY 4.0)",
    "us_employment": "MIT; trained on counts of the Bureau of Labor Statistics (public domain)",
    "openmoji_outlines": "CC BY-SA 4.0; trained on outlines of OpenMoji (CC BY-SA 4.0)",
}


def main() -> None:
    """Train, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", nargs="+", default=list(RECIPES), choices=RECIPES)
    parser.add_argument("--runs", default="runs/pretrain", help="where the run folders go")
    arguments = parser.parse_args()
    for model in arguments.models:
        pretrain(model, Path(arguments.runs) / model)


def pretrain(model: str, folder: Path) -> None:
    """Train a model and write its weights and their card."""
    recipe = RECIPES[model]
    metrics = rnnzoo.train(model, out=folder, resume=True, test=True, **recipe)
    best = folder / "best.keras"
    largest = LARGEST.get(model, 2_000_000)
    if best.stat().st_size > largest:
        raise SystemExit(f"{best} has {best.stat().st_size:,} bytes, more than {largest:,}")
    WEIGHTS.mkdir(exist_ok=True)
    file = WEIGHTS / f"{model}.{metrics['data']}.keras"
    shutil.copyfile(best, file)
    dataset = metrics["data"]
    if dataset in OF_PYTHON:
        dataset += f", Python {metrics['versions']['python']}"
    measures = metrics["scores"][-1]["measures"]  # of the test split, what matters most first
    metric = next(iter(measures))
    weights = Weights(
        path=file,
        config=config_of(model, recipe.get("overrides", {}), rnnzoo.load_model(file)),
        parameters=metrics["parameters"],
        metric=metric,
        value=round(measures[metric]["value"], 4),
        dataset=dataset,
        split="test",
        seed=metrics["seed"],
        recipe=(", ".join(f"{key}={value}" for key, value in recipe.items()) or "defaults")
        + f"; epoch {metrics['best_epoch']}, best on validation",
        licence=LICENCES[metrics["data"]],
        command=f"python benchmarks/pretrain.py --models {model}",
        sha256=file_sha256(file),
    )
    weights.write_card()
    print(f"{weights.name}: {metric} {weights.value} on the test split")
    if model == "char_lstm":
        write_excerpt(best, weights)


def config_of(name: str, overrides: dict, trained) -> dict:
    """The options that a trained model was built with, without those that were left to its data."""
    defaults = rnnzoo.model_info(name).defaults
    before, after = rnnzoo.create_model(name, **overrides).get_config(), trained.get_config()
    config = {}
    for key, value in {**defaults, **overrides}.items():
        open_choice = value is None and defaults.get(key) is None
        filled_in = key in before and before[key] == value != after[key]
        if not open_choice and not filled_in:
            config[key] = value
    return config


def write_excerpt(best: Path, weights: Weights) -> None:
    """A piece of the test split, measured, for a test to measure again."""
    excerpt = rnnzoo.load_text("python_source").test[:4000]
    bits = rnnzoo.load_model(best).evaluate(excerpt, return_dict=True, verbose=0)
    excerpt = {
        "source": f"{weights.dataset}, the first {len(excerpt)} characters of the test split",
        "licence": "PSF-2.0",
        "bits_per_character": round(bits["bits_per_character"], 4),
        "text": excerpt,
    }
    write_text(
        ROOT / "tests" / "zoo_models" / "pretrained_excerpt.json",
        json.dumps(excerpt, indent=2) + "\n",
    )


if __name__ == "__main__":
    main()
