"""Training: one function for every task, from the command line, a script or a notebook."""

import importlib.metadata
import importlib.util
import inspect
import json
import math
import os
import platform
import re
import shlex
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rnnzoo.data import list_datasets
from rnnzoo.files import readable, write_text
from rnnzoo.platform import keras, tf
from rnnzoo.registry import create_model, discover, model_info
from rnnzoo.tasks import Task
from rnnzoo.training.run import Run, locked

SCHEDULES = ("cosine", "constant")

# What a resumed run may change: nothing that decides what a step learns. The data itself is known
# by its sha256, wherever it lies.
_CHANGEABLE = {"patience", "checkpoint_every", "tensorboard", "export"}
_CHANGEABLE |= {"data", "data_given", "versions"}


def train(
    model: str | keras.Model,
    data: str | os.PathLike | None = None,
    out: str | os.PathLike = "runs/latest",
    *,
    epochs: int = 10,
    batch_size: int = 32,
    window: int | None = None,
    learning_rate: float = 2e-3,
    schedule: str = "cosine",
    warmup: int = 100,
    weight_decay: float = 0.01,
    ema: float = 0.0,
    seed: int = 0,
    overrides: Mapping[str, Any] | None = None,
    pretrained: bool = False,
    init_from: str | os.PathLike | None = None,
    patience: int | None = None,
    checkpoint_every: int = 200,
    resume: bool = False,
    export: bool = False,
    tensorboard: bool = False,
) -> dict[str, Any]:
    """Train a model, leave a run folder, and return the numbers of the best epoch.

    The run folder holds ``config.json`` (all settings), ``history.csv`` (a row an epoch),
    ``curves.png``, ``best.keras`` (the best epoch by validation, without the optimizer),
    ``metrics.json`` (what is returned), ``checkpoints/`` (the last two), what the task shows of the
    best model (a classifier's confusion matrix) and, on request, ``saved_model/`` and
    ``tensorboard/``. Nothing is made before all arguments are checked.

    Args:
        model: a registered name, or a task such as a `rnnzoo.tasks.TextGenerator`, which ends with
            the weights of the best epoch, or, where training breaks off, those of the last
            checkpoint.
        data: the name of a data set, or a path, as the task reads it: text as `rnnzoo.load_text`
            does. Default: what the model's entry in the registry names.
        out: the run folder; new or empty unless `resume`.
        epochs: passes over the training split.
        batch_size: examples in a batch; of text, places that are read side by side.
        window: time steps that a batch is cut to; of text, characters that a gradient reaches back.
            Default: the task's, for text 64.
        learning_rate: AdamW's, after the warm-up. Gradients are clipped to a global norm of 1.
        schedule: ``"cosine"``, which ends at 0 with the last step, or ``"constant"``.
        warmup: steps of linear rise at the beginning; under a cosine, a tenth of all at most.
        weight_decay: AdamW's, for matrices; vectors such as biases are left alone.
        ema: momentum of a running average of the weights, such as 0.999, that is then used for
            validation, best.keras and the test. 0 turns it off.
        seed: of the initial weights, dropout, and the order of the data. Sets the global seeds of
            Python, NumPy and TensorFlow, too.
        overrides: hyperparameters of a model given by name.
        pretrained: start from the pretrained weights of a model given by name.
        init_from: start with what another model learned, a run folder, a ``.keras`` file or a
            pretrained model's name, as far as the task can take it over (a captioner: its encoder,
            its recurrent layers, and the vectors of the words that both know).
        patience: stop after so many epochs without a better validation.
        checkpoint_every: steps between checkpoints; there is one after each epoch, too.
        resume: go on with the run in `out`, or begin it if none is there. The settings must be as
            they were, except patience, checkpoint_every, tensorboard, export, where the text lies,
            and, under a constant schedule, a larger number of epochs (a cosine depends on that
            number). With the same machine and versions, results are bit-equal to those without
            interruption.
        export: write the SavedModel, too.
        tensorboard: write TensorBoard's logs, too.

    Raises:
        ValueError: a setting out of range or other than the run's; data too small for it.
        TypeError: the model is no task, or can't start from another one like `init_from`.
        FileExistsError: `out` is not empty, and not resumed.
        BlockingIOError: another process trains in `out`.
        FloatingPointError: the loss or the weights are no longer numbers.
        OSError: a file can't be written.
        MemoryError: the batches are too large for the device.
        KeyboardInterrupt: after Ctrl-C, when a checkpoint is written; a second one doesn't wait.

    Example:
        ``train("char_lstm", "input.txt", "runs/mine", epochs=5)["validation"]``
    """
    given = {key: value for key, value in locals().items() if key not in ("out", "resume")}
    settings = given | {
        "model": model if isinstance(model, str) else None,
        "overrides": dict(overrides or {}),
        "init_from": init_from and os.fspath(init_from),
    }
    _check_settings(settings)
    folder = Path(out)
    begun = _holds_run(folder, resume)

    keras.utils.set_random_seed(seed)
    if isinstance(model, str):
        model = create_model(model, pretrained=pretrained, **settings["overrides"])
    name = settings["model"] or type(model).__name__
    if not isinstance(model, Task):
        raise TypeError(
            f"model: {name} is a {type(model).__name__}, not a task such as TextGenerator "
            "(a plain Keras model has compile and fit)."
        )
    if init_from is not None and not hasattr(model, "take_over"):
        raise TypeError(f"init_from: a {type(model).__name__} takes nothing over from other models")
    if data is None:
        data = model_info(name).dataset if settings["model"] else model.default_dataset
    settings["data_given"] = os.fspath(data)
    settings["data"] = data if data in list_datasets(task=model.task) else os.path.abspath(data)
    feed = model.feed(data, batch_size, window, seed)
    settings["window"] = feed.window
    settings["sha256"] = feed.metadata["sha256"]
    settings["versions"] = _versions()
    if begun:
        begun_with = _read_config(folder)
        _check_same(begun_with, json.loads(_to_json(settings)), folder)
        settings["data_given"] = begun_with["data_given"]
    taken = []
    if init_from is not None and not begun:
        taken = model.take_over(load_model(init_from))
    steps = feed.steps_per_epoch
    model.compile(_optimizer(model, settings, total_steps=epochs * steps))
    model.make_variables(feed.training().element_spec)  # to which a checkpoint can be restored

    again = "rnnzoo.train with the same model and settings, and resume=True"
    if settings["model"]:
        again = f"rnnzoo train --out {shlex.quote(str(folder))} --resume"

    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder):
        write_text(folder / "config.json", _to_json(settings))
        run = Run(
            model,
            folder,
            feed.monitor,
            feed.mode,
            steps_per_epoch=steps,
            epochs=epochs,
            patience=patience,
            checkpoint_every=checkpoint_every,
            again=again,
        )
        parameters = sum(math.prod(weight.shape) for weight in model.trainable_weights)
        device = _device()
        print(f"{name} with {parameters:,} parameters, on {device}")
        print(f"{feed}; {epochs} epochs of {steps:,} steps", flush=True)
        if taken:
            print(f"starts from {init_from}: {', '.join(taken)}", flush=True)
        if begun:
            print(f"{folder} goes on after step {run.step:,} of {epochs * steps:,}", flush=True)
        _fit(run, feed, tensorboard)

        model.set_weights(load_model(folder).get_weights())
        metrics = {
            "model": name,
            "overrides": settings["overrides"],
            "parameters": parameters,
            "data": settings["data_given"],
            "metadata": feed.metadata,
            **feed.facts,
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
        if "test" in feed.held_out:
            metrics["test"] = model.evaluate(feed.evaluation("test"), return_dict=True, verbose=0)
        metrics |= feed.report(model, folder)
        write_text(folder / "metrics.json", _to_json(metrics))
        for split in ("validation", "test"):
            if scores := metrics[split]:
                numbers = ", ".join(f"{readable(k)} {v:.4f}" for k, v in sorted(scores.items()))
                print(f"best epoch {metrics['best_epoch']}, {split}: {numbers}")
        if export:
            model.export(folder / "saved_model")
            print(f"SavedModel in {folder / 'saved_model'}")
    print(f"run in {folder}")
    return metrics


# config.json holds the arguments, and what was found out.
_SETTINGS = inspect.signature(train).parameters.keys() - {"out", "resume"}
_FACTS = {"data_given", "sha256", "versions"}


def _fit(run, feed, tensorboard):
    """Train until the run is finished; what breaks it off leaves the last checkpoint's weights."""
    with run.deferring_interrupts():
        while not run.finished:
            # Keras counts from the start of a fit: an epoch broken off gets a fit of its own.
            epoch, position = divmod(run.step, run.steps_per_epoch)
            callbacks = run.callbacks()
            if tensorboard:
                logs = str(run.folder / "tensorboard")
                callbacks.append(keras.callbacks.TensorBoard(logs, write_graph=False))
            try:
                run.model.fit(
                    feed.training(start_step=run.step),
                    validation_data=feed.evaluation("validation"),
                    initial_epoch=epoch,
                    epochs=epoch + 1 if position else run.epochs,
                    steps_per_epoch=run.steps_per_epoch - position,
                    callbacks=callbacks,
                    verbose=0,
                )
            except tf.errors.ResourceExhaustedError as error:
                raise MemoryError(
                    "out of memory: choose a smaller batch_size or window (--batch-size, --window)"
                ) from error
            finally:
                # With averaged weights, Keras ends a fit by writing the averages over the weights;
                # and what broke it off may have come while they were being validated.
                run.restore()


def read_settings(out: str | os.PathLike) -> dict[str, Any]:
    """The arguments with which `train` began the run in a folder; empty if none is there.

    The path of the data is absolute; a model that was no registered name is None.

    Raises:
        ValueError: the folder's config.json is none of a run, or of another version's.

    Example:
        ``train(**read_settings("runs/mine"), out="runs/mine", resume=True)``
    """
    folder = Path(out)
    config = _read_config(folder) if (folder / "config.json").is_file() else {}
    return {key: value for key, value in config.items() if key not in _FACTS}


def load_model(where: str | os.PathLike) -> keras.Model:
    """The best model of a run folder, that of a ``.keras`` file, or a pretrained one by its name.

    The tasks and layers that packages of the entry point group ``rnnzoo.models`` register with
    Keras on import are known, too.

    Raises:
        ValueError: no such name, or no weights for it; a file that Keras can't load.
        FileNotFoundError: no such path, or a run folder in which no epoch is finished.
    """
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
    discover()
    try:
        return keras.models.load_model(path)
    except (ValueError, TypeError, KeyError, zipfile.BadZipFile) as error:
        # Keras's own messages hold the whole configuration of the model.
        if unknown := re.search(r"Could not locate (\w+ '[^']+')", str(error)):
            raise ValueError(
                f"{path} holds the {unknown[1]}, which nothing here registers with Keras: import "
                "the module that does so before."
            ) from error
        raise ValueError(f"{path} is not a .keras file, or a damaged one.") from error


def _check_settings(settings):
    for key, minimum in {
        "epochs": 1, "batch_size": 1, "window": 1, "checkpoint_every": 1, "patience": 1,
        "warmup": 0, "seed": 0,
    }.items():  # fmt: skip
        value = settings[key]
        if key in ("patience", "window") and value is None:
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
            raise ValueError(f"the data of {now['data']} is not what {folder} was begun with")
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


def _read_config(folder):
    """What config.json of a run folder holds: the settings, and _FACTS."""
    path = folder / "config.json"
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is damaged: {error}") from None
    if not isinstance(config, dict) or config.keys() != _SETTINGS | _FACTS:
        raise ValueError(
            f"{path} is not of a run of this version of rnnzoo: choose another folder (--out)"
        )
    return config


def _to_json(value):
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
