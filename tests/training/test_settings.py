"""The settings of a run: their ranges, config.json, and what a resumed run may change."""

import dataclasses
import inspect
import json
from pathlib import Path

import numpy as np
import pytest

import rnnzoo
from rnnzoo import training
from rnnzoo.training.settings import Settings

DEFAULTS = {
    each.name: each.default for each in inspect.signature(training.train).parameters.values()
}


def settings(**changes):
    """Those of `train` by default, with changes."""
    return Settings.of({**DEFAULTS, "model": "char_rnn", "data": "/text.txt", **changes})


def as_read(path, chosen):
    chosen.write(path)
    return Settings.read(path)


# What a run is given anew each time.
NOT_KEPT = ("out", "resume", "callbacks", "verbose")


def test_the_fields_are_the_arguments_of_train_and_what_was_found_out():
    arguments = [name for name in DEFAULTS if name not in NOT_KEPT]
    found_out = ["data_given", "sha256", "recipe", "versions"]
    assert [each.name for each in dataclasses.fields(Settings)] == arguments + found_out


def test_written_and_read(tmp_path):
    chosen = settings(overrides={"delays": (1, 4)}, init_from=Path("runs/é"))
    read = as_read(tmp_path, chosen)
    expected = {"overrides": {"delays": [1, 4]}, "init_from": "runs/é"}
    assert read == dataclasses.replace(chosen, **expected)
    assert list(json.loads((tmp_path / "config.json").read_text())) == list(vars(chosen))
    read.check_same(read, tmp_path)
    chosen.check_same(read, tmp_path)  # though JSON made a list of the tuple


def test_read_settings_are_arguments_of_train(tmp_path):
    assert training.read_settings(tmp_path) == {}
    settings(seed=3).write(tmp_path)
    read = training.read_settings(tmp_path)
    assert read["seed"] == 3
    inspect.signature(training.train).bind(**read)


@pytest.mark.parametrize(
    "change",
    [
        {"patience": 3}, {"checkpoint_every": 7}, {"export": True}, {"data": "/elsewhere.txt"},
        {"tensorboard": True},
    ],
)  # fmt: skip
def test_what_a_resumed_run_may_change(change, tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: True)
    settings(**change).check_same(settings(), tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        {"model": "char_gru"}, {"batch_size": 8}, {"window": 9}, {"learning_rate": 1.0},
        {"schedule": "constant"}, {"warmup": 1}, {"weight_decay": 0.1}, {"ema": 0.9}, {"seed": 4},
        {"overrides": {"units": 9}}, {"pretrained": True}, {"init_from": "run"}, {"epochs": 11},
        {"steps": 9}, {"augment": 0.5}, {"validate_every": 7},
    ],
)  # fmt: skip
def test_what_it_may_not_change(change, tmp_path):
    (name,) = change
    with pytest.raises(ValueError, match=f"was begun with {name}=.*: leave it as it was"):
        settings(**change).check_same(settings(), tmp_path)


def test_the_data_is_known_by_its_sha256(tmp_path):
    then, now = (dataclasses.replace(settings(), sha256={"train": text}) for text in "ab")
    with pytest.raises(ValueError, match="the data of /text.txt is not what"):
        now.check_same(then, tmp_path)


def test_more_epochs_need_a_constant_schedule(tmp_path):
    then = settings(schedule="constant", epochs=2)
    settings(schedule="constant", epochs=3).check_same(then, tmp_path)
    with pytest.raises(ValueError, match="epochs=2, not 1"):
        settings(schedule="constant", epochs=1).check_same(then, tmp_path)
    with pytest.raises(ValueError, match="epochs=2, not 3 .only a constant schedule"):
        settings(epochs=3).check_same(settings(epochs=2), tmp_path)


def test_more_steps_do_too_and_are_no_epochs(tmp_path):
    then = settings(schedule="constant", steps=20)
    settings(schedule="constant", steps=30).check_same(then, tmp_path)
    with pytest.raises(ValueError, match="epochs=None, not 3 .only a constant schedule"):
        settings(schedule="constant", epochs=3).check_same(then, tmp_path)
    with pytest.raises(ValueError, match="epochs=3 and steps=20: expected one of them at most"):
        settings(epochs=3, steps=20)


def test_other_versions_are_said(tmp_path):
    then = dataclasses.replace(settings(), versions={"keras": "3.15"})
    now = dataclasses.replace(settings(), versions={"keras": "3.16"})
    with pytest.warns(UserWarning, match="keras 3.15 .*keras 3.16"):
        now.check_same(then, tmp_path)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("epochs", 0), ("epochs", 1.5), ("batch_size", True), ("patience", -1), ("seed", -1),
        ("learning_rate", 0.0), ("learning_rate", float("nan")), ("weight_decay", -1.0),
        ("augment", -1.0), ("steps", 0),
        ("ema", 1.0), ("schedule", "linear"), ("checkpoint_every", 0), ("warmup", -1),
    ],
)  # fmt: skip
def test_settings_out_of_range(corpus, tmp_path, setting, value):
    with pytest.raises(ValueError, match=f"{setting}=.*expected"):
        training.train("char_gru", corpus, tmp_path / "run", **{setting: value})
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("learning_rate", "0.1", "learning_rate='0.1': expected more than 0"),
        ("ema", None, "ema=None: expected at least 0"),
        ("weight_decay", [1], "weight_decay=.1.: expected"),
        ("init_from", object(), "init_from: expected a run folder"),
        ("overrides", {"units": object()}, "overrides: units=<object.*: expected numbers"),
        ("overrides", {"units": np.float32(3)}, "overrides: units=.*: expected numbers"),
        ("learning_rate", np.float32(3), "learning_rate=.*: expected numbers"),
    ],
)
def test_settings_of_another_kind(corpus, tmp_path, setting, value, said):
    with pytest.raises(rnnzoo.errors.WrongType, match=said):
        training.train("char_gru", corpus, tmp_path / "run", **{setting: value})
    assert not (tmp_path / "run").exists()
