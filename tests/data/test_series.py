"""Labelled sequences: the embedded recordings, and the user's own."""

import importlib.util
import mmap
import zipfile

import numpy as np
import pytest

from rnnzoo.data import Series, load_series, read_recordings
from rnnzoo.data.readers import tables
from rnnzoo.errors import DataError

needs_seglearn = pytest.mark.skipif(
    importlib.util.find_spec("seglearn") is None, reason="pip install 'rnnzoo[activity]'"
)


def rows_of(loaded: Series):
    """All sequences by split, as lists of NumPy arrays."""
    return {
        split: [np.asarray(x) for x in getattr(loaded, split).x]
        for split in ("train", "validation", "test")
    }


def arrays(count=40, time=7, channels=3):
    random = np.random.default_rng(0)
    x = random.normal(size=(count, time, channels))
    return {"x": x, "y": np.array(["up", "down"])[np.arange(count) % 2]}


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_npz_of_one_length(save, tmp_path):
    given = arrays()
    save(tmp_path / "own.npz", **given)
    loaded = load_series(tmp_path / "own.npz")
    assert loaded.classes == ("down", "up")
    everything = rows_of(loaded)
    assert {split: len(x) for split, x in everything.items()} == {
        "train": 28, "validation": 6, "test": 6,
    }  # fmt: skip
    # All are there once, each with its label.
    seen = {}
    for split, x in everything.items():
        for row, label in zip(x, getattr(loaded, split).labels, strict=True):
            seen[row.tobytes()] = loaded.classes[label]
    expected = {
        row.tobytes(): y for row, y in zip(given["x"].astype("float32"), given["y"], strict=True)
    }
    assert seen == expected
    for split in everything:  # the classes have the same shares
        assert len(set(np.bincount(getattr(loaded, split).labels))) == 1


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_npz_of_different_lengths_is_mapped_and_split_by_subject(save, tmp_path):
    random = np.random.default_rng(0)
    lengths = random.integers(3, 9, size=30)
    x = random.normal(size=(lengths.sum(), 2)).astype("float32")
    subject = np.arange(30) % 6
    save(tmp_path / "own.npz", x=x, y=np.arange(30) // 6 % 5, lengths=lengths, subject=subject)
    loaded = load_series(tmp_path / "own.npz")
    assert loaded.classes == (0, 1, 2, 3, 4)
    assert [len(set(getattr(loaded, s).subjects)) for s in ("train", "validation", "test")] == [
        4,
        1,
        1,
    ]
    ends = np.cumsum(lengths)
    whole = {x[end - n : end].tobytes() for n, end in zip(lengths, ends, strict=True)}
    assert whole == {row.tobytes() for rows in rows_of(loaded).values() for row in rows}
    assert is_mapped(loaded.train.x[0])


def is_mapped(x):
    while isinstance(x, np.ndarray):
        x = x.base
    return isinstance(x, mmap.mmap)


@pytest.mark.parametrize("with_lengths", [False, True])
def test_npz_in_fortran_s_order_is_mapped_too(with_lengths, tmp_path):
    given = arrays()
    x = given["x"].astype("float32")
    if with_lengths:
        given |= {"x": x.reshape(-1, 3), "lengths": np.full(40, 7)}
    given["x"] = np.asfortranarray(given["x"].astype("float32"))
    np.savez(tmp_path / "own.npz", **given)
    loaded = load_series(tmp_path / "own.npz")
    everything = [row for rows in rows_of(loaded).values() for row in rows]
    assert {row.tobytes() for row in everything} == {row.tobytes() for row in x}
    assert is_mapped(loaded.train.x[0])


def test_labels_and_subjects_of_bytes_are_strings(tmp_path):
    y = np.array(["rückwärts".encode(), b"up"] * 20)
    path = npz(tmp_path, y=y, subject=np.repeat([b"anna", b"bo", b"cy", b"dee"], 10))
    loaded = load_series(path, validation=0.25, test=0.25)
    assert loaded.classes == ("rückwärts", "up")
    subjects = {name for part in loaded.metadata["subjects"].values() for name in part}
    assert subjects == {"anna", "bo", "cy", "dee"}


def test_pictures_stay_bytes(tmp_path):
    x = np.random.default_rng(0).integers(0, 255, size=(20, 3, 4, 4, 3)).astype(np.uint8)
    np.savez(tmp_path / "own.npz", x=x, y=np.arange(20) % 2)
    assert load_series(tmp_path / "own.npz").train.x[0].dtype == np.uint8


def csv_folder(folder, header="a,b\n", rows=4):
    random = np.random.default_rng(0)
    for label in ("run", "walk"):
        (folder / label).mkdir(parents=True)
        for i in range(8):
            lines = "\n".join(",".join(map(str, row)) for row in random.normal(size=(rows + i, 2)))
            (folder / label / f"{i}.csv").write_text(f"{header}{lines}\n")
    return folder


@pytest.mark.parametrize("header", ["", "x,y\n"])
def test_a_folder_of_csv_files_for_each_class(header, tmp_path):
    loaded = load_series(csv_folder(tmp_path / "own", header))
    assert loaded.classes == ("run", "walk")
    assert {split: len(x) for split, x in rows_of(loaded).items()} == {
        "train": 12, "validation": 2, "test": 2,
    }  # fmt: skip
    lengths = sorted(len(x) for rows in rows_of(loaded).values() for x in rows)
    assert lengths == sorted([*range(4, 12)] * 2)


def test_csv_files_are_parsed_once_and_mapped(tmp_path, monkeypatch):
    folder = csv_folder(tmp_path / "own")
    parsed, read = [], tables.open_file
    monkeypatch.setattr(tables, "open_file", lambda path, _: parsed.append(path) or read(path))
    loaded = load_series(folder)
    for _ in range(3):
        rows_of(loaded)
    assert len(parsed) == len(set(parsed)) == 16
    assert is_mapped(loaded.train.x[0])


def test_a_damaged_archive_is_named(tmp_path):
    path = tmp_path / "own.npz"
    np.savez_compressed(path, **arrays())
    content = bytearray(path.read_bytes())
    content[60:80] = b"\xff" * 20
    path.write_bytes(content)
    with pytest.raises(ValueError, match="own.npz can't be read as an .npz file: x: "):
        load_series(path)


def test_arrays_in_a_folder_of_the_archive_are_none(tmp_path):
    np.savez(tmp_path / "own.npz", **{"rec/x": arrays()["x"], "rec/y": arrays()["y"]})
    with pytest.raises(ValueError, match="holds the arrays rec/x, rec/y, no x and no y"):
        load_series(tmp_path / "own.npz")
    with zipfile.ZipFile(tmp_path / "own.npz", "w") as archive:
        archive.writestr("x.csv", "1,2")
    with pytest.raises(ValueError, match="holds the arrays none, no x and no y"):
        load_series(tmp_path / "own.npz")


def npz(tmp_path, **changes):
    given = {**arrays(), **changes}
    np.savez(tmp_path / "own.npz", **{k: v for k, v in given.items() if v is not None})
    return tmp_path / "own.npz"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"y": None}, "holds the arrays x, no y; expected x, y"),
        (
            {"x": np.zeros((40, 7))},
            r"x has shape \(40, 7\); expected \(examples, time, channels",
        ),
        ({"x": np.zeros((39, 7, 3))}, r"make 39 examples, y has shape \(40,\)"),
        ({"x": np.array(["a"] * 40)}, "x has type .*; expected numbers"),
        ({"x": np.array([None] * 40)}, "x: it holds Python objects, which are not read"),
        ({"y": np.zeros(40)}, "y has shape .* float64; expected"),
        ({"y": np.zeros(40, int)}, "holds the class .*0.* only; expected two at least"),
        ({"lengths": np.full(40, 2)}, "lengths shape .* sum 80"),
        ({"subject": np.arange(3)}, "subject has shape"),
        ({"subject": np.zeros(40, int)}, r"has 1 subject\(s\): too few to hold some out"),
        ({"subject": np.arange(40) % 2}, r"has 2 subject\(s\)"),
        (
            {"y": np.array(["a"] * 38 + ["b"] * 2)},
            r"own.npz: the class b has 2 example\(s\): too few",
        ),
        (
            {"lengths": np.array(["7"] * 40)},
            r"own.npz: lengths has shape \(40,\) and type <U1; expected \(examples,\) of ints",
        ),
        (
            {"y": np.arange(40) % 5, "subject": np.arange(40) % 5},
            "the class [0-4] has no example to train on",
        ),
    ],
)
def test_mistakes_in_npz_files_are_named(changes, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        load_series(npz(tmp_path, **changes))


@pytest.mark.parametrize("value", [np.inf, 1e300])
def test_a_number_that_is_none_is_found_and_named(value, tmp_path):
    x = arrays()["x"]
    x[13, 5, 1] = value
    message = "own.npz: example 13 holds a number that is none, .* at time step 5, channel 2;"
    with pytest.raises(ValueError, match=message):
        load_series(npz(tmp_path, x=x))
    np.save(tmp_path / "own.npy", x)
    with pytest.raises(ValueError, match="own.npy: example 13 .* at time step 5, channel 2;"):
        read_recordings(tmp_path / "own.npy")


@pytest.mark.parametrize("with_lengths", [False, True])
def test_nan_in_arrays_is_missing_as_in_tables(with_lengths, tmp_path):
    x = arrays()["x"]
    x[13, 5, 1] = x[::2, 2:, 2] = np.nan
    given = {"x": x.reshape(-1, 3), "lengths": np.full(40, 7)} if with_lengths else {"x": x}
    loaded = load_series(npz(tmp_path, **given))
    found = {row.tobytes() for rows in rows_of(loaded).values() for row in rows}
    assert found == {row.tobytes() for row in x.astype("float32")}
    # 20 recordings lack 5 of 7 steps.
    said = "101 values, at most 35.7% of a channel (channel 3)"
    assert loaded.reading.facts["missing"] == said
    given["x"][..., 0] = np.nan
    message = r"own.npz: more than 50% of the values of channel 1 \(100%\) are missing"
    with pytest.raises(ValueError, match=message):
        load_series(npz(tmp_path, **given))
    assert np.isnan(read_recordings(tmp_path / "own.npz")[3][:, 0]).all()  # to be answered


def test_the_seed_of_the_split_alone_decides_what_is_held_out(tmp_path):
    path = npz(tmp_path)
    tests = [
        {x.tobytes() for x in rows_of(load_series(path, split_seed=seed))["test"]}
        for seed in (0, 0, 1)
    ]
    assert tests[0] == tests[1] != tests[2]
    with pytest.raises(ValueError, match="split_seed=1: watch is a data set, which is split"):
        load_series("watch", split_seed=1)


def test_mistakes_in_folders_are_named(tmp_path):
    folder = csv_folder(tmp_path / "own")
    file = folder / "walk" / "3.csv"
    for text, message in (
        ("1,2\n3,x\n", "3.csv, line 2: could not convert"),
        ("1,2\n3\n", "3.csv, line 2: 1 columns, the lines before 2"),
        ("1,2,3\n", "3.csv has 3 columns, the files before it 2"),
        ("a,b\n", "3.csv holds no line of numbers"),
        ("1,2\ninf,1\n", "3.csv, line 2: column 'a' holds a number that is none"),
    ):
        file.write_text(text)
        with pytest.raises(ValueError, match=message):
            load_series(folder)
    file.write_text("1,2\n")
    with pytest.raises(ValueError, match="holds no folder of CSV files"):
        load_series(folder / "walk")
    with pytest.raises(FileNotFoundError, match="'nowhere.npz' is neither an .npz file, nor"):
        load_series("nowhere.npz")
    (tmp_path / "text.npz").write_text("no zip")
    with pytest.raises(
        ValueError, match="text.npz can't be read as an .npz file: File is not a zip"
    ):
        load_series(tmp_path / "text.npz")
    with pytest.raises(ValueError, match="expected shares of at least 0 that leave something"):
        load_series(folder, validation=0.6, test=0.5)


def test_a_class_is_not_left_out_by_how_its_files_are_called(tmp_path):
    folder = csv_folder(tmp_path / "own")
    for file in (folder / "walk").iterdir():
        file.rename(file.with_suffix(".CSV"))
    assert load_series(folder).classes == ("run", "walk")
    (folder / "empty").mkdir()
    with pytest.raises(ValueError, match="holds no CSV files of the class empty"):
        load_series(folder)


def test_what_arrays_hold_is_said_and_channels_before_steps_are_odd(tmp_path):
    x, y = np.zeros((8, 3, 90), "float32"), np.arange(8) % 2
    np.savez(tmp_path / "turned.npz", x=x, y=y)
    reading = load_series(tmp_path / "turned.npz", validation=0, test=0).reading
    counts = {"recordings": 8, "steps": 24, "channels": 90, "classes": 2}
    assert dict(reading.counts) == counts
    (odd,) = reading.warnings
    assert odd.startswith("at most 3 steps, each of 90 channels: if the channels stand first, turn")
    np.savez(tmp_path / "right.npz", x=x.transpose(0, 2, 1), y=y)
    assert not load_series(tmp_path / "right.npz", validation=0, test=0).reading.warnings
    np.save(tmp_path / "alone.npy", x[0])
    with pytest.raises(DataError, match="arrays without classes, which can be answered, and not"):
        load_series(tmp_path / "alone.npy")
