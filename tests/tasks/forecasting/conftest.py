"""Series that are made up, and a small model of them."""

import numpy as np
import pytest

import rnnzoo
from rnnzoo.data.forecasting.panel import Line, Panel
from rnnzoo.platform import keras

AHEAD = 6  # steps whose covariates are known


def line(name, target, random, frequency="D"):
    start = np.datetime64("2021-01-01").astype(f"datetime64[{frequency}]")
    total = len(target) + AHEAD
    return Line(
        id=name,
        stamps=(start + np.arange(total)).astype("datetime64[s]"),
        target=np.asarray(target, float),
        known=random.normal(size=(total, 1)).astype(np.float32),
        past=random.normal(size=(len(target), 2)).astype(np.float32),
        static=("north" if len(name) % 2 else "south",),
    )


@pytest.fixture(scope="package")
def panel():
    """Three series of weeks, with covariates, gaps, and a late beginning."""
    random = np.random.default_rng(0)
    lines = []
    for name, length in (("a", 120), ("bb", 100), ("c", 30)):
        week = 10 * np.sin(2 * np.pi * np.arange(length) / 7)
        target = 50 + week + random.normal(size=length)
        target[random.random(length) < 0.05] = np.nan
        target[[0, -1]] = 50.0
        lines.append(line(name, target, random))
    names = {"known": ("price",), "past": ("rain", "wind"), "static": ("region",)}
    return Panel.of_lines("made up", lines, horizon=4, frequency="D", season=7, **names)


@pytest.fixture(scope="package", params=[1, 4], ids=["step by step", "at once"])
def model(panel, request):
    """Two models, each trained for a few steps."""
    keras.utils.set_random_seed(0)
    options = {"ahead": request.param, "context": 16, "names": True}
    model = rnnzoo.create_model("forecast_gru", units=6, **options)
    model.fit(panel, batch_size=8, steps_per_epoch=3, verbose=0)
    return model
