"""Train an activity model and export it: plain Keras, from recordings to SavedModel.

    python -m training_scripts.activity_recognition --data recordings.npz --out runs/activity

`rnnzoo train` makes the same calls, and keeps a run folder with checkpoints that resume exactly.
"""

import argparse
from pathlib import Path

import rnnzoo


def main(argv: list[str] | None = None) -> None:
    """Train, say how good the model is, classify a recording, save and export."""
    parser = argparse.ArgumentParser(description="Train an activity model.")
    parser.add_argument("--model", default="activity_lstm", help="see `rnnzoo list`")
    parser.add_argument("--data", default="watch", help="a source, an .npz file or a folder")
    parser.add_argument("--window", type=int, help="time steps (default: what the data says)")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--out", type=Path, default=Path("runs/script"))
    arguments = parser.parse_args(argv)

    model = rnnzoo.create_model(arguments.model)
    feed = model.feed(arguments.data, window=arguments.window)
    model.fit(
        feed.training(),
        steps_per_epoch=feed.steps_per_epoch,
        validation_data=feed.evaluation("validation"),
        epochs=arguments.epochs,
    )
    model.evaluate(feed.evaluation("test"))
    print("a recording of the test split:", *model.classify([feed.data.test.x[0]]))

    arguments.out.mkdir(parents=True, exist_ok=True)
    model.save(arguments.out / "model.keras")
    print(rnnzoo.export(model, arguments.out / "saved_model"))


if __name__ == "__main__":
    main()
