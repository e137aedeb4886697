"""The script is run as a user runs it: a process of its own, a copy in a folder without rnnzoo."""

import shutil
import subprocess
import sys

import pytest

import rnnzoo
from rnnzoo.platform import tf
from training_scripts import generate_from_saved_model


@pytest.fixture(scope="module")
def model():
    return rnnzoo.create_model("char_rnn", units=8, embedding_size=4, vocabulary="\n abcdé")


@pytest.fixture(scope="module")
def folder(model, tmp_path_factory):
    """Elsewhere: a copy of the script, and the SavedModel."""
    folder = tmp_path_factory.mktemp("elsewhere")
    model.export(folder / "saved_model")
    shutil.copy(generate_from_saved_model.__file__, folder / "generate.py")
    return folder


@pytest.fixture(scope="module")
def run(folder):
    def run(*arguments):
        command = [sys.executable, "generate.py", *arguments]
        return subprocess.run(command, capture_output=True, text=True, cwd=folder)

    return run


def test_same_seed_same_text_as_in_python(model, run):
    process = run(
        *("saved_model", "--prompt", "abé", "--length", "50", "--seed", "7"),
        *("--temperature", "0.8", "--top-k", "5", "--top-p", "0.9"),
    )
    expected = model.generate("abé", 50, 0.8, 5, 0.9, seed=7, include_prompt=True)
    assert (process.returncode, process.stdout, process.stderr) == (0, f"{expected}\n", "")


def test_a_folder_that_is_no_saved_model(run):
    process = run("nothing_here")
    assert process.returncode == 2
    assert "nothing_here is not a SavedModel" in process.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--length", "-1"], "length: expected at least 0"),
        (["--length", "4294967301"], "--length 4294967301: expected int32"),  # 5 in 32 bits
        (["--seed", "9" * 20], f"--seed {'9' * 20}: expected int64"),
        (["--top-p", "x"], "argument --top-p: invalid float value"),
        (["--prompt", "\udcff"], "--prompt ['\\udcff']: expected string"),
    ],
)
def test_mistakes_are_told_in_one_line(folder, monkeypatch, capfd, arguments, message):
    out, err = fails(monkeypatch, capfd, folder / "saved_model", *arguments)
    assert out == "" and message in err.splitlines()[-1]
    assert err.startswith("usage: ") and "Traceback" not in err


def test_a_model_that_writes_nothing(tmp_path, monkeypatch, capfd):
    (tmp_path / "saved_model.pb").write_bytes(b"\xff")
    _, err = fails(monkeypatch, capfd, tmp_path)
    assert f"error: {tmp_path} can't be loaded: Cannot parse file" in err
    tf.saved_model.save(tf.Module(), tmp_path)
    _, err = fails(monkeypatch, capfd, tmp_path)
    assert f"error: {tmp_path} writes no text: it has no `generate` from prompts" in err


def fails(monkeypatch, capfd, *arguments):
    """What the script prints, run here, as it takes seconds to import TensorFlow elsewhere."""
    monkeypatch.setattr(sys, "argv", ["generate", *map(str, arguments)])
    for name in ("keras", "rnnzoo"):  # restored behind the test
        monkeypatch.setitem(sys.modules, name, sys.modules[name])
    with pytest.raises(SystemExit, match="2"):
        generate_from_saved_model.main()
    return capfd.readouterr()


@pytest.mark.slow
def test_a_reader_that_stops_early(folder):
    command = [sys.executable, "generate.py", "saved_model", "--length", "300000"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, cwd=folder) as process:
        process.stdout.read(5)
        process.stdout.close()
        assert process.stderr.read() == ""
