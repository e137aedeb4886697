"""How fast does a captioner write with beam search, against what one would write by hand?

    python benchmarks/caption_decoding.py

Measures captions per second of the pretrained `caption_lstm`, with a beam of 4, written by

- rnnzoo: `Captioner.captions`, the picture's encoder and the search in one compiled function,
- keras: a Keras model of the encoder and one of a step, called for each word, by `predict` and in a
  `tf.function`, and the beam kept in NumPy.

Both have the same weights and must find the same best sentence. They take turns, round after round;
the median round counts. Prints a table and writes benchmarks/results/caption_decoding.json.
"""

import argparse

import numpy as np
import record
from beam import WIDTH, measure, writers

import rnnzoo
from rnnzoo.platform import keras
from rnnzoo.training import load_model

MAX_WORDS = 30


def keras_captioners(model) -> dict:
    """By name, the same captioner, with condition "both", as two Keras models and a search."""
    (layer,) = model.decoder.layers
    pixels = keras.Input((model.preprocessor.size, model.preprocessor.size, 3), dtype="uint8")
    state = [keras.Input((layer.units,)) for _ in range(2)]
    seen = keras.Input((model.embedding_size,))
    ids = keras.Input((1,), dtype="int32")

    lstm = keras.layers.LSTM(layer.units, return_state=True, unroll=True)
    first = [keras.layers.Dense(layer.units, activation="tanh") for _ in state]
    embedding = keras.layers.Embedding(model.vocabulary.size, model.embedding_size)
    output = keras.layers.Dense(model.embedding_size, activation="tanh")
    logits = keras.layers.Dense(model.vocabulary.size, activation="log_softmax")
    vector = keras.layers.Dense(model.embedding_size)
    v = vector(model.encoder(pixels))
    encoder = keras.Model(pixels, [*(to_state(v) for to_state in first), v])
    x = keras.layers.Concatenate()([embedding(ids), seen[:, None]])
    h, *new_state = lstm(x, initial_state=state)
    stepper = keras.Model([ids, *state, seen], [logits(output(h)), *new_state, seen])
    words = model.embedding.get_weights()[0]
    for theirs, weights in (
        (lstm, layer.get_weights()),
        *zip(first, (to.get_weights() for to in model.to_state.values()), strict=True),
        (vector, model.projection.get_weights()),
        (embedding, [words]),
        (output, model.output_layer.get_weights()),
        (logits, [words.T, model.bias.numpy()]),
    ):
        theirs.set_weights(weights)

    return writers(model.vocabulary, encoder, stepper, MAX_WORDS)


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="caption_lstm", help="as `rnnzoo predict` takes it")
    parser.add_argument("--batch-sizes", type=int, nargs="+", default=[1, 32])
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    model = load_model(arguments.model)
    test = rnnzoo.load_captions("emoji_captions").test
    of_both = {
        "rnnzoo": lambda pictures: model.caption(
            pictures, beam_width=WIDTH, max_words=MAX_WORDS, batch_size=len(pictures)
        ),
        **keras_captioners(model),
    }
    results = {}
    for batch_size in arguments.batch_sizes:
        pictures = np.stack([test.media[i] for i in range(batch_size)])
        results[str(batch_size)] = measure(of_both, pictures, arguments.rounds)
        for name, row in results[str(batch_size)].items():
            print(f"{batch_size:5}  {name:20} {row['per_second']:10.2f} captions/s")
    record.write(
        "caption_decoding",
        {
            "what": f"captions per second by batch size, beam of {WIDTH}, median of the rounds",
            "model": arguments.model,
            "rounds": arguments.rounds,
            "results": results,
        },
    )


if __name__ == "__main__":
    main()
