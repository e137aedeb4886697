"""Which column is what, and recordings, labels and groups out of it."""

import datetime
import json
import subprocess
import sys

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from rnnzoo.data import load_series, read_recordings
from rnnzoo.data.readers.tables import Options, read_tables
from rnnzoo.data.readers.tables.columns import plain
from rnnzoo.errors import DataError, WrongValue


def frame(**columns):
    return pl.DataFrame(columns)


def read(data, **options):
    return read_tables(data, Options(**options))


def values(recordings):
    return [np.asarray(x).tolist() for x in recordings]


X = [0.5, 1.5, 2.5, 3.5, 5.0, 4.0, 3.0, 2.0]


@pytest.mark.parametrize(
    "names",
    [
        ("id", "time", "label", "subject"),
        ("Recording", "Timestamp", "Class", "Person"),
        ("recording_id", "ts", "activity", "user_id"),
        ("seriesId", "DateTime", "target", "Participant"),
        ("session", "Time (s)", "y", "group"),
        ("sample", "date", "labels", "Subject-ID"),
    ],
)
def test_plain_names_are_found_and_said(names):
    id, time, label, group = names
    data = frame(
        **{
            label: ["a"] * 4 + ["b"] * 4,
            "acc": X,
            id: [1] * 4 + [2] * 4,
            group: ["p"] * 4 + ["q"] * 4,
            time: [0.0, 0.1, 0.2, 0.3] * 2,
        }
    )
    recordings = read(data)
    assert values(recordings) == [[[v] for v in X[:4]], [[v] for v in X[4:]]]
    assert recordings.channels == ("acc",)
    assert recordings.labels.tolist() == ["a", "b"]
    assert recordings.groups == ("p", "q")
    assert recordings.interval == 0.1
    facts = recordings.reading.facts
    assert facts["class"] == f"column {label!r}"
    assert facts["groups"] == f"column {group!r}, 2"
    assert facts["recordings by"] == f"column {group!r} and {id!r}"
    assert facts["time"].startswith(f"column {time!r}, ")
    assert recordings.reading.counts == {
        "recordings": 2, "steps": 8, "channels": 1, "classes": 2,
    }  # fmt: skip


def test_y_is_an_axis_beside_x_or_with_fractions():
    assert read(frame(x=X, y=X)).channels == ("x", "y")
    assert read(frame(acc=X, y=X)).channels == ("acc", "y")
    assert read(frame(acc=X, y=["a"] * 8)).labels.tolist() == ["a"]


def test_columns_are_told_by_name_or_number():
    data = frame(where=[1] * 4 + [2] * 4, a=X, b=X, what=["u"] * 4 + ["v"] * 4)
    recordings = read(data, id="where", label=4, features="b, a")
    assert recordings.channels == ("b", "a")
    assert recordings.labels.tolist() == ["u", "v"]
    assert recordings.ids == ("1", "2")
    assert read(data, id="Where", label="what", features=["a"]).channels == ("a",)
    with pytest.raises(DataError, match=r"no column 'wat' for label.*did you mean 'what'.*'where'"):
        read(data, label="wat")
    with pytest.raises(WrongValue, match="'a' named twice"):
        read(data, label="a", features="a")
    with pytest.raises(WrongValue, match="interval=0: expected seconds"):
        read(data, interval=0)


def test_several_that_could_be_it_are_refused_with_the_way_out():
    data = frame(session=[1] * 4 + [2] * 4, recording=[1, 1, 2, 2] * 2, a=X, label=["a"] * 8)
    with pytest.raises(DataError, match=r"'session', 'recording' could .*\(id=, --id\)"):
        read(data)
    assert len(read(data, id="recording")) == 2
    assert len(read(data, id="none")) == 1
    data = frame(label=["a"] * 8, activity=["b"] * 8, a=X)
    with pytest.raises(DataError, match=r"'label', 'activity' could .*\(label=, --label\)"):
        read(data)


def test_what_is_no_feature_is_left_out_and_said():
    stamps = [datetime.datetime(2024, 5, 1, 12, 0, s) for s in range(8)]
    data = frame(
        **{
            "Unnamed: 0": range(8),
            "device_id": [17] * 8,
            "a": X,
            "empty": [None] * 8,
            "comment": [f"remark {i}" for i in range(8)],
            "seen": stamps,
            "when": [1_700_000_000_000 + 20 * i for i in range(8)],
            "list": [[1]] * 8,
        }
    )
    recordings = read(data, time="seen")
    assert recordings.channels == ("a",)
    left_out = "; ".join(recordings.reading.left_out)
    for name in ("Unnamed: 0", "device_id", "empty", "comment", "when", "list"):
        assert f"column {name!r}" in left_out
    assert recordings.interval == 1


def test_constant_and_categorical_columns_are_channels():
    data = frame(
        id=[1] * 4 + [2] * 4, age=[30] * 4 + [40] * 4, hand=["left"] * 4 + ["right"] * 4,
        on=[True, False] * 4, a=X, surface=["road", "lawn", None, "road"] * 2,
    )  # fmt: skip
    recordings = read(data)
    assert recordings.channels == ("age", "hand", "on", "a", "surface")
    assert recordings.categories == {"hand": ("left", "right"), "surface": ("road", "lawn")}
    nan = np.nan
    np.testing.assert_array_equal(
        recordings[1],
        np.float32([[40, 1, 1, 5, 0], [40, 1, 0, 4, 1], [40, 1, 1, 3, nan], [40, 1, 0, 2, 0]]),
    )


def test_too_many_words_for_categories(tmp_path):
    rows = "\n".join(f"{i},{'ab'[i % 2] if i < 3000 else i}" for i in range(3200))
    (tmp_path / "own.csv").write_text(f"a,mode\n{rows}\n")
    with pytest.raises(DataError, match="'mode' holds more than 64 different words"):
        read(tmp_path / "own.csv")


def test_recordings_of_one_name_of_two_subjects_are_two():
    data = frame(subject=["p"] * 4 + ["q"] * 4, session=[1] * 8, a=X, label=["u"] * 4 + ["v"] * 4)
    recordings = read(data)
    assert recordings.ids == ("p/1", "q/1")
    assert values(recordings)[1] == [[v] for v in X[4:]]


def test_rows_of_recordings_may_alternate():
    data = frame(id=[1, 2] * 4, a=X, label=["u", "v"] * 4)
    recordings = read(data)
    assert values(recordings) == [[[v] for v in X[::2]], [[v] for v in X[1::2]]]
    assert recordings.labels.tolist() == ["u", "v"]


def test_labels_that_change_cut_a_recording_which_is_the_group():
    labels = ["u", "u", "v", None, "u", "v", "v", "v"]
    data = frame(id=[1] * 5 + [2] * 3, time=[*range(5), *range(3)], a=X, label=labels)
    recordings = read(data, labels="recording")
    assert values(recordings) == [[[0.5], [1.5]], [[2.5]], [[5.0]], [[4.0], [3.0], [2.0]]]
    assert recordings.labels.tolist() == ["u", "v", "u", "v"]
    assert recordings.groups == ("1", "1", "1", "2")
    assert recordings.ids == ("1#0", "1#1", "1#2", "2")
    assert "1 row(s) without a class" in recordings.reading.left_out
    assert "runs of one class" in recordings.reading.facts["cut"]


def test_a_label_that_changes_at_each_row_is_refused():
    with pytest.raises(DataError, match="changes at nearly every row: name the column"):
        read(frame(a=X, label=["u", "v"] * 4))


def test_columns_that_may_tell_recordings_apart_are_named():
    trips = {"trip": [i // 4 for i in range(12)], "on": [i % 4 // 2 for i in range(12)]}
    drivers = {"driver_id": [7 + i // 4 for i in range(12)], "a": [i + 0.5 for i in range(12)]}
    with pytest.raises(DataError, match=r"begin anew .*; likely 'driver_id' or 'trip'"):
        read(frame(time=[0, 1, 2, 3] * 3, **trips, **drivers))
    with pytest.raises(DataError, match=r"nearly every row.*; likely 'trip', whose values repeat"):
        read(frame(a=drivers["a"], label=["u", "v"] * 6, **trips))
    recordings = read(frame(a=drivers["a"], label=[*"uuuuvvvvuuuu"], **trips))
    assert recordings.reading.warnings == (
        "all examples are cut from one recording: neighbours may be alike; likely 'trip', whose "
        "values repeat in stretches",
    )
    with pytest.raises(DataError, match=r"begin anew .*--id\)$"):
        read(frame(time=[0, 1, 2, 3] * 3, a=drivers["a"]))
    # Where no value stands in one stretch alone, those that come in stretches at all are named.
    laps = [i // 2 % 2 for i in range(12)]
    with pytest.raises(DataError, match="likely 'lap', whose"):
        read(frame(time=[0, 1] * 6, lap=laps, a=drivers["a"]))


def test_columns_that_may_be_the_class_are_named():
    with pytest.raises(
        DataError, match="the others are 'a', 'mode'; likely 'mode', as of words; a number"
    ):
        load_series(frame(id=[1] * 4 + [2] * 4, a=X, mode=["u"] * 4 + ["v"] * 4))


def test_examples_are_what_the_file_says(tmp_path):
    (tmp_path / "own.csv").write_text(
        "id,a,b,hand,c,label\n1,0.1,9.81,left,,u\n1,1e-7,2,left,1,u\n2,-3.25,16777217,right,5,v\n"
    )
    recordings = read(tmp_path / "own.csv")
    first, second = (example["first step"] for example in recordings.reading.examples)
    assert list(first.items()) == [("a", 0.1), ("b", 9.81), ("hand", "left"), ("c", None)]
    assert str(second) == "{'a': -3.25, 'b': 16777216.0, 'hand': 'right', 'c': 5}"
    assert "a: 0.1, b: 9.81, hand: left, c: missing" in recordings.reading.page()
    json.dumps(recordings.reading.plain(), allow_nan=False)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([3, 3, 12, 12], [3, 12]),
        ([3.0, 3.0, -1.0, -1.0], [3, -1]),
        (["3", "3", "x", "x"], ["3", "x"]),
        (["01", "01", "1", "1"], ["01", "1"]),
        (["1.0000000e+00"] * 2 + ["-1.0000000e+00"] * 2, [1, -1]),
        ([True, True, False, False], ["true", "false"]),
    ],
)
def test_labels_of_whole_numbers_stay_so(given, expected):
    recordings = read(frame(id=[1, 1, 2, 2], a=X[:4], label=given))
    assert recordings.labels.tolist() == expected


def test_labels_with_fractions_are_refused():
    with pytest.raises(DataError, match=r"numbers with fractions, such as 1.5"):
        read(frame(id=[1, 1, 2, 2], a=X[:4], label=[1.5, 1.5, 2.0, 2.0]))


def test_missing_values_stay_and_too_many_are_refused():
    recordings = read(frame(a=[1.0, None, 3.0, float("nan")], b=X[:4]))
    np.testing.assert_array_equal(recordings[0][:, 0], [1, np.nan, 3, np.nan])
    assert "2 values, at most 50.0% of a channel (a)" in recordings.reading.facts["missing"]
    with pytest.raises(DataError, match=r"more than 50% of the values of 'a' \(75%\).*features=, "):
        read(frame(a=[1.0, None, None, float("nan")], b=X[:4]))


FRAMES = {
    "polars": frame,
    "lazy": lambda **columns: frame(**columns).lazy(),
    "pandas": lambda **columns: pd.DataFrame(columns),
    "pyarrow": lambda **columns: pa.table(columns),
}


@pytest.mark.parametrize("make", FRAMES)
def test_frames_are_read_as_their_files_are(make, tmp_path):
    columns = {
        "id": [i // 4 for i in range(80)],
        "time": [datetime.datetime(2024, 5, 1, 12, 0, i % 4) for i in range(80)],
        "a": [float(i) for i in range(80)],
        "hand": [["l", "r"][i // 8 % 2] for i in range(80)],
        "class": [["up", "down"][i // 4 % 2] for i in range(80)],
    }
    series = load_series(FRAMES[make](**columns))
    data = pl.DataFrame(columns)
    data.write_csv(tmp_path / "own.csv")
    data.write_parquet(tmp_path / "own.parquet")
    data.write_ipc(tmp_path / "own.feather")
    for name in ("own.csv", "own.parquet", "own.feather"):
        other = load_series(tmp_path / name)
        assert other.metadata["sha256"] == series.metadata["sha256"]
        assert other.channels == series.channels == ("a", "hand")
        assert other.categories == series.categories == {"hand": ("l", "r")}
        assert other.interval == series.interval == 1
        assert other.classes == series.classes == ("down", "up")
        assert other.reading.counts["recordings"] == series.reading.counts["recordings"] == 20


def test_the_index_of_a_pandas_frame_is_its_time():
    index = pd.date_range("2024-01-01", periods=8, freq="20ms", tz="Europe/Berlin")
    recordings = read(pd.DataFrame({"a": X, "label": ["u"] * 8}, index=index))
    assert recordings.interval == 0.02
    assert recordings.channels == ("a",)


def test_frames_that_are_none_are_refused():
    with pytest.raises(DataError, match="has no rows"):
        read(frame(a=[]))
    with pytest.raises(DataError, match="no column of numbers"):
        read(frame(label=["a", "b"]))
    with pytest.raises(DataError, match="no column that is known to tell the class"):
        load_series(frame(a=X))


def test_without_labels(tmp_path):
    (tmp_path / "own.csv").write_text("time,a,y,label\n0,1,2,u\n1,3,4,v\n2,5,6,v\n")
    recordings = read_recordings(tmp_path / "own.csv")
    assert recordings.channels == ("a", "y")
    assert values(recordings) == [[[1, 2], [3, 4], [5, 6]]]
    recordings = read_recordings(tmp_path / "own.csv", features="a", time="none", label="none")
    assert recordings.channels == ("a",)


def test_a_table_is_read_without_tensorflow(tmp_path):
    rows = "".join(f"{i // 4},{i}.5,{'uv'[i // 4 % 2]}\n" for i in range(80))
    (tmp_path / "own.csv").write_text("id,a,label\n" + rows)
    program = "import sys, rnnzoo; rnnzoo.load_series(sys.argv[1]); print(*sorted(sys.modules))"
    result = subprocess.run(
        [sys.executable, "-c", program, tmp_path / "own.csv"], capture_output=True, text=True
    )
    modules = set(result.stdout.split())
    assert "polars" in modules and not {"tensorflow", "keras", "pandas"} & modules, result.stderr


def test_plain():
    assert plain(" Subject_ID ") == plain("subjectId") == plain("SUBJECT-id") == "subject id"


def test_words_that_go_on_coming_may_tell_recordings_apart(tmp_path):
    """The first rows are read before it is known how many words come."""
    rows = [f"r{i},{t % 7}.5,{'ab'[i % 2]}" for i in range(80) for t in range(300)]
    (tmp_path / "table.csv").write_text("\n".join(["Aufnahme,x,label", *rows]) + "\n")
    with pytest.raises(DataError, match=r"'Aufnahme' holds more than 64 .* say so \(id=, --id\)"):
        load_series(tmp_path / "table.csv")
    series = load_series(tmp_path / "table.csv", id="Aufnahme", validation=0, test=0)
    assert len(series.train) == 80


@pytest.mark.parametrize("stands_in", [-999, 9999, -99.0])
def test_a_number_that_may_stand_for_missing_ones_is_told_of(stands_in):
    values = np.random.default_rng(0).normal(size=40).round(3)
    values[[3, 17]] = stands_in
    frame = pl.DataFrame({"id": np.arange(40) // 10, "a": values, "label": [*"uvuv" * 10]})
    told = f"column 'a' holds {stands_in:g} again and again, far from all else"
    for given in (frame, frame.with_columns(pl.col("a").cast(pl.String))):
        assert any(told in one for one in read_tables(given, Options()).reading.warnings)
    both = read_tables(frame.with_columns(b=pl.col("a")), Options()).reading.warnings
    assert any(f"columns 'a', 'b' hold {stands_in:g} again" in one for one in both)
    values = np.linspace(stands_in, stands_in + 60, 40).round(0)  # no far cry from the others
    values[1] = stands_in
    frame = frame.with_columns(a=values)
    assert not any("again and again" in o for o in read_tables(frame, Options()).reading.warnings)
