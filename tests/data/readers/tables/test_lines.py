"""Forms in which a line is a recording: .ts, .arff, UCI HAR."""

import numpy as np
import pytest

from rnnzoo.data import load_series, read_recordings
from rnnzoo.data.readers.tables import Options, read_tables
from rnnzoo.errors import DataError

TS = """# made here
@problemName own
@timestamps false
@univariate false
@classLabel true up down
@data
1,2,3:4,5,6:up
1.5,?:2,NaN:down
7,8,NaN:9:up
"""

NESTED = r"""% made here
@relation own
@attribute moves relational
  @attribute t1 numeric
  @attribute t2 numeric
@end moves
@attribute activity {up,'going down'}
@data
"1,2\n3,4",up
'5.5,?\n6,7','going down'
"""

FLAT = "@relation own\n" + "".join(f"@attribute att{i} numeric\n" for i in range(8))
FLAT += "@attribute target {1,2}\n@data\n1,2,3,4,5,6,?,?,1\n8,7,6,5,4,3,2,1,2\n"

STEPS = """@RELATION own
@ATTRIBUTE id STRING
@ATTRIBUTE acc NUMERIC
@ATTRIBUTE 'class' {a,b}
@DATA
r1,1.5,a
r1,2.5,a
r2,3.5,b
"""

NAN = float("nan")


def read(tmp_path, content, name):
    (tmp_path / name).write_text(content)
    return read_tables(tmp_path / name, Options())


@pytest.mark.parametrize(
    ("name", "content", "expected", "labels", "channels"),
    [
        ("own.ts", TS, [[[1, 4], [2, 5], [3, 6]], [[1.5, 2]], [[7, 9], [8, NAN]]],
         ["up", "down", "up"], ("dim 0", "dim 1")),
        ("own.arff", NESTED, [[[1, 3], [2, 4]], [[5.5, 6], [NAN, 7]]], ["up", "going down"],
         ("dim 0", "dim 1")),
        ("own.arff", FLAT, [[[i] for i in range(1, 7)], [[i] for i in range(8, 0, -1)]], [1, 2],
         ("dim 0",)),
        ("own.arff", STEPS, [[[1.5], [2.5]], [[3.5]]], ["a", "b"], ("acc",)),
    ],
)  # fmt: skip
def test_what_is_in_them(tmp_path, name, content, expected, labels, channels):
    recordings = read(tmp_path, content, name)
    assert len(recordings) == len(expected)
    for x, values in zip(recordings, expected, strict=True):
        np.testing.assert_array_equal(x, np.float32(values))
    assert recordings.labels.tolist() == labels
    assert recordings.channels == channels
    assert recordings.reading.counts["recordings"] == len(expected)
    unlabelled = read_recordings(tmp_path / name)
    assert [len(x) for x in unlabelled] == [len(x) for x in recordings]


def test_padding_is_cut_off_and_said(tmp_path):
    facts = read(tmp_path, TS, "own.ts").reading.facts
    assert facts["ends"].startswith("of 2 recordings padded")
    assert facts["missing"] == "1 values"


def test_train_and_test_files_are_their_own_splits(tmp_path):
    row = "{0},1,2:{1}\n"
    head = "@classLabel true a b\n@data\n"
    for split, count, value in (("TRAIN", 20, 1), ("TEST", 6, 9)):
        rows = "".join(row.format(value, "ab"[i % 2]) for i in range(count))
        (tmp_path / f"Own_{split}.ts").write_text(head + rows)
        (tmp_path / f"Own_{split}.arff").write_text("not read, as the .ts files are")
    for source in (tmp_path / "Own_TRAIN.ts", tmp_path / "Own_TEST.ts", tmp_path):
        series = load_series(source, validation=0.2)
        sizes = [len(getattr(series, s)) for s in ("train", "validation", "test")]
        assert sizes == [16, 4, 6]
        assert {float(x[0, 0]) for x in series.train.x} == {1.0}
        assert {float(x[0, 0]) for x in series.test.x} == {9.0}
        assert "Own_TRAIN.ts" in series.reading.facts["splits"]
    assert len(read_recordings(tmp_path / "Own_TEST.ts")) == 6
    (tmp_path / "Other_TRAIN.ts").write_text(head + row.format(1, "a"))
    with pytest.raises(DataError, match="holds several data sets: Other, Own"):
        load_series(tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("own.ts", TS.replace("@data", ""), "holds no line @data"),
        ("own.ts", TS.replace("4,5,6", "4,x,6"), "line 7: could not convert string to float: 'x'"),
        ("own.ts", TS.replace(":4,5,6", ""), "recording 1 has 2 channels, those before it 1"),
        ("own.ts", TS.replace("1,2,3:4,5,6:up", "up"), "line 7: no class at its end"),
        ("own.ts", TS.replace("@timestamps false", "@timestamps true"), "time stamps in its lines"),
        ("own.ts", TS.replace("@classLabel true", "@targetLabel true"), "numbers .*, not classes"),
        ("own.ts", "@classLabel true a\n@data\n?,?:a\n", "holds no recording"),
        ("own.ts", "@classLabel true a\n@data\n1,?,?,?,2:a\n", "60% of the values are missing"),
        ("own.ts", TS.replace("4,5,6", "4,1e99,6"), "line 7: a number that is none, or too large"),
        ("own.arff", FLAT.replace("8,7,6", "8,7"), "line 13: 8 values, expected 9"),
        ("own.arff", STEPS.replace("r1,2.5,a", "r1,2.5"), "line 7: 2 values, expected 3"),
        ("own.arff", STEPS.replace("r1,2.5,a", "{1 2.5}"), "line 7: sparse rows are not read"),
        ("own.arff", NESTED.replace("5.5,?", "5.5,y"), "could not convert"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(tmp_path, name, content, message):
    with pytest.raises(DataError, match=message):
        read(tmp_path, content, name)


def har(folder, signals=("body_acc_x", "body_gyro_z")):
    random = np.random.default_rng(0)
    given = {}
    (folder / "activity_labels.txt").parent.mkdir(parents=True)
    (folder / "activity_labels.txt").write_text("1 WALKING\n2 SITTING\n")
    for split, count in (("train", 24), ("test", 8)):
        (folder / split / "Inertial Signals").mkdir(parents=True)
        x = random.normal(size=(count, 5, len(signals))).astype(np.float32)
        for i, name in enumerate(signals):
            rows = "\n".join("  " + "  ".join(f"{v:.8e}" for v in row) for row in x[:, :, i])
            (folder / split / "Inertial Signals" / f"{name}_{split}.txt").write_text(rows + "\n")
        y = np.arange(count) % 2 + 1
        (folder / split / f"y_{split}.txt").write_text("\n".join(map(str, y)) + "\n")
        whose = np.arange(count) // 2 % 4 + (10 if split == "test" else 0)
        (folder / split / f"subject_{split}.txt").write_text("\n".join(map(str, whose)) + "\n")
        given[split] = x
    return given


def test_uci_har(tmp_path):
    given = har(tmp_path / "UCI HAR Dataset")
    series = load_series(tmp_path, validation=0.25)
    assert series.classes == ("SITTING", "WALKING")
    assert series.channels == ("body_acc_x", "body_gyro_z")
    np.testing.assert_allclose(np.stack(list(series.test.x)), given["test"], rtol=1e-6)
    assert [series.classes[i] for i in series.test.labels] == ["WALKING", "SITTING"] * 4
    parts = [set(getattr(series, s).subjects) for s in ("train", "validation", "test")]
    assert list(map(len, parts)) == [3, 1, 4] and not parts[0] & parts[1]
    assert series.reading.counts["recordings"] == 32
    (tmp_path / "UCI HAR Dataset" / "train" / "y_train.txt").write_text("1\n2\n")
    with pytest.raises(DataError, match="not as many lines as y_train.txt, 2"):
        load_series(tmp_path)
