"""`train`: the run folder, exact resume, refusals, and how a run ends."""

import contextlib
import csv
import importlib.util
import inspect
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
import types

import numpy as np
import pandas
import pytest

import rnnzoo
from rnnzoo import cli, registry, training
from rnnzoo.platform import keras, tf
from rnnzoo.tasks.recipes import Recipe
from rnnzoo.training import trainer
from rnnzoo.training.folder import locked
from rnnzoo.training.settings import Settings


def history(folder):
    with open(folder / "history.csv", newline="") as file:
        return [{k: v for k, v in row.items() if k != "seconds"} for row in csv.DictReader(file)]


def metrics(folder):
    """All but the times, and how the text was called."""
    values = json.loads((folder / "metrics.json").read_text())
    return {k: v for k, v in values.items() if k != "data" and not k.endswith("seconds")}


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


def test_run_folder(finished, corpus):
    assert {path.name for path in finished.iterdir()} == {
        "config.json", "history.csv", "curves.png", "metrics.json", "best.keras", "checkpoints",
    }  # fmt: skip
    config = json.loads((finished / "config.json").read_text())
    assert config["data"] == str(corpus) and config["ema"] == 0.9
    assert (finished / "curves.png").read_bytes().startswith(b"\x89PNG")
    steps = [(row["epoch"], row["step"]) for row in history(finished)]
    assert steps == [("1", "168"), ("2", "336")]


def test_metrics(finished):
    written = json.loads((finished / "metrics.json").read_text())
    assert written["data"] == written["metadata"]["source"] == "text.txt"  # as it was given
    assert written["seed"] == 0 and len(written["metadata"]["sha256"]["train"]) == 64
    assert written["unknown_characters"] == {"validation": 0, "test": 0}
    assert written["seconds"] > 0 and written["cpu_seconds"] > 0
    assert set(written["versions"]) == {"python", "tensorflow", "keras", "rnnzoo"}
    assert written["parameters"] == training.load_model(finished).count_params()
    assert written["test"] is None
    best = min(history(finished), key=lambda row: float(row["val_bits_per_character"]))
    assert written["best_epoch"] == int(best["epoch"])


def test_best_model_is_what_was_validated(finished, corpus):
    """The averaged weights were evaluated, and are what best.keras holds, without an optimizer."""
    model = training.load_model(finished)
    assert not model.compiled
    held_out = corpus.read_text()[2700:]
    measured = model.evaluate(held_out, batch_size=2, window=8, return_dict=True, verbose=0)
    assert measured == pytest.approx(metrics(finished)["validation"], rel=1e-5)


def test_a_named_data_set_is_kept_by_its_name_and_a_path_as_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    feed = types.SimpleNamespace(
        batch_size=4, window=5, augment=0.0, recipe=Recipe(), metadata={"sha256": "of it"}
    )
    task = registry.create_model("char_rnn", units=2)
    monkeypatch.setattr(task, "feed", lambda *sizes, **how: feed)
    defaults = inspect.signature(training.train).parameters.values()
    given = Settings.of({each.name: each.default for each in defaults} | {"model": None})
    for data, kept in ((None, "python_source"), ("a.txt", str(tmp_path / "a.txt"))):
        found, settings = trainer._make_feed(task, data, given)
        assert found is feed
        assert (settings.data, settings.window, settings.sha256) == (kept, 5, "of it")
        assert settings.data_given == (data or "python_source")


# --- resume ---------------------------------------------------------------------------------------


@pytest.fixture
def interruptible():
    """A shell ignores Ctrl-C for what it starts in the background, such as these tests."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_ctrl_c(finished, tmp_path, interruptible):
    """Ctrl-C in the first epoch, then the rest: as if never stopped."""
    folder = tmp_path / "a run"
    settings = {**training.read_settings(finished), "out": folder}

    def press():
        wait_for_checkpoint(folder)
        with pytest.raises(BlockingIOError, match="another process"), locked(folder):
            pass
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=press)
    thread.start()
    with pytest.raises(KeyboardInterrupt, match="train --out '.*a run' --resume"):
        training.train(**settings)
    thread.join()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert not (folder / "metrics.json").exists()
    training.train(**settings, resume=True)
    assert_same_run(folder, finished)


@pytest.mark.slow
def test_killed_at_random_moments(finished, tmp_path):
    """SIGKILL while training, saving, validating or drawing: as if never stopped."""
    settings = {**training.read_settings(finished), "out": str(tmp_path), "resume": True}
    code = f"import rnnzoo; rnnzoo.train(**{settings!r})"

    def start():
        return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.DEVNULL)

    for _ in range(4):
        process = start()
        if wait_for_checkpoint(tmp_path, process):
            time.sleep(random.uniform(0, 0.5))
            process.kill()
        assert process.wait() in (0, -signal.SIGKILL)
    assert start().wait() == 0
    assert_same_run(tmp_path, finished)


def wait_for_checkpoint(folder, process=None):
    """Wait until a new checkpoint is written; False if the process ends before."""
    path = folder / "checkpoints" / "checkpoint"
    before = path.stat().st_mtime_ns if path.exists() else 0
    while not path.exists() or path.stat().st_mtime_ns == before:
        if process and process.poll() is not None:
            return False
        time.sleep(0.01)
    return True


@pytest.mark.slow
def test_finished_run_stays(finished, tmp_path, monkeypatch, capsys):
    """From another working directory, and as a copy, too; an export may be asked for then."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(finished, "copy")
    assert cli.main(["train", "--resume", "--out", "copy", "--export"]) == 0
    assert "goes on after step 336 of 336" in capsys.readouterr().out
    assert_same_run(tmp_path / "copy", finished)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"seed": 4}, "seed=0, not 4"),
        ({"resume": False}, "not empty: resume its run"),
    ],
)
def test_resume_refuses_other_settings(finished, change, said):
    before = sorted((path, path.stat().st_mtime_ns) for path in finished.rglob("*"))
    settings = {**training.read_settings(finished), "out": finished, "resume": True, **change}
    with pytest.raises((ValueError, FileExistsError), match=said):
        training.train(**settings)
    assert sorted((path, path.stat().st_mtime_ns) for path in finished.rglob("*")) == before


def test_resume_refuses_another_text(finished, corpus, tmp_path):
    other = tmp_path / "other.txt"
    other.write_text(corpus.read_text() + " ")
    settings = {**training.read_settings(finished), "data": other}
    with pytest.raises(ValueError, match="not what"):
        training.train(**settings, out=finished, resume=True)


# --- how a run ends -------------------------------------------------------------------------------


def test_early_stopping_of_a_model_given_as_an_object(corpus, tmp_path, capsys):
    """With a learning rate too small to change a weight, no epoch is better than the first."""
    model = registry.create_model("char_rnn", units=8)
    settings = dict(batch_size=20, window=8, epochs=9, learning_rate=1e-35, patience=1)
    returned = training.train(model, corpus, tmp_path / "run", **settings)
    assert json.loads((tmp_path / "run" / "metrics.json").read_text()) == returned
    assert (returned["epochs"], returned["best_epoch"]) == (2, 1)
    assert returned["model"] == "TextGenerator"
    capsys.readouterr()
    assert cli.main(["train", "--resume", "--out", str(tmp_path / "run")]) == 2
    assert "begun with a model made in Python" in capsys.readouterr().err
    best = training.load_model(tmp_path / "run" / "best.keras")
    for a, b in zip(model.get_weights(), best.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        (RuntimeError("a bug"), pytest.raises(RuntimeError, match="a bug")),
        (
            tf.errors.ResourceExhaustedError(None, None, "OOM when allocating\n..."),
            pytest.raises(MemoryError, match="choose a smaller batch_size"),
        ),
    ],
    ids=["bug", "memory"],
)
def test_what_breaks_training_off_leaves_the_last_checkpoint(raised, said):
    calls = []

    def fit(*args, **kwargs):
        raise raised

    run = types.SimpleNamespace(
        model=types.SimpleNamespace(fit=fit, optimizer=types.SimpleNamespace(use_ema=False)),
        deferring_interrupts=contextlib.nullcontext,
        restore=lambda: calls.append("restored"),
        finished=False,
        verbose=0,
        step=0,
        steps_per_epoch=1,
        epochs=1,
    )
    feed = types.SimpleNamespace(training=lambda start_step: [], evaluation=lambda split: [])
    with said:
        trainer._fit(run, feed, tensorboard=False, callbacks=())
    assert calls == ["restored"]


def test_tensorboard_that_is_not_installed(corpus, tmp_path, monkeypatch, capsys):
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "tensorboard" else find_spec(name)
    )
    argv = ["train", "char_rnn", "--tensorboard", "--data", str(corpus), "--out"]
    assert cli.main([*argv, str(tmp_path / "run")]) == 2
    said = "rnnzoo train: error: TensorBoard is not installed: pip install 'rnnzoo[tensorboard]'\n"
    assert capsys.readouterr().err == said
    assert not (tmp_path / "run").exists()


def test_tensorboard(corpus, tmp_path):
    pytest.importorskip("tensorboard")
    model = registry.create_model("char_rnn", units=2)
    training.train(model, corpus, tmp_path, batch_size=20, window=8, epochs=1, tensorboard=True)
    for part in ("train", "validation"):
        assert any((tmp_path / "tensorboard" / part).glob("events.out.tfevents.*"))


def test_a_model_that_is_no_task(corpus, tmp_path):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    with pytest.raises(TypeError, match="Sequential, not a task"):
        training.train(model, corpus, tmp_path / "run")
    assert not (tmp_path / "run").exists()


class _At(keras.callbacks.Callback):
    """Does something after a step of its model's."""

    def __init__(self, step, do):
        super().__init__()
        self.step, self.do = step, do

    def on_train_batch_end(self, batch, logs=None):
        self.step -= 1
        if not self.step:
            self.do(self.model)


@pytest.mark.slow
def test_where_a_callback_stops_training_the_epoch_is_the_last_one(corpus, tmp_path):
    def stop(model):
        model.stop_training = True

    how = {"epochs": 3, "window": 8, "overrides": {"units": 4}, "verbose": 0}
    metrics = training.train("char_rnn", corpus, tmp_path / "run", callbacks=[_At(2, stop)], **how)
    assert metrics["epochs"] == 1
    history = (tmp_path / "run" / "history.csv").read_text().splitlines()
    whole = training.train("char_rnn", corpus, tmp_path / "whole", **how)
    assert whole["epochs"] == 3
    first = (tmp_path / "whole" / "history.csv").read_text().splitlines()[1]
    assert history[1].split(",")[:-1] == first.split(",")[:-1] and len(history) == 2


# --- a trained model goes on ----------------------------------------------------------------------


@pytest.mark.slow
def test_a_run_s_own_model_is_trained_further(finished, tmp_path, capsys):
    (tmp_path / "new.txt").write_text("to be, or not to be?\n" * 60)
    argv = ["train", str(finished), "--data", str(tmp_path / "new.txt"), "--learning-rate", "1e-9"]
    argv += ["--window", "8", "--epochs", "1", "--seed", "3", "--out", str(tmp_path / "further")]
    assert cli.main(argv) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"{finished} with ") and "new to the model: 3 characters" in said
    before, after = (training.load_model(path) for path in (finished, tmp_path / "further"))
    ids = after.vocabulary.ids(before.vocabulary.characters)
    vectors = after.embedding.embeddings.numpy()[ids]
    np.testing.assert_allclose(vectors, before.embedding.embeddings.numpy()[1:], atol=1e-4)
    config = json.loads((tmp_path / "further" / "config.json").read_text())
    assert config["model"] == str(finished)
    # In Python and by a file it is the same, and a run so begun is one that goes on.
    options = dict(window=8, epochs=1, seed=3, learning_rate=1e-9)
    data, out = tmp_path / "new.txt", tmp_path / "by_file"
    training.train(finished / "best.keras", data, out, **options)
    assert history(out) == history(tmp_path / "further")
    assert cli.main(["train", "--resume", "--out", str(out)]) == 0


def test_what_a_trained_model_does_not_take_is_refused(finished, corpus, tmp_path):
    out = tmp_path / "out"
    for model in (finished, finished / "best.keras", training.load_model(finished)):
        for option in ({"pretrained": True}, {"overrides": {"units": 9}}):
            (name,) = option
            with pytest.raises(ValueError, match=f"{name}=.*made already.*leave {name} out"):
                training.train(model, corpus, out, **option)
    with pytest.raises(ValueError, match="data is missing: on what"):
        training.train(finished, out=out)
    assert not out.exists()


@pytest.mark.parametrize(
    ("patience", "epochs"),
    [
        pytest.param(0, 40, marks=pytest.mark.slow),
        (2, 3),
        pytest.param(None, 9, marks=pytest.mark.slow),
    ],
)
def test_patience_under_a_budget_of_steps(corpus, tmp_path, patience, epochs, capsys):
    """Nothing is ever better than the first validation, as no weight changes."""
    model = registry.create_model("char_rnn", units=2)
    how = {"batch_size": 4, "window": 8, "learning_rate": 1e-35, "baseline": False}
    budget = {"steps": 40, "validate_every": 1, "patience": patience}
    returned = training.train(model, corpus, tmp_path / "run", **budget, **how)
    said = capsys.readouterr().out
    assert returned["epochs"] == epochs and returned["best_step"] == 1
    stopped = f"stopped after step {epochs} of 40: {epochs - 1} times none was better" in said
    assert stopped == (epochs < 40) and "best epoch 1 (step 1), validation: " in said
    assert Settings.read(tmp_path / "run").patience == (8 if patience is None else patience)


@pytest.mark.parametrize("test", [pytest.param(False, marks=pytest.mark.slow), True])
def test_each_split_is_answered_once(tmp_path, monkeypatch, test):
    y = np.arange(60) % 2
    x = np.random.default_rng(0).normal(0, 1 + y[:, None, None], (60, 9, 2))
    np.savez(tmp_path / "own.npz", x=x, y=y)
    model = registry.create_model("activity_rnn", units=2)
    asked, answer = [], model.probabilities
    monkeypatch.setattr(
        model, "probabilities", lambda x, *size: asked.append(len(x)) or answer(x, *size)
    )
    out = tmp_path / "run"
    returned = training.train(model, tmp_path / "own.npz", out, steps=2, test=test, verbose=0)
    assert asked == [scores["examples"] for scores in returned["scores"]]
    assert len(asked) == 1 + test and (out / "classes.csv").is_file()


@pytest.mark.slow
def test_weight_decay_and_what_curves_are_told_by_are_the_task_s(finished, tmp_path, monkeypatch):
    assert Settings.read(finished).weight_decay == 0.01
    (tmp_path / "names.txt").write_text("\n".join(f"get_{i}" for i in range(40)))
    told = []
    monkeypatch.setattr(trainer, "of_curves", lambda *given: told.append(given[3]) or [])
    monkeypatch.setattr(rnnzoo.tasks.NameGenerator, "loss_of_density", True)
    for given, kept in ((None, 0.1), (0.0, 0.0)):
        model = registry.create_model("name_rnn", units=2, embedding_size=2)
        model.compile()
        assert model.optimizer.weight_decay == 0.1
        how = {"steps": 1, "baseline": False, "verbose": 0, "weight_decay": given}
        out = tmp_path / str(given)
        training.train(model, tmp_path / "names.txt", out, **how)
        assert Settings.read(out).weight_decay == model.optimizer.weight_decay == kept
    assert told == [True, True]


def test_what_is_counted_has_no_steps(corpus, tmp_path, capsys):
    argv = f"train char_markov1 --data {corpus} --out {tmp_path / 'run'} --no-baseline"
    assert cli.main(argv.split()) == 0
    told = capsys.readouterr().out
    assert "one pass over the data counted all there is to learn" in told
    assert "1 steps" not in told and "without effect" not in told


def test_what_means_nothing_to_a_model_is_told(corpus, tmp_path, capsys):
    out, lines = tmp_path / "run", "without effect on what it learns: "
    argv = f"train char_markov1 --data {corpus} --out {out} --no-baseline --resume --epochs 3"
    argv = [*argv.split(), "--learning-rate", "0.1", "--patience", "4"]
    assert cli.main(argv) == 0
    told = capsys.readouterr().out
    assert f"\n{lines}learning_rate, epochs, patience\n" in told and "step 1/1: " in told
    assert cli.main(argv) == 0  # the same command again
    assert lines not in capsys.readouterr().out
    model = registry.create_model("char_hmm", states=2, learn="em")
    how = {"steps": 1, "window": 8, "baseline": False}
    training.train(model, corpus, tmp_path / "em", warmup=7, **how)
    assert f"\n{lines}warmup\n" in capsys.readouterr().out


def test_a_frame_is_no_data_of_a_run():
    """A run is made again from its settings, and a frame is not among them."""
    frame = pandas.DataFrame({"x": [1.0]})
    with pytest.raises(TypeError, match=r"data is a DataFrame; .*or train it in Python by model"):
        rnnzoo.train("activity_rnn", frame)
    with pytest.raises(TypeError, match=r"data is a DataFrame; .*or measure it by model.evaluate"):
        rnnzoo.evaluate("activity_lstm.watch", frame)
