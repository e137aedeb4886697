"""What the command line says of series: lines, rows, pictures."""

import csv

import numpy as np
import pytest

import rnnzoo
from rnnzoo import cli
from rnnzoo.data.forecasting.loading import load_panel
from rnnzoo.platform import keras
from rnnzoo.tasks.forecasting.chart import unusual

# Many small trainings: the loop over all models has one of each architecture in the fast tests.
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def sales(tmp_path_factory):
    """A table of two shops, and a model that knows them and was not trained."""
    folder = tmp_path_factory.mktemp("sales")
    days = np.datetime64("2024-01-01") + np.arange(60)
    rows = [
        f"{day},{shop},{i % 7 + len(shop)}.5" for shop in ("a", "bb") for i, day in enumerate(days)
    ]
    (folder / "sales.csv").write_text("day,shop,sales\n" + "\n".join(rows) + "\n")
    keras.utils.set_random_seed(0)
    model = rnnzoo.create_model("forecast_rnn", units=4, horizon=3)
    model.adapt(load_panel(folder / "sales.csv", horizon=3))
    model.save(folder / "model.keras")
    return folder


def predict(capsys, *arguments):
    assert cli.main(["predict", *map(str, arguments)]) == 0
    return capsys.readouterr().out.splitlines()


def test_lines_rows_and_a_chart_of_what_comes(sales, capsys):
    given = (sales / "model.keras", sales / "sales.csv")
    lines = predict(capsys, *given)
    assert lines[0] == f"{sales / 'sales.csv'}: a: median, and the middle 80 %"
    assert lines[1].startswith("  2024-03-01: ")
    assert len(lines) == 2 * (1 + 3)
    table, chart = sales / "forecast.csv", sales / "forecast.png"
    predict(capsys, *given, "--out", table, "--chart", chart, "--horizon", 5)
    rows = list(csv.DictReader(table.read_text().splitlines()))
    assert [(row["id"], row["time"]) for row in rows][4:6] == [
        ("a", "2024-03-05"),
        ("bb", "2024-03-01"),
    ]
    assert all(float(row["q0.1"]) <= float(row["q0.5"]) <= float(row["q0.9"]) for row in rows)
    assert chart.read_bytes().startswith(b"\x89PNG")


def test_surprises(sales, capsys):
    text = (sales / "sales.csv").read_text().replace("2024-02-10,a,6.5", "2024-02-10,a,999")
    assert "999" in text
    (sales / "odd.csv").write_text(text)
    given = (sales / "model.keras", sales / "odd.csv", "--surprise")
    lines = predict(capsys, *given)
    assert lines[1].startswith("  2024-02-10: 999  (")
    table = sales / "surprise.csv"
    predict(capsys, *given, "--out", table, "--chart", sales / "surprise.png")
    rows = list(csv.DictReader(table.read_text().splitlines()))
    assert len(rows) == 120
    most = max(rows, key=lambda row: float(row["surprise"] or 0))
    assert (most["time"], most["target"]) == ("2024-02-10", "999")


def test_too_few_values_tell_no_surprise(sales, capsys):
    lines = (sales / "sales.csv").read_text().splitlines()
    (sales / "few.csv").write_text("\n".join([lines[0], *(r for r in lines if ",a," in r)][:3]))
    (line,) = predict(capsys, sales / "model.keras", sales / "few.csv", "--surprise")
    assert "nothing is told of 2 steps, as 8 must come before" in line


def test_others_draw_no_chart(sales, tmp_path, capsys):
    rnnzoo.create_model("char_rnn", units=4, vocabulary="ab").save(tmp_path / "char.keras")
    arguments = [tmp_path / "char.keras", sales / "sales.csv", "--chart", tmp_path / "x.png"]
    assert cli.main(["predict", *map(str, arguments)]) != 0
    assert "holds a TextGenerator, which forecasts nothing" in capsys.readouterr().err


def test_stretches_are_the_steps_of_most_surprise():
    surprise = np.array([np.nan, 0.1, 5.0, 4.0, 0.2, 6.0])
    assert unusual(surprise, share=0.6) == [(2, 4), (5, 6)]
    assert unusual(np.full(3, np.nan)) == []
