"""How well do captioners name what they see, and what does each way of conditioning give?

    python benchmarks/caption_models.py
    python benchmarks/caption_models.py --data moving_emoji

Trains with `rnnzoo.train`, one model after the other. The epoch is chosen on validation; the test
split is measured once. Writes benchmarks/results/caption_models_NAME.csv after each. A model whose
run folder is there already goes on in it, so the command may be stopped and called again.

For videos, one model starts from a captioner of pictures, which is trained first.
"""

import argparse
from pathlib import Path

from record import RESULTS, of_run, of_writing, write_csv

import rnnzoo

# What a row is called, its model, its options. The cells, then what the picture is given as.
PICTURES = {
    **{f"caption_{cell}": (f"caption_{cell}", {}) for cell in ("rnn", "leaky", "gru", "lstm")},
    **{
        f"caption_lstm, condition={condition}": ("caption_lstm", {"condition": condition})
        for condition in ("input", "state", "both")
    },
}
FROM_PICTURES = "video_caption_lstm from pictures"
VIDEOS = {
    "video_caption_lstm": ("video_caption_lstm", {}),
    FROM_PICTURES: ("video_caption_lstm", {}),
    "video_caption_s2vt": ("video_caption_s2vt", {}),
}
RECIPES = {
    "emoji_captions": {"learning_rate": 3e-3, "epochs": 20},
    "moving_emoji": {"learning_rate": 3e-3, "epochs": 12, "batch_size": 16},
}


def main() -> None:
    """Train, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="emoji_captions", choices=RECIPES)
    parser.add_argument("--runs", default="runs/caption_models", help="where the run folders go")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    results = RESULTS / f"caption_models_{arguments.data}.csv"
    folder = Path(arguments.runs) / arguments.data
    rows = []
    for name, (model, overrides) in (
        PICTURES if arguments.data == "emoji_captions" else VIDEOS
    ).items():
        metrics = rnnzoo.train(
            model,
            arguments.data,
            folder / name.replace(", ", "_").replace(" ", "_"),
            overrides=overrides,
            init_from=of_pictures(folder) if name == FROM_PICTURES else None,
            seed=arguments.seed,
            resume=True,
            test=True,
            **RECIPES[arguments.data],
        )
        rows.append(row_of(name, metrics))
        write_csv(results, rows)


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
    composed = metrics.get("composition_scores", {})
    return {
        "model": name,
        **of_writing(metrics),
        "composition_exact": composed.get("exact"),
        "composition_exact_interval": (
            "{} to {}".format(*composed["exact_interval"]) if composed else None
        ),
        **of_run(metrics),
    }


if __name__ == "__main__":
    main()
