"""What does the forward algorithm cost as a product of matrices, and as a sum over pairs?

    python benchmarks/hidden_markov.py

Measures log p(x) of a hidden Markov model, and that with its gradients by the log-likelihoods of
the steps and by all weights, in two forms of the step over hidden states i and j:

- matrix: `rnnzoo.cells.HiddenMarkovCell`, log(softmax(h) A), whose floor is 1e-37,
- pairs: log sum_i exp(h_i + log A(i, j)), which has no floor, and a tensor (batch, i, j).

Both run in `rnnzoo.layers.Recurrent`, in a `tf.function` that knows all shapes; and their answers
must agree. Each is timed in a process of its own; the processes take turns. Reported are the
median, the least and the greatest of the processes' median times, the ratios within each turn, and
by how much the most memory that the process held grew with the passes. Prints a table and writes
benchmarks/results/hidden_markov.json.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from statistics import median

import numpy as np
import record

from rnnzoo.cells import HiddenMarkovCell
from rnnzoo.layers import Recurrent
from rnnzoo.platform import keras, tf

ops = keras.ops
FORMS = ("matrix", "pairs")
WHAT = ("forward", "with gradients")


class PairsCell(HiddenMarkovCell):
    """The same step, in log space throughout."""

    def recur(self, state):
        h, begun = state
        ways = ops.log_softmax(h)[..., None] + ops.log_softmax(self.transition_logits)
        return ops.where(
            begun > 0, ops.logsumexp(ways, axis=-2), ops.log_softmax(self.initial_logits)
        )


def measured(form: str, what: str, size: dict, passes: int) -> dict:
    """Seconds of the passes, megabytes, and the sum of all log-likelihoods."""
    keras.utils.set_random_seed(0)
    states = size["states"]
    kind = HiddenMarkovCell if form == "matrix" else PairsCell
    cell = kind(states, keras.initializers.RandomNormal(stddev=1.0))
    layer = Recurrent(cell, return_sequences=True)
    shape = (size["batch"], size["steps"], states)
    layer.build(shape)
    x = tf.constant(np.random.default_rng(0).normal(size=shape).astype("float32"))
    weights = [w.value for w in layer.trainable_weights]

    @tf.function(autograph=False)
    def run(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            log_prob = tf.reduce_sum(tf.reduce_logsumexp(layer(x), axis=-1))
        return log_prob, [] if what == "forward" else tape.gradient(log_prob, [x, *weights])

    graph = run.get_concrete_function(x)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds = []
    for _ in range(passes + 1):  # the first one compiles
        begin = time.perf_counter()
        log_prob, gradients = graph(x)
        sums = [float(tf.reduce_sum(tf.abs(g))) for g in gradients]
        seconds.append(time.perf_counter() - begin)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    answer = [float(log_prob), *sums]
    return {"seconds": median(seconds[1:]), "megabytes": grown / 1024, "answer": answer}


def main() -> None:
    """Take turns, compare, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--steps", type=int, default=128)
    parser.add_argument("--states", type=int, default=128)
    parser.add_argument("--passes", type=int, default=5, help="in each process")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", nargs=2, help=argparse.SUPPRESS)  # in a process of its own
    given = vars(parser.parse_args())
    only = given.pop("only")
    size = {key: given[key] for key in ("batch", "steps", "states")}
    if only:
        print(json.dumps(measured(*only, size, given["passes"])))
        return
    found = {what: {form: [] for form in FORMS} for what in WHAT}
    for _ in range(given["rounds"]):
        for what, of_what in found.items():
            for form, of_form in of_what.items():
                command = [sys.executable, *sys.argv, "--only", form, what]
                done = subprocess.run(command, capture_output=True, text=True, check=True)
                of_form.append(json.loads(done.stdout.splitlines()[-1]))
            answers = [of_form[-1]["answer"] for of_form in of_what.values()]
            np.testing.assert_allclose(*answers, rtol=1e-3)
    figures = {what: figures_of(of_what) for what, of_what in found.items()}
    record.write("hidden_markov", {**given, **figures})


def figures_of(found: dict) -> dict:
    """What the results file says of both forms; printed, too."""
    figures = {}
    for form, runs in found.items():
        ratios = [p["seconds"] / r["seconds"] for p, r in zip(found["pairs"], runs, strict=True)]
        figures[form] = {
            "seconds": record.spread([run["seconds"] for run in runs]),
            "times_as_fast_as_pairs": record.spread(ratios),
            "megabytes": record.spread([run["megabytes"] for run in runs]),
        }
        print(
            f"{form:8} {record.shown(figures[form]['seconds'], 3):>26} s"
            f" {record.shown(figures[form]['times_as_fast_as_pairs'], 1):>22} times as fast"
            f" {record.shown(figures[form]['megabytes'], 0):>24} MB"
        )
    return figures


if __name__ == "__main__":
    main()
