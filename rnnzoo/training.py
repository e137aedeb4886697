"""Training: one function for every task, from the command line, a script or a notebook."""

import importlib.metadata
import importlib.util
import json
import math
import os
import platform
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rnnzoo import data as text_data
from rnnzoo.platform import keras, tf
from rnnzoo.registry import create_model
from rnnzoo.run import Run, words, write_text

SCHEDULES = ("cosine", "constant")

# What a resumed run may change: nothing that decides what a step learns.
_CHANGEABLE = {"patience", "checkpoint_every", "tensorboard", "export", "versions"}


def train(
    model: str | keras.Model,
    data: str | os.PathLike = "python_source",
    out: str | os.PathLike = "runs/latest",
    *,
    epochs: int = 10,
    batch_size: int = 32,
    window: int = 64,
    learning_rate: float = 2e-3,
    schedule: str = "cosine",
    warmup: int = 100,
    weight_decay: float = 0.01,
    ema: float = 0.0,
    seed: int = 0,
    overrides: Mapping[str, Any] | None = None,
    pretrained: bool = False,
    patience: int | None = None,
    checkpoint_every: int = 200,
    resume: bool = False,
    export: bool = False,
    tensorboard: bool = False,
) -> dict[str, Any]:
    """Train a model, leave a run folder, and return the numbers of the best epoch.

    The run folder holds ``config.json`` (all settings), ``history.csv`` (a row an epoch),
    ``curves.png``, ``best.keras`` (the best epoch by validation, without the optimizer),
    ``metrics.json`` (what is returned), ``checkpoints/`` (the last two) and, on request,
    ``saved_model/`` and ``tensorboard/``. Nothing is made before all arguments are checked.

    Args:
        model: a registered name, or a `rnnzoo.tasks.TextGenerator`, which ends with the weights of
            the best epoch.
        data: a source for `rnnzoo.load_text`: a name, or the path of a text file or folder.
        out: the run folder; new or empty unless `resume`.
        epochs: passes over the training split.
        batch_size: places of the text that are read side by side.
        window: characters that a gradient reaches back.
        learning_rate: AdamW's, after the warm-up. Gradients are clipped to a global norm of 1.
        schedule: ``"cosine"``, which ends at 0 with the last step, or ``"constant"``.
        warmup: steps of linear rise at the beginning; under a cosine, a tenth of all at most.
        weight_decay: AdamW's, for matrices; vectors such as biases are left alone.
        ema: momentum of a running average of the weights, such as 0.999, that is then used for
            validation, best.keras and the test. 0 turns it off.
        seed: of the initial weights, dropout, and the order of the data.
        overrides: hyperparameters of a model given by name.
        pretrained: start from the pretrained weights of a model given by name.
        patience: stop after so many epochs without a better validation.
        checkpoint_every: steps between checkpoints; there is one after each epoch, too.
        resume: go on with the run in `out`, or begin it if none is there. The settings must be as
            they were, except patience, checkpoint_every, tensorboard and export, and, under a
            constant schedule, a larger number of epochs (a cosine depends on that number). With
            the same machine and versions, results are bit-equal to those without interruption.
        export: write the SavedModel, too.
        tensorboard: write TensorBoard's logs, too.

    Raises:
        ValueError: a setting out of range or other than the run's; a text shorter than a window.
        FileExistsError: `out` is not empty, and not resumed.
        FloatingPointError: the loss is no longer a number.
        KeyboardInterrupt: after Ctrl-C, when a checkpoint is written; a second one doesn't wait.

    Example:
        ``train("char_lstm", "input.txt", "runs/mine", epochs=5)["validation"]``
    """
    given = {key: value for key, value in locals().items() if key not in ("out", "resume")}
    settings = given | {
        "model": model if isinstance(model, str) else type(model).__name__,
        "data": os.fspath(data),
        "overrides": dict(overrides or {}),
    }
    _check_settings(settings)
    folder = Path(out)
    begun = _holds_run(folder, resume)

    keras.utils.set_random_seed(seed)
    if isinstance(model, str):
        model = create_model(model, pretrained=pretrained, **settings["overrides"])
    feed = _TextFeed(model, data, batch_size, window, seed)
    settings["sha256"] = feed.splits.metadata["sha256"]
    settings["versions"] = _versions()
    if begun:
        _check_same(_read_json(folder / "config.json"), json.loads(_to_json(settings)), folder)
    steps = feed.steps_per_epoch
    model.compile(_optimizer(model, settings, total_steps=epochs * steps))
    # To trace a step makes every variable there is, so that a checkpoint can be restored to them.
    step = tf.function(model.train_step, autograph=False)
    step.get_concrete_function(feed.training().element_spec)

    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / "config.json", _to_json(settings))
    run = Run(
        model,
        folder,
        feed.monitor,
        steps_per_epoch=steps,
        epochs=epochs,
        patience=patience,
        checkpoint_every=checkpoint_every,
    )
    parameters = sum(math.prod(weight.shape) for weight in model.trainable_weights)
    device = _device()
    print(f"{settings['model']} with {parameters:,} parameters, on {device}")
    print(f"{feed}; {epochs} epochs of {steps:,} steps", flush=True)
    if begun:
        print(f"{folder} goes on after step {run.step:,} of {epochs * steps:,}", flush=True)
    with run.deferring_interrupts():
        while not run.finished:
            # Keras counts from the start of a fit: an epoch broken off gets a fit of its own.
            epoch, position = divmod(run.step, steps)
            callbacks = run.callbacks()
            if tensorboard:
                logs = str(folder / "tensorboard")
                callbacks.append(keras.callbacks.TensorBoard(logs, write_graph=False))
            model.fit(
                feed.training(start_step=run.step),
                validation_data=feed.evaluation("validation"),
                initial_epoch=epoch,
                epochs=epoch + 1 if position else epochs,
                steps_per_epoch=steps - position,
                callbacks=callbacks,
                verbose=0,
            )
            # With averaged weights, Keras ends a fit by writing the averages over the weights.
            run.restore()

    model.set_weights(load_model(folder).get_weights())
    metrics = {
        "model": settings["model"],
        "overrides": settings["overrides"],
        "parameters": parameters,
        "data": feed.splits.name,
        "metadata": feed.splits.metadata,
        "seed": seed,
        "epochs": len(run.history),
        "best_epoch": run.best["epoch"],
        "validation": {k[4:]: v for k, v in run.best.items() if k.startswith("val_")},
        "test": None,
        "seconds": run.history[-1]["seconds"],
        "cpu_seconds": round(run.cpu_seconds, 1),
        "device": device,
        "versions": settings["versions"],
    }
    if feed.splits.test:
        metrics["test"] = model.evaluate(feed.evaluation("test"), return_dict=True, verbose=0)
    write_text(folder / "metrics.json", _to_json(metrics))
    for split in ("validation", "test"):
        if metrics[split]:
            numbers = ", ".join(f"{words(k)} {v:.4f}" for k, v in sorted(metrics[split].items()))
            print(f"best epoch {metrics['best_epoch']}, {split}: {numbers}")
    if export:
        model.export(folder / "saved_model")
        print(f"SavedModel in {folder / 'saved_model'}")
    print(f"run in {folder}")
    return metrics


def read_settings(out: str | os.PathLike) -> dict[str, Any]:
    """The arguments with which `train` began the run in a folder; empty if none is there.

    Example:
        ``train(**read_settings("runs/mine"), out="runs/mine", resume=True)``
    """
    path = Path(out) / "config.json"
    settings = _read_json(path) if path.is_file() else {}
    return {key: value for key, value in settings.items() if key not in ("sha256", "versions")}


def load_model(where: str | os.PathLike) -> keras.Model:
    """The best model of a run folder, that of a ``.keras`` file, or a pretrained one by its name.

    Raises:
        ValueError: no such name, or no weights for it; a file that Keras can't load.
        FileNotFoundError: no such path, or a run folder in which no epoch is finished.
    """
    import rnnzoo.tasks  # noqa: F401  what it defines becomes known to Keras's loader

    path = Path(where)
    if path.is_dir():
        path = path / "best.keras"
        if not path.is_file():
            raise FileNotFoundError(
                f"{where} holds no best.keras: it is no run folder, or no epoch is finished in it."
            )
    elif not path.exists():
        if path.suffix or len(path.parts) > 1:
            raise FileNotFoundError(f"{where}: there is no such run folder or .keras file.")
        return create_model(os.fspath(where), pretrained=True)
    try:
        return keras.models.load_model(path)
    except (ValueError, KeyError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path} is not a .keras file, or a damaged one.") from error


class _TextFeed:
    """What a text generator is trained on: a text's splits, and its batches by step.

    Args:
        model: takes up the characters of the training split.
        source: for `rnnzoo.load_text`.
        batch_size, window, seed: of the batches.

    Raises:
        ValueError: a split is shorter than a window.
    """

    monitor = "bits_per_character"

    def __init__(self, model, source, batch_size, window, seed):
        self.splits = text_data.load_text(source)
        if not self.splits.validation:
            raise ValueError(f"{self.splits.name} has no validation split to choose an epoch by.")
        length = len(self.splits.train)
        self.steps_per_epoch = text_data.steps_per_epoch(length, batch_size, window)
        model.adapt(self.splits.train)
        self._vocabulary = model.vocabulary
        self._train_ids = self._vocabulary.ids(self.splits.train)
        self._size = batch_size, window
        self._seed = seed

    def __str__(self):
        sizes = {
            split: f"{len(text):,}"
            for split in ("train", "validation", "test")
            if (text := getattr(self.splits, split))
        }
        parts = ", ".join(f"{split} {size}" for split, size in sizes.items())
        return f"{self.splits.name}: {parts} characters"

    def training(self, start_step=0):
        """Endless batches, the first being that of `start_step`."""
        return text_data.contiguous(self._train_ids, *self._size, self._seed, start_step)

    def evaluation(self, split):
        """A whole split in order."""
        return text_data.in_order(self._vocabulary.ids(getattr(self.splits, split)), *self._size)


def _check_settings(settings):
    for key, minimum in {
        "epochs": 1, "batch_size": 1, "window": 1, "checkpoint_every": 1, "patience": 1,
        "warmup": 0, "seed": 0,
    }.items():  # fmt: skip
        value = settings[key]
        if key == "patience" and value is None:
            continue
        if not isinstance(value, int) or isinstance(value, bool) or value < minimum:
            raise ValueError(f"{key}={value!r}: expected a whole number of at least {minimum}.")
    if not 0 < settings["learning_rate"] < math.inf:
        raise ValueError(f"learning_rate={settings['learning_rate']!r}: expected more than 0.")
    if not 0 <= settings["weight_decay"] < math.inf:
        raise ValueError(f"weight_decay={settings['weight_decay']!r}: expected at least 0.")
    if not 0 <= settings["ema"] < 1:
        raise ValueError(f"ema={settings['ema']!r}: expected at least 0 and less than 1.")
    if settings["schedule"] not in SCHEDULES:
        expected = " or ".join(map(repr, SCHEDULES))
        raise ValueError(f"schedule={settings['schedule']!r}: expected {expected}.")
    if settings["tensorboard"] and not importlib.util.find_spec("tensorboard"):
        raise ValueError("TensorBoard is not installed: pip install 'rnnzoo[tensorboard]'")


def _holds_run(folder, resume):
    """Whether there is a run to go on with; raises where none may begin."""
    if resume and (folder / "config.json").is_file():
        return True
    # A hidden file is what a kill may leave of a file that was being written.
    if folder.exists() and any(not path.name.startswith(".") for path in folder.iterdir()):
        advice = "it holds no run to resume" if resume else "resume its run (--resume)"
        raise FileExistsError(f"{folder} is not empty: {advice}, or choose another folder (--out)")
    return False


def _check_same(then, now, folder):
    """Refuse to go on with settings that would make it another run."""
    if then["versions"] != now["versions"]:
        warnings.warn(
            f"{folder} was begun with {_say(then['versions'])} and goes on with "
            f"{_say(now['versions'])}: results may differ in their last digits",
            stacklevel=3,
        )
    for key in sorted(now.keys() - _CHANGEABLE):
        if then[key] == now[key]:
            continue
        if key == "sha256":
            raise ValueError(f"the text of {now['data']} is not the one {folder} was begun with")
        hint = ""
        if key == "epochs":
            if now["schedule"] == "constant" and now[key] > then[key]:
                continue
            hint = " (only a constant schedule can go on, and only to more epochs)"
        raise ValueError(
            f"{folder} was begun with {key}={then[key]!r}, not {now[key]!r}{hint}: "
            "leave it as it was, or choose another folder (--out)"
        )


def _optimizer(model, settings, total_steps):
    """AdamW with a learning rate that is a function of nothing but its own count of steps."""
    rate, warmup = settings["learning_rate"], settings["warmup"]
    constant = settings["schedule"] == "constant"
    if not constant:
        warmup = min(warmup, total_steps // 10)
    optimizer = keras.optimizers.AdamW(
        keras.optimizers.schedules.CosineDecay(
            rate / (warmup + 1),
            decay_steps=max(1, total_steps - warmup),
            alpha=1.0 if constant else 0.0,  # the share of the rate that is left at the end
            warmup_target=rate,
            warmup_steps=warmup,
        ),
        weight_decay=settings["weight_decay"],
        global_clipnorm=1.0,
        use_ema=settings["ema"] > 0,
        ema_momentum=settings["ema"],
    )
    vectors = [variable for variable in model.trainable_variables if len(variable.shape) < 2]
    optimizer.exclude_from_weight_decay(var_list=vectors)
    return optimizer


def _versions():
    packages = ("tensorflow", "keras", "rnnzoo")
    versions = {package: importlib.metadata.version(package) for package in packages}
    return {"python": platform.python_version(), **versions}


def _say(versions):
    return ", ".join(f"{package} {version}" for package, version in versions.items())


def _device():
    gpus = tf.config.list_physical_devices("GPU")
    if not gpus:
        return f"CPU ({os.cpu_count()} cores)"
    details = tf.config.experimental.get_device_details(gpus[0])
    return f"GPU ({details.get('device_name', gpus[0].name)})"


def _read_json(path):
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is damaged: {error}") from None


def _to_json(value):
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
