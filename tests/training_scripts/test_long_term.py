"""The script that measures how long networks remember, with a network of few units."""

import csv

import pytest

from training_scripts import long_term


def rows_of(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_row_is_measured_and_stays(tmp_path, make_smaller, monkeypatch):
    make_smaller(units=3)
    out = tmp_path / "long.csv"
    asked = ["--cells", "rnn", "--seeds", "0", "--steps", "2", "--out", str(out)]
    long_term.main(["--tasks", "adding", "--lengths", "20", *asked])
    (first,) = rows_of(out)
    assert first["baseline"] == "0.1667" and 0 < float(first["score"]) < 5
    assert first["steps"] == "2" and not out.with_suffix(".png").exists()

    def other(task, cell, source, lengths, seed, steps):
        """What asks for no training."""
        known = {"cell": cell, "seed": str(seed), "score": "0.5", "baseline": "1", "measure": "m"}
        of_all = dict.fromkeys(long_term.COLUMNS, "") | known | {"task": source.split("/")[0]}
        return [of_all | {"length": str(length)} for length in lengths]

    monkeypatch.setattr(long_term, "measured", other)
    long_term.main(["--tasks", "adding", "parity", "--lengths", "20", "50", *asked])
    rows = rows_of(out)
    assert rows[0] == first
    assert [(row["task"], row["length"]) for row in rows[1:]] == [
        ("adding", "50"), ("parity", "20"), ("parity", "50")
    ]  # fmt: skip
    assert out.with_suffix(".png").read_bytes().startswith(b"\x89PNG")
    monkeypatch.setattr(long_term, "measured", lambda *a: pytest.fail("measured once more"))
    long_term.main(["--tasks", "adding", "parity", "--lengths", "20", "50", *asked])
    assert rows_of(out) == rows


def test_parity_is_asked_about_each_length_after_one_training():
    assert long_term.sources("parity", [20, 50]) == [("parity", [20, 50])]
    assert long_term.sources("adding", [20, 50]) == [("adding/20", [20]), ("adding/50", [50])]


@pytest.mark.slow
@pytest.mark.parametrize("task", ["copy_memory", "counting", "digits_pixels_permuted", "borders"])
def test_every_task_is_measured(task, tmp_path, make_smaller):
    make_smaller(units=3)
    out = tmp_path / "long.csv"
    argv = ["--tasks", task, "--lengths", "20", "--seeds", "0", "--steps", "2", "--out", str(out)]
    long_term.main([*argv, "--cells", "gru", "lstm"])
    rows = rows_of(out)
    assert [row["cell"] for row in rows] == ["gru", "lstm"]
    # Untrained, a network is no better than what answers the same to all.
    for row in rows:
        assert float(row["score"]) > 0.75 * float(row["baseline"]) > 0


@pytest.mark.slow
def test_weights_shared_over_time_beside_those_of_each_position(tmp_path, make_smaller):
    make_smaller(units=3)
    argv = ["--positions", "--seeds", "0", "--steps", "2", "--out", str(tmp_path / "long.csv")]
    long_term.main(argv)
    rows = rows_of(tmp_path / "long_positions.csv")
    assert [row["length"] for row in rows] == ["50", "50", "400", "400"]
    assert {row["weights"] for row in rows} == {"shared over time", "of each position"}
