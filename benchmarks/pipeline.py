"""Is the data pipeline ever what training waits for?

    python benchmarks/pipeline.py

Measures batches per second of each training pipeline alone, and steps per second of `char_lstm`
that trains from it; the best of several rounds counts. The pipeline prefetches while a step runs,
so training waits only where the ratio of the two comes near 1. Prints the ratios and writes
benchmarks/results/pipeline.json.
"""

import argparse
import time

import record

import rnnzoo
from rnnzoo.data import contiguous, load_text, shuffled_windows
from rnnzoo.platform import keras


def batches_per_second(dataset, count: int) -> float:
    """How fast `dataset` gives `count` batches when nothing else runs."""
    batches = iter(dataset)
    next(batches)
    begin = time.perf_counter()
    for _ in range(count):
        next(batches)
    return count / (time.perf_counter() - begin)


def steps_per_second(model, dataset, count: int) -> float:
    """How fast `model` takes `count` training steps from `dataset`, without the first."""
    clock = Clock()
    model.fit(dataset, steps_per_epoch=count + 1, verbose=0, callbacks=[clock])
    return count / (clock.end - clock.begin)


class Clock(keras.callbacks.Callback):
    """Notes when the first step has ended (all that is set up once is past) and when the last."""

    def on_train_batch_end(self, batch, logs=None):
        self.end = time.perf_counter()
        if batch == 0:
            self.begin = self.end


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="python_source", help="as `rnnzoo train` takes it")
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--window", type=int, default=64)
    parser.add_argument("--steps", type=int, default=100, help="training steps a round")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    size = arguments.batch_size, arguments.window

    text = load_text(arguments.data)
    model = rnnzoo.create_model("char_lstm")
    model.adapt(text.train)
    ids = model.vocabulary.ids(text.train)

    rows = {}
    for make in (contiguous, shuffled_windows):
        dataset = make(ids, *size)
        steps_per_second(model, dataset, 1)  # compiles
        rounds = [
            (
                batches_per_second(dataset, 10 * arguments.steps),
                steps_per_second(model, dataset, arguments.steps),
            )
            for _ in range(arguments.rounds)
        ]
        alone, training = map(max, zip(*rounds, strict=True))
        rows[make.__name__] = {
            "pipeline_batches_per_second": round(alone, 1),
            "training_steps_per_second": round(training, 2),
            "ratio": round(alone / training, 1),
        }
        print(
            f"{make.__name__:17} {alone:8.0f} batches/s   {training:7.1f} training steps/s   "
            f"ratio {alone / training:6.0f}",
            flush=True,
        )

    record.write(
        "pipeline",
        {
            "what": "batches of the pipeline against training steps of char_lstm, per second",
            "batch_size": arguments.batch_size,
            "window": arguments.window,
            "steps": arguments.steps,
            "rounds": arguments.rounds,
            "data": {"name": text.name, **text.metadata},
            "results": rows,
        },
    )


if __name__ == "__main__":
    main()
