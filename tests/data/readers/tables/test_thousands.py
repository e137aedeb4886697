"""Numbers with a sign between their thousands."""

import numpy as np
import pytest

from rnnzoo.data import load_panel, load_series
from rnnzoo.data.readers.tables.thousands import sign_between


@pytest.mark.parametrize(
    ("separator", "cells"),
    [
        (";", ["1.049,12", "999,50", "2.000", "-12.345.678,9", ""]),
        (",", ['"1,049.12"', "999.50", '"2,000"', '"-12,345,678.9"', "NA"]),
    ],
)
def test_they_are_read_where_one_leaves_no_doubt(tmp_path, separator, cells):
    rows = [f"{i // 5},{cell},{'ab'[i // 5 % 2]}" for i, cell in enumerate(cells * 12)]
    if separator == ";":
        rows = [f"{i // 5};{cell};{'ab'[i // 5 % 2]}" for i, cell in enumerate(cells * 12)]
    (tmp_path / "own.csv").write_text("\n".join([separator.join(["id", "x", "label"]), *rows]))
    series = load_series(tmp_path / "own.csv")
    values = [1049.12, 999.5, 2000.0, -12345678.9, np.nan]
    np.testing.assert_allclose(series.train.x[0][:, 0], values, rtol=1e-6)
    assert "parted in column 'x'" in series.reading.facts["thousands"]


@pytest.mark.parametrize("cells", [["2.000", "1.049"], ["1,5", "2,000"], ["1.049,12", "a"], []])
def test_in_doubt_there_is_none(cells):
    assert sign_between(cells) is None


def test_what_breaks_the_rule_below_is_told_with_its_column(tmp_path):
    rows = [f"{i};1.{i % 10}49,12;a" for i in range(3000)]
    (tmp_path / "own.csv").write_text("\n".join(["time;x;label", *rows, "3000;3.14;a"]))
    with pytest.raises(ValueError, match="line 3002: '3.14' in column 'x' is no number, as thousa"):
        load_series(tmp_path / "own.csv")


DAYS = np.datetime_as_string(np.datetime64("2024-01-01") + np.arange(90)).tolist()


def panel_of(path, open_, **options):
    rows = [f"{day};1.{i:03},50;{open_(i)}" for i, day in enumerate(DAYS)]
    path.write_text("\n".join(["date;sales;open", *rows]))
    return load_panel(path, target="sales", **options)


@pytest.mark.parametrize("words", [("yes", "no"), ("True", "False")])
def test_yes_and_no_beside_a_series_are_numbers(tmp_path, words):
    panel = panel_of(tmp_path / "own.csv", lambda i: words[i % 7 == 0])
    assert panel.past == ("open",) and not panel.reading.left_out
    assert panel.reading.facts["yes or no, as 1 and 0"] == "'open'"
    line = panel.train.lines[0]
    assert line.past[:8, 0].tolist() == [0, 1, 1, 1, 1, 1, 1, 0]
    assert line.target[0] == 1000.5


def test_only_yes_is_read_where_it_is_asked_for(tmp_path):
    panel = panel_of(tmp_path / "own.csv", lambda i: "yes", past="open")
    assert panel.train.lines[0].past.min() == 1
    with pytest.raises(
        ValueError, match="column 'open' holds no numbers, such as 'maybe'; a column of words"
    ):
        panel_of(tmp_path / "own.csv", lambda i: "maybe", past="open")


def test_another_word_beside_yes_and_no_is_told(tmp_path):
    rows = [
        f"2024-01-01 {i // 60:02}:{i % 60:02};{i};{'yes' if i % 3 else 'no'}" for i in range(1400)
    ]
    rows += [f"2024-01-02 {i // 60:02}:{i % 60:02};{i};no" for i in range(1400)]
    path = tmp_path / "own.csv"
    path.write_text("\n".join(["time;x;open", *rows, "2024-01-03 00:00;1;maybe"]))
    with pytest.raises(ValueError, match="column 'open' holds 'maybe' beside yes and no"):
        load_panel(path, target="x")
