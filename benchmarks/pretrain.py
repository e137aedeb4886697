"""Train the weights that come with the package.

    python benchmarks/pretrain.py

Trains `char_lstm` on python_source (about six minutes on two cores) and writes

- zoo_models/weights/char_lstm.keras, at most 2 MB, and char_lstm.json: metric, data set, split,
  seed, recipe and licence, which `model_info` shows,
- tests/pretrained_excerpt.json: a fixed piece of the test split and its bits per character, which
  a test measures again.
"""

import argparse
import json
import shutil
from pathlib import Path

import rnnzoo
from rnnzoo.run import write_text

ROOT = Path(__file__).parents[1]
WEIGHTS = ROOT / "zoo_models" / "weights"
MODEL = "char_lstm"
RECIPE = {"epochs": 5, "learning_rate": 5e-3, "ema": 0.998, "overrides": {"dropout": 0.1}}
LARGEST = 2_000_000  # bytes


def main() -> None:
    """Train, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", default="runs/pretrain", help="where the run folder goes")
    folder = Path(parser.parse_args().runs) / MODEL
    metrics = rnnzoo.train(MODEL, "python_source", folder, resume=True, **RECIPE)
    best = folder / "best.keras"
    if best.stat().st_size > LARGEST:
        raise SystemExit(f"{best} has {best.stat().st_size:,} bytes, more than {LARGEST:,}")

    WEIGHTS.mkdir(exist_ok=True)
    shutil.copyfile(best, WEIGHTS / f"{MODEL}.keras")
    facts = {
        "file": f"{MODEL}.keras",
        "metric": "bits per character",
        "value": round(metrics["test"]["bits_per_character"], 4),
        "dataset": f"python_source, Python {metrics['versions']['python']}",
        "split": "test",
        "seed": metrics["seed"],
        "recipe": ", ".join(f"{key}={value}" for key, value in RECIPE.items())
        + f"; epoch {metrics['best_epoch']}, best on validation",
        "licence": "MIT; trained on CPython's standard library (PSF-2.0)",
        "command": "python benchmarks/pretrain.py",
    }
    write_text(WEIGHTS / f"{MODEL}.json", json.dumps(facts, indent=2) + "\n")

    excerpt = rnnzoo.load_text("python_source").test[:4000]
    model = rnnzoo.load_model(best)
    bits = model.evaluate(excerpt, return_dict=True, verbose=0)["bits_per_character"]
    excerpt = {
        "source": f"{facts['dataset']}, the first {len(excerpt)} characters of the test split",
        "licence": "PSF-2.0",
        "bits_per_character": round(bits, 4),
        "text": excerpt,
    }
    write_text(ROOT / "tests" / "pretrained_excerpt.json", json.dumps(excerpt, indent=2) + "\n")
    print(
        f"{MODEL}: {facts['value']} bits per character on the test split, {bits:.4f} on the excerpt"
    )


if __name__ == "__main__":
    main()
