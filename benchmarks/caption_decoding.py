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
import time
from statistics import median

import numpy as np
import record

import rnnzoo
from rnnzoo.platform import keras, tf
from rnnzoo.training import load_model

WIDTH, MAX_WORDS = 4, 30
UNKNOWN, START, STOP = range(3)


def keras_captioners(model) -> dict:
    """By name, the same captioner as two Keras models and a search in NumPy."""
    (layer,) = model.recurrent.layers
    pixels = keras.Input((model.size, model.size, 3), dtype="uint8")
    state = [keras.Input((layer.units,)) for _ in range(2)]
    ids = keras.Input((1,), dtype="int32")

    lstm = keras.layers.LSTM(layer.units, return_state=True, unroll=True)
    embedding = keras.layers.Embedding(model.vocabulary.size, model.embedding_size)
    output = keras.layers.Dense(model.embedding_size, activation="tanh")
    logits = keras.layers.Dense(model.vocabulary.size, activation="log_softmax")
    vector = keras.layers.Dense(model.embedding_size)
    _, *begun = lstm(vector(model.encoder(pixels))[:, None])
    encoder = keras.Model(pixels, begun)
    h, *new_state = lstm(embedding(ids), initial_state=state)
    stepper = keras.Model([ids, *state], [logits(output(h)), *new_state])
    words = model.words.get_weights()[0]
    for theirs, weights in (
        (lstm, layer.get_weights()),
        (vector, model.project.get_weights()),
        (embedding, [words]),
        (output, model.output_layer.get_weights()),
        (logits, [words.T, model.bias.numpy()]),
    ):
        theirs.set_weights(weights)

    def compiled(network):
        run = tf.function(lambda *x: network(list(x) if len(x) > 1 else x[0]), autograph=False)
        return lambda *x: [value.numpy() for value in run(*map(tf.constant, x))]

    def predicted(network):
        return lambda *x: network.predict(list(x) if len(x) > 1 else x[0], verbose=0)

    ways = {"keras, predict": predicted, "keras, tf.function": compiled}
    return {name: search(model, way(encoder), way(stepper)) for name, way in ways.items()}


def search(model, encode, step):
    """A function from pictures to their best sentences: beam search in NumPy."""
    shown = model.vocabulary.shown

    def caption(pictures):
        rows, width = len(pictures), WIDTH
        state = [np.repeat(value, width, axis=0) for value in encode(pictures)]
        live = np.full((rows, width), -np.inf)
        live[:, 0] = 0
        ids = np.full((rows, width), START)
        sentences = [[[] for _ in range(width)] for _ in range(rows)]
        finished = [[] for _ in range(rows)]
        for _ in range(MAX_WORDS + 1):
            log_probs, *state = step(ids.reshape(-1, 1).astype("int32"), *state)
            log_probs[:, [UNKNOWN, START]] = -np.inf
            total = live[..., None] + log_probs.reshape(rows, width, -1)
            flat = total.reshape(rows, -1)
            best = np.argpartition(-flat, 2 * width, axis=1)[:, : 2 * width]
            order = np.argsort(-np.take_along_axis(flat, best, axis=1), axis=1)
            best = np.take_along_axis(best, order, axis=1)
            parents = np.zeros((rows, width), int)
            written = []
            for row in range(rows):
                kept = []
                for place in best[row]:
                    parent, word = divmod(place, total.shape[-1])
                    score = total[row, parent, word]
                    if word == STOP:
                        finished[row].append((score, sentences[row][parent]))
                    elif len(kept) < width:
                        kept.append((score, parent, word))
                finished[row] = sorted(finished[row], key=lambda f: -f[0])[:width]
                written.append([[*sentences[row][parent], word] for _, parent, word in kept])
                live[row], parents[row], ids[row] = zip(*kept, strict=True)
            sentences = written
            order = (np.arange(rows)[:, None] * width + parents).ravel()
            state = [value[order] for value in state]
            if all(len(f) == width and f[-1][0] >= live[i, 0] for i, f in enumerate(finished)):
                break
        words = [[shown[word] for word in f[0][1]] for f in finished]
        return [text.decode() for text in model.vocabulary.join(tf.ragged.constant(words)).numpy()]

    return caption


def measure(writers: dict, pictures, rounds: int) -> dict:
    """Figures of each writer for some pictures."""
    seconds, answers = {name: [] for name in writers}, {}
    for _ in range(1 + rounds):
        for name, write in writers.items():
            begin = time.perf_counter()
            answers[name] = write(pictures)
            seconds[name].append(time.perf_counter() - begin)
    for name, found in answers.items():
        assert found == answers["rnnzoo"], f"{name}: {found} is not {answers['rnnzoo']}"
    speeds = {name: [len(pictures) / s for s in of_one[1:]] for name, of_one in seconds.items()}
    return {
        name: {
            "captions_per_second": round(median(of_one), 2),
            "slowest": round(min(of_one), 2),
            "fastest": round(max(of_one), 2),
            "rnnzoo_is_times_as_fast": round(
                median(
                    ours / theirs for ours, theirs in zip(speeds["rnnzoo"], of_one, strict=True)
                ),
                1,
            ),
        }
        for name, of_one in speeds.items()
    }


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="caption_lstm", help="as `rnnzoo predict` takes it")
    parser.add_argument("--batch-sizes", type=int, nargs="+", default=[1, 32])
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    model = load_model(arguments.model)
    test = rnnzoo.load_captions("emoji_captions").test
    writers = {
        "rnnzoo": lambda pictures: model.caption(
            pictures, beam_width=WIDTH, max_words=MAX_WORDS, batch_size=len(pictures)
        ),
        **keras_captioners(model),
    }
    results = {}
    for batch_size in arguments.batch_sizes:
        pictures = np.stack([test.media[i] for i in range(batch_size)])
        results[str(batch_size)] = measure(writers, pictures, arguments.rounds)
        for name, row in results[str(batch_size)].items():
            print(f"{batch_size:5}  {name:20} {row['captions_per_second']:10.2f} captions/s")
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
