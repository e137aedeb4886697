"""A user's own pictures, from a folder to a trained model, its figures and its answers."""

import csv
import json

import numpy as np
import pytest
from PIL import Image

from rnnzoo import cli

GREYS = {"dark": 70, "light": 180}


def write(folder, size, count):
    """Grey pictures of two classes, in a folder each."""
    random = np.random.default_rng(sum(size))
    for label, grey in GREYS.items():
        (folder / label).mkdir(parents=True)
        for i in range(count):
            pixels = random.integers(grey - 40, grey + 40, size).astype(np.uint8)
            Image.fromarray(pixels).save(folder / label / f"{i}.png")
    return folder


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """Pictures of one size, of which one is broken."""
    folder = write(tmp_path_factory.mktemp("own") / "greys", (6, 6), 20)
    (folder / "dark" / "broken.png").write_bytes(b"no picture")
    return folder


@pytest.fixture(scope="module")
def run(own, tmp_path_factory):
    """A run on them, as the command line trains it unless told otherwise."""
    out = tmp_path_factory.mktemp("runs") / "greys"
    argv = f"train digits_cnn --set filters=[4] --steps 60 --learning-rate 0.05 --data {own}"
    assert cli.main([*argv.split(), "--out", str(out), "--quiet"]) == 0
    return out


@pytest.mark.slow
@pytest.mark.filterwarnings("always:pictures made")
@pytest.mark.parametrize("size", [(6, 6), (15, 12)])
def test_new_pictures_are_answered_as_they_are_evaluated(run, size, tmp_path, capsys):
    new = write(tmp_path / "new", size, 10)
    told = [] if size == (6, 6) else ["pictures made 6 x 6, the size in training: 20"]
    assert cli.main(["evaluate", str(run), "--data", str(new), "--json"]) == 0
    evaluated, warned = capsys.readouterr()
    assert warned.splitlines() == [f"rnnzoo: warning: {line}" for line in told]
    assert cli.main(["predict", str(run), str(new)]) == 0
    printed, warned = capsys.readouterr()
    assert warned.splitlines() == [f"rnnzoo: warning: {line}" for line in told]
    answers = dict(line.split("\t")[:2] for line in printed.splitlines())
    right = [path.split("/")[-2] == label for path, label in answers.items()]
    assert len(right) == 20 and np.mean(right) == 1
    assert json.loads(evaluated)["measures"]["accuracy"]["value"] == 1
    assert cli.main(["predict", str(run), str(new), "--out", str(tmp_path / "out.csv")]) == 0
    assert capsys.readouterr().err == warned
    with (tmp_path / "out.csv").open() as file:
        assert {row["file"]: row["class"] for row in csv.DictReader(file)} == answers


@pytest.mark.slow
@pytest.mark.filterwarnings("always:.*of its pictures")
def test_what_is_broken_is_told_once(own, run, tmp_path, capsys):
    assert cli.main(["evaluate", str(run), "--data", str(own), "--split", "all"]) == 0
    out, told = capsys.readouterr()
    assert told.count("\n") == 1 and "1 of its pictures are missing or can't be read" in told
    assert "logistic regression on pixels" in out
    assert cli.main(["predict", str(run), str(own)]) == 0
    out, told = capsys.readouterr()
    assert told.count("\n") == 1 and told.startswith(f"rnnzoo: skipped {own / 'dark/broken.png'}: ")
    assert out.count("\n") == 40
    (tmp_path / "empty").mkdir()
    assert cli.main(["predict", str(run), str(tmp_path / "empty")]) == 2
    assert "empty: expected a file, and it holds none" in capsys.readouterr().err
