"""Train a translator and export it: plain Keras, from pairs of sentences to SavedModel.

    python -m training_scripts.translation --data pairs.tsv --out runs/translator

`rnnzoo train` makes the same calls, and keeps a run folder with checkpoints that resume exactly.
"""

import argparse
from pathlib import Path

import rnnzoo


def main(argv: list[str] | None = None) -> None:
    """Train, say how good the model is, translate some sentences, save and export."""
    parser = argparse.ArgumentParser(description="Train a translator.")
    parser.add_argument("--model", default="translate_attention_gru", help="see `rnnzoo list`")
    parser.add_argument("--data", default="ui_messages", help="a source, a file, or a folder")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--out", type=Path, default=Path("runs/script"))
    arguments = parser.parse_args(argv)

    data = rnnzoo.load_pairs(arguments.data)
    model = rnnzoo.create_model(arguments.model)
    model.fit(
        data.train.sources,
        data.train.targets,
        validation_data=(data.validation.sources, data.validation.targets),
        epochs=arguments.epochs,
    )
    held_out = data.test if len(data.test) else data.validation
    sources, targets = held_out.sources[:5], held_out.targets[:5]
    for source, target, answer in zip(sources, targets, model.translate(sources), strict=True):
        print(f"{source!r}: {answer!r} (by hand {target!r})")

    arguments.out.mkdir(parents=True, exist_ok=True)
    model.save(arguments.out / "model.keras")
    print(rnnzoo.export(model, arguments.out / "saved_model"))


if __name__ == "__main__":
    main()
