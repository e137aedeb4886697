"""Train a model of names, let it write some, and export it: plain Keras, from names to SavedModel.

    python -m training_scripts.name_generation --data names.txt --epochs 20 --out runs/script

`rnnzoo train` makes the same calls, and keeps a run folder with checkpoints that resume exactly.
"""

import argparse
from pathlib import Path

import rnnzoo


def main(argv: list[str] | None = None) -> None:
    """Train, say how good the model is, write some names, save and export."""
    parser = argparse.ArgumentParser(description="Train a model of names and let it write.")
    parser.add_argument("--model", default="name_gru", help="see `rnnzoo list`")
    parser.add_argument("--data", default="python_names", help="a data set, or a file of names")
    parser.add_argument("--length", choices=("stop", "model"), default="stop", help="how names end")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--prompt", default="", help="what names are to begin with")
    parser.add_argument("--out", type=Path, default=Path("runs/script"))
    arguments = parser.parse_args(argv)

    names = rnnzoo.load_names(arguments.data)
    model = rnnzoo.create_model(arguments.model, length=arguments.length)
    model.fit(names.train, validation_data=names.validation, epochs=arguments.epochs)
    print(*model.generate(20, arguments.prompt), sep="\n")

    arguments.out.mkdir(parents=True, exist_ok=True)
    model.save(arguments.out / "model.keras")
    print(rnnzoo.export(model, arguments.out / "saved_model"))


if __name__ == "__main__":
    main()
