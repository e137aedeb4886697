"""`rnnzoo analyse`."""

import re

import pytest

import rnnzoo
from rnnzoo import cli


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """A folder with a model of characters, and one of recordings, and what they read."""
    folder = tmp_path_factory.mktemp("models")
    text = 'x = "a b"\n' * 40
    (folder / "book.txt").write_text(text)
    rnnzoo.create_model("char_lstm", units=4, vocabulary=text).save(folder / "chars.keras")
    rows = [f"{r},{r % 2},{t / 9},{(t * r) % 5}" for r in range(12) for t in range(9)]
    (folder / "walks.csv").write_text("\n".join(["recording,label,x,y", *rows]) + "\n")
    model = rnnzoo.create_model("activity_gru", units=4, window=None)
    data = rnnzoo.load_series(folder / "walks.csv")
    model.adapt(data.train.x, [data.classes[i] for i in data.train.labels])
    model.save(folder / "walks.keras")
    return folder


def test_gradients_gates_and_states_are_drawn(models, tmp_path, capsys):
    out = tmp_path / "new" / "out"
    given = [str(models / "walks.keras"), "--data", str(models / "walks.csv"), "--out", str(out)]
    assert cli.main(["analyse", *given, "--gradient-flow", "--gates", "--states"]) == 0
    said = capsys.readouterr().out.splitlines()
    pictures = {"gradient_flow.png", "gradient_by_span.png", "gates_gru.png", "states_gru.png"}
    assert {re.sub(r"gru_\d+", "gru", path.name) for path in out.iterdir()} == pictures
    assert sum(line.endswith(".png") for line in said) == 4
    assert any("of the gradient by the last state there is left" in line for line in said)


def test_a_unit_along_a_text(models, tmp_path, capsys):
    given = [str(models / "chars.keras"), "--text", str(models / "book.txt")]
    assert cli.main(["analyse", *given, "--out", str(tmp_path), "--unit", "2"]) == 0
    said = capsys.readouterr().out
    assert "inside quotes: unit " in said and "place in the line: unit " in said
    page = (tmp_path / "unit_2.html").read_text(encoding="utf-8")
    assert page.count("<span") == 400 + 2 and "unit 2" in page
    assert "\x1b" not in said, "no colours but for a terminal"


@pytest.mark.parametrize(
    ("given", "parts"),
    [
        (["--unit", "3"], ["give --text FILE, too"]),
        (["--text", "missing.txt"], ["missing.txt"]),
        (["--text", "book.txt", "--unit", "4"], ["unit=4", "units 0 to 3"]),
        (["--layer", "gru", "--data", "book.txt"], ["no recurrent layer 'gru'", "expected one of"]),
        (["--gradient-flow"], ["nothing says what", "chars.keras was trained on"]),
    ],
)
def test_mistakes_are_one_line(models, tmp_path, monkeypatch, assert_one_line, given, parts):
    monkeypatch.chdir(models)
    assert cli.main(["analyse", "chars.keras", "--out", str(tmp_path), *given]) == 2
    assert_one_line(*parts)
