"""Forget gates at borders: a network labels each step of a sequence of segments of other classes.

A segment is a sine in noise, whose frequency is its class. The forget gate's mean and the labels'
error are taken by steps since the last border.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

import rnnzoo
from lecture.curves import chosen, draw_curve, finish, rows_of, values_of
from rnnzoo.files import picture
from rnnzoo.platform import keras

SIZES = {"units": 24, "rows": 32, "steps": 200, "updates": 800, "tested": 512, "seeds": 3}
PERIODS = (6, 10, 16, 26)
SHORTEST, LONGEST = 20, 60
NOISE = 0.5
SINCE = np.arange(-10, 40)
LSTM = "lstm"
ERROR, ALL_UNITS, ONE_UNIT = "error", "mean of all units", "the unit that dips most"


def measure(units: int, rows: int, steps: int, updates: int, tested: int, seeds: int) -> list[dict]:
    """A row for each network, figure and step since a border.

    Args:
        units: of the LSTM; the others have as many weights.
        rows, steps, updates: of training.
        tested: sequences to measure on.
        seeds: so many networks of each kind.
    """
    weights = 4 * units * (units + 2)
    as_many = round(np.sqrt(weights + 1)) - 1  # units * (units + 2) weights
    layers = {
        LSTM: lambda: rnnzoo.layers.LSTM(units, return_sequences=True),
        "leaky": lambda: rnnzoo.layers.LeakyRNN(as_many, return_sequences=True),
        "vanilla": lambda: rnnzoo.layers.SimpleRNN(as_many, return_sequences=True),
    }
    found = []
    for name, make in layers.items():
        curves: dict[str, list] = {}
        errors = []
        for seed in range(seeds):
            layer, model = trained(make, rows, steps, updates, seed)
            x, labels, since = examples(tested, steps, np.random.default_rng((seed, 1)))
            wrong = np.argmax(model.predict(x, verbose=0), axis=-1) != labels
            errors.append(wrong.mean())
            curves.setdefault(ERROR, []).append(by_step(wrong, since))
            if name == LSTM:
                forget = rnnzoo.analysis.gates(layer, x)["forget"]
                curves.setdefault(ALL_UNITS, []).append(by_step(forget.mean(axis=-1), since))
                curves.setdefault(ONE_UNIT, []).append(of_one_unit(forget, since))
        for figure, of_seeds in curves.items():
            what = {"network": name, "figure": figure, "weights": layer.count_params()}
            mean = f"{np.mean(errors):.4f}"
            found += rows_of("since", SINCE, of_seeds, mean_error=mean, **what)
    return found


def examples(rows: int, steps: int, rng: np.random.Generator):
    """Sequences (rows, steps, 1), their labels (rows, steps), and steps since the last border.

    The third is (2, rows, steps): since the border before, and until the next one, which is
    negative; where there is none they are out of the range that is measured.
    """
    x = np.zeros((rows, steps))
    labels = np.zeros((rows, steps), np.int64)
    since = np.full((2, rows, steps), SINCE[-1] + 1)
    for row in range(rows):
        at, label = 0, rng.integers(len(PERIODS))
        while at < steps:
            length = rng.integers(SHORTEST, LONGEST + 1)
            time = np.arange(min(length, steps - at))
            here = slice(at, at + len(time))
            x[row, here] = np.sin(2 * np.pi * (time / PERIODS[label] + rng.random()))
            labels[row, here] = label
            if at:
                since[0, row, here] = time
            if at + length < steps:
                since[1, row, here] = time - length
            at += length
            label = (label + rng.integers(1, len(PERIODS))) % len(PERIODS)  # another class
    x += rng.normal(0, NOISE, x.shape)
    return x[..., None].astype(np.float32), labels, since


def trained(make, rows: int, steps: int, updates: int, seed: int):
    """The layer, and the network around it, after so many updates by Adam."""
    keras.utils.set_random_seed(seed)
    layer = make()
    model = keras.Sequential([layer, keras.layers.Dense(len(PERIODS))])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(3e-3, clipnorm=1.0), loss)
    x, labels, _ = examples(rows * updates, steps, np.random.default_rng((seed, 0)))
    model.fit(x, labels, batch_size=rows, verbose=0)
    return layer, model


def by_step(values: np.ndarray, since: np.ndarray) -> np.ndarray:
    """The mean of values (rows, steps) by each of `SINCE`."""
    return np.array([values[since[int(at < 0)] == at].mean() for at in SINCE])


def of_one_unit(forget: np.ndarray, since: np.ndarray) -> np.ndarray:
    """The forget gate of the unit that dips most behind borders.

    It is found on half of the rows and measured on the others: the most extreme of many always dips
    on those that it was chosen by.
    """
    half = len(forget) // 2
    behind, before = (SINCE >= 0) & (SINCE < 15), SINCE < 0
    dips = [
        curve[before].mean() - curve[behind].mean()
        for curve in (by_step(of[:half], since[:, :half]) for of in np.moveaxis(forget, -1, 0))
    ]
    return by_step(forget[half:, :, int(np.argmax(dips))], since[:, half:])


def draw(rows: list[dict], path: Path) -> None:
    """Two panels: gates, and errors."""
    with picture(path, figsize=(9, 4.2)) as figure:
        gates, errors = figure.subplots(1, 2)
        for i, kind in enumerate((ALL_UNITS, ONE_UNIT)):
            curve = chosen(rows, network=LSTM, figure=kind)
            draw_curve(gates, curve, "since", i, kind, line=True, every=3)
        for i, name in enumerate(values_of(rows, "network")):
            curve = chosen(rows, network=name, figure=ERROR)
            label = f"{name}, {curve[0]['weights']:,.0f} weights"
            draw_curve(errors, curve, "since", i, label, line=True, every=3)
        for axis in (gates, errors):
            axis.axvline(0, color="black", linewidth=0.8)
        legend = "mean and range of the seeds"
        finish(
            gates, "steps since a border", "forget gate", "LSTM: what is kept", legend, ylim=(0, 1)
        )
        finish(errors, "steps since a border", "share of wrong labels", "errors", legend)
        figure.suptitle("Segments of sines in noise, one after the other, each step to be labelled")
