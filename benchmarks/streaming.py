"""How long does one character take an exported model that streams, against Keras alone?

    python benchmarks/streaming.py

Measures the latency of one step of a character model of one LSTM layer:

- rnnzoo: `step` of its SavedModel, exported to a temporary folder and loaded again, ids and state
  in, log-probabilities and state out,
- keras: a Keras model of one step, its state as inputs and outputs: by `predict`, whose time is
  mostly what each call of it sets up; and called in a `tf.function`, without and with XLA.

All have the same weights and must give the same log-probabilities. Each step goes on from the
state of the one before, and ends when its probabilities are a NumPy array. They take turns, some
steps a turn; the first of a turn doesn't count. Prints a table and writes
benchmarks/results/streaming.json.
"""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import record
from stepper import keras_steppers

import rnnzoo
from rnnzoo.platform import keras, tf
from rnnzoo.training import load_model

COMPARED = 20  # steps whose log-probabilities must be the same
A_TURN = 20  # steps


def saved_model_steps(loaded, batch_size):
    """A function of ids that makes the next step of a loaded SavedModel."""
    state = loaded.init(tf.constant(batch_size))

    def step(ids):
        nonlocal state
        state = dict(loaded.step(tf.constant(ids), state))
        return state.pop("log_probs").numpy()

    return step


def keras_steps(step, batch_size, units):
    """A function of ids that makes the next step of a Keras model."""
    state = [np.zeros((batch_size, units), "float32")] * 2

    def next_step(ids):
        nonlocal state
        log_probs, *state = step(ids, state)
        return np.asarray(log_probs)

    return next_step


def measure(sides: dict, ids: np.ndarray, counts: dict) -> dict:
    """Figures of each side, which reads the rows of ``ids`` one after the other."""
    for t in range(COMPARED):
        log_probs = {name: step(ids[t]) for name, step in sides.items()}
        for name, theirs in log_probs.items():
            apart = float(np.abs(theirs - log_probs["rnnzoo"]).max())
            assert apart < 1e-3, f"step {t}: log-probabilities of {name} are {apart} from ours"

    seconds = {name: [] for name in sides}
    turn = 0
    while any(len(seconds[name]) < counts[name] for name in sides):
        turn += 1
        for name, step in sides.items():
            if len(seconds[name]) >= counts[name] * turn * A_TURN / max(counts.values()):
                continue  # the slow one takes fewer turns, over the same time
            step(ids[0])
            for t in range(A_TURN):
                begin = time.perf_counter()
                step(ids[t % len(ids)])
                seconds[name].append(time.perf_counter() - begin)
    rows = {}
    for name, times in seconds.items():
        middle, high = np.percentile(times, [50, 95]) * 1e6
        rows[name] = {
            "median_microseconds": round(float(middle), 1),
            "p95_microseconds": round(float(high), 1),
            "steps": len(times),
        }
    for row in rows.values():
        ratio = row["median_microseconds"] / rows["rnnzoo"]["median_microseconds"]
        row["ratio"] = round(ratio, 2)
    return rows


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="char_lstm", help="as `rnnzoo generate` takes it")
    parser.add_argument("--batch-sizes", type=int, nargs="+", default=[1, 32])
    parser.add_argument("--steps", type=int, default=3000, help="that are timed")
    parser.add_argument("--predict-steps", type=int, default=300, help="by predict")
    arguments = parser.parse_args()
    if min(*arguments.batch_sizes, arguments.steps, arguments.predict_steps) < 1:
        parser.error("batch sizes and steps: expected at least 1")

    model = load_model(arguments.model)
    if [type(layer) for layer in model.recurrent.layers] != [rnnzoo.layers.LSTM]:
        parser.error(f"{arguments.model} is not a model of one LSTM layer such as char_lstm")
    steppers = keras_steppers(model, head=keras.ops.log_softmax)
    units = model.recurrent.layers[0].units
    counts = dict.fromkeys(["rnnzoo", *steppers], arguments.steps)
    counts["keras, predict"] = arguments.predict_steps
    random = np.random.default_rng(0)
    results = {}
    print("batch  side                   median  95th percentile  ratio: theirs / rnnzoo")
    with tempfile.TemporaryDirectory() as folder:
        loaded = tf.saved_model.load(rnnzoo.export(model, Path(folder) / "saved_model"))
        for batch_size in arguments.batch_sizes:
            sides = {"rnnzoo": saved_model_steps(loaded, batch_size)}
            for name, step in steppers.items():
                sides[name] = keras_steps(step, batch_size, units)
            ids = random.integers(1, model.vocabulary.size, (100, batch_size), dtype="int32")
            results[str(batch_size)] = measure(sides, ids, counts)
            for name, row in results[str(batch_size)].items():
                print(
                    f"{batch_size:5}  {name:18} {row['median_microseconds']:7,.0f} us "
                    f"{row['p95_microseconds']:13,.0f} us {row['ratio']:7.2f}",
                    flush=True,
                )

    record.write(
        "streaming",
        {
            "what": "microseconds of one step by batch size; ratio of medians: theirs / ours",
            "model": Path(arguments.model).name,
            "units": units,
            "vocabulary": model.vocabulary.size,
            "results": results,
        },
    )


if __name__ == "__main__":
    main()
