"""Train an activity model and export it: plain Keras, from recordings to SavedModel.

    python -m training_scripts.activity_recognition --data recordings.npz --out runs/activity

`rnnzoo train` makes the same calls, and keeps a run folder with checkpoints that resume exactly.
"""

import argparse
from pathlib import Path

import rnnzoo
from rnnzoo import data


def main(argv: list[str] | None = None) -> None:
    """Train, say how good the model is, classify a recording, save and export."""
    parser = argparse.ArgumentParser(description="Train an activity model.")
    parser.add_argument("--model", default="activity_lstm", help="see `rnnzoo list`")
    parser.add_argument("--data", default="watch", help="a source, an .npz file or a folder")
    parser.add_argument("--window", type=int, help="time steps (default: what the data says)")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--out", type=Path, default=Path("runs/script"))
    arguments = parser.parse_args(argv)

    series = rnnzoo.load_series(arguments.data)
    window = arguments.window or series.window
    model = rnnzoo.create_model(arguments.model)
    model.adapt(series.train, series.classes)
    model.fit(
        data.shuffled_examples(series.train, 32, window),
        steps_per_epoch=data.examples_per_epoch(series.train, 32, window),
        validation_data=data.examples_in_order(series.validation, 32, window),
        epochs=arguments.epochs,
    )
    model.evaluate(data.examples_in_order(series.test, 32, window))
    print("a recording of the test split:", *model.classify([series.test.x[0]]))

    arguments.out.mkdir(parents=True, exist_ok=True)
    model.save(arguments.out / "model.keras")
    print(rnnzoo.export(model, arguments.out / "saved_model"))


if __name__ == "__main__":
    main()
