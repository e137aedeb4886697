"""How much faster does a tagger train whose only memory is its last tag?

    python benchmarks/feedback_speed.py

Measures a training step (forward, backward, AdamW) on a batch of random characters, of

- tagger_output_rnn: by teacher forcing all last tags are known, and there is no loop over time,
- the same with recurrence over states, too: simple units, as many, which are fed the last tag,
- tagger_rnn with as many units, which is fed no tags,
- tagger_output_rnn with scheduled sampling, which draws the tags that it is fed one by one.

They take turns. Reported are the median, the least and the greatest time of a step, and the ratios
to the first one's within each turn. Prints a table and writes
benchmarks/results/feedback_speed.json.
"""

import argparse
import functools
import os
import time

import numpy as np
import record

import rnnzoo
from rnnzoo.platform import keras, tf
from rnnzoo.tasks.tagging.feedback.tagger import RISE
from zoo_models.tagging import REFERENCE

FIRST = "tagger_output_rnn"
SIDES = {
    FIRST: (FIRST, {}),
    "and recurrence over states": ("tagger_feedback_lstm", {"cell": "rnn"}),
    "tagger_rnn": ("tagger_rnn", {}),
    "scheduled sampling": (FIRST, {"scheduled_sampling": 0.5}),
}


def steps(units, batch, length):
    """By name, a function that trains for one step and returns the loss."""
    rng = np.random.default_rng(0)
    characters, tags = (len(REFERENCE[kind]) for kind in ("characters", "tags"))
    x = {
        "ids": tf.constant(rng.integers(1, characters, (batch, length), np.int32)),
        "lengths": tf.fill([batch], length),
    }
    y = tf.constant(rng.integers(0, tags, (batch, length), np.int32))
    weight = tf.ones((batch, length))
    found = {}
    for name, (registered, options) in SIDES.items():
        keras.utils.set_random_seed(0)
        model = rnnzoo.create_model(registered, units=units, **options, **REFERENCE)
        model.compile()
        model.optimizer.build(model.trainable_variables)
        model.optimizer.iterations.assign(RISE)
        model.train_step((x, y, weight))  # makes the variables of the metrics
        found[name] = step_of(model, (x, y, weight))
    return found


def step_of(model, batch):
    """A function of nothing that trains on a batch and returns the loss."""
    # A partial is counted by itself, where TensorFlow warns of functions of one code.
    one = functools.partial(lambda: model.train_step(batch)["loss"])
    compiled = tf.function(one, autograph=False)
    return lambda: compiled().numpy()


def main() -> None:
    """Time and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--units", type=int, default=234)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--lengths", type=int, nargs="+", default=[32, 256])
    parser.add_argument("--rounds", type=int, default=15)
    given = vars(parser.parse_args())
    figures = {}
    for length in given["lengths"]:
        run = steps(given["units"], given["batch"], length)
        for step in run.values():
            step()
        seconds = {name: [] for name in run}
        for _ in range(given["rounds"]):
            for name, step in run.items():
                begin = time.perf_counter()
                step()
                seconds[name].append(time.perf_counter() - begin)
        figures[length] = {}
        for name, of_one in seconds.items():
            ratios = [s / f for s, f in zip(of_one, seconds[FIRST], strict=True)]
            figures[length][name] = {
                "milliseconds": record.spread([1000 * s for s in of_one]),
                "times_the_first": record.spread(ratios),
            }
            print(
                f"{length:4} steps  {name:28}"
                f" {record.shown(figures[length][name]['milliseconds'], 1):>28} ms"
                f" {record.shown(figures[length][name]['times_the_first'], 1):>24} times",
                flush=True,
            )
    threads = os.environ.get("TF_NUM_INTRAOP_THREADS", "as many as cores")
    record.write("feedback_speed", {**given, "threads": threads, "steps": figures})


if __name__ == "__main__":
    main()
