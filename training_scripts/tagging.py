"""Train a tagger and export it: plain Keras, from tagged sequences to SavedModel.

    python -m training_scripts.tagging --data UD_English-EWT --out runs/tagger

`rnnzoo train` makes the same calls, and keeps a run folder with checkpoints that resume exactly.
"""

import argparse
from pathlib import Path

import rnnzoo


def main(argv: list[str] | None = None) -> None:
    """Train, say how good the model is, tag a sequence, save and export."""
    parser = argparse.ArgumentParser(description="Train a tagger.")
    parser.add_argument("--model", default="tagger_bilstm", help="see `rnnzoo list`")
    parser.add_argument(
        "--data", default="python_tokens", help="a source, a CoNLL file or a folder"
    )
    parser.add_argument("--window", type=int, default=256, help="longest piece of a sequence")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path("runs/script"))
    arguments = parser.parse_args(argv)

    tagged = rnnzoo.load_tagged(arguments.data)
    model = rnnzoo.create_model(arguments.model)
    model.fit(
        *zip(*tagged.train, strict=True),
        validation_data=tuple(zip(*tagged.validation, strict=True)),
        window=arguments.window,
        epochs=arguments.epochs,
    )
    tokens, tags = (tagged.test or tagged.validation)[0]
    print(*zip(tokens[:20], tags[:20], model.tag(tokens[:20]), strict=True), sep="\n")

    arguments.out.mkdir(parents=True, exist_ok=True)
    model.save(arguments.out / "model.keras")
    print(rnnzoo.export(model, arguments.out / "saved_model"))


if __name__ == "__main__":
    main()
