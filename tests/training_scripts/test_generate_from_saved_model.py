"""The script is run as a user runs it: a process of its own, a copy in a folder without rnnzoo."""

import shutil
import subprocess
import sys

import pytest

import rnnzoo
from training_scripts import generate_from_saved_model


@pytest.fixture(scope="module")
def model():
    return rnnzoo.create_model("char_rnn", units=8, embedding_size=4, vocabulary="\n abcdé")


@pytest.fixture(scope="module")
def run(model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("elsewhere")
    model.export(folder / "saved_model")
    script = shutil.copy(generate_from_saved_model.__file__, folder)

    def run(*arguments):
        command = [sys.executable, script, *arguments]
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
