"""Train the encoder of a captioner to name single things first: plain Keras, pictures to weights.

It learns each word of a name by itself: who knows "red" and "apple" may know a red apple.

    python -m training_scripts.encoder --out runs/encoder
    rnnzoo train caption_attention_lstm --data emoji_scenes --set fine_tune=True \
        --set encoder_weights=runs/encoder/encoder.weights.h5

A captioner that starts with these weights has the same `filters`. Its pictures may be larger, as
weights of convolutions fit any size.
"""

import argparse
from pathlib import Path

import numpy as np

import rnnzoo
from rnnzoo.platform import keras, tf
from zoo_models.options import frame_network


def main(argv: list[str] | None = None) -> None:
    """Train, say how good it is at what it wasn't trained on, save the encoder's weights."""
    parser = argparse.ArgumentParser(description="Train the encoder of a captioner.")
    parser.add_argument("--data", default="emoji_things", help="a source, or a folder of folders")
    parser.add_argument("--filters", type=int, nargs="+", default=[16, 32, 48, 64])
    parser.add_argument("--size", type=int, default=32, help="pixels that pictures are resized to")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("runs/script"))
    arguments = parser.parse_args(argv)

    keras.utils.set_random_seed(arguments.seed)
    data = rnnzoo.load_pictures(arguments.data)
    words = sorted({word for name in data.classes for word in str(name).split()})
    named = np.array([[word in str(name).split() for word in words] for name in data.classes])
    train, validation, test = (
        (pixels(part.x, arguments.size), named[part.labels].astype(np.float32))
        for part in (data.train, data.validation, data.test)
    )
    encoder = frame_network(arguments.filters, None, normalize=True, flatten=False)
    classifier = keras.Sequential(
        [
            encoder,
            keras.layers.GlobalMaxPooling2D(),  # what it is, wherever it is
            keras.layers.Dense(len(words), activation="sigmoid"),
        ]
    )
    classifier.compile(keras.optimizers.Adam(3e-3), "binary_crossentropy")
    classifier.fit(*train, validation_data=validation, epochs=arguments.epochs, verbose=2)
    right = (classifier.predict(test[0], verbose=0) > 0.5) == test[1]
    print(f"all {len(words)} words right: {right.all(axis=1).mean():.3f} of the test pictures")

    arguments.out.mkdir(parents=True, exist_ok=True)
    encoder.save_weights(arguments.out / "encoder.weights.h5")


def pixels(pictures: list[np.ndarray], size: int) -> np.ndarray:
    """Pictures as float32 (n, size, size, 3), from 0 to 255."""
    resized = [tf.image.resize(picture, (size, size), antialias=True) for picture in pictures]
    return np.stack([np.broadcast_to(picture, (size, size, 3)) for picture in resized])


if __name__ == "__main__":
    main()
