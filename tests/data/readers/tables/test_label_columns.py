"""Tables whose recordings have any number of labels."""

import numpy as np
import polars as pl
import pytest

from rnnzoo.data import Series, load_series, read_recordings

SETS = [(), ("cold",), ("wet",), ("cold", "wet"), ("wet", "loud")] * 8
NAMES = ("wet", "cold", "loud")


def frame(steps=3, **columns):
    """A recording for each set, of which each step holds its number."""
    return pl.DataFrame(
        {
            "id": np.repeat(np.arange(len(SETS)), steps),
            "speed": np.repeat(np.arange(len(SETS)), steps).astype(float),
            **{name: np.repeat(np.array(v), steps) for name, v in columns.items()},
        }
    )


def marked(yes, no):
    return {name: [yes if name in of_one else no for of_one in SETS] for name in NAMES}


def sets_of(loaded: Series):
    """By recording its labels."""
    assert loaded.multi_label
    found = {}
    for part in (loaded.train, loaded.validation, loaded.test):
        for x, row in zip(part.x, part.labels, strict=True):
            found[int(x[0, 0])] = {loaded.classes[i] for i in np.flatnonzero(row)}
    return [found[i] for i in range(len(found))]


EXPECTED = [set(of_one) for of_one in SETS]


@pytest.mark.parametrize(
    "marks", [(1, 0), (1.0, 0.0), (True, False), ("yes", "no"), ("Y", "N"), ("x", "")]
)
@pytest.mark.parametrize("kind", ["frame", "csv", "parquet"])
def test_a_column_for_each_label(marks, kind, tmp_path):
    table = frame(**marked(*marks))
    if kind == "csv":
        table.write_csv(tmp_path / "own.csv")
    elif kind == "parquet":
        table.write_parquet(tmp_path / "own.parquet")
    source = table if kind == "frame" else tmp_path / f"own.{kind}"
    loaded = load_series(source, label=NAMES)
    assert loaded.classes == NAMES and loaded.channels == ("speed",)
    assert sets_of(loaded) == EXPECTED
    assert loaded.reading.counts["labels"] == 3
    expected = "any number for a recording: wet 24, cold 16, loud 8; none of them 8"
    assert loaded.reading.facts["labels"] == expected


@pytest.mark.parametrize("separator", ["|", ";", " | "])
@pytest.mark.parametrize("nothing", ["", "|", "NA"])
def test_several_labels_in_a_cell(separator, nothing, tmp_path):
    """Found out, as parts come again; a recording without any is an example of none."""
    frame(label=[separator.join(of_one) or nothing for of_one in SETS]).write_csv(
        tmp_path / "own.csv"
    )
    loaded = load_series(tmp_path / "own.csv")
    assert loaded.classes == ("cold", "loud", "wet") and sets_of(loaded) == EXPECTED
    assert not loaded.reading.left_out


def test_whole_numbers_stay_such():
    loaded = load_series(frame(label=["|".join(map(str, map(len, of_one))) for of_one in SETS]))
    assert loaded.classes == (3, 4)


def test_classes_that_are_one_but_for_their_spelling_are_told_of():
    loaded = load_series(frame(label=["Sit", "sit ", "stand", "sit"] * 10))
    told = "classes that differ in case or blanks only are not the same: 'Sit' and 'sit'"
    assert loaded.reading.warnings == (told,)
    at_steps = frame(label=["Sit", "sit", "stand", "sit"] * 10)
    assert told in load_series(at_steps, labels="step").reading.warnings
    several = frame(label=["Sit|stand", "sit", "stand", "sit"] * 10)
    assert told in load_series(several, multi_label=True).reading.warnings
    assert not load_series(frame(label=["sit", "stand"] * 20)).reading.warnings


def test_what_one_class_holds_is_not_parted():
    """Nothing comes again: names with a separator, unless it is said that they are several."""
    table = frame(label=["sit;down", "stand;up"] * 20)
    loaded = load_series(table)
    assert loaded.classes == ("sit;down", "stand;up") and not loaded.multi_label
    assert "'sit;down' are taken as they are" in loaded.reading.warnings[0]
    assert load_series(table, multi_label=True).classes == ("down", "sit", "stand", "up")
    parted = frame(label=["a|b", "a", "b", "b|a"] * 10)
    assert load_series(parted, multi_label=False).classes == ("a", "a|b", "b", "b|a")


def test_a_missing_class_is_left_out_where_there_is_one_each():
    """And is an example of none where it is said that there may be several."""
    table = frame(label=["a", "b", "", "a", "b"] * 8)
    loaded = load_series(table)
    assert sum(map(len, (loaded.train.x, loaded.validation.x, loaded.test.x))) == 32
    assert loaded.reading.left_out == ("24 row(s) without a class",)
    several = load_series(table, multi_label=True)
    assert sets_of(several) == [{"a"}, {"b"}, set(), {"a"}, {"b"}] * 8


def test_labels_that_change_within_a_recording_cut_it():
    events = [(0, 0)] * 4 + [(1, 0)] * 3 + [(1, 1)] * 3
    table = pl.DataFrame(
        {
            "id": np.repeat(np.arange(20), 10),
            "speed": np.tile(np.arange(10.0), 20),
            "wet": [a for a, _ in events] * 20,
            "cold": [b for _, b in events] * 20,
        }
    )
    loaded = load_series(table, label=["wet", "cold"])
    found = {len(x): tuple(row) for x, row in zip(loaded.train.x, loaded.train.labels, strict=True)}
    assert found[4] == (0, 0) and found[3] in ((1, 0), (1, 1))
    assert len(loaded.train.subjects) == len(loaded.train.x)


def test_a_label_that_nothing_has_is_said():
    loaded = load_series(frame(**marked(1, 0), never=[0] * len(SETS)), label=[*NAMES, "never"])
    assert loaded.classes == (*NAMES, "never")
    assert "no recording has the label 'never'" in loaded.reading.warnings


def test_a_matrix_of_arrays(tmp_path):
    random = np.random.default_rng(0)
    y = random.integers(0, 2, (40, 3))
    x = random.normal(size=(40, 5, 2))
    np.savez(tmp_path / "own.npz", x=x, y=y)
    assert load_series(tmp_path / "own.npz").classes == (0, 1, 2)
    np.savez(tmp_path / "own.npz", x=x, y=y.astype(bool), classes=list(NAMES))
    loaded = load_series(tmp_path / "own.npz")
    assert loaded.classes == NAMES and loaded.multi_label
    labels = {row.tobytes(): tuple(of_one) for row, of_one in zip(x.astype("f"), y, strict=True)}
    for row, of_one in zip(loaded.train.x, loaded.train.labels, strict=True):
        assert labels[row.tobytes()] == tuple(of_one)
    with pytest.raises(ValueError, match="a column for each of several labels"):
        load_series(tmp_path / "own.npz", multi_label=False)
    np.savez(tmp_path / "own.npz", x=x, y=y, classes=["a", "b"])
    with pytest.raises(ValueError, match="names of the 3 columns of y"):
        load_series(tmp_path / "own.npz")
    np.savez(tmp_path / "own.npz", x=x, y=np.array(["a|b", "a", "b", ""] * 10))
    assert sorted(sets_of_rows(load_series(tmp_path / "own.npz"))) == ["", "a", "a|b", "b"]


def sets_of_rows(loaded):
    return {"|".join(loaded.classes[i] for i in np.flatnonzero(r)) for r in loaded.train.labels}


def test_without_labels_they_are_no_channels():
    found = read_recordings(frame(**marked(1, 0)), label=NAMES)
    assert found.channels == ("speed",) and found.labels is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"label": ["wet", "dry"]}, "has no column 'dry' for label"),
        ({"label": ["wet", "cold", "Wet"]}, "label: 'wet' named twice"),
        ({"label": ["wet"]}, r"label=\['wet'\]: expected the name of a column, or several"),
        ({"label": ["wet", "speed"]}, "row 7: '2.0' in column 'speed' says neither yes nor no"),
        ({"label": ["wet", "cold"], "multi_label": False}, "make it with multi_label=True"),
    ],
)
def test_mistakes_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        load_series(frame(**marked(1, 0)), **options)


def test_a_table_without_any_label_is_refused():
    with pytest.raises(ValueError, match="holds no label; expected two at least"):
        load_series(frame(label=["|"] * len(SETS)), multi_label=True)


# --- where a row or a line is a recording ---------------------------------------------------------


def wide(**columns):
    """A row for each set, whose steps begin with its number."""
    x = np.sin(np.arange(12) / 4 + np.random.default_rng(0).uniform(0, 6, (len(SETS), 1)))
    x[:, 0] = np.arange(len(SETS))
    return pl.DataFrame({f"t{i}": x[:, i] for i in range(12)} | columns)


@pytest.mark.parametrize("multi_label", [None, True])
def test_several_labels_of_a_row_that_is_a_recording(multi_label):
    """In a cell, of which an empty one is none; or in a column each."""
    parted = wide(label=["|".join(of_one) for of_one in SETS])
    for table, label in ((parted, None), (wide(**marked(1, 0)), NAMES)):
        loaded = load_series(table, label=label, multi_label=multi_label)
        assert sets_of(loaded) == EXPECTED and not loaded.reading.left_out
        assert loaded.reading.counts == {"recordings": 40, "steps": 480, "channels": 1, "labels": 3}
        assert loaded.reading.facts["labels"].endswith("none of them 8")
        assert {row["class"] for row in loaded.reading.examples} == {"(none)", "cold", "wet"}
        again = read_recordings(table, **loaded.read_by)
        assert len(again[0]) == 12 and again.labels is None
    assert set(load_series(parted, multi_label=False).classes) == {
        "cold", "wet", "cold|wet", "wet|loud",
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["ts", "arff"])
def test_several_labels_of_a_line(kind, tmp_path):
    head = "@classLabel true\n@data\n"
    rows = [f"{i},0,0:{'|'.join(of_one) or '?'}" for i, of_one in enumerate(SETS)]
    if kind == "arff":
        head = "@attribute x relational\n@attribute t0 numeric\n@attribute t1 numeric\n@end x\n"
        head += "@attribute class string\n@data\n"
        rows = [f'"{i},0","{"|".join(of_one) or "?"}"' for i, of_one in enumerate(SETS)]
    (tmp_path / f"own.{kind}").write_text(head + "\n".join(rows) + "\n")
    for multi_label in (None, True):
        assert sets_of(load_series(tmp_path / f"own.{kind}", multi_label=multi_label)) == EXPECTED


def test_one_1_in_each_row_may_be_classes(tmp_path):
    """As `fit` has it."""
    places = np.arange(20) % 2
    arrays = {"x": np.random.default_rng(0).normal(size=(20, 5, 2)), "y": np.eye(2)[places]}
    np.savez(tmp_path / "own.npz", **arrays)
    with pytest.raises(ValueError, match=r"own.npz: y of shape \(20, 2\) has one 1 in each row"):
        load_series(tmp_path / "own.npz")
    for y in (arrays["y"], places):
        np.savez(tmp_path / "own.npz", x=arrays["x"], y=y)
        loaded = load_series(tmp_path / "own.npz", multi_label=True)
        assert loaded.multi_label and loaded.classes == (0, 1)
