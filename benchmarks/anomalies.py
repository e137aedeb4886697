"""Does a forecaster's surprise find what is wrong in a series, better than a simple thing does?

    pip install "rnnzoo[bench,forecasting]"
    python benchmarks/anomalies.py

No set of known faults comes with the packages at hand, so they are MADE BY HAND: in the test part
of real series, which the model never saw, stretches are changed in five ways, drawn with a seed ::

    spike     one value lies 3 to 6 deviations of the series' steps higher or lower
    shift     8 values do, all by as much
    frozen    so many values are the one before them
    noise     so many values move by as much, each another way
    swapped   so many values come in the opposite order

`forecast_gru` is trained with its defaults on the training part as it is. Each step of the test
part gets a score, and the truth is whether it was changed: average precision, and the share of the
stretches that hold one of the steps of highest score, as many as were changed (*found*). Beside it
the errors of the seasonal naive forecast and of the last value, by their deviation in training; by
chance average precision is the share of the steps that were changed. Seeds are of the training and
of the faults. Writes benchmarks/results/anomalies.csv.
"""

from __future__ import annotations

import argparse
import dataclasses
import tempfile

import numpy as np
from record import RESULTS, write_csv
from sklearn.metrics import average_precision_score

import rnnzoo
from rnnzoo.data import Panel, load_panel
from rnnzoo.data.forecasting.panel import Line

SETS = ("electricity_demand", "city_temperatures", "euro_rates", "tourism")
KINDS = ("spike", "shift", "frozen", "noise", "swapped")
SHARE = 0.05  # of the steps that are changed, about
LENGTH = 8  # of a stretch, but of a spike


def main() -> None:
    """Train, plant, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", nargs="+", default=SETS)
    parser.add_argument("--model", default="forecast_gru")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    arguments = parser.parse_args()
    rows = []
    for name in arguments.sets:
        panel = load_panel(name)
        for seed in arguments.seeds:
            with tempfile.TemporaryDirectory() as folder:
                rnnzoo.train(arguments.model, name, folder, seed=seed, baseline=False, verbose=0)
                model = rnnzoo.load_model(folder)
            for how, found in measured(model, panel, seed).items():
                row = {"data": name, "model": arguments.model, "how": how, "seed": seed}
                rows.append(row | found)
                print(rows[-1], flush=True)
            write_csv(RESULTS / "anomalies.csv", rows)


def measured(model, panel: Panel, seed: int) -> dict[str, dict]:
    """Of each way to score a step how well it tells those that were changed."""
    random = np.random.default_rng(seed)
    scores: dict[str, list] = {"surprise": [], "the season before": [], "the value before": []}
    if panel.season == 1:
        del scores["the season before"]
    changed, stretches, steps = [], [], 0
    for line, start in zip(panel.test.lines, panel.test.starts, strict=True):
        faulty, planted = with_faults(line, start, random)
        if not planted:
            continue
        truth = np.zeros(len(line), bool)
        for begin, end in planted:
            truth[begin:end] = True
            stretches.append((steps + begin - start, steps + end - start))
        changed.append(truth[start:])
        steps += len(line) - start
        scores["surprise"].append(model.told(faulty)["surprise"][start:])
        for how, apart in (("the season before", panel.season), ("the value before", 1)):
            if how in scores:
                scores[how].append(naive_scores(faulty.target, start, apart))
    truth = np.concatenate(changed)
    return {
        how: {
            "steps": len(truth),
            "changed": int(truth.sum()),
            "stretches": len(stretches),
            **told(truth, stretches, np.concatenate(of_lines)),
        }
        for how, of_lines in scores.items()
    }


def with_faults(
    line: Line, start: int, random: np.random.Generator
) -> tuple[Line, list[tuple[int, int]]]:
    """A line whose last part is changed in places, and these, as (first step, behind the last)."""
    y = line.target.copy()
    step = np.nanstd(np.diff(y[:start])) if start > 2 else 0.0
    room = len(y) - start
    mean_length = (1 + LENGTH * (len(KINDS) - 1)) / len(KINDS)
    wanted = max(1, round(SHARE * room / mean_length))
    planted: list[tuple[int, int]] = []
    for _ in range(wanted):
        kind = random.choice(KINDS)
        size = 1 if kind == "spike" else LENGTH
        if room < 2 * size or not step > 0:
            continue
        begin = int(start + random.integers(1, room - size))
        end = begin + size
        # A step before each stretch stays as it is, and no two of them touch.
        if any(begin <= last and first <= end for first, last in planted):
            continue
        by = random.choice([-1, 1], size if kind == "noise" else 1) * random.uniform(3, 6) * step
        if kind == "frozen":
            y[begin:end] = y[begin - 1]
        elif kind == "swapped":
            y[begin:end] = y[begin:end][::-1].copy()
        else:
            y[begin:end] += by
        planted.append((begin, end))
    return dataclasses.replace(line, target=y.astype(line.target.dtype)), planted


def naive_scores(y: np.ndarray, start: int, apart: int) -> np.ndarray:
    """How far each step from `start` on is from the one `apart` steps before, in deviations."""
    error = np.full(len(y), np.nan)
    error[apart:] = y[apart:] - y[:-apart]
    return np.abs(error[start:]) / np.nanstd(error[:start])


def told(truth: np.ndarray, stretches: list[tuple[int, int]], scores: np.ndarray) -> dict:
    """Average precision, and the share of the stretches that are found."""
    scores = np.nan_to_num(scores, nan=-np.inf)
    highest = np.zeros(len(scores), bool)
    highest[np.argsort(-scores)[: truth.sum()]] = True
    scores = np.maximum(scores, scores[np.isfinite(scores)].min())  # where there is none, last
    return {
        "average_precision": round(float(average_precision_score(truth, scores)), 4),
        "found": round(float(np.mean([highest[a:b].any() for a, b in stretches])), 4),
        "by_chance": round(float(truth.mean()), 4),
    }


if __name__ == "__main__":
    main()
