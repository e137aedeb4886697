"""Train a picture classifier and export it: plain Keras, from pictures to SavedModel.

    python -m training_scripts.pictures --data pets --out runs/pets

`rnnzoo train` makes the same calls, and keeps a run folder with checkpoints that resume exactly.
"""

import argparse
from pathlib import Path

import numpy as np

import rnnzoo


def main(argv: list[str] | None = None) -> None:
    """Train, say how good the model is, answer to a picture, save and export."""
    parser = argparse.ArgumentParser(description="Train a picture classifier.")
    parser.add_argument("--model", default="digits_rnn2d", help="see `rnnzoo list`")
    parser.add_argument("--data", default="digits", help="a source, or a folder of folders")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--out", type=Path, default=Path("runs/script"))
    arguments = parser.parse_args(argv)

    data = rnnzoo.load_pictures(arguments.data)
    names = np.array(data.classes, object)
    model = rnnzoo.create_model(arguments.model, drawings=data.drawings)
    model.fit(
        data.train.x,
        names[data.train.labels],
        validation_data=(data.validation.x, names[data.validation.labels]),
        epochs=arguments.epochs,
    )
    print("truth:", names[data.test.labels[:5]], "answer:", model.classify(data.test.x)[:5])

    arguments.out.mkdir(parents=True, exist_ok=True)
    model.save(arguments.out / "model.keras")
    print(rnnzoo.export(model, arguments.out / "saved_model"))


if __name__ == "__main__":
    main()
