"""How well do captioners name what they see, and what does each way of conditioning give?

    python benchmarks/caption_models.py
    python benchmarks/caption_models.py --data moving_emoji
    python benchmarks/caption_models.py --data emoji_scenes
    python benchmarks/caption_models.py --data moving_scenes

Trains with `rnnzoo.train`, one model after the other. The epoch is chosen on validation; the test
split, and where there is one "composition", are measured once. Writes
benchmarks/results/caption_models_NAME.csv after each. A model whose run folder is there already
goes on in it, so the command may be stopped and called again.

One model of `moving_emoji` starts from a captioner of pictures, which is trained first. "Encoder
first" starts with a CNN that training_scripts/encoder.py taught to name single things; "frozen"
keeps it as it is. `--models` and `--seed` train some rows, or with another seed; others stay.
"""

import argparse
from pathlib import Path

from record import RESULTS, of_run, of_scores, of_writing, read_csv, write_csv

import rnnzoo
from rnnzoo.baselines.captioning import MostFrequentCaption, NearestPicture
from rnnzoo.tasks.encoder_decoder.captioning.feed import caption_scores
from training_scripts import encoder

# What a row is called, its model, its options. The cells, then what the picture is given as.
CONDITIONS = {
    f"caption_lstm, condition={condition}": ("caption_lstm", {"condition": condition})
    for condition in ("input", "state", "both")
}
FROM_PICTURES = "video_caption_lstm from pictures"
LONGER = "caption_attention_lstm, 20 epochs"
TUNED = {"encoder_weights": "encoder first", "fine_tune": True}
FROZEN = {"encoder_weights": "encoder first"}
BOTH = {"condition": "both"}
MODELS = {
    "emoji_captions": {
        **{f"caption_{cell}": (f"caption_{cell}", {}) for cell in ("rnn", "leaky", "gru", "lstm")},
        **CONDITIONS,
        "caption_attention_lstm": ("caption_attention_lstm", {}),
    },
    "moving_emoji": {
        "video_caption_lstm": ("video_caption_lstm", {}),
        FROM_PICTURES: ("video_caption_lstm", {}),
        "video_caption_s2vt": ("video_caption_s2vt", {}),
    },
    "emoji_scenes": {
        "caption_lstm": ("caption_lstm", {}),
        **CONDITIONS,
        "caption_lstm, condition=both, encoder first": ("caption_lstm", BOTH | TUNED),
        "caption_attention_lstm": ("caption_attention_lstm", {}),
        LONGER: ("caption_attention_lstm", {}),
        "caption_attention_lstm, encoder first, frozen": ("caption_attention_lstm", FROZEN),
        "caption_attention_lstm, encoder first": ("caption_attention_lstm", TUNED),
    },
    "moving_scenes": {
        "video_caption_lstm": ("video_caption_lstm", {}),
        "video_caption_lstm, encoder first, frozen": ("video_caption_lstm", FROZEN),
        "video_caption_s2vt": ("video_caption_s2vt", {}),
        **{
            f"video_caption_s2vt, condition=both, {name}": ("video_caption_s2vt", BOTH | how)
            for name, how in {
                "encoder first": TUNED,
                "encoder first, frozen": FROZEN,
                "one layer, encoder first, frozen": FROZEN | {"layers": 1},
                "attention, encoder first, frozen": FROZEN | {"attention": "scaled"},
            }.items()
        },
    },
}
RECIPES = {
    "emoji_captions": {"learning_rate": 3e-3, "epochs": 20},
    "moving_emoji": {"learning_rate": 3e-3, "epochs": 12, "batch_size": 16},
    "emoji_scenes": {"learning_rate": 3e-3, "epochs": 10},
    "moving_scenes": {"learning_rate": 3e-3, "epochs": 10, "batch_size": 16},
}


def main() -> None:
    """Train, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="emoji_captions", choices=RECIPES)
    parser.add_argument("--models", nargs="+", help="names of rows; by default all of the data's")
    parser.add_argument("--runs", default="runs/caption_models", help="where the run folders go")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    results = RESULTS / f"caption_models_{arguments.data}.csv"
    folder = Path(arguments.runs) / arguments.data
    suffix = f"_{arguments.seed}" if arguments.seed else ""
    order = list(MODELS[arguments.data])
    if arguments.data.endswith("_scenes"):
        for row in simple(arguments.data):
            order.append(row["model"])
            write(results, row, order)
    for name in arguments.models or MODELS[arguments.data]:
        model, overrides = MODELS[arguments.data][name]
        if "encoder_weights" in overrides:
            overrides = overrides | {"encoder_weights": of_things(model, folder)}
        metrics = rnnzoo.train(
            model,
            arguments.data,
            folder / f"{name.replace(', ', '_').replace(' ', '_')}{suffix}",
            overrides=overrides,
            init_from=of_pictures(folder) if name == FROM_PICTURES else None,
            seed=arguments.seed,
            resume=True,
            test=True,
            **(RECIPES[arguments.data] | ({"epochs": 20} if name == LONGER else {})),
        )
        write(results, row_of(name, metrics), order)


def simple(data: str) -> list[dict]:
    """Rows of the simple things."""
    captions = rnnzoo.load_captions(data)
    rows = []
    for baseline in (MostFrequentCaption().fit(captions), NearestPicture().fit(captions)):
        test, composed = (
            caption_scores(part, baseline.answers(part))
            for part in (captions.test, captions.composition)
        )
        rows.append(
            {
                "model": baseline.name,
                "data": data,
                **of_scores(test),
                **of_composition(composed),
                "seed": 0,
            }
        )
    return rows


def write(results: Path, row: dict, order: list[str]) -> None:
    """Put a row among those of other models and seeds."""

    def key(row):
        return order.index(row["model"]), int(row["seed"])

    others = read_csv(results) if results.exists() else []
    rows = {key(one): one for one in [*others, row] if one["model"] in order}
    write_csv(results, [rows[at] for at in sorted(rows)])


def of_things(model: str, folder: Path) -> str:
    """The file of the weights of an encoder that can name single things, for a model's filters."""
    out = folder / "encoder"
    file = out / "encoder.weights.h5"
    if not file.exists():
        filters = map(str, rnnzoo.model_info(model).defaults["filters"])
        encoder.main(["--filters", *filters, "--out", str(out)])
    return str(file)


def of_pictures(folder: Path) -> str:
    """The run folder of a captioner of pictures with the layers that one of videos can take."""
    video = rnnzoo.model_info("video_caption_lstm").defaults
    shared = {key: video[key] for key in ("size", "filters", "layers", "condition")}
    out = folder / "of_pictures"
    rnnzoo.train(
        "caption_lstm",
        "emoji_captions",
        out,
        overrides=shared,
        resume=True,
        test=True,
        **RECIPES["emoji_captions"],
    )
    return str(out)


def row_of(name: str, metrics: dict) -> dict:
    """What a results file says of a run."""
    composed = metrics.get("composition_scores")
    return {
        "model": name,
        **of_writing(metrics),
        **(of_composition(composed) if composed else {}),
        **of_run(metrics),
    }


def of_composition(scores: dict) -> dict:
    """What a table says of new combinations."""
    return {
        "composition_bleu_4": scores["bleu_4"],
        "composition_exact": scores["exact"],
        "composition_exact_interval": "{} to {}".format(*scores["exact_interval"]),
    }


if __name__ == "__main__":
    main()
