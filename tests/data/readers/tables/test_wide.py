"""Wide tables, in which a row is a recording: told, or found by names; never guessed."""

import numpy as np
import polars as pl
import pytest

from rnnzoo.data import load_series, read_recordings
from rnnzoo.data.readers.tables import Options, read_tables, separated
from rnnzoo.errors import DataError

NAN = float("nan")
HINT = "say so (time='columns', --time columns)"


def waves(count=24, steps=30, seed=0):
    """Smooth recordings (count, steps), and a class of each, one after the other."""
    rng = np.random.default_rng(seed)
    phase = rng.uniform(0, 6, (count, 1))
    x = np.sin(np.arange(steps) / 4 + phase).round(3).astype(np.float32)
    return x, np.array([1, 2] * (count // 2))


def write(path, rows, header=None, separator=","):
    lines = [
        separator.join(str(cell) for cell in row) for row in ([header] if header else []) + rows
    ]
    path.write_text("\n".join(lines) + "\n")
    return path


def read(source, labelled=False, **options):
    return read_tables(source, Options(**options), labelled=labelled)


def same(recordings, x, channel=0):
    return all(np.array_equal(own[:, channel], row) for own, row in zip(recordings, x, strict=True))


@pytest.mark.parametrize("name", ["Own_TRAIN.tsv", "own.csv", "own.txt"])
def test_ucr_files_have_the_class_first_and_no_names(tmp_path, name):
    x, y = waves()
    separator = {".tsv": "\t", ".csv": ",", ".txt": "  "}[name[-4:]]
    label = "{:.7e}".format if name == "own.txt" else str
    rows = [[label(one), *row] for one, row in zip(y, x.tolist(), strict=True)]
    recordings = read(write(tmp_path / name, rows, separator=separator))
    assert same(recordings, x) and recordings.labels.tolist() == y.tolist()
    assert recordings.channels == ("dim 0",) and not recordings.reading.warnings
    assert recordings.reading.layout.endswith("no line of names, a row a recording")
    steps = recordings.reading.facts["steps"]
    assert (
        steps == "columns 'column 2' to 'column 31' (if a row is a step: time='none', --time none)"
    )
    assert len(read(tmp_path / name, time="none")) == 1


def test_both_splits_and_padded_ends(tmp_path):
    x, y = waves()
    for split in ("TRAIN", "TEST"):
        rows = [[one, *row[:20], *["NaN"] * 10] for one, row in zip(y, x.tolist(), strict=True)]
        write(tmp_path / f"Own_{split}.tsv", rows, separator="\t")
    series = load_series(tmp_path / "Own_TRAIN.tsv", validation=0.25)
    assert [len(getattr(series, split)) for split in ("train", "validation", "test")] == [18, 6, 24]
    assert {len(one) for one in series.test.x} == {20} and same(series.test.x, x[:, :20])
    assert series.reading.facts["ends"].startswith("of 48 recordings padded")
    assert same(read_recordings(tmp_path / "Own_TEST.tsv"), x[:, :20])


@pytest.mark.parametrize("name", ["t{}", "step_{}", "t[{}]", "Time {}", "frame.{}"])
def test_a_header_with_numbered_steps(tmp_path, name):
    x, y = waves()
    rows = [[f"r{i}", "uv"[y[i] - 1], 20 + i, *row] for i, row in enumerate(x.tolist())]
    header = ["id", "label", "age", *map(name.format, range(30))]
    path = write(tmp_path / "own.csv", rows, header)
    recordings = read(path)
    assert same(recordings, x) and recordings.ids == tuple(f"r{i}" for i in range(24))
    assert recordings.labels.tolist() == ["uv"[one - 1] for one in y]
    assert recordings.reading.left_out == ("column(s) 'age', as they are no steps",)
    assert recordings.reading.facts["class"] == "column 'label'"
    frame = pl.read_csv(path)
    for source in (frame, frame.to_pandas(), frame.to_arrow()):
        assert same(read(source), x)
    frame.write_parquet(tmp_path / "own.parquet")
    assert same(read(tmp_path / "own.parquet"), x)
    assert len(read(path, features=header[3:23])[0]) == 20
    assert read(path, group="age").groups == tuple(str(20 + i) for i in range(24))
    assert load_series(path).classes == ("u", "v")


@pytest.mark.parametrize("count", [1, 2])
def test_few_recordings_whose_columns_are_called_steps(tmp_path, count):
    x, _ = waves(steps=12)
    rows = [[f"r{i}", *row] for i, row in enumerate(x[:count].tolist())]
    recordings = read(write(tmp_path / "own.csv", rows, ["id", *(f"t{i}" for i in range(12))]))
    assert same(recordings, x[:count]) and recordings.ids == ("r0", "r1")[:count]


def test_several_channels_side_by_side_or_in_turn(tmp_path):
    x, y = waves()
    other = np.cos(3 * x).round(3)
    side = [f"{axis}_{i}" for axis in "ab" for i in range(30)]
    turn = [f"{axis}_{i}" for i in range(30) for axis in "ab"]
    for header in (side, turn):
        values = dict(zip(side, np.concatenate([x, other], axis=1).T, strict=True))
        frame = pl.DataFrame({"label": y} | {name: values[name] for name in header})
        assert HINT in read(frame).reading.warnings[0]  # as mfcc_0, ..., delta_0, ... are channels
        recordings = read(frame, time="columns")
        assert recordings.channels == ("a", "b")
        assert same(recordings, x) and same(recordings, other, 1)


def test_by_blocks_of_any_size(tmp_path, monkeypatch):
    x, y = waves()
    rows = [[one, *row] for one, row in zip(y, x.tolist(), strict=True)]
    write(tmp_path / "own.csv", rows)
    monkeypatch.setattr(separated, "_BLOCK", 97)
    assert same(read(tmp_path / "own.csv"), x)


def test_steps_are_channels_where_they_change_less_from_row_to_row(tmp_path):
    steps = np.arange(200)[:, None]
    smooth = np.sin(steps / 20 + np.arange(16)) * np.arange(1, 17)
    alike = np.sin(steps / 20 + np.arange(16) / 8)  # such as electrodes side by side
    for x in (smooth, alike):
        for name in ("ch{}", "t{}"):  # t0 may be a temperature
            header = ["label", *map(name.format, range(16))]
            rows = [[1 + i // 100, *row] for i, row in enumerate(x.tolist())]
            recordings = read(write(tmp_path / "own.csv", rows, header))
            assert len(recordings) == 1 and recordings.channels == tuple(header[1:])
            assert not recordings.reading.warnings
        bare = read(write(tmp_path / "own.csv", rows))
        assert len(bare) == 1 and not bare.reading.warnings
    # A time, or recordings of several rows, say so themselves.
    x, y = waves(steps=16)
    for more in ({"time": range(24)}, {"id": [i // 6 for i in range(24)]}):
        frame = pl.DataFrame(more | {f"ch{i}": x[:, i] for i in range(16)})
        recordings = read(frame)
        assert len(recordings.channels) == 16 and not recordings.reading.warnings


def test_what_is_not_certain_is_asked_for_and_not_guessed(tmp_path):
    noise = np.random.default_rng(0).normal(size=(40, 16)).round(3)
    rows = [[1 + i % 2, *row] for i, row in enumerate(noise.tolist())]
    path = write(tmp_path / "own.csv", rows)
    recordings = read(path)
    assert len(recordings) == 1 and HINT in recordings.reading.warnings[0]
    with pytest.raises(DataError, match=r"tell the class: .*\(time='columns', --time columns\)"):
        load_series(path)
    told = read(path, time="columns")
    assert same(told, noise.astype(np.float32)) and told.labels.tolist() == [1, 2] * 20
    assert told.reading.facts["steps"] == "columns 'column 2' to 'column 17'"
    headed = write(tmp_path / "headed.csv", rows, ["label", *(f"ch{i}" for i in range(16))])
    with pytest.raises(DataError, match=r"nearly every row.*; or, if a row is a recording"):
        load_series(headed)
    assert load_series(headed, time="columns").classes == (1, 2)
    # UCR's own name, and steps that are called so, say it.
    assert same(
        read(write(tmp_path / "Own_TEST.tsv", rows, separator="\t")), noise.astype(np.float32)
    )
    steps = write(tmp_path / "steps.csv", rows, ["label", *(f"t{i}" for i in range(16))])
    assert len(read(steps)) == 40


def test_recordings_sorted_by_class_are_no_steps(tmp_path):
    """Those of a class may be as alike as neighbours in time; but nobody has as many channels."""
    shapes = np.random.default_rng(1).normal(size=(2, 40)).round(2)
    rows = [[1 + i // 8, *(shapes[i // 8] + i % 8 / 1000).tolist()] for i in range(16)]
    recordings = read(write(tmp_path / "own.csv", rows))
    assert HINT in recordings.reading.warnings[0]
    assert len(read(tmp_path / "own.csv", time="columns")) == 16


def test_where_the_class_is(tmp_path):
    x, y = waves()
    last = [[*row, f"{one:.3e}"] for one, row in zip(y, x.tolist(), strict=True)]
    recordings = read(write(tmp_path / "last.csv", last))
    assert same(recordings, x) and recordings.labels.tolist() == y.tolist()
    both = [[one, *row, 3 - one] for one, row in zip(y, x.tolist(), strict=True)]
    recordings = read(write(tmp_path / "both.csv", both))
    assert recordings.labels.tolist() == y.tolist() and len(recordings[0]) == 31
    assert "taken to be 'column 1'; it could be 'column 32'" in recordings.reading.warnings[0]
    recordings = read(tmp_path / "both.csv", label=32, time="columns")
    assert recordings.labels.tolist() == (3 - y).tolist() and not recordings.reading.warnings
    bare = write(tmp_path / "bare.csv", x.tolist())
    assert HINT in read(bare).reading.warnings[0]
    recordings = read(bare, time="columns", label="none")
    assert same(recordings, x) and recordings.labels is None
    for one in (1, 2):  # folders tell it
        (tmp_path / "by" / "uv"[one - 1]).mkdir(parents=True)
        write(tmp_path / "by" / "uv"[one - 1] / "a.csv", x[y == one].tolist())
    series = load_series(tmp_path / "by", time="columns")
    assert series.classes == ("u", "v") and series.reading.counts["recordings"] == 24


def test_missing_values_and_missing_classes(tmp_path):
    x, y = waves()
    rows = [[one, *row] for one, row in zip(y, x.tolist(), strict=True)]
    rows[0][3], rows[1][0], rows[2][1:] = "", "NA", [""] * 30
    header = ["class", *(f"t{i}" for i in range(30))]
    path = write(tmp_path / "own.csv", rows, header)
    recordings = read(path, labelled=True)
    expected = np.delete(x, [1, 2], axis=0)
    expected[0, 2] = NAN
    np.testing.assert_array_equal(np.stack([one[:, 0] for one in recordings]), expected)
    assert recordings.reading.left_out == (
        "1 recording(s) that hold no value", "1 recording(s) without a class",
    )  # fmt: skip
    assert recordings.reading.facts["missing"] == "1 values"


def test_later_tables_are_read_as_the_first_one_was(tmp_path):
    noise = np.random.default_rng(0).normal(size=(40, 16)).round(3).astype(np.float32)
    rows = [[1 + i % 2, *row] for i, row in enumerate(noise.tolist())]
    first = read(write(tmp_path / "own.csv", rows), time="columns")
    assert first.read_by == {"time": "columns", "label": "column 1"}
    names = ["batch", *(f"nm{900 + 5 * i + i % 2}" for i in range(16)), "protein"]
    columns = [["ab"[i % 2] for i in range(40)], *noise.T.tolist(), [*"uv"] * 20]
    frame = pl.DataFrame(dict(zip(names, columns, strict=True)))
    told = read(frame, time="columns", label="protein")
    assert same(told, noise) and told.channels == read(frame, known=told.read_by).channels
    assert same(read(frame.drop("protein"), known=told.read_by), noise)
    for count in (1, 40):
        later = read(write(tmp_path / "own.csv", rows[:count]), known=first.read_by)
        assert same(later, noise[:count]) and len(later[0]) == 16
        later = read(write(tmp_path / "own.csv", noise[:count].tolist()), known=first.read_by)
        assert same(later, noise[:count]) and later.labels is None
    steps = {"time": [0.0, 0.1, 0.2]} | {f"ch{i}": [1.5, 2.5, 3.5] for i in range(12)}
    assert len(read(pl.DataFrame(steps), known=first.read_by).channels) == 12


def test_what_is_wrong_is_named(tmp_path):
    x, y = waves()
    rows = [[one, *row] for one, row in zip(y, x.tolist(), strict=True)]
    rows[5][4] = "1e99"
    with pytest.raises(DataError, match="line 6: column 'column 5' holds a number .*too large"):
        read(write(tmp_path / "own.csv", rows))
    rows[5][4] = "x"
    with pytest.raises(DataError, match="line 6: could not convert 'x' in column 'column 5'"):
        read(write(tmp_path / "own.csv", rows))
    with pytest.raises(DataError, match="holds no columns of numbers that are steps"):
        read(pl.DataFrame({"a": ["u", "v"], "b": [1, 2]}), time="columns")
    with pytest.raises(DataError, match="'a' holds no numbers to be steps"):
        read(pl.DataFrame({"a": ["u", "v"], "b": [1, 2]}), time="columns", features="a,b")
    one = write(tmp_path / "Own_TRAIN.tsv", [row[:20] for row in rows[:4]], separator="\t")
    write(tmp_path / "Own_TEST.tsv", [row[:19] for row in rows[:4]], separator="\t")
    with pytest.raises(DataError, match="Own_TEST.tsv has 19 columns, the files before it 20"):
        read(one, labelled=True)


def test_a_column_called_columns_is_the_time():
    frame = pl.DataFrame({"columns": [0.0, 0.5, 1.0], "a": [1, 2, 3]})
    assert read(frame, time="columns").interval == 0.5


# --- ordinary tables of many channels, which are alike side by side -------------------------------


def spectrum(bands=12, seed=0, steps=30):
    """Steps (time, bands), smooth along the bands as those of sound, and not so in time."""
    knots = np.random.default_rng(seed).normal(size=(steps, 5))
    x = np.linspace(0, 4, bands)
    return [np.interp(x, range(5), row).round(3).tolist() for row in knots]


@pytest.mark.parametrize("name", ["mel{}", "sensor_{}", "t{}", "value.{}"])
def test_files_are_recordings_though_channels_are_alike(tmp_path, name):
    """Else a file's rows would be in several splits."""
    for i in range(16):
        (tmp_path / "ab"[i % 2]).mkdir(exist_ok=True)
        path = tmp_path / "ab"[i % 2] / f"{i}.csv"
        write(path, spectrum(seed=i), [name.format(band) for band in range(12)])
    series = load_series(tmp_path)
    assert series.reading.counts["recordings"] == 16 and len(series.channels) == 12
    assert HINT in series.reading.warnings[0]
    told = load_series(tmp_path, time="columns")
    assert told.reading.counts["recordings"] == 16 * 30
    assert not load_series(tmp_path, time="none").reading.warnings


@pytest.mark.parametrize("header", [["band{}"], ["t{}"], None])
def test_labels_that_stand_in_runs_are_of_steps(tmp_path, header):
    rows = [["ab"[i % 2], *row] for i in range(20) for row in spectrum(seed=i)]
    names = header and ["label", *(header[0].format(i) for i in range(12))]
    path = write(tmp_path / "own.csv", rows, names)
    series = load_series(path, label=1)
    assert series.reading.counts["recordings"] == 20 and HINT in series.reading.warnings[0]
    assert load_series(path, label=1, time="columns").reading.counts["recordings"] == 600


def test_an_id_that_repeats_tells_recordings_apart():
    rows = [[i, "ab"[i % 2], *row] for i in range(20) for row in spectrum(seed=i)]
    frame = pl.DataFrame(rows, ["id", "label", *(f"t{i}" for i in range(12))], orient="row")
    series = load_series(frame)
    assert series.reading.counts["recordings"] == 20 and not series.reading.warnings


def test_what_names_say_counts_though_recordings_are_sorted_by_class(tmp_path):
    """As those of many UCR files are."""
    x, _ = waves(40)
    rows = [[1 + i // 20, *row] for i, row in enumerate(x.tolist())]
    assert same(read(write(tmp_path / "Own_TRAIN.tsv", rows, separator="\t")), x)
    assert same(read(write(tmp_path / "o.csv", rows, ["y", *(f"step{i}" for i in range(30))])), x)
    unsure = read(write(tmp_path / "own.csv", rows))
    assert len(unsure) == 1 and HINT in unsure.reading.warnings[0]


@pytest.mark.parametrize(("names", "step"), [("value.{}", 1), ("{}", 1), ("ch{}", 1), ("nm{}", 5)])
def test_numbers_alone_are_a_hint(names, step):
    x, y = waves()
    frame = pl.DataFrame({"label": y} | {names.format(step * i): x[:, i] for i in range(30)})
    assert HINT in read(frame).reading.warnings[0]
    assert same(read(frame, time="columns"), x)
    with pytest.raises(DataError, match=r"nearly every row.*; or, if a row is a recording"):
        load_series(frame)


def test_an_arff_file_whose_attributes_are_channels_is_of_steps(tmp_path):
    names = {"own": "mel{}", "other": "att{}"}
    for file, name in names.items():
        head = "".join(f"@attribute {name.format(i)} numeric\n" for i in range(12))
        rows = "".join(f"{','.join(map(str, row))},{'ab'[i // 15]}\n"
                       for i, row in enumerate(spectrum()))  # fmt: skip
        text = f"@relation own\n{head}@attribute class {{a,b}}\n@data\n{rows}"
        (tmp_path / f"{file}.arff").write_text(text)
    steps = read(tmp_path / "own.arff", labelled=True)
    assert len(steps) == 2 and HINT in steps.reading.warnings[0]
    assert len(read(tmp_path / "own.arff", time="columns")) == 30
    assert len(read(tmp_path / "other.arff")) == 30
