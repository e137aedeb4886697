"""`train`: the run folder, exact resume, refusals, and how a run ends."""

import csv
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
import types

import numpy as np
import pytest

from rnnzoo import registry, training
from rnnzoo.platform import keras, tf
from rnnzoo.run import _Record

MODEL = dict(model="char_rnn", overrides={"units": 8, "dropout": 0.3})
TINY = dict(batch_size=2, window=8, epochs=2, ema=0.9, checkpoint_every=10)
# The same for the command line.
ARGUMENTS = ["char_rnn", "--set", "units=8", "--set", "dropout=0.3", "--batch-size", "2"]
ARGUMENTS += ["--window", "8", "--epochs", "2", "--ema", "0.9", "--checkpoint-every", "10"]


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    """A file of 3,000 characters: 168 steps an epoch of 2 x 8."""
    path = tmp_path_factory.mktemp("data") / "text.txt"
    words = random.Random(0).choices(["to", "be", "or", "not", "that", "is", "whether"], k=1000)
    path.write_text(" ".join(words)[:3000])
    return path


@pytest.fixture(scope="module")
def finished(text, tmp_path_factory):
    """A finished run: its folder and what `train` returned."""
    folder = tmp_path_factory.mktemp("runs") / "finished"
    return folder, training.train(**MODEL, data=text, out=folder, **TINY)


def history(folder):
    with open(folder / "history.csv", newline="") as file:
        return [{k: v for k, v in row.items() if k != "seconds"} for row in csv.DictReader(file)]


def metrics(folder):
    values = json.loads((folder / "metrics.json").read_text())
    return {k: v for k, v in values.items() if not k.endswith("seconds")}


def variables(folder):
    """The bytes of every variable in the latest checkpoint."""
    reader = tf.train.load_checkpoint(tf.train.latest_checkpoint(folder / "checkpoints"))
    names = [name for name in reader.get_variable_to_shape_map() if name.startswith("variables")]
    assert len(names) > 20
    return {name: reader.get_tensor(name).tobytes() for name in names}


def assert_same_run(folder, other):
    assert history(folder) == history(other)
    assert metrics(folder) == metrics(other)
    assert variables(folder) == variables(other)
    weights = [training.load_model(path).get_weights() for path in (folder, other)]
    for a, b in zip(*weights, strict=True):
        np.testing.assert_array_equal(a, b)


# --- the run folder -------------------------------------------------------------------------------


def test_run_folder(finished, text):
    folder, returned = finished
    assert {path.name for path in folder.iterdir()} == {
        "config.json", "history.csv", "curves.png", "metrics.json", "best.keras", "checkpoints",
    }  # fmt: skip
    assert json.loads((folder / "metrics.json").read_text()) == returned
    config = json.loads((folder / "config.json").read_text())
    assert config["data"] == str(text) and config["ema"] == 0.9
    assert (folder / "curves.png").read_bytes().startswith(b"\x89PNG")
    assert [(row["epoch"], row["step"]) for row in history(folder)] == [("1", "168"), ("2", "336")]


def test_metrics(finished):
    folder, returned = finished
    assert returned["data"].endswith("text.txt") and returned["seed"] == 0
    assert len(returned["metadata"]["sha256"]["train"]) == 64
    assert returned["seconds"] > 0 and returned["cpu_seconds"] > 0
    assert set(returned["versions"]) == {"python", "tensorflow", "keras", "rnnzoo"}
    model = training.load_model(folder)
    assert returned["parameters"] == model.count_params()
    assert returned["test"] is None
    best = min(history(folder), key=lambda row: float(row["val_bits_per_character"]))
    assert returned["best_epoch"] == int(best["epoch"])


def test_best_model_is_what_was_validated(finished, text):
    """The averaged weights were evaluated, and are what best.keras holds, without an optimizer."""
    folder, returned = finished
    model = training.load_model(folder)
    assert not model.compiled
    held_out = text.read_text()[2700:]
    measured = model.evaluate(held_out, batch_size=2, window=8, return_dict=True, verbose=0)
    assert measured == pytest.approx(returned["validation"], rel=1e-5)


# --- resume ---------------------------------------------------------------------------------------


def test_ctrl_c(finished, text, tmp_path):
    """Ctrl-C in the first epoch, then the rest: as if never stopped."""
    settings = {**MODEL, **TINY, "data": text, "out": tmp_path / "run"}
    press = threading.Thread(
        target=lambda: wait_for_checkpoint(tmp_path / "run") and os.kill(os.getpid(), signal.SIGINT)
    )
    press.start()
    with pytest.raises(KeyboardInterrupt, match="--resume"):
        training.train(**settings)
    press.join()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert not (tmp_path / "run" / "metrics.json").exists()
    training.train(**settings, resume=True)
    assert_same_run(tmp_path / "run", finished[0])


@pytest.mark.parametrize("kills", [2, pytest.param(10, marks=pytest.mark.slow)])
def test_killed_at_random_moments(finished, text, tmp_path, kills):
    """SIGKILL while training, saving, validating or drawing: as if never stopped."""

    def start():
        command = [sys.executable, "-m", "rnnzoo.cli", "train", *ARGUMENTS, "--resume"]
        command += ["--data", str(text), "--out", str(tmp_path)]
        return subprocess.Popen(command, stdout=subprocess.DEVNULL)

    for _ in range(kills):
        process = start()
        if wait_for_checkpoint(tmp_path, process):
            time.sleep(random.uniform(0, 0.5))
            process.kill()
        assert process.wait() in (0, -signal.SIGKILL)
    assert start().wait() == 0
    assert_same_run(tmp_path, finished[0])


def wait_for_checkpoint(folder, process=None):
    """Wait until a new checkpoint is written; False if the process ends before."""
    path = folder / "checkpoints" / "checkpoint"
    before = path.stat().st_mtime_ns if path.exists() else 0
    while not path.exists() or path.stat().st_mtime_ns == before:
        if process and process.poll() is not None:
            return False
        time.sleep(0.01)
    return True


def test_finished_run_stays(finished):
    folder, returned = finished
    before = variables(folder), history(folder)
    settings = training.read_settings(folder)
    again = training.train(**settings, out=folder, resume=True)
    assert (variables(folder), history(folder)) == before
    assert {**again, "cpu_seconds": 0} == {**returned, "cpu_seconds": 0}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"seed": 4}, "seed=0, not 4"),
        ({"learning_rate": 1.0}, "learning_rate=0.002, not 1.0"),
        ({"overrides": {"units": 9}}, "overrides="),
        ({"resume": False}, "not empty: resume its run"),
    ],
)
def test_resume_refuses_other_settings(finished, change, said):
    folder, _ = finished
    before = sorted((path, path.stat().st_mtime_ns) for path in folder.rglob("*"))
    settings = {**training.read_settings(folder), "out": folder, "resume": True, **change}
    with pytest.raises((ValueError, FileExistsError), match=said):
        training.train(**settings)
    assert sorted((path, path.stat().st_mtime_ns) for path in folder.rglob("*")) == before


def test_resume_refuses_another_text(finished, text):
    settings = training.read_settings(finished[0])
    original = text.read_text()
    try:
        text.write_text(original + "!")
        with pytest.raises(ValueError, match="not the one"):
            training.train(**settings, out=finished[0], resume=True)
    finally:
        text.write_text(original)


def test_more_epochs_need_a_constant_schedule():
    then = {"schedule": "constant", "epochs": 2, "versions": {}}
    training._check_same(then, {**then, "epochs": 3}, "folder")
    with pytest.raises(ValueError, match="epochs=2, not 1"):
        training._check_same(then, {**then, "epochs": 1}, "folder")
    then["schedule"] = "cosine"
    with pytest.raises(ValueError, match="epochs=2, not 3 .only a constant schedule"):
        training._check_same(then, {**then, "epochs": 3}, "folder")


def test_other_versions_are_said():
    now = {"versions": {"keras": "3.16"}}
    with pytest.warns(UserWarning, match="keras 3.15 .*keras 3.16"):
        training._check_same({"versions": {"keras": "3.15"}}, now, "folder")


# --- how a run ends -------------------------------------------------------------------------------


def test_early_stopping_of_a_model_given_as_an_object(text, tmp_path):
    """With a learning rate too small to change a weight, no epoch is better than the first."""
    model = registry.create_model("char_rnn", units=8)
    settings = {**TINY, "epochs": 9, "ema": 0.0, "learning_rate": 1e-35, "patience": 1}
    returned = training.train(model, text, tmp_path / "run", **settings)
    assert (returned["epochs"], returned["best_epoch"]) == (2, 1)
    assert returned["model"] == "TextGenerator"
    best = training.load_model(tmp_path / "run" / "best.keras")
    for a, b in zip(model.get_weights(), best.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_loss_that_is_no_number():
    record = _Record(types.SimpleNamespace(settings={}))
    with pytest.raises(FloatingPointError, match="nan in training.*after epoch 3.*smaller"):
        record.on_epoch_end(2, {"loss": float("nan"), "val_loss": 1.0})


@pytest.mark.parametrize("schedule", training.SCHEDULES)
def test_learning_rate_is_a_function_of_the_step(schedule):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    settings = dict(learning_rate=0.1, schedule=schedule, warmup=4, weight_decay=0.1, ema=0.0)
    optimizer = training._optimizer(model, settings, total_steps=100)
    optimizer.build(model.trainable_variables)
    rates = []
    for step in (0, 4, 52, 100):
        optimizer.iterations.assign(step)
        rates.append(float(optimizer.learning_rate))
    middle, end = (0.05, 0.0) if schedule == "cosine" else (0.1, 0.1)
    assert rates == pytest.approx([0.02, 0.1, middle, end], abs=1e-7)
    decayed = [optimizer._use_weight_decay(variable) for variable in model.trainable_variables]
    assert decayed == [True, False]


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("epochs", 0), ("epochs", 1.5), ("batch_size", True), ("patience", 0), ("seed", -1),
        ("learning_rate", 0.0), ("learning_rate", float("nan")), ("weight_decay", -1.0),
        ("ema", 1.0), ("schedule", "linear"), ("checkpoint_every", 0), ("warmup", -1),
    ],
)  # fmt: skip
def test_settings_out_of_range(text, tmp_path, setting, value):
    with pytest.raises(ValueError, match=f"{setting}=.*expected"):
        training.train("char_gru", text, tmp_path / "run", **{setting: value})
    assert not (tmp_path / "run").exists()


# --- loading --------------------------------------------------------------------------------------


def test_load_model_says_what_is_wrong(tmp_path):
    with pytest.raises(FileNotFoundError, match="no best.keras"):
        training.load_model(tmp_path)
    with pytest.raises(FileNotFoundError, match="no such run folder"):
        training.load_model(tmp_path / "nothing")
    with pytest.raises(ValueError, match="did you mean 'char_gru'"):
        training.load_model("char_gruu")
    damaged = tmp_path / "damaged.keras"
    damaged.write_bytes(b"PK")
    with pytest.raises(ValueError, match="damaged"):
        training.load_model(damaged)
