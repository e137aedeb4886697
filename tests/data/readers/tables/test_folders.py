"""Folders of tables: which files are read, as what, and in which order."""

import gzip
import os

import numpy as np
import pytest

from rnnzoo.data import load_series
from rnnzoo.data.readers.tables import Options, read_tables
from rnnzoo.errors import DataError


def write(path, content="a,b\n1,2\n3,4\n"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


def read(folder, **options):
    return read_tables(folder, Options(**options))


def test_endings_in_any_case_packed_and_numbers_in_their_order(tmp_path):
    for label in ("run", "walk"):
        write(tmp_path / label / "r10.csv", "a,b\n10,2\n")
        write(tmp_path / label / "r2.CSV", "a,b\n2,2\n")
        (tmp_path / label / "r1.csv.gz").write_bytes(gzip.compress(b"a,b\n1,2\n"))
        write(tmp_path / label / "r3.tsv", "a\tb\n3\t2\n")
    recordings = read(tmp_path)
    assert recordings.labels.tolist() == ["run"] * 4 + ["walk"] * 4
    assert [float(x[0, 0]) for x in recordings] == [1, 2, 3, 10] * 2
    assert recordings.ids[:2] == ("run/r1.csv.gz", "run/r2.CSV")
    assert recordings.reading.counts["files"] == 8


def test_channels_are_put_right_by_their_names(tmp_path):
    write(tmp_path / "a" / "1.csv", "x,y,z\n1,2,3\n")
    write(tmp_path / "b" / "1.csv", "z,q,y,x\n3,9,2,1\n")
    recordings = read(tmp_path)
    assert [x.tolist() for x in recordings] == [[[1, 2, 3]]] * 2
    assert recordings.reading.facts["columns"].startswith("not in the same order")
    assert "column(s) 'q', which " in recordings.reading.left_out[0]
    write(tmp_path / "b" / "1.csv", "z,y\n3,2\n")
    with pytest.raises(DataError, match=r"b/1.csv has no column 'x', which .*a/1.csv has; .*'z'"):
        read(tmp_path)
    write(tmp_path / "b" / "1.csv", "1,2\n")
    with pytest.raises(DataError, match=r"b/1.csv has 2 columns, the files before it 3"):
        read(tmp_path)
    write(tmp_path / "b" / "1.csv", "1,2,3\n")
    recordings = read(tmp_path)
    assert [x.tolist() for x in recordings] == [[[1, 2, 3]]] * 2
    assert "some have none" in recordings.reading.warnings[0]


def test_folders_in_classes_are_groups_and_said(tmp_path):
    for label in ("run", "walk"):
        for subject in ("s1", "s2", "s10"):
            for i in range(2):
                write(tmp_path / label / subject / f"r{i}.csv")
    recordings = read(tmp_path)
    assert recordings.groups == ("s1", "s1", "s2", "s2", "s10", "s10") * 2
    assert set(recordings.labels) == {"run", "walk"}
    assert recordings.reading.facts["groups"] == "by the folders in those of the classes"
    series = load_series(tmp_path, validation=0.3, test=0.3)
    assert [len(getattr(series, s)) for s in ("train", "validation", "test")] == [4, 4, 4]


def test_folders_of_subjects_with_folders_of_classes(tmp_path):
    for subject in ("subject01", "subject02"):
        for label in ("run", "walk"):
            write(tmp_path / subject / label / "r.csv")
    recordings = read(tmp_path)
    assert recordings.labels.tolist() == ["run", "walk"] * 2
    assert recordings.groups == ("subject01",) * 2 + ("subject02",) * 2
    assert "are taken for subjects" in recordings.reading.warnings[0]


def test_links_to_folders_are_followed_but_not_round_in_circles(tmp_path):
    write(tmp_path / "elsewhere" / "r1.csv")
    write(tmp_path / "own" / "run" / "r1.csv")
    os.symlink(tmp_path / "elsewhere", tmp_path / "own" / "walk")
    os.symlink(tmp_path / "own", tmp_path / "own" / "run" / "loop")
    recordings = read(tmp_path / "own")
    assert recordings.labels.tolist() == ["run", "walk"]


def test_text_is_read_where_a_class_has_nothing_else_and_left_out_beside_tables(tmp_path):
    write(tmp_path / "run" / "r.csv")
    write(tmp_path / "run" / "notes.txt", "made in May")
    write(tmp_path / "run" / ".hidden.csv", "what")
    write(tmp_path / "walk" / "r.txt", "a b\n5 6\n")
    write(tmp_path / "walk" / "photo.jpg")
    write(tmp_path / "readme.csv")
    recordings = read(tmp_path)
    assert [x.tolist() for x in recordings] == [[[1, 2], [3, 4]], [[5, 6]]]
    assert recordings.reading.left_out == (
        "2 other file(s): 1 .jpg, 1 .txt", "1 file(s) beside the folders: readme.csv",
    )  # fmt: skip


def test_a_class_without_files_is_refused(tmp_path):
    write(tmp_path / "run" / "r.csv")
    (tmp_path / "walk").mkdir()
    with pytest.raises(DataError, match="holds no CSV files of the class walk"):
        read(tmp_path)
    with pytest.raises(DataError, match="holds no folder of CSV files"):
        read(tmp_path / "walk")


def test_a_label_in_files_of_class_folders_is_no_channel(tmp_path):
    for label in ("run", "walk"):
        write(tmp_path / label / "r.csv", f"a,label\n1,{len(label)}\n2,{len(label)}\n")
    recordings = read(tmp_path)
    assert recordings.channels == ("a",)
    assert recordings.labels.tolist() == ["run", "walk"]
    assert "as the folders' names tell the class" in recordings.reading.left_out[0]


def test_a_recording_a_file_with_a_column_of_the_class(tmp_path):
    for i in (1, 2, 10):
        write(tmp_path / f"r{i}.csv", f"a,class\n{i},{'uv'[i % 2]}\n{i},{'uv'[i % 2]}\n")
    recordings = read(tmp_path)
    assert recordings.ids == ("r1.csv", "r2.csv", "r10.csv")
    assert recordings.labels.tolist() == ["v", "u", "u"]


@pytest.mark.parametrize("layout", ["files", "folders", "one"])
def test_splits_told_by_names_are_kept(tmp_path, layout):
    def rows(count, value):
        return "id,a,class\n" + "".join(f"{i},{value},{'uv'[i % 2]}\n" * 2 for i in range(count))

    names = {"files": "own_{}.csv", "folders": "{}/own.csv", "one": "own_{}.csv"}[layout]
    if layout == "folders":
        for split, value in (("train", 1), ("test", 2)):
            for i in range(10 if split == "train" else 4):
                write(tmp_path / split / "uv"[i % 2] / f"{i}.csv", f"a\n{value}\n{value}\n")
    else:
        write(tmp_path / names.format("TRAIN"), rows(10, 1))
        write(tmp_path / names.format("TEST"), rows(4, 2))
    source = tmp_path / "own_TRAIN.csv" if layout == "one" else tmp_path
    series = load_series(source, validation=0.2)
    assert {x[0, 0] for x in series.train.x} == {x[0, 0] for x in series.validation.x} == {1}
    assert {x[0, 0] for x in series.test.x} == {2}
    assert [len(getattr(series, s)) for s in ("train", "validation", "test")] == [8, 2, 4]
    assert "splits" in series.reading.facts


def test_no_group_is_in_two_splits_and_no_class_is_lost(tmp_path):
    rows = ["id,subject,a,class"]
    # Only three of sixteen subjects fall: many choices of whom to hold out lose the class.
    for subject in range(16):
        for i in range(3):
            label = "fall" if subject < 3 and i == 0 else "walk"
            rows += [f"{subject}-{i},s{subject},{i}.5,{label}"] * 2
    path = tmp_path / "own.csv"
    path.write_text("\n".join(rows))
    chosen = set()
    for seed in range(12):
        series = load_series(path, validation=0.25, test=0.25, split_seed=seed)
        parts = [set(getattr(series, s).subjects) for s in ("train", "validation", "test")]
        assert sum(map(len, parts)) == len(set().union(*parts)) == 16
        assert set(series.train.labels) == {0, 1}
        again = load_series(path, validation=0.25, test=0.25, split_seed=seed)
        assert again.metadata == series.metadata
        chosen.add(tuple(sorted(parts[0])))
    assert len(chosen) > 6


def test_a_class_of_one_group_is_refused_with_a_way_out(tmp_path):
    rows = ["id,subject,a,class"]
    rows += [f"{i},s{i % 2},1.5,{'uv'[i % 2]}" for i in range(20) for _ in range(2)]
    rows += [f"{i},s{i % 5},1.5,w" for i in range(20, 40) for _ in range(2)]
    (tmp_path / "own.csv").write_text("\n".join(rows))
    with pytest.raises(ValueError, match=r"class u has no example to train on: .*group='none'"):
        load_series(tmp_path / "own.csv", validation=0.5, test=0.49)
    series = load_series(tmp_path / "own.csv", group="none")
    assert series.train.subjects is None and np.isfinite(series.train.x[0]).all()
