"""Train a character model, let it write, and export it: plain Keras, from raw text to SavedModel.

    python -m training_scripts.char_generation --data input.txt --epochs 5 --out runs/script

`rnnzoo train` makes the same calls, and keeps a run folder with checkpoints that resume exactly.
"""

import argparse
from pathlib import Path

import rnnzoo


def main(argv: list[str] | None = None) -> None:
    """Train, say how good the model is, write some text, save and export."""
    parser = argparse.ArgumentParser(description="Train a character model and let it write.")
    parser.add_argument("--model", default="char_lstm", help="see `rnnzoo list`")
    parser.add_argument("--data", default="python_source", help="a source or a text file")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--prompt", default="def ")
    parser.add_argument("--out", type=Path, default=Path("runs/script"))
    arguments = parser.parse_args(argv)

    text = rnnzoo.load_text(arguments.data)
    model = rnnzoo.create_model(arguments.model)
    model.fit(text.train, validation_data=text.validation, epochs=arguments.epochs)
    print(model.generate(arguments.prompt, length=300, temperature=0.7, include_prompt=True))

    arguments.out.mkdir(parents=True, exist_ok=True)
    model.save(arguments.out / "model.keras")
    print(rnnzoo.export(model, arguments.out / "saved_model"))


if __name__ == "__main__":
    main()
