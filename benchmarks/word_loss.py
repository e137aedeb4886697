"""What does it save to make the logits of some words at a time?

    python benchmarks/word_loss.py

Loss, perplexity, accuracy and all gradients of a batch's words, from the last layer's outputs: by
`rnnzoo.tasks.losses.word_loss`, and from all logits at once with Keras's loss and metrics. Taking
turns. Writes benchmarks/results/word_loss.json.
"""

import argparse
import time

import numpy as np
import record

from rnnzoo.platform import keras, tf
from rnnzoo.tasks.losses import word_loss

SIZE = 128  # of a word's vector
SIZES = ((384, 1_000), (384, 10_000), (1536, 10_000), (1536, 30_000))  # words to predict, to choose


def by_parts(variables, ids, weight):
    """The loss, two means that make up the metrics, and the gradients."""
    with tf.GradientTape() as tape:
        loss, nats, right = word_loss(*variables, ids, weight)
    means = tf.reduce_mean(nats), tf.reduce_mean(right)
    return loss, *means, *tape.gradient(loss, variables)


def at_once(variables, ids, weight):
    """The same by Keras's functions, of which loss and metrics are made."""
    outputs, vectors, bias = variables
    with tf.GradientTape() as tape:
        logits = tf.matmul(outputs[0], vectors, transpose_b=True)[None] + bias
        nats = keras.losses.sparse_categorical_crossentropy(ids, logits, from_logits=True)
        loss = tf.reduce_mean(nats * weight)
    again = keras.losses.sparse_categorical_crossentropy(ids, logits, from_logits=True)
    right = keras.metrics.sparse_categorical_accuracy(ids, logits)
    means = tf.reduce_mean(again), tf.reduce_mean(right)
    return loss, *means, *tape.gradient(loss, variables)


def measure(rows, words, rounds) -> dict:
    """Milliseconds of both ways, and how many times as fast the first is."""
    random = np.random.default_rng(0)
    shapes = (1, rows, SIZE), (words, SIZE), (words,)
    variables = [tf.Variable(random.normal(size=shape).astype("float32") / 11) for shape in shapes]
    ids = tf.constant(random.integers(words, size=(1, rows)), tf.int32)
    ways = {way.__name__: tf.function(way, autograph=False) for way in (by_parts, at_once)}
    arguments = (variables, ids, tf.ones((1, rows)))
    results = {name: way(*arguments) for name, way in ways.items()}  # traces, too
    for ours, theirs in zip(*results.values(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-5)
    seconds = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            begin = time.perf_counter()
            way(*arguments)[0].numpy()
            seconds[name].append(time.perf_counter() - begin)
    ratios = [b / a for a, b in zip(*seconds.values(), strict=True)]
    return {
        "words": rows,
        "vocabulary": words,
        **{f"{k}_ms": record.spread([1000 * s for s in v]) for k, v in seconds.items()},
        "times_as_fast": record.spread(ratios),
    }


def main() -> None:
    """Measure, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=20)
    rounds = parser.parse_args().rounds
    found = [measure(*sizes, rounds) for sizes in SIZES]
    record.write("word_loss", {"rounds": rounds, "size": SIZE, "figures": found})


if __name__ == "__main__":
    main()
