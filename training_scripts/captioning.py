"""Train a captioner and export it: plain Keras, from captioned pictures to SavedModel.

    python -m training_scripts.captioning --data photographs --out runs/captions

`rnnzoo train` makes the same calls, and keeps a run folder with checkpoints that resume exactly.
"""

import argparse
from pathlib import Path

import rnnzoo


def main(argv: list[str] | None = None) -> None:
    """Train, say how good the model is, caption some pictures, save and export."""
    parser = argparse.ArgumentParser(description="Train a captioner.")
    parser.add_argument("--model", default="caption_attention_lstm", help="see `rnnzoo list`")
    parser.add_argument("--data", default="emoji_captions", help="a source, or a folder")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--out", type=Path, default=Path("runs/script"))
    arguments = parser.parse_args(argv)

    model = rnnzoo.create_model(arguments.model)
    feed = model.feed(arguments.data)
    model.fit(
        feed.training(),
        steps_per_epoch=feed.steps_per_epoch,
        validation_data=feed.evaluation("validation"),
        epochs=arguments.epochs,
    )
    held_out = getattr(feed.data, feed.held_out[-1])
    some = [held_out.media[i] for i in range(min(5, len(held_out.captions)))]
    for true, ranked in zip(held_out.captions, model.captions(some), strict=False):
        print(f"{true[0]!r}: " + ", ".join(f"{text!r} ({score:.1f})" for text, score in ranked))

    arguments.out.mkdir(parents=True, exist_ok=True)
    model.save(arguments.out / "model.keras")
    print(rnnzoo.export(model, arguments.out / "saved_model"))


if __name__ == "__main__":
    main()
