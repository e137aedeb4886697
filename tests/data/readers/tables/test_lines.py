"""Forms in which a line is a recording: .ts, .arff, UCI HAR."""

import numpy as np
import pytest
import scipy.io.arff

from rnnzoo.data import load_series, read_recordings
from rnnzoo.data.readers.tables import Options, read_tables
from rnnzoo.errors import DataError, WrongValue

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


def test_rows_of_arff_in_all_spellings(tmp_path):
    rows = [
        r"1,2,3,4,5,6,7,8,'it\'s'",
        "1\t2\t3\t4\t5\t6\t7\t8\tgröße",
        '1, 2,3,4,5,6,7,8 , "a,b"',
        "% 1,2",
        "",
        "1,2,3,4,5,6,7,8,?",
    ]
    head = FLAT.partition("@attribute target")[0]
    head += "@ATTRIBUTE\t'the target'  {'it\\'s',größe, 'a,b'}"
    recordings = read(tmp_path, "\n".join([head, "@data", *rows]), "own.arff")
    assert recordings.labels.tolist() == ["it's", "größe", "a,b"]
    assert [x[:, 0].tolist() for x in recordings] == [list(range(1, 9))] * 3
    assert recordings.reading.left_out == ("1 recording(s) without a class",)
    (tmp_path / "own.arff").write_text("\n".join([head, "@data", *rows]), "cp1252")
    assert read_tables(tmp_path / "own.arff", Options(encoding="cp1252")).labels[1] == "größe"


def test_what_is_told_of_them(tmp_path):
    (tmp_path / "own.ts").write_text(TS.replace("true up down", "true up low"))
    recordings = read_tables(tmp_path / "own.ts", Options(interval=0.02))
    assert recordings.interval == 0.02
    assert recordings.reading.facts["interval"] == "20 ms, as told"
    assert recordings.reading.warnings == ("class 'down' is none of those that the file declares",)
    with pytest.raises(WrongValue, match="has no columns to name"):
        read_tables(tmp_path / "own.ts", Options(label="class"))
    recordings = read_tables(tmp_path / "own.ts", Options(), labelled=False)
    assert len(recordings) == 3
    (tmp_path / "own.ts").write_text(TS.replace(":down", ":?"))
    assert len(read_tables(tmp_path / "own.ts", Options())) == 2
    assert len(read_tables(tmp_path / "own.ts", Options(), labelled=False)) == 3


STAMPED = """@problemName own
@timeStamps true
@classLabel true 1 2
@data
(2007-01-01 00:00:00,241.97),(2007-01-01 00:01:00,?),(2007-01-01 00:02:00,3):1
(2007-01-01 01:36:00,239.91), (2007-01-01 01:37:00,240.89):2
"""


def test_ts_with_stamps(tmp_path):
    recordings = read(tmp_path, STAMPED, "own.ts")
    for x, values in zip(recordings, [[241.97, NAN, 3], [239.91, 240.89]], strict=True):
        np.testing.assert_array_equal(x[:, 0], np.float32(values))
    assert recordings.labels.tolist() == [1, 2] and recordings.ids == ("0", "1")
    assert recordings.channels == ("dim 0",) and recordings.interval == 60
    assert recordings.reading.layout == ".ts with time stamps (a line a recording)"
    assert recordings.reading.facts["time"] == "column 'time', dates and times, every 60 s"


def test_ts_with_stamps_has_the_rules_of_all_tables(tmp_path):
    head = "@timestamps true\n@classLabel true a b\n@data\n"
    uneven = head + "(0,1),(1,2),(1.6,2.6),(3,4):(0,0),(1,1),(1.6,5),(3,8):a\n"
    with pytest.raises(DataError, match=r"sampled unevenly.*--interval 1\)"):
        read(tmp_path, uneven, "own.ts")
    recordings = read_tables(tmp_path / "own.ts", Options(interval=0.5))
    np.testing.assert_allclose(recordings[0][:, 0], np.arange(1, 4.5, 0.5), rtol=1e-6)
    # Stamps that only some channels have are missing values of the others.
    apart = head + "(0,1),(1,2),(3,4):(1,7),(0,5),(2,6):a\n(0,1):?:b\n"
    recordings = read(tmp_path, apart, "own.ts")
    np.testing.assert_array_equal(recordings[0], [[1, 5], [2, 7], [NAN, 6], [4, NAN]])
    np.testing.assert_array_equal(recordings[1], [[1, NAN]])
    assert not recordings.reading.warnings
    with pytest.raises(DataError, match="line 5: 1 channels, the lines before 2"):
        read(tmp_path, apart.replace(":?", ""), "own.ts")
    with pytest.raises(DataError, match="no values with stamps"):
        read(tmp_path, head + "(0,1),(1,(2)):a\n", "own.ts")
    for split in ("TRAIN", "TEST"):
        rows = "".join(f"(0,{i}),(1,{i}):{'ab'[i % 2]}\n" for i in range(12))
        (tmp_path / f"Own_{split}.ts").write_text(head + rows)
    series = load_series(tmp_path / "Own_TRAIN.ts", validation=0.25)
    assert [len(getattr(series, s)) for s in ("train", "validation", "test")] == [8, 4, 12]
    assert series.interval == 1 and series.train.x[0].shape == (2, 1)


# --- as established readers read them -------------------------------------------------------------


def examples(seed, channels, ragged):
    rng = np.random.default_rng(seed)
    lengths = rng.integers(9, 16, 12) if ragged else np.full(12, 15)
    x = [rng.normal(size=(n, channels)).astype(np.float32) for n in lengths]
    x[0][2, 0] = NAN
    return x, [["Walk", "run"][i % 2] for i in range(12)]


def cells(values, length):
    said = ["?" if np.isnan(v) else repr(float(str(v))) for v in values]
    return ",".join(said + ["?"] * (length - len(said)))


def ends_off(x):
    return x[: np.flatnonzero(~np.isnan(x).all(axis=1))[-1] + 1]


@pytest.mark.parametrize("ragged", [False, True])
@pytest.mark.parametrize("channels", [1, 3])
def test_arff_as_others_read_it(tmp_path, channels, ragged):
    x, y = examples(0, channels, ragged)
    steps = "".join(f"@attribute att{i} numeric\n" for i in range(15))
    rows = [[cells(column, 15) for column in one.T] for one in x]
    if channels > 1:
        steps = f"@attribute all relational\n{steps}@end all\n"
        rows = [["'" + "\\n".join(row) + "'"] for row in rows]
    head = f"@relation own\n{steps}@attribute target {{Walk,run}}\n@data\n"
    lines = [f"{row[0]},{label}\n" for row, label in zip(rows, y, strict=True)]
    recordings = read(tmp_path, head + "".join(lines), "own.arff")
    assert recordings.labels.tolist() == y
    data, _ = scipy.io.arff.loadarff(tmp_path / "own.arff")
    for given, ours, row in zip(x, recordings, data.tolist(), strict=True):
        others = [list(channel) for channel in row[0]] if channels > 1 else [row[:-1]]
        others = ends_off(np.array(others, float).T)
        np.testing.assert_array_equal(ours, given)
        np.testing.assert_array_equal(ours, others.astype(np.float32))
    assert [row[-1].decode() for row in data.tolist()] == y
    if channels == 1:
        arff = pytest.importorskip("arff")
        rows = arff.loads(head + "".join(lines))["data"]
        for ours, row in zip(recordings, rows, strict=True):
            others = np.array(row[:-1], float)[:, None]
            np.testing.assert_array_equal(ours, ends_off(others).astype(np.float32))


@pytest.mark.parametrize("ragged", [False, True])
@pytest.mark.parametrize("channels", [1, 3])
def test_ts_as_sktime_reads_it(tmp_path, channels, ragged):
    datasets = pytest.importorskip("sktime.datasets")
    x, y = examples(1, channels, ragged)
    head = f"@problemName own\n@timestamps false\n@univariate {str(channels == 1).lower()}\n"
    head += f"@equalLength {str(not ragged).lower()}\n@classLabel true Walk run\n@data\n"
    rows = [":".join(cells(column, len(one)) for column in one.T) for one in x]
    lines = [f"{row}:{label}\n" for row, label in zip(rows, y, strict=True)]
    recordings = read(tmp_path, head + "".join(lines), "own.ts")
    frame, labels = datasets.load_from_tsfile(
        str(tmp_path / "own.ts"), return_data_type="nested_univ", replace_missing_vals_with="NaN"
    )
    assert recordings.labels.tolist() == y
    assert labels.tolist() == [label.lower() for label in y]  # which is why we read it ourselves
    for i, (given, ours) in enumerate(zip(x, recordings, strict=True)):
        np.testing.assert_array_equal(ours, given)
        others = np.stack([frame.iloc[i, c].to_numpy(float) for c in range(channels)], axis=1)
        np.testing.assert_array_equal(ours, others.astype(np.float32))


# --- folders of them, and UCI HAR -----------------------------------------------------------------


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
        ("own.ts", TS.replace("@timestamps false", "@timestamps true"),
         r"line 7: '1,2,3' are no values with stamps, such as \(0,1.5\)"),
        ("own.ts", TS.replace("@classLabel true", "@targetLabel true"), "numbers .*, not classes"),
        ("own.ts", "@classLabel true a\n@data\n?,?:a\n", "holds no recording"),
        ("own.ts", "@classLabel true a\n@data\n1,?,?,?,2:a\n", "60% of the values are missing"),
        ("own.ts", TS.replace("4,5,6", "4,1e99,6"), "line 7: a number that is none, or too large"),
        ("own.arff", FLAT.replace("8,7,6", "8,7"), "line 13: 8 values, expected 9"),
        ("own.arff", STEPS.replace("r1,2.5,a", "r1,2.5"), "line 7: 2 values, expected 3"),
        ("own.arff", STEPS.replace("r1,2.5,a", "{1 2.5}"), "line 7: sparse rows are not read"),
        ("own.arff", NESTED.replace("5.5,?", "5.5,y"), "could not convert"),
        ("own.arff", NESTED.replace("5.5,?", "5.5,?,1"), "line 10: .*not as many .* relation, 2"),
        ("own.arff", NESTED.replace("7','", "7'x,'"), "line 10: a quote that .*within a value"),
        ("own.arff", NESTED.replace('4",up', '4,up'), "line 9: a quote that is not closed"),
        ("own.arff", FLAT.replace("?,?,1", "?,?,3"), "line 12: '3' is none of .* 'target' is decl"),
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
