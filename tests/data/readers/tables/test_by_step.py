"""A class at each step of recordings: when it is read so, and that it stays with its step."""

import numpy as np
import polars as pl
import pytest

from rnnzoo.data import describe, load_series
from rnnzoo.data.readers.tables import Options, read_tables
from rnnzoo.errors import DataError, WrongValue

LABELS = ["u", "u", None, "v", "v", "u", "u", "u"]


def table(**columns):
    data = {
        "id": [1] * 5 + [2] * 3,
        "time": [0.0, 0.1, 0.2, 0.3, 0.4, 0.0, 0.1, 0.2],
        "a": [float(i) for i in range(8)],
        "label": LABELS,
    }
    return pl.DataFrame({name: values for name, values in {**data, **columns}.items() if values})


def read(data, **options):
    return read_tables(data, Options(**options))


def test_labels_that_change_in_what_has_an_id_are_read_by_step():
    recordings = read(table())
    assert [len(x) for x in recordings] == [5, 3]
    assert [labels.tolist() for labels in recordings.labels] == [LABELS[:5], LABELS[5:]]
    reading = recordings.reading
    assert reading.counts["classes"] == 2 and not reading.left_out
    assert "one at each step; it changes in 1 of 2 recordings; 1 step(s) have" in str(reading)
    assert reading.examples[0]["class"] == "u, v"


def test_it_can_be_told():
    constant = table(label=["u"] * 5 + ["v"] * 3)
    assert read(constant).labels.tolist() == ["u", "v"]
    by_step = read(constant, labels="step").labels
    assert [labels.tolist() for labels in by_step] == [["u"] * 5, ["v"] * 3]
    assert read(table(), labels="recording").labels.tolist() == ["u", "v", "u"]
    # Without ids there is nothing but the class to cut by.
    assert read(table(id=None, time=None)).labels.tolist() == ["u", "v", "u"]
    (whole,) = read(table(id=None, time=None), labels="step").labels
    assert whole.tolist() == LABELS
    numbers = read(table(label=[3, 3, 4, 4, 4, 3, 3, 3])).labels
    assert numbers[0].tolist() == [3, 3, 4, 4, 4]
    assert read(table(label=None), labels="step").labels is None
    with pytest.raises(WrongValue, match="labels='steps': expected 'step' or 'recording'"):
        read(table(), labels="steps")


def test_a_recording_without_any_class_is_left_out():
    recordings = read(table(label=["u", "v", "u", "v", "v", None, None, None]))
    assert recordings.ids == ("1",)
    assert "3 row(s) of recordings without a class" in recordings.reading.left_out


def test_a_label_stays_with_its_step_when_rows_are_sorted():
    data = table().sample(fraction=1.0, shuffle=True, seed=1)
    recordings = read(data)
    for x, labels, place in zip(recordings, recordings.labels, recordings.ids, strict=True):
        expected = {"1": [0, 1, 2, 3, 4], "2": [5, 6, 7]}[place]
        assert x[:, 0].tolist() == expected
        assert labels.tolist() == [LABELS[i] for i in expected]


def test_a_gap_has_no_label():
    recordings = read(table(time=[0.0, 0.1, 0.2, 0.5, 0.6, 0.0, 0.1, 0.2]))
    assert recordings.labels[0].tolist() == ["u", "u", None, None, None, "v", "v"]
    assert np.isnan(recordings[0][3:5]).all() and len(recordings[0]) == 7


def test_resampled_steps_have_the_newest_label():
    recordings = read(table(label=["u", "v", "v", "u", "u", "u", "u", "u"]), interval=0.05)
    assert recordings.labels[0].tolist() == ["u"] * 2 + ["v"] * 4 + ["u"] * 3
    assert recordings[0][:, 0].tolist() == pytest.approx(np.arange(0, 4.1, 0.5), abs=1e-5)
    assert recordings.channels == ("a",)


def test_files_of_a_folder_by_class_have_that_class_at_each_step(tmp_path):
    for label in ("run", "walk"):
        (tmp_path / label).mkdir()
        for i in range(3):
            (tmp_path / label / f"{i}.csv").write_text("a\n1\n2\n3\n")
    recordings = read(tmp_path, labels="step")
    assert recordings.labels[0].tolist() == ["run"] * 3
    assert recordings.labels[-1].tolist() == ["walk"] * 3


def test_recordings_are_split_whole(tmp_path):
    rows = [(i, t, float(t), "uv"[(t + i) % 7 // 4]) for i in range(20) for t in range(12)]
    data = pl.DataFrame(rows, schema=["id", "time", "a", "label"], orient="row")
    series = load_series(data)
    assert series.classes == ("u", "v")
    assert [len(series.train), len(series.validation), len(series.test)] == [14, 3, 3]
    for part in (series.train, series.validation, series.test):
        assert part.by_step and all(len(y) == 12 for y in part.labels)
    again = load_series(data)
    assert again.metadata["sha256"] == series.metadata["sha256"]
    other = data.with_columns(
        label=pl.when(pl.col("time") == 3).then(pl.lit("v")).otherwise("label")
    )
    assert load_series(other).metadata["sha256"] != series.metadata["sha256"]
    data.write_csv(tmp_path / "data.csv")
    page = describe(str(tmp_path / "data.csv"), labels="recording")
    assert "--labels recording" in page.command
    with pytest.raises(DataError, match="holds 1 recording.* too few to hold some out"):
        load_series(data.filter(pl.col("id") == 0), labels="step")
    for split in ("train", "test"):
        data.filter(pl.col("id") == 0).write_csv(tmp_path / f"{split}.csv")
    (tmp_path / "data.csv").unlink()
    with pytest.raises(DataError, match="holds 1 recording.* expected 2 at least"):
        load_series(tmp_path)


def test_arrays_have_labels_by_step_too(tmp_path):
    rng = np.random.default_rng(0)
    labels = rng.choice(["u", "v", ""], size=(8, 5))
    np.savez(tmp_path / "even.npz", x=rng.normal(size=(8, 5, 2)), y=labels)
    series = load_series(tmp_path / "even.npz", validation=0, test=0)
    names = np.array([*series.classes, ""])
    assert [names[y].tolist() for y in series.train.labels] == labels.tolist()
    x, y = rng.normal(size=(9, 2)), np.array([3, 3, 4, 4, 4, 3, 3, 4, 4])
    np.savez(tmp_path / "uneven.npz", x=x, y=y, lengths=[4, 5])
    series = load_series(tmp_path / "uneven.npz", validation=0, test=0)
    assert series.classes == (3, 4)
    assert [y.tolist() for y in series.train.labels] == [[0, 0, 1, 1], [1, 0, 0, 1, 1]]
    np.savez(tmp_path / "bad.npz", x=rng.normal(size=(8, 5, 2)), y=labels[:, :4])
    with pytest.raises(DataError, match=r"y has shape \(8, 4\)"):
        load_series(tmp_path / "bad.npz")
