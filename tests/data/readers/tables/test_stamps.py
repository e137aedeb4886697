"""Time stamps, and what their distances mean: even, jittering, with gaps, uneven."""

import datetime

import numpy as np
import polars as pl
import pytest

from rnnzoo.data.readers.tables import Options, read_tables, separated
from rnnzoo.data.readers.tables.sampling import resampled, spread
from rnnzoo.data.readers.tables.stamps import of_text, readable, seconds, unit_in
from rnnzoo.errors import DataError


def read(times, values=None, name="time", **options):
    values = [0.5 + i % 3 for i in range(len(times))] if values is None else values
    return read_tables(pl.DataFrame({name: times, "a": values}), Options(**options))


@pytest.mark.parametrize(
    ("times", "interval", "said"),
    [
        ([0, 1, 2], 1, "taken for seconds, as it names no unit, every 1 s"),
        ([0.0, 0.02, 0.04], 0.02, "every 20 ms"),
        ([1_700_000_000 + i for i in range(3)], 1, "seconds since 1970, every 1 s"),
        ([1_700_000_000_000 + 20 * i for i in range(3)], 0.02, "milliseconds since 1970"),
        ([1_700_000_000_000_000_000 + 5000 * i for i in range(3)], 5e-6, "nanoseconds since 1970"),
        (["2024-05-31T14:02:10Z", "2024-05-31T14:02:10.5Z"], 0.5, "with zones"),
        # The hour in which clocks are put back is no gap where zones are told.
        (["2024-10-27T02:59:59+02:00", "2024-10-27T02:00:00+01:00"], 1, "with zones"),
        (["2024-05-31 14:02", "2024-05-31 14:03"], 60, "dates and times, every 60 s"),
        (["31.05.2024 14:02:10", "31.05.2024 14:02:11"], 1, "dates and times"),
        (["05/31/2024 02:02:10 PM", "05/31/2024 02:02:11 PM"], 1, "dates and times"),
        (["14:02:10.25", "14:02:10.5"], 0.25, "times of day"),
        (["2024-05-31", "2024-06-01"], 86400, "every 1 d"),
        (["20240531T140210", "20240531T140211"], 1, "dates and times"),
    ],
)
def test_stamps_are_seconds_and_no_channel(times, interval, said):
    recordings = read(times)
    assert recordings.channels == ("a",)
    assert recordings.interval == interval
    assert said in recordings.reading.facts["time"]
    assert recordings[0][:, 0].tolist() == [0.5 + i % 3 for i in range(len(times))]


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("time [ms]", "ms"), ("Time (s)", "s"), ("time_us", "us"), ("t/µs", "us"), ("time", None),
        ("timestamps", None), ("time msec", "ms"), ("seconds", "s"),
    ],
)  # fmt: skip
def test_units_in_names(name, unit):
    assert unit_in(name) == unit


def test_the_unit_in_a_name_counts():
    assert read([0, 20, 40], name="time_ms").interval == 0.02


def test_day_and_month_that_cannot_be_told_are_said():
    recordings = read(["03/04/2024 10:00:00", "03/04/2024 10:00:01"])
    assert "day/month/year; could be month/day/year" in recordings.reading.warnings[0]
    # The first of each month, or of each quarter, is no row of days with a gap each year.
    for months in (range(1, 13), (1, 4, 7, 10)):
        days = [f"{month:02}/01/{year}" for year in (2014, 2015, 2016) for month in months]
        found = of_text(pl.Series(days))
        assert found.form == "%m/%d/%Y" and "month/day/year; could be day/month" in found.odd
        found = of_text(pl.Series([f"01/{day[:2]}/{day[-4:]}" for day in days]))
        assert found.form == "%d/%m/%Y" and "day/month/year; could be month/day" in found.odd
    known = of_text(pl.Series(["03/04/2024 10:00:00", "03/13/2024 10:00:01"]))
    assert known.form.startswith("%m/%d") and not known.odd


def test_stamps_without_a_name_are_told_by_their_size(tmp_path):
    rows = "\n".join(f"{1_700_000_000_000 + 20 * i},{i % 3},{i % 5}.5" for i in range(20))
    (tmp_path / "own.csv").write_text(rows)
    recordings = read_tables(tmp_path / "own.csv", Options())
    assert recordings.channels == ("column 2", "column 3")
    assert recordings.interval == 0.02
    assert "column 'column 1' counts seconds since 1970" in recordings.reading.warnings[0]


def test_stamps_that_are_none_are_named(tmp_path):
    (tmp_path / "own.csv").write_text(
        "time,a\n2024-05-31 10:00:00,1\n2024-05-31 10:00:01,2\n,3\nx,4\n"
    )
    with pytest.raises(DataError, match="line 5: 'x' in column 'time' is no time stamp"):
        read_tables(tmp_path / "own.csv", Options())
    (tmp_path / "own.csv").write_text("time,a\nearly,1\nlate,2\n")
    with pytest.raises(DataError, match="'time' holds no time stamps that are known.*'early'"):
        read_tables(tmp_path / "own.csv", Options())


def test_rows_without_a_stamp_are_left_out():
    recordings = read([0.0, 1.0, None, 2.0], [1.0, 2.0, 9.0, 3.0])
    assert recordings[0][:, 0].tolist() == [1, 2, 3]
    assert recordings.reading.left_out == ("1 row(s) without time stamp",)


def test_date_and_time_of_day_in_two_columns(tmp_path):
    rows = "\n".join(f"31.12.2024;23:59:5{i};{i},5" for i in range(8, 10))
    rows += "\n01.01.2025;00:00:00;10,5"
    (tmp_path / "own.csv").write_text(f"Date;Time;a\n{rows}\n")
    recordings = read_tables(tmp_path / "own.csv", Options())
    assert recordings[0][:, 0].tolist() == [8.5, 9.5, 10.5]
    assert recordings.interval == 1
    assert "'Time' with 'Date'" in recordings.reading.facts["time"]


def test_stamps_out_of_order_are_sorted_and_repeated_ones_dropped():
    times = [0, 1, 2, 4, 3, 5, 6, 6, 7, 8]
    recordings = read(times, [float(t) for t in times])
    assert recordings[0][:, 0].tolist() == list(range(9))
    assert recordings.reading.warnings == (
        "the stamps of 1 recording(s) were not in order, and are now",
        "1 row(s) repeat a stamp: the first of each counts",
    )


def test_stamps_that_begin_anew_are_recordings_whose_names_are_asked_for():
    with pytest.raises(DataError, match=r"begin anew after 4 rows: .*\(id=, --id\)"):
        read([0, 1, 2, 3, 0, 1, 2, 3])


@pytest.mark.parametrize("kind", ["text", "twelve hours", "time"])
def test_clocks_go_on_past_midnight_within_a_recording(kind):
    clocks = [datetime.time(23, 59, 58), datetime.time(23, 59, 59), datetime.time(),
              datetime.time(0, 0, 1)]  # fmt: skip
    form = {"text": "%H:%M:%S", "twelve hours": "%I:%M:%S %p"}.get(kind)
    times = [clock.strftime(form) for clock in clocks] if form else clocks
    night = pl.DataFrame({"id": [1] * 4 + [2] * 4, "time": times * 2, "a": [1.5, 2, 3, 4] * 2})
    recordings = read_tables(night, Options())
    assert [x[:, 0].tolist() for x in recordings] == [[1.5, 2, 3, 4]] * 2
    assert recordings.interval == 1
    assert recordings.reading.facts["midnight"].startswith("passed 2 time(s)")
    assert not recordings.reading.warnings
    # Without a name for them, recordings of one clock are still those whose stamps begin anew.
    day = [f"10:00:0{i}" for i in (0, 1, 2, 3)] * 2
    with pytest.raises(DataError, match="begin anew after 4 rows"):
        read(day)
    late = read([f"10:00:0{i}" for i in (0, 1, 3, 2, 4)], [0.0, 1, 3, 2, 4])
    assert late[0][:, 0].tolist() == [0, 1, 2, 3, 4] and "midnight" not in late.reading.facts


def test_clocks_whose_newest_comes_first_pass_midnight_backwards():
    clocks = [f"{hour % 24:02}:{minute:02}:00" for hour in range(12, 36) for minute in (0, 30)]
    night = pl.DataFrame({"id": [1] * 48 + [2] * 48, "time": 2 * clocks[::-1],
                          "a": [float(i) for i in range(48)][::-1] * 2})  # fmt: skip
    recordings = read_tables(night, Options())
    assert [x[:, 0].tolist() for x in recordings] == [list(range(48))] * 2
    assert recordings.interval == 1800
    assert recordings.reading.facts["midnight"].startswith("passed 2 time(s)")


def test_midnight_passes_more_than_once_and_between_batches(tmp_path, monkeypatch):
    clocks = [f"{hour % 24:02}:{minute:02}" for hour in range(22, 74) for minute in (0, 30)]
    rows = "".join(f"{clock},{i}\n" for i, clock in enumerate(clocks))
    (tmp_path / "own.csv").write_text("time,a\n" + rows)
    monkeypatch.setattr(separated, "_BLOCK", 97)
    recordings = read_tables(tmp_path / "own.csv", Options())
    assert recordings[0][:, 0].tolist() == list(range(len(clocks)))
    assert recordings.interval == 1800
    assert recordings.reading.facts["midnight"].startswith("passed 3 time(s)")


def test_jitter_is_tolerated_and_said():
    times = np.arange(100) * 0.02
    times[1:-1] += np.random.default_rng(0).uniform(-0.002, 0.002, 98)
    recordings = read(times)
    assert recordings.interval == pytest.approx(0.02, rel=0.02)
    assert len(recordings[0]) == 100
    assert "of a step off" in recordings.reading.facts["time"]


def test_gaps_are_missing_steps():
    recordings = read([0.0, 0.1, 0.2, 0.5, 0.6, 0.7, 0.8], [0.0, 1, 2, 5, 6, 7, 8])
    nan = np.nan
    np.testing.assert_array_equal(recordings[0][:, 0], [0, 1, 2, nan, nan, 5, 6, 7, 8])
    assert recordings.reading.facts["gaps"] == "1, 2 steps put in as missing"
    with pytest.raises(DataError, match="gaps between the stamps are longer than what is there"):
        read([0, 1, 2, 50])
    with pytest.raises(DataError, match="would be mostly gaps"):
        read([0.0, 1, 2, 1e9])


def test_uneven_sampling_is_refused_or_resampled():
    times = [0.0, 1.0, 1.6, 3.0, 4.0]
    with pytest.raises(DataError, match=r"sampled unevenly: .*mostly 1 s; .*--interval 1\)"):
        read(times)
    recordings = read(times, [2 * t for t in times], interval="0.5")
    np.testing.assert_allclose(recordings[0][:, 0], np.arange(9), rtol=1e-6)
    assert recordings.interval == 0.5
    assert "to a step every 500 ms" in recordings.reading.facts["resampled"]
    assert len(read(times, time="none")[0]) == 5  # but then time is a channel or left out


def test_recordings_of_two_rates_are_uneven():
    for rate in (0.5, 2.0):
        times = [0.0, 1, 2, 3, 0, rate, 2 * rate, 3 * rate]
        with pytest.raises(DataError, match="sampled unevenly"):
            read_tables(pl.DataFrame({"id": [1] * 4 + [2] * 4, "time": times, "a": times}),
                        Options(features="a"))  # fmt: skip
    data = pl.DataFrame({"id": [1] * 4 + [2] * 4, "time": [0.0, 1, 2, 3, 0, 0.5, 1, 1.5],
                         "a": [0.0, 1, 2, 3, 0, 5, 10, 15]})  # fmt: skip
    with pytest.raises(DataError, match="sampled unevenly"):
        read_tables(data, Options())
    recordings = read_tables(data, Options(interval=1))
    assert [x[:, 0].tolist() for x in recordings] == [[0, 1, 2, 3], [0, 10]]


def test_resampling_keeps_what_is_missing_and_the_words():
    rows = np.float32([[0, 0], [1, 1], [np.nan, 0], [3, 1], [9, 1]])
    times = np.array([0.0, 1, 2, 3, 9])
    found, gaps = resampled(rows, times, 0.5, frozenset([1]))
    nan = np.nan
    np.testing.assert_array_equal(found[:7, 0], [0, 0.5, 1, nan, nan, nan, 3])
    np.testing.assert_array_equal(found[:7, 1], [0, 0, 1, 1, 0, 0, 1])
    assert np.isnan(found[7:-1]).all() and found[-1].tolist() == [9, 1]
    assert gaps == 1 and len(found) == 19
    found, count = spread(rows[:3], np.array([0.0, 0.98, 4.03]), 1.0)
    np.testing.assert_array_equal(found[:, 0], [0, 1, nan, nan, nan])
    assert count == 2


def test_an_interval_without_stamps_is_what_it_is_told_to_be():
    recordings = read_tables(pl.DataFrame({"a": [1.0, 2.5]}), Options(interval=0.02))
    assert recordings.interval == 0.02
    assert "as told" in recordings.reading.facts["interval"]


def test_whole_stamps_are_not_rounded():
    values = pl.Series([1_700_000_000_000_000_001, 1_700_000_000_000_000_003])
    from rnnzoo.data.readers.tables.stamps import Stamps

    found, origin = seconds(values, Stamps(unit="ns"), None)
    assert found.tolist() == [0, 2e-9] and origin == values[0]


def test_readable():
    assert [readable(d) for d in (5e-6, 0.02, 1, 60, 90, 7200)] == [
        "5 µs", "20 ms", "1 s", "60 s", "1.5 min", "2 h",
    ]  # fmt: skip
