"""How fast does a translator learn and write, against what one would build of Keras's own layers?

    python benchmarks/translation_speed.py

- Training: sentences per second of whole training steps of a `translate_lstm` on a batch of
  `ui_messages`, without dropout and label smoothing, against a Keras model with layers of the same
  sizes, but with output weights of their own, as is usual. Both steps are a `tf.function`.
- Writing: sentences per second of beam search by a small `translate_lstm`, trained for a minute or
  two, against a Keras model of the encoder and one of a step, called for each word, by `predict`
  and in a `tf.function`, and the beam kept in NumPy. Both have the same weights and must find the
  same best sentence. Nothing is copied, as Keras's models know of no marks.

They take turns, round after round; the median round counts. Prints a table and writes
benchmarks/results/translation_training.json and translation_decoding.json.
"""

import argparse
import tempfile
import time
from statistics import median

import numpy as np
import record
from beam import BOS, EOS, WIDTH, measure, writers

import rnnzoo
from rnnzoo.platform import keras, tf

MAX_WORDS = 40
BATCH_SIZE = 64
SMALL = {"units": 128, "layers": 1, "embedding_size": 96, "copying": False}


def keras_model(model):
    """Keras's form of a translator: its training model, and the models of encoder and step."""
    units = model.encoder.layers[0].units
    read, written, mask = (keras.Input((None,), dtype=t) for t in ("int32", "int32", "bool"))
    ids = keras.Input((1,), dtype="int32")
    state = [keras.Input((units,)) for _ in range(2 * len(model.encoder.layers))]

    def embedding(weights):
        layer = keras.layers.Embedding(*weights.shape)
        layer.build((None, None))
        layer.set_weights([weights])
        return layer

    def lstm(ours):
        layer = keras.layers.LSTM(units, return_sequences=True, return_state=True)
        layer.build((None, None, ours.cell.kernel.shape[0]))
        layer.set_weights(ours.get_weights())
        return layer

    words = model.embedding.get_weights()[0]
    sources, targets = embedding(model.source_embedding.get_weights()[0]), embedding(words)
    stacks = (model.encoder, model.decoder)
    encoders, steps = ([lstm(layer) for layer in of.layers] for of in stacks)
    output = keras.layers.Dense(words.shape[1], activation="tanh")
    logits = keras.layers.Dense(len(words))

    begun, x = [], sources(read)
    for layer in encoders:
        x, *states = layer(x, mask=mask)
        begun += states
    y = targets(written)
    for i, layer in enumerate(steps):
        y, *_ = layer(y, initial_state=begun[2 * i : 2 * i + 2])
    trained = keras.Model([read, mask, written], logits(output(y)))

    z, new_state = targets(ids), []
    for i, layer in enumerate(steps):
        z, *states = layer(z, initial_state=state[2 * i : 2 * i + 2])
        new_state += states
    log_probs = keras.layers.Activation("log_softmax")(logits(output(z))[:, 0])
    output.set_weights(model.output_layer.get_weights())
    logits.set_weights([words.T, model.bias.numpy()])
    encoder = keras.Model([read, mask], begun)
    return trained, encoder, keras.Model([ids, *state], [log_probs, *new_state])


def training(model, batch, rounds: int, steps: int = 10) -> dict:
    """Sentences per second of training steps."""
    x, ids, weight = batch
    theirs, *_ = keras_model(model)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    for side, its_loss in ((model, None), (theirs, loss)):
        optimizer = keras.optimizers.AdamW(2e-3, weight_decay=1e-2, global_clipnorm=1.0)
        side.compile(optimizer, its_loss)
    read, mask = map(tf.constant, reversed_sources(x["sources"]))
    written = tf.concat([tf.fill((len(ids), 1), BOS), ids[:, :-1]], axis=1)
    given = {"rnnzoo": (x, ids, weight), "keras": ((read, mask, written), ids, weight)}
    sides = {}
    for name, side in (("rnnzoo", model), ("keras", theirs)):
        step = tf.function(side.train_step, autograph=False)
        sides[name] = lambda step=step, name=name: float(step(given[name])["loss"])
    seconds = {name: [] for name in sides}
    for _ in range(1 + rounds):
        for name, step in sides.items():
            begin = time.perf_counter()
            for _ in range(steps):
                step()
            seconds[name].append((time.perf_counter() - begin) / steps)
    return {
        name: {
            "sentences_per_second": round(BATCH_SIZE / median(of_one[1:]), 1),
            "rnnzoo_is_times_as_fast": round(
                median(
                    theirs / ours
                    for ours, theirs in zip(seconds["rnnzoo"][1:], of_one[1:], strict=True)
                ),
                2,
            ),
        }
        for name, of_one in seconds.items()
    }


def reversed_sources(ids):
    """Ids as `Translator.read` has them before the layers, and which are real."""
    ids = np.asarray(ids)
    mask = np.cumsum(ids == EOS, axis=1) - (ids == EOS) == 0
    read = ids.copy()
    for row, length in zip(read, mask.sum(axis=1) - 1, strict=True):
        row[:length] = row[:length][::-1]
    return read, mask


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batch-sizes", type=int, nargs="+", default=[1, 32])
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    keras.utils.set_random_seed(0)
    pairs = rnnzoo.load_pairs("ui_messages")
    model = rnnzoo.create_model("translate_lstm", dropout=0.0, label_smoothing=0.0)
    x, ids, weight = next(iter(model.feed("ui_messages", BATCH_SIZE).training()))
    trained = training(model, (x, ids, weight), arguments.rounds)
    print(trained)
    length = {"sources": x["sources"].shape[1], "targets": ids.shape[1]}
    how = {"model": "translate_lstm", "rounds": arguments.rounds}
    what = f"sentences per second of training, batches of {BATCH_SIZE}, padded to {length}"
    record.write("translation_training", {"what": what, **how, "results": {"64": trained}})

    with tempfile.TemporaryDirectory() as folder:  # so that it knows where a sentence ends
        rnnzoo.train("translate_lstm", out=folder, steps=600, overrides=SMALL, baseline=False)
        model = rnnzoo.load_model(folder)
    _, encoder, stepper = keras_model(model)
    results = {}
    for batch_size in arguments.batch_sizes:
        sources = list(pairs.test.sources[:batch_size])
        by_hand = {
            name: lambda sources, write=write: write(
                *reversed_sources(model.source_vocabulary.encode(sources).to_tensor(EOS))
            )
            for name, write in writers(model.vocabulary, encoder, stepper, MAX_WORDS).items()
        }
        ours = {
            "rnnzoo": lambda sources: model.translate(
                sources,
                beam_width=WIDTH,
                length_power=0.0,
                max_words=MAX_WORDS,
                batch_size=len(sources),
            )
        }
        results[str(batch_size)] = measure({**ours, **by_hand}, sources, arguments.rounds)
        for name, row in results[str(batch_size)].items():
            print(f"{batch_size:5}  {name:20} {row['per_second']:10.2f} sentences/s")
    what = f"sentences per second by batch size, beam of {WIDTH}, median of the rounds"
    record.write("translation_decoding", {"what": what, **how, "results": results})


if __name__ == "__main__":
    main()
