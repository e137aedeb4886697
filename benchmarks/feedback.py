"""What is feeding a tagger's own tags back worth, and where does it harm?

    python benchmarks/feedback.py --data UD_English-EWT --name "UD English EWT"
    python benchmarks/feedback.py --window 64 --sequences 3000 --epochs 4

Trains, from several seeds, `tagger_lstm`; `tagger_feedback_lstm`, of about as many weights, by
teacher forcing and with scheduled sampling; `tagger_output_rnn`; and `tagger_rnn`, whose memory is
its last state, where that one's is its last output. All read the same share of the
training split as often, by the task's own recipe of learning rate and batch size; nothing is chosen
on the held-out splits. Each is measured once on validation and test: greedily, by a beam, with the
true tags fed (which no user has), and in nats per tag. Beside them the simple things that `rnnzoo
train` compares with, fitted to the same sequences.

How mistakes go on: of each test sequence with a mistake, how many tags are right at a distance from
the first one, when the model goes on from its own tags, and when it is fed the true ones. (Up to
the first mistake, both are the same.) Taggers that are fed nothing tell how much of that
is that hard places come together.

Writes benchmarks/results/feedback.csv and feedback_distances.csv after each run, and draws
feedback.png. Rows that are there already stay, so the command may be stopped and called again.
"""

import argparse
import math
import time
from pathlib import Path
from types import SimpleNamespace

import matplotlib
import numpy as np
from record import RESULTS, read_csv, write_csv

import rnnzoo
from rnnzoo import data
from rnnzoo.baselines.tagging import ConditionalRandomField, MostFrequentTag
from rnnzoo.platform import keras, tf

MODELS = {
    "tagger_lstm": ("tagger_lstm", {}),
    "tagger_feedback_lstm": ("tagger_feedback_lstm", {}),
    "tagger_feedback_lstm, scheduled sampling 0.5": (
        "tagger_feedback_lstm",
        {"scheduled_sampling": 0.5},
    ),
    "tagger_output_rnn": ("tagger_output_rnn", {}),
    "tagger_rnn": ("tagger_rnn", {}),
}
SPELLED = {"spelling_units": 64, "affix_size": 0}  # words are known by their characters
FED_NOTHING = ("tagger_lstm", "tagger_rnn")
DISTANCES = (1, 2, 4, 8, 16, 32, 64)  # the last of each group
BEAM = 4


def main() -> None:
    """Train, measure, write, draw."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="python_tokens", help="as `rnnzoo train` takes it")
    parser.add_argument("--name", help="what to call the data; default: as it calls itself")
    parser.add_argument("--models", nargs="+", default=list(MODELS), choices=list(MODELS))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--sequences", type=int, default=1500, help="to train on, from the start")
    parser.add_argument("--held-out", type=int, default=500, help="of validation and test, each")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--window", type=int, default=256, help="longest piece of a sequence")
    arguments = parser.parse_args()
    name = arguments.name or Path(arguments.data).name
    source = rnnzoo.load_tagged(arguments.data)
    limits = (arguments.sequences, arguments.held_out, arguments.held_out)
    parts = [
        [piece for one in split for piece in data.pieces(one, arguments.window)][:limit]
        for split, limit in zip((source.train, source.validation, source.test), limits, strict=True)
    ]
    rows, distances = (
        read_csv(path) if path.exists() else []
        for path in (RESULTS / "feedback.csv", RESULTS / "feedback_distances.csv")
    )
    for baseline in (MostFrequentTag(), ConditionalRandomField(most=math.inf)):
        if not any((row["data"], row["model"]) == (name, baseline.name) for row in rows):
            which = {"data": name, "model": baseline.name, "seed": ""}
            rows.append({**which, **simple(baseline, parts)})
            write(rows, distances)
    for seed in arguments.seeds:
        for model in arguments.models:
            which = {"data": name, "model": model, "seed": seed}
            if any(all(row[key] == str(which[key]) for key in which) for row in rows):
                continue
            row, of_distances = measured(model, seed, parts, arguments)
            rows.append({key: str(value) for key, value in {**which, **row}.items()})
            distances += [{**which, **one} for one in of_distances]
            write(rows, distances)
    draw(read_csv(RESULTS / "feedback_distances.csv"), RESULTS / "feedback.png")


def write(rows, distances):
    """Both results files; the simple things have not all of the columns."""
    columns = max(rows, key=len)
    write_csv(RESULTS / "feedback.csv", [dict.fromkeys(columns, "") | row for row in rows])
    if distances:
        write_csv(RESULTS / "feedback_distances.csv", distances)


def simple(baseline, parts):
    """A row of the table for one of the simple things."""
    train, validation, test = parts
    baseline.fit(SimpleNamespace(train=train))
    right = {
        split: [
            np.array(a) == np.array(b.tags) for a, b in zip(baseline.answers(of), of, strict=True)
        ]
        for split, of in (("validation", validation), ("test", test))
    }
    return {
        "training_sequences": len(train),
        "training_elements": sum(len(one.tags) for one in train),
        **{f"{split}_accuracy": share(np.concatenate(of)) for split, of in right.items()},
        "test_sequence_accuracy": share([of_one.all() for of_one in right["test"]]),
    }


def share(right):
    """Of what is right."""
    return round(float(np.mean(right)), 4)


def measured(name, seed, parts, how):
    """A row of the table, and the rows on distances, of a model that is trained first."""
    train, validation, test = parts
    registered, options = MODELS[name]
    keras.utils.set_random_seed(seed)
    model = rnnzoo.create_model(registered, **SPELLED, **options)
    begin = time.process_time()
    model.fit(*zip(*train, strict=True), seed=seed, window=how.window, epochs=how.epochs, verbose=2)
    seconds = time.process_time() - begin
    of_validation, of_test = (answers(model, split) for split in (validation, test))
    beam = free = [a.free for a in of_test]
    if registered not in FED_NOTHING:
        tagged = model.tag([one.tokens for one in test], beam_width=BEAM)
        beam = [model.preprocessor.labels.ids(tags) for tags in tagged]
    true = [a.true for a in of_test]
    row = {
        "parameters": model.num_parameters,
        "training_sequences": len(train),
        "training_elements": sum(len(one.tags) for one in train),
        "window": how.window,
        "epochs": how.epochs,
        "validation_accuracy": accuracy(of_validation, [a.free for a in of_validation]),
        "test_accuracy": accuracy(of_test, free),
        "test_accuracy_of_a_beam": accuracy(of_test, beam),
        "test_accuracy_fed_the_truth": accuracy(of_test, [a.forced for a in of_test]),
        "test_sequence_accuracy": share([(a == b).all() for a, b in zip(true, free, strict=True)]),
        "test_nats": round(sum(a.nats for a in of_test) / sum(len(a.true) for a in of_test), 4),
        "training_cpu_seconds": round(seconds),
    }
    return row, by_distance(of_test)


class Answers:
    """Of a sequence the true tags, the model's own, those it gives when fed the true ones, nats."""

    def __init__(self, true, free, forced, nats):
        self.true, self.free, self.forced, self.nats = true, free, forced, nats


def answers(model, sequences, rows=32):
    """For each sequence its `Answers`."""
    feeds = hasattr(model, "scheduled_sampling")

    def both(batch, true):
        free, logits = model.answered(batch)
        if feeds:
            logits = model(batch, tags=true)
        nats = tf.nn.sparse_softmax_cross_entropy_with_logits(true, logits)
        return free, tf.argmax(logits, axis=-1), nats

    compiled, found = None, []
    for i in range(0, len(sequences), rows):
        some = sequences[i : i + rows]
        batch = model.preprocessor.encode(model.preprocessor.tensors([one.tokens for one in some]))
        true = [model.preprocessor.labels.ids(one.tags) for one in some]
        padded = tf.ragged.constant([ids.tolist() for ids in true], tf.int32).to_tensor()
        compiled = compiled or compiled_for(both, (batch, padded))
        for row, free, forced, nats in zip(
            true, *(values.numpy() for values in compiled(batch, padded)), strict=True
        ):
            n = len(row)
            found.append(Answers(row, free[:n], forced[:n], float(nats[:n].sum())))
    return found


def compiled_for(function, arguments):
    """A function compiled for tensors of these kinds, of any shape."""
    specs = tf.nest.map_structure(
        lambda x: tf.TensorSpec([None] * x.shape.rank, x.dtype), list(arguments)
    )
    return tf.function(function, input_signature=specs, autograph=False)


def accuracy(of_split, given):
    """Share of the tags that are right."""
    right = sum(int((a.true == b).sum()) for a, b in zip(of_split, given, strict=True))
    return round(right / sum(len(a.true) for a in of_split), 4)


def by_distance(of_test):
    """For each group of distances from a sequence's first mistake the share of right tags."""
    right = np.zeros((2, DISTANCES[-1] + 1))
    count = np.zeros(DISTANCES[-1] + 1)
    for a in of_test:
        wrong = np.flatnonzero(a.free != a.true)
        if len(wrong):
            after = slice(wrong[0] + 1, wrong[0] + 1 + DISTANCES[-1])
            n = len(a.true[after])
            count[1 : n + 1] += 1
            for i, given in enumerate((a.free, a.forced)):
                right[i, 1 : n + 1] += given[after] == a.true[after]
    rows = []
    for before, last in zip((0, *DISTANCES), DISTANCES, strict=False):
        group = slice(before + 1, last + 1)
        total = count[group].sum()
        if total:
            own, fed = (round(float(r[group].sum() / total), 4) for r in right)
            rows.append({"distance": last, "elements": int(total), "own": own, "fed": fed})
    return rows


def draw(rows: list[dict], path: Path) -> None:
    """Right tags by distance, means over seeds, a picture for each data set."""
    matplotlib.use("agg")
    from matplotlib import pyplot

    sets = list(dict.fromkeys(row["data"] for row in rows))
    figure, axes = pyplot.subplots(
        1, len(sets), figsize=(5 * len(sets), 5), layout="constrained", squeeze=False
    )
    for axis, name in zip(axes[0], sets, strict=True):
        for number, model in enumerate(MODELS):
            for kind, line in (("own", "-"), ("fed", ":")):
                if kind == "fed" and model in FED_NOTHING:
                    continue
                at = {}
                for row in rows:
                    if (row["data"], row["model"]) == (name, model):
                        at.setdefault(int(row["distance"]), []).append(float(row[kind]))
                label = model + (", fed the true tags" if kind == "fed" else "")
                axis.plot(
                    list(at),
                    [np.mean(values) for values in at.values()],
                    line,
                    marker="o",
                    markersize=3,
                    color=f"C{number}",
                    label=label,
                )
        axis.set_xscale("log", base=2)
        axis.set_xlabel("distance from the first mistake")
        axis.set_title(name)
    axes[0, 0].set_ylabel("share of right tags, test")
    handles, labels = axes[0, -1].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2, fontsize=8)
    figure.savefig(path, dpi=120)


if __name__ == "__main__":
    main()
