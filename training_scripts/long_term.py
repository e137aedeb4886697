"""How long do networks remember? Five cells, as many weights, as many steps, plain Keras fits.

    python -m training_scripts.long_term
    python -m training_scripts.long_term --tasks adding --cells rnn lstm --lengths 50 --seeds 0

Each `memory_*` model is trained on each task, by a constant rate and clipped gradients, and
measured once on the test split. A row for each is added to benchmarks/results/long_term.csv, and
long_term.png is drawn from it. What is there already stays, so the command may be stopped and
called again. `--positions` compares instead what shares its weights over time with what has weights
for each position, and writes long_term_positions.csv; `--redraw` only draws.
"""

import argparse
import csv
import time
from pathlib import Path

import numpy as np

import rnnzoo
from rnnzoo.analysis.pictures import COLOURS, MARKERS
from rnnzoo.data.sets.memory import LENGTHS, adding, bits, copying
from rnnzoo.files import picture, write_table
from rnnzoo.platform import keras
from zoo_models.memory import UNITS

RESULTS = Path(__file__).parents[1] / "benchmarks" / "results"
KEY = ("task", "cell", "length", "seed")
COLUMNS = (*KEY, "score", "baseline", "measure", "parameters", "steps", "cpu_seconds")
MODULI = {"parity": 2, "counting": 3}
MEASURES = {"adding": "mean squared error", "copy_memory": "nats a step"}
ERROR = "share of wrong answers"
TASKS = (*MEASURES, *MODULI, "digits_pixels", "digits_pixels_permuted", "borders")
LOOKS = dict(zip(UNITS, zip(COLOURS, MARKERS, strict=False), strict=False))


def main(argv: list[str] | None = None) -> None:
    """Train, measure, write, draw."""
    parser = argparse.ArgumentParser(description="How long do networks remember?")
    parser.add_argument("--tasks", nargs="+", default=TASKS, choices=TASKS)
    parser.add_argument("--cells", nargs="+", default=list(UNITS), choices=UNITS)
    parser.add_argument("--lengths", nargs="+", type=int, default=LENGTHS, choices=LENGTHS)
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--steps", type=int, default=2000, help="of training, of 32 sequences each")
    parser.add_argument("--positions", action="store_true", help="weights shared over time, or not")
    parser.add_argument("--redraw", action="store_true", help="only draw what is in the table")
    parser.add_argument("--out", type=Path, default=RESULTS / "long_term.csv")
    arguments = parser.parse_args(argv)
    if arguments.redraw:
        draw(read(arguments.out), arguments.out.with_suffix(".png"))
        return
    if arguments.positions:
        found = [row for seed in arguments.seeds for row in positions(seed, arguments.steps)]
        path = arguments.out.with_name(f"{arguments.out.stem}_positions.csv")
        write_table(path, found[0], [row.values() for row in found])
        return
    rows = read(arguments.out)
    print(*COLUMNS, flush=True)
    done = {tuple(row[key] for key in KEY) for row in rows}
    for task in arguments.tasks:
        for seed in arguments.seeds:
            for cell in arguments.cells:
                for source, lengths in sources(task, arguments.lengths):
                    which = [(task, cell, str(length), str(seed)) for length in lengths]
                    if done.issuperset(which):
                        continue
                    found = measured(task, cell, source, lengths, seed, arguments.steps)
                    rows += [row for row, key in zip(found, which, strict=True) if key not in done]
                    write_table(arguments.out, COLUMNS, [row.values() for row in rows])
    draw(rows, arguments.out.with_suffix(".png"))


def read(path):
    """The rows of a table that is there."""
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def sources(task, lengths):
    """Of a task the data sets to train on, and the lengths at which each is tested."""
    if task in MEASURES:
        return [(f"{task}/{length}", [length]) for length in lengths]
    if task in MODULI:  # once trained, it is asked about any length
        return [(task, lengths)]
    return [(task, [64 if task.startswith("digits") else 350])]  # on average, of borders


def measured(task, cell, source, lengths, seed, steps):
    """The rows of a model that is trained first."""
    keras.utils.set_random_seed(seed)
    name = f"memory_{cell}_regressor" if task == "adding" else f"memory_{cell}"
    each = {"answer": "each"} if task in ("copy_memory", "borders") else {}
    model = rnnzoo.create_model(name, **each)
    model.compile(optimizer())
    feed = model.feed(source, batch_size=32, seed=seed)
    begin = time.process_time()
    model.fit(feed.training(), steps_per_epoch=steps, verbose=0)
    seconds = round(time.process_time() - begin, 1)
    rows = []
    for length in lengths:
        data = bits.series(MODULI[task], length) if task in MODULI else feed.data
        score, baseline = scores(task, model, data, feed, length)
        measure = MEASURES.get(task, ERROR)
        values = (task, cell, length, seed, f"{score:.4g}", f"{baseline:.4g}", measure)
        row = (*values, model.num_parameters, steps, seconds)
        rows.append(dict(zip(COLUMNS, map(str, row), strict=True)))
        print(*row, flush=True)
    return rows


def optimizer():
    """A new one, of a constant rate, for any of the networks."""
    return keras.optimizers.Adam(2e-3, clipnorm=1.0)


def scores(task, model, data, feed, length):
    """How wrong a model is on the test split, and what answers the same to all."""
    test = data.test
    if task == "adding":
        return np.mean((model.predict(test.x) - test.labels) ** 2), adding.BASELINE
    if task == "copy_memory":
        found = model.evaluate(feed.evaluation("test"), return_dict=True, verbose=0)
        return found["loss"], copying.baseline(length)
    truth, answers = test.labels, model.classify(test.x)
    if test.by_step:
        truth, answers = np.concatenate(truth), np.concatenate(answers)
    counts = np.bincount(truth)
    wrong = np.array(answers, object) != np.array(data.classes, object)[truth]
    return wrong.mean(), 1 - counts.max() / counts.sum()


def positions(seed, steps):
    """The adding problem over 20 to 50 steps, by shared weights and by those of each position.

    The second is a network of two layers over all positions of the longest sequence, 400 steps,
    with zeros behind the end of a shorter one: it has seven times the weights, and is trained three
    times as long.
    """
    random = np.random.default_rng(seed)
    parts = [adding.examples(length, steps, random) for length in random.integers(20, 51, size=32)]
    x = [of_one for part in parts for of_one in part.x]
    y = np.concatenate([part.labels for part in parts])
    longest, times = max(LENGTHS), 3

    def padded(x):
        return np.stack([np.pad(of_one, ((0, longest - len(of_one)), (0, 0))) for of_one in x])

    keras.utils.set_random_seed(seed)
    shared = rnnzoo.create_model("memory_lstm_regressor")
    shared.compile(optimizer())
    shared.fit(x, y, batch_size=32, seed=seed, verbose=0)
    own = keras.Sequential(
        [
            keras.Input((longest, 2)),
            keras.layers.Flatten(),
            keras.layers.Dense(256, "relu"),
            keras.layers.Dense(256, "relu"),
            keras.layers.Dense(1),
        ]
    )
    own.compile(optimizer(), "mse")
    own.fit(padded(x), y, batch_size=32, epochs=times, verbose=0)
    rows = []
    for length in (50, 400):
        test = adding.examples(length, 1000, random)
        for name, answers, model, taken in (
            ("shared over time", shared.predict(test.x), shared, steps),
            ("of each position", own.predict(padded(test.x), verbose=0)[:, 0], own, times * steps),
        ):
            score = np.mean((answers - test.labels) ** 2)
            values = (name, length, seed, f"{score:.4g}", f"{adding.BASELINE:.4g}")
            row = (*values, model.count_params(), taken)
            names = ("weights", "length", "seed", "score", "baseline", "parameters", "steps")
            rows.append(dict(zip(names, row, strict=True)))
            print(*row, flush=True)
    return rows


def draw(rows, path):
    """Error by length, a picture for each task of several lengths."""
    tasks = {task: [row for row in rows if row["task"] == task] for task in TASKS}
    tasks = {task: of for task, of in tasks.items() if len({row["length"] for row in of}) > 1}
    if not tasks:
        return
    across, down = min(2, len(tasks)), -(-len(tasks) // 2)
    with picture(path, figsize=(3.8 * across, 3 * down + 0.6)) as figure:
        axes = [figure.add_subplot(down, across, i + 1) for i in range(len(tasks))]
        for axis, (task, of_task) in zip(axes, tasks.items(), strict=True):
            axis.set_title(task)
            draw_task(axis, of_task)
        # Of a cell that one task lacks, another has the line.
        lines = {line.get_label(): line for axis in axes for line in axis.get_lines()}
        figure.legend(handles=lines.values(), loc="outside lower center", ncols=3 * across)


def draw_task(axis, rows):
    """Medians over seeds, their range, and what is trivial."""
    trivial = {int(row["length"]): float(row["baseline"]) for row in rows}
    lengths = sorted(trivial)
    for cell, (colour, marker) in LOOKS.items():
        found = {}
        for row in sorted(rows, key=lambda row: int(row["length"])):
            if row["cell"] == cell:
                found.setdefault(int(row["length"]), []).append(float(row["score"]))
        if found:
            least, most = (list(map(of, found.values())) for of in (min, max))
            axis.fill_between([*found], least, most, color=colour, alpha=0.15, linewidth=0)
            medians = [np.median(scores) for scores in found.values()]
            axis.plot([*found], medians, color=colour, marker=marker, label=cell)
    axis.plot(lengths, [trivial[n] for n in lengths], "--", color="black", label="no memory")
    axis.set_xscale("log", base=2)
    axis.set_xticks(lengths, lengths)
    axis.minorticks_off()
    axis.set_ylim(bottom=0)
    axis.set_xlabel("length (time steps)")
    axis.set_ylabel(rows[0]["measure"])


if __name__ == "__main__":
    main()
