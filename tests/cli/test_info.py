"""`rnnzoo info`."""

import subprocess
import sys

import numpy as np
import polars

import rnnzoo
from rnnzoo import cli, registry


def test_info(toy, capsys):
    assert cli.main(["info", "toy_10"]) == 0
    assert capsys.readouterr().out == f"{registry.model_info('toy_10')}\n"


def test_info_of_weights(toy, capsys):
    assert cli.main(["info", "toy_10.digits"]) == 0
    out = capsys.readouterr().out
    assert "units=9" in out and "5,678" in out and "toy_10.letters" not in out


def test_info_of_an_unknown_tag(toy, assert_one_line):
    assert cli.main(["info", "toy_10.digit"]) == 2
    assert_one_line("'digit'; did you mean 'digits'", "letters, digits")


def test_info_of_an_unknown_name(toy, assert_one_line):
    assert cli.main(["info", "toy10"]) == 2
    assert_one_line("rnnzoo info: error:", "did you mean 'toy_10'")


def test_info_of_a_data_set(toy_data, capsys):
    assert cli.main(["info", "letters"]) == 0
    assert capsys.readouterr().out == f"{toy_data.dataset_info('letters')}\n"
    assert cli.main(["info", "speeches/fr"]) == 0
    assert capsys.readouterr().out == f"{toy_data.dataset_info('speeches')}\n"


def test_info_of_a_data_set_of_two_tasks(toy_data, capsys):
    assert cli.main(["info", "clips"]) == 0
    of_each = (toy_data.dataset_info("clips", t) for t in ("captioning", "sequence-classification"))
    assert capsys.readouterr().out == "\n\n".join(map(str, of_each)) + "\n"
    assert cli.main(["info", "clisp"]) == 2
    assert "did you mean 'clips'" in capsys.readouterr().err


def test_info_of_a_run(tmp_path):
    x = np.random.default_rng(0).normal(size=(20, 5, 2)).astype("float32")
    x[3, 2, 0] = np.nan
    frame = {
        "id": np.repeat(np.arange(20), 5).tolist(),
        "speed": x[..., 0].ravel().tolist(),
        "turn": x[..., 1].ravel().tolist(),
        "class": np.repeat(["up", "down"] * 10, 5).tolist(),
    }
    polars.DataFrame(frame).write_csv(tmp_path / "own.csv")
    given = {"epochs": 1, "overrides": {"units": 3}, "verbose": 0}
    rnnzoo.train("activity_rnn", tmp_path / "own.csv", tmp_path / "run", **given)
    command = f"import sys; from rnnzoo import cli; cli.main(['info', {str(tmp_path / 'run')!r}])"
    command += "; assert 'tensorflow' not in sys.modules"
    found = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True)
    assert found.returncode == 0 and found.stderr == "", found.stderr
    rows = dict(line.split(maxsplit=1) for line in found.stdout.splitlines() if " " in line.strip())
    assert rows["model"] == "SequenceClassifier"
    assert rows["channels"] == "speed, turn" and rows["classes"] == "down, up"
    assert rows["masked"] == "0" and "macro_f1" in rows["validation"]
    (tmp_path / "damaged.keras").write_bytes(b"PK")
    assert cli.main(["info", str(tmp_path / "damaged.keras")]) == 2
