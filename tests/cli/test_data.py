"""`rnnzoo data` and `rnnzoo.describe`."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import rnnzoo
from rnnzoo import cli, registry
from rnnzoo.data import Reading
from rnnzoo.data.sources import TASKS


@pytest.fixture
def pictures(tmp_path, monkeypatch):
    """A folder of pictures with captions in Latin-1, of which one is lost and one has none."""
    monkeypatch.chdir(tmp_path)
    for number in range(12):
        Image.new("RGB", (4, 3)).save(tmp_path / f"{number}.png")
    lines = [f"{number}.png\tein Äpfelchen auf dem {number}. Tisch" for number in range(11)]
    text = "\n".join([*lines, "lost.png\tnichts"])
    (tmp_path / "captions.txt").write_text(text, encoding="latin-1")
    return tmp_path


def test_what_is_read_is_shown(pictures, capsys):
    assert cli.main(["data", ".", "--encoding", "latin-1"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    assert captured.out.splitlines() == [
        ".",
        "task      captioning: it holds pictures or videos, such as 0.png",
        "read as   lines picture<TAB>caption",
        "holds     1 file of captions, 11 pictures, 11 captions",
        "encoding  latin-1",
        "alike     11 of 11 rows are near-duplicates of another, too many to keep on one",
        "          side of the split: figures on what is held out are too good; give more",
        "          that differs",
        "split     train 9, validation 1, test 1",
        "left out  1 named medium, lost.png (there is no such file or folder)",
        "          1 medium, 11.png (no caption)",
        "",
        "example 1",
        "  file     0.png",
        "  caption  ein Äpfelchen auf dem 0. Tisch",
        "example 2",
        "  file     1.png",
        "  caption  ein Äpfelchen auf dem 1. Tisch",
        "example 3",
        "  file     2.png",
        "  caption  ein Äpfelchen auf dem 2. Tisch",
        "",
        "train on it: rnnzoo train caption_attention_lstm --data . --encoding latin-1",
    ]


def test_json_for_machines(pictures, capsys):
    assert cli.main(["data", ".", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["counts"]["pictures"] == 11 and found["task"].startswith("captioning: ")
    assert found["examples"][0]["file"] == "0.png" and found["source"] == "."
    assert found["command"] == "rnnzoo train caption_attention_lstm --data ."


FILES = {
    "book.txt": ("to be or not to be\n" * 30, "char_lstm_markov"),
    "p.tsv": ("".join(f"go {n} now\tva {n} !\n" for n in range(30)), "translate_attention_gru"),
    "ner.conll": ("EU B-ORG\nrejects O\n\nPeter B-PER\n\n" * 9, "tagger_bilstm"),
}


@pytest.mark.parametrize("name", FILES)
def test_the_command_trains_the_tasks_flagship(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_text(FILES[name][0])
    reading = rnnzoo.describe(name)
    assert reading.command == f"rnnzoo train {FILES[name][1]} --data {name}"
    assert reading.counts and reading.examples and "train" in reading.facts["split"]
    assert all(len(line) <= 80 for line in reading.page().splitlines())


def test_series(tmp_path):
    x = np.random.default_rng(0).normal(size=(30, 5, 2))
    np.savez(tmp_path / "a.npz", x=x, y=["up", "down", "still"] * 10)
    reading = rnnzoo.describe(tmp_path / "a.npz")
    assert reading.task == "sequence-classification: an archive of arrays (x, y)"
    assert reading.facts["split"].startswith("train ")


def test_a_data_set_is_told_and_not_loaded(toy_data, capsys):
    """What a toy set loads is nothing of which a reading could be made."""
    assert cli.main(["data", "speeches/fr"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "speeches/fr",
        "task      translation: a named data set for it",
        "read as   a named data set",
        "what      Pairs.",
        "size      3 MB",
        "variants  de, es, fr",
    ]
    assert cli.main(["data", "clips"]) == 2
    assert "may be for captioning" in capsys.readouterr().err


def test_another_task_as_was_asked_for(tmp_path, capsys, assert_one_line):
    path = tmp_path / "words.tsv"
    path.write_text("dog\tNOUN\ncat\tNOUN\nruns\tVERB\nthe\tDET\n" * 9)
    assert cli.main(["data", str(path)]) == 2
    assert_one_line("may be for sequence-tagging (", "; or translation (", "--task")
    assert cli.main(["data", str(path), "--task", "translation"]) == 0
    assert "translation: as was asked for" in capsys.readouterr().out
    assert cli.main(["data", str(path), "--task", "tanslation"]) == 2
    assert_one_line("task='tanslation'", "did you mean 'translation'")
    assert cli.main(["data", str(path), "--task", "text-generation", "--columns", "a,b"]) == 2
    assert_one_line("columns='a,b': only texts with labels are in two")
    assert cli.main(["data", "nowhere.csv"]) == 2
    assert_one_line("'nowhere.csv': there is no such file")


@pytest.mark.parametrize(
    ("text", "argv"),
    [
        ("town,people,founded\nAachen,249070,765\nBonn,331885,11\nCelle,69399,985\n", []),
        ("id,x,price\n" + "".join(f"{i // 4},{i % 7},{i // 4}\n" for i in range(60)), []),
        ("town,a,b\nAachen,9,1\nBonn,3,2\nCelle,6,3\n", ["--label", "a"]),
    ],
)
def test_a_table_without_a_class_is_told_for_what_else_it_may_be(
    tmp_path, assert_one_line, text, argv
):
    (tmp_path / "own.csv").write_text(text)
    assert cli.main(["data", str(tmp_path / "own.csv"), *argv]) == 2
    assert_one_line("`rnnzoo data --task regression --label COLUMN`", "`--task names`")


def test_regression_as_the_hint_says(tmp_path, capsys):
    rows = "".join(f"{i // 4},{i % 7},{i // 4}\n" for i in range(60))
    (tmp_path / "own.csv").write_text("id,x,price\n" + rows)
    argv = ["data", str(tmp_path / "own.csv"), "--task", "regression", "--label", "price"]
    assert cli.main(argv) == 0
    assert "rnnzoo train regress_gru" in capsys.readouterr().out


ALIKE = {
    "own.csv": ("text,label\n" + "".join(f"no. {n},x\n" for n in range(30)), ["--labelled"]),
    "own.conll": ("a N\nb N\n\n" * 20, []),
    "numbers.csv": (
        "id,x,price\n" + "".join(f"{n // 4},{n % 7},5\n" for n in range(80)),
        ["--task", "regression", "--label", "price"],
    ),
}


@pytest.mark.parametrize("name", ALIKE)
def test_what_no_model_learns_from_is_not_recommended(tmp_path, monkeypatch, capsys, name):
    """What has one label, one tag or one number alone is shown, and training on it refuses."""
    monkeypatch.chdir(tmp_path)
    text, argv = ALIKE[name]
    Path(name).write_text(text)
    assert cli.main(["data", name, *argv]) == 0
    page = capsys.readouterr().out
    assert "\nnothing trains on it: " in page and "train on it: rnnzoo" not in page
    assert cli.main(["data", name, *argv, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["command"] == "" and found["lacks"]


def test_tensorflow_is_not_imported(pictures):
    code = (
        "import sys; from rnnzoo import cli\n"
        "assert cli.main(['data', '.', '--encoding', 'latin-1', '--quiet']) == 0\n"
        "assert not {'tensorflow', 'keras'} & sys.modules.keys()"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(rnnzoo.__file__).parents[1])}
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, env=environment)


def test_a_page_is_of_80_columns():
    reading = Reading(
        layout="a table of a long name, " * 9,
        counts={"files": 1, "classes": 1, "pairs of words": 1, "steps": 2},
        facts={"columns": "one, " * 40},
        left_out=["a line", "another one"],
        warnings=["odd"],
        examples=[{"text": "word " * 40, "number": np.int64(3), "row": np.zeros(2)}],
    )
    lines = reading.page().splitlines()
    assert max(map(len, lines)) <= 80
    assert "holds     1 file, 1 class, 1 pair of words, 2 steps" in lines
    assert lines[-3].endswith(" ...") and lines[-2:] == ["  number  3", "  row     [0.0, 0.0]"]
    assert json.loads(json.dumps(reading.plain()))["examples"][0]["row"] == [0.0, 0.0]


def test_every_task_has_a_flagship():
    assert [registry.model_info(registry.flagship(task)).task for task in TASKS] == list(TASKS)


def test_series_to_be_forecast(tmp_path, capsys):
    days = [f"2024-{1 + day // 28:02}-{1 + day % 28:02}" for day in range(84)]
    rows = [f"{day},{shop},{n % 28}.5,{n}" for n, day in enumerate(days) for shop in ("a", "b")]
    (tmp_path / "sales.csv").write_text("\n".join(["date,shop,sales,hour", *rows]))
    cli.main(["data", str(tmp_path / "sales.csv"), "--horizon", "7"])
    said = " ".join(capsys.readouterr().out.split())
    assert "task forecasting: a table with time stamps, date, and no class" in said
    assert "target 'sales' id 'shop' known up to now 'hour'" in said
