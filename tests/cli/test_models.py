"""A trained model as an argument of a command."""

import pytest

import rnnzoo
from rnnzoo import cli
from rnnzoo.platform import keras


@pytest.mark.parametrize(
    ("name", "command", "hint"),
    [
        ("name_rnn", ["predict", "x.csv"], "`rnnzoo generate model.keras` has it write"),
        ("char_rnn", ["predict", "x.csv", "--out", "y.csv"], "`rnnzoo generate model.keras`"),
        ("tagger_rnn", ["generate"], "`rnnzoo predict model.keras FILE` has it answer"),
    ],
)
def test_another_command_is_named(tmp_path, monkeypatch, assert_one_line, name, command, hint):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.csv").write_text("1,2\n")
    rnnzoo.create_model(name, units=2).save("model.keras")
    assert cli.main([command[0], "model.keras", *command[1:]]) == 2
    assert_one_line("model.keras holds a ", hint)


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["generate"], "writes neither texts nor names"),
        (["predict", "x.csv"], "classifies, tags, captions, translates and forecasts"),
        (["states", "sentences.txt"], "translates nothing"),
        (["export", "--out", "folder"], "is no task of rnnzoo"),
    ],
)
def test_a_plain_keras_model_is_no_task(tmp_path, monkeypatch, assert_one_line, command, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sentences.txt").write_text("to be\nor not\nto be so\n")
    (tmp_path / "x.csv").write_text("1,2\n")
    path = str(tmp_path / "seq.keras")
    keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]).save(path)
    assert cli.main([command[0], path, *command[1:]]) == 2
    assert_one_line(f"seq.keras holds a Sequential, which {message}")
