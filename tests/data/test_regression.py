"""A user's tables with a number to be predicted."""

import re

import numpy as np
import polars as pl
import pytest

import rnnzoo
from rnnzoo.data import load_regression, load_series


def table(target, recordings=20, steps=6):
    """Recordings of two channels; `target` of recording and step."""
    rows = [(r, t) for r in range(recordings) for t in range(steps)]
    return pl.DataFrame(
        {
            "rec": [f"r{r}" for r, _ in rows],
            "t": [0.5 * t for _, t in rows],
            "x": [float(r + t) for r, t in rows],
            "z": [float(r * t % 7) for r, t in rows],
            "load": [target(r, t) for r, t in rows],
        }
    )


HOW = {"id": "rec", "time": "t", "label": "load"}


def test_a_number_that_stays_is_one_a_recording():
    series = load_regression(table(lambda r, t: 0.5 * r), **HOW)
    assert not series.train.by_step
    assert (series.target, series.channels, series.interval) == ("load", ("x", "z"), 0.5)
    assert [len(part) for part in (series.train, series.validation, series.test)] == [14, 3, 3]
    for x, y in zip(series.train.x, series.train.labels, strict=True):
        assert y == 0.5 * x[0, 0]  # whose first is the recording's number
    assert series.reading.examples[0]["target"] == "0.0"


def test_a_number_that_changes_is_one_a_step():
    series = load_regression(table(lambda r, t: None if t == 2 else r + t / 4), **HOW)
    assert series.train.by_step
    x, y = series.train.x[0], series.train.labels[0]
    expected = x[0, 0] + np.arange(6) / 4
    np.testing.assert_array_equal(y, np.where(np.arange(6) == 2, np.nan, expected))


def test_a_recording_without_a_number_is_left_out_and_that_is_said():
    series = load_regression(table(lambda r, t: None if r < 2 else float(r)), **HOW)
    assert len(series.train) + len(series.validation) + len(series.test) == 18
    assert "2 recording(s) without a target" in series.reading.left_out


@pytest.mark.parametrize(
    ("target", "how", "message"),
    [
        (lambda r, t: ["sit", "walk"][r % 2], {}, "holds 'sit', which is no number"),
        (lambda r, t: None, {}, "no recording has a target: column 'load' is empty"),
        (lambda r, t: r + t / 2, {"labels": "recording"}, "different numbers to be predicted"),
        (lambda r, t: 1.0 * r, {"label": ["x", "z"]}, "expected one column"),
        (lambda r, t: 1.0, {"id": "none", "time": "none"}, "too few to hold some out"),
    ],
)
def test_what_can_not_be_predicted_is_told(target, how, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        load_regression(table(target), **{**HOW, **how})


def test_a_classifier_is_told_of_numbers():
    with pytest.raises(ValueError, match="predicted by a regressor, such as regress_gru"):
        load_series(table(lambda r, t: r + 0.5), **HOW)


def test_one_series_is_cut_in_time_and_the_last_blocks_are_held_out():
    frame = table(lambda r, t: r + t / 8, recordings=50).drop("rec")
    how = {"label": "load", "time": "none", "features": ["x", "z"]}
    series = load_regression(frame, **how)
    parts = series.train, series.validation, series.test
    assert [len(part) for part in parts] == [14, 3, 3]
    x = np.concatenate([one for part in parts for one in part.x])
    y = np.concatenate([one for part in parts for one in part.labels])
    np.testing.assert_array_equal(x, frame[["x", "z"]].to_numpy())
    np.testing.assert_array_equal(y, frame["load"])
    assert "14 to train on, then 3 to validate on, then 3" in series.reading.facts["blocks"]
    whole = load_regression(frame, **how, validation=0, test=0)  # as it is measured
    assert [len(one) for one in whole.train.x] == [300]
    with pytest.raises(ValueError, match="too few to hold some out"):
        load_regression(frame[:29], **how)


def test_what_float32_loses_of_numbers_is_said():
    near = load_regression(table(lambda r, t: 1_700_000_000.0 + r), **HOW)
    assert "deviation of 5.8, and float32 holds them to 128" in near.reading.warnings[-1]
    same = load_regression(table(lambda r, t: 0.1 + 0.2 if r % 2 else 0.3), **HOW)
    assert not any("float32" in said for said in same.reading.warnings)


TS = """@problemname made
@timestamps false
@univariate true
@targetlabel true
@data
"""


def test_a_ts_file_of_targets(tmp_path):
    lines = [f"{i},{i + 1},{i + 2}:{i / 4}" for i in range(12)]
    path = tmp_path / "made.ts"
    path.write_text(TS + "\n".join(lines) + "\n")
    series = load_regression(path)
    np.testing.assert_array_equal(series.train.labels, [x[0, 0] / 4 for x in series.train.x])
    with pytest.raises(ValueError, match="train a regressor"):
        load_series(path)


@pytest.mark.parametrize("by_step", [False, True])
def test_arrays(by_step, tmp_path):
    x = np.random.default_rng(0).normal(size=(12, 5, 2))
    y = x[..., 0] if by_step else x[:, 0, 0].copy()
    y[0] = np.nan
    np.savez(tmp_path / "made.npz", x=x, y=y)
    series = load_regression(tmp_path / "made.npz", validation=0, test=0)
    assert len(series.train) == 11
    assert series.train.by_step == by_step
    with pytest.raises(ValueError, match="predicted by a regressor"):
        load_series(tmp_path / "made.npz")


def test_the_weather_is_there():
    pytest.importorskip("pvlib")
    series = load_regression("humidity")
    assert series.train.x[0].shape == (168, 6)
    y = np.concatenate(series.train.labels)
    assert 0 < y.min() < y.max() <= 100
    assert not {*series.train.subjects} & {*series.test.subjects}
    assert rnnzoo.dataset_info("humidity").license.startswith("public domain")
