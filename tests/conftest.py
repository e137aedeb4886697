"""What several test files need: one small finished run; cards of weights."""

import contextlib
import random

import pytest


@pytest.fixture(scope="session")
def corpus(tmp_path_factory):
    """A file of 3,000 characters: 168 steps an epoch of 2 x 8."""
    path = tmp_path_factory.mktemp("corpus") / "text.txt"
    words = random.Random(0).choices(["to", "be", "or", "not", "that", "is", "whether"], k=1000)
    path.write_text(" ".join(words)[:3000])
    return path


@pytest.fixture(scope="session")
def finished(corpus, tmp_path_factory):
    """The folder of a run that the command line made; not to be changed."""
    from rnnzoo import cli

    folder = tmp_path_factory.mktemp("runs") / "finished"
    argv = "train char_rnn --set units=8 --set dropout=0.3 --batch-size 2 --window 8 --epochs 2"
    argv += f" --ema 0.9 --checkpoint-every 10 --data {corpus.name} --out {folder}"
    with contextlib.chdir(corpus.parent):
        assert cli.main(argv.split()) == 0
    return folder


@pytest.fixture
def write_card():
    """A function that writes a card beside a file, with the facts given and made-up others."""
    from rnnzoo.weights import Weights

    def write(path, **facts):
        made_up = dict(
            config={"units": 8},
            parameters=1234,
            metric="bits per character",
            value=2.5,
            dataset="letters",
            split="test",
            seed=0,
            recipe="epochs=1",
            licence="CC0-1.0",
            command="make letters",
            sha256="0" * 64,
        )
        path.parent.mkdir(exist_ok=True)
        Weights(path=path, **(made_up | facts)).write_card()

    return write
