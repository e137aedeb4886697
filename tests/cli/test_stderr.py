"""Nothing is written to stderr, not by TensorFlow's native code either, where nothing is wrong.

Each command is a process of its own, as users run it.
"""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import rnnzoo

ROOT = Path(rnnzoo.__file__).parents[1]


def run(folder, words):
    """What a command prints; it must succeed and leave stderr empty."""
    process = subprocess.run(
        [sys.executable, "-m", "rnnzoo.cli", *words.split()],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert (process.returncode, process.stderr) == (0, "")
    return process.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A little data for each task; what is held out holds nothing that is new."""
    from PIL import Image

    folder = tmp_path_factory.mktemp("stderr")
    (folder / "text").write_text("to be or not to be\n" * 60)
    rest = "\t_" * 6 + "\n"
    (folder / "bank.conllu").write_text(f"1\ta\t_\tD{rest}2\tdog\t_\tN{rest}\n" * 40)
    (folder / "pairs.tsv").write_text("".join(f"cat {n}\tKatze {n}\n" for n in range(60)))
    x = np.random.default_rng(0).normal(size=(40, 6, 2)).astype("float32")
    np.savez(folder / "x.npz", x=x, y=["up", "down"] * 20)
    np.save(folder / "x.npy", x[:2])
    (folder / "pictures").mkdir()
    lines = []
    for n in range(30):
        colour = ("red", "green", "blue")[n % 3]
        Image.new("RGB", (32, 32), colour).save(folder / f"pictures/{n}.png")
        lines.append(f"{n}.png\ta {colour} square\n")
    (folder / "pictures" / "captions.txt").write_text("".join(lines))
    return folder


@pytest.mark.parametrize("words", ["list", "list --data", "info char_lstm", "info watch", "--help"])
def test_what_needs_no_tensorflow(folder, words):
    assert run(folder, words)


def test_generating(folder, finished):
    """By a run, in the plain graph; what follows tries all others."""
    assert len(run(folder, f"generate {finished} --length 20")) > 20


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "options", "answers"),
    [
        ("char_rnn", "--data text --window 8", "generate {run} --length 20"),
        ("char_rnn", "--data text --window 8", "generate {run} --length 9000"),
        ("activity_rnn", "--data x.npz", "predict {run} x.npy"),
        ("tagger_birnn", "--data bank.conllu", "predict {run} bank.conllu"),
        ("caption_rnn", "--data pictures", "predict {run} pictures/0.png"),
        ("translate_gru", "--data pairs.tsv", "predict {run} pairs.tsv"),
    ],
)
def test_training_answering_and_exporting(folder, tmp_path, name, options, answers):
    made = tmp_path / "run"
    small = "--epochs 1 --batch-size 4 --set units=4"
    assert f"run in {made}" in run(folder, f"train {name} {options} {small} --out {made}")
    assert run(folder, answers.format(run=made))
    assert run(folder, f"export {made} --out {tmp_path / 'exported'}")
