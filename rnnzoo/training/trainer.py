"""Training: one function for every task, from the command line, a script or a notebook.

The module is called by who trains, as its package's attribute `train` is the function.
"""

from __future__ import annotations

import inspect
import math
import os
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rnnzoo.data.registry import list_datasets
from rnnzoo.data.sources import absolute, as_taken, check_named
from rnnzoo.errors import WrongType, WrongValue
from rnnzoo.evaluation.odd import of_curves
from rnnzoo.evaluation.score import lines_of, score
from rnnzoo.files import readable, write_json
from rnnzoo.platform import keras, tf
from rnnzoo.registry import create_model, model_info
from rnnzoo.tasks import Feed, Task, recipes
from rnnzoo.tasks.optimizer import AdamW, WarmupCosine
from rnnzoo.training.callbacks import make_callbacks
from rnnzoo.training.folder import holds_checkpoint, holds_run, locked
from rnnzoo.training.loading import check_has_data, check_model, is_registered, load_model
from rnnzoo.training.run import Run
from rnnzoo.training.settings import Settings


def train(
    model: str | os.PathLike[str] | keras.Model,
    data: str | os.PathLike[str] | None = None,
    out: str | os.PathLike[str] = "runs/latest",
    *,
    reading: Mapping[str, Any] | None = None,
    epochs: int | None = None,
    steps: int | None = None,
    batch_size: int | None = None,
    window: int | None = None,
    learning_rate: float | None = None,
    schedule: str = "cosine",
    warmup: int = 100,
    weight_decay: float | None = None,
    ema: float = 0.0,
    seed: int = 0,
    overrides: Mapping[str, Any] | None = None,
    pretrained: bool = False,
    init_from: str | os.PathLike[str] | None = None,
    vocabulary: str = "extend",
    augment: float | None = None,
    validate_every: int | None = None,
    patience: int | None = None,
    checkpoint_every: int = 200,
    resume: bool = False,
    export: bool = False,
    tensorboard: bool = False,
    baseline: bool = True,
    test: bool = False,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    verbose: int = 1,
) -> dict[str, Any]:
    """Train a model, leave a run folder, and return the numbers of the best epoch.

    What is not given is chosen by the size of the data, see `rnnzoo.tasks.recipes`; the first lines
    and ``config.json`` say what and why. An epoch of a run is the stretch of steps from one
    validation to the next one.

    The run folder holds ``config.json`` (all settings), ``history.csv`` (a row an epoch),
    ``curves.png``, ``best.keras`` (the best epoch by validation, without the optimizer),
    ``metrics.json`` (what is returned), ``checkpoints/`` (the last two), what the task shows of the
    best model (a classifier's confusion matrix) and, on request, ``saved_model/`` and
    ``tensorboard/``. The answers of the best epoch to the validation split stand beside those of
    the simple things of `rnnzoo.baselines`; the test split is left alone, unless asked for. Nothing
    is made before all arguments are checked.

    Args:
        model: a registered name, which wins over a folder of that name; a run folder or a
            ``.keras`` file, whose model is trained further; or a task such as a
            `rnnzoo.tasks.TextGenerator`, which ends with the weights of the best epoch, or, where
            training breaks off, those of the last checkpoint.
        data: the name of a data set, or a path, as the task reads it: text as `rnnzoo.load_text`
            does. Default: what the model's entry in the registry names; of a run folder's or a
            file's model there is none.
        out: the run folder; new or empty unless `resume`.
        reading: how own data is to be read: further arguments of the task's loader by name, such as
            ``{"encoding": "cp1252"}``. A run that is trained further adds its own.
        epochs: passes over the training split, each of which ends with a validation; unless
            `patience` is given, all of them are made.
        steps: the budget instead, training steps in all, rounded up to whole stretches between
            validations.
        batch_size: examples in a batch; of text, places that are read side by side.
        window: time steps that a batch is cut to; of text, characters that a gradient reaches back.
        learning_rate: AdamW's, after the warm-up. Gradients are clipped to a global norm of 1.
        schedule: ``"cosine"``, which ends at 0 with the last step, or ``"constant"``.
        warmup: steps of linear rise at the beginning; under a cosine, a tenth of all at most.
        weight_decay: AdamW's, for matrices; vectors such as biases are left alone. None: the
            task's own.
        ema: momentum of a running average of the weights, such as 0.999, that is then used for
            validation, best.keras and the test. 0 turns it off.
        seed: of the initial weights, dropout, and the order of the data. Sets the global seeds of
            Python, NumPy and TensorFlow, too.
        overrides: hyperparameters of a model given by its registered name.
        pretrained: start from the pretrained weights of a model given by its registered name.
        init_from: start with what another model learned, a run folder, a ``.keras`` file or a
            pretrained model's name, as far as the task can take it over (a captioner: its encoder,
            its recurrent layers, and the vectors of the words that both know). Its words that the
            data lacks are left out: `vocabulary` is about the model itself.
        vocabulary: what becomes of characters, words and classes that the model knows where the
            data holds others: "extend" keeps them and adds the new ones, "keep" reads new ones as
            unknown, and refuses new classes; "reset" forgets all and begins anew.
        augment: how much recordings are changed in training, see `rnnzoo.tasks.Task.fit`.
        validate_every: steps between validations; default a 25th of the steps.
        patience: stop after so many validations without a better one; 0: never, so that the whole
            budget runs. Default: never of `epochs`, else the recipe's.
        checkpoint_every: steps between checkpoints; there is one after each epoch, too.
        resume: go on with the run in `out`, or begin it if none is there. The settings must be as
            they were, except patience, checkpoint_every, tensorboard, export, where the text lies,
            and, under a constant schedule, a larger number of epochs (a cosine depends on that
            number). With the same machine and versions, results are bit-equal to those without
            interruption.
        export: write the SavedModel, too.
        tensorboard: write TensorBoard's logs, too.
        baseline: fit the simple things, too, and say which is better; it takes seconds.
        test: measure the best epoch on the test split, too, which is for the very end; later, with
            `rnnzoo.evaluate`.
        callbacks: further Keras callbacks, which come before the run's own. What they remember is
            not in the checkpoints. Where one sets ``model.stop_training``, the running epoch is the
            last one.
        verbose: 0 prints nothing.

    Raises:
        ValueError: a setting out of range or other than the run's, or one that this model has
            not; data too small for it.
        TypeError: a setting of another kind; the model is no task, or can't start from another one
            like `init_from`.
        FileExistsError: `out` is not empty, and not resumed.
        BlockingIOError: another process trains in `out`.
        FloatingPointError: training diverges: the loss or the weights are no longer numbers, or
            the loss is far above that of equal chances for all answers.
        OSError: a file can't be written.
        MemoryError: the batches are too large for the device.
        KeyboardInterrupt: after Ctrl-C, when a checkpoint is written; a second one doesn't wait.

    Example:
        ``train("char_lstm", "input.txt", "runs/mine", epochs=5)["validation"]``
    """
    check_named(data, "train it in Python by model.fit(...)")
    before = {} if data in list_datasets() else _reading_of(model)
    reading = {**before, **(reading or {})}
    settings = Settings.of({**locals(), "model": check_model(model, pretrained, overrides)})
    folder = Path(out)
    begun_with = Settings.read(folder) if holds_run(folder, resume) else None

    keras.utils.set_random_seed(seed)
    task = _make_task(model, settings)
    if begun_with is not None and validate_every is None:
        settings = replace(settings, validate_every=begun_with.validate_every)
    asked = settings
    feed, settings = _make_feed(task, data, settings)
    stretches = _stretches(settings, feed, task)
    taken: list[str] = []
    if begun_with is not None:
        settings.check_same(begun_with, folder)
        settings = replace(settings, data_given=begun_with.data_given)
    if init_from is not None and not holds_checkpoint(folder):
        taken = task.take_over(load_model(init_from))
    total_steps = stretches * settings.validate_every
    with task.distribute_strategy.scope():
        task.compile(_optimizer(settings, total_steps))
    task.make_variables(feed.training())  # to which a checkpoint can be restored

    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder):
        settings.write(folder)
        run = Run(
            task,
            folder,
            feed.monitor,
            feed.mode,
            steps_per_epoch=settings.validate_every,
            epochs=stretches,
            patience=settings.patience or None,
            checkpoint_every=checkpoint_every,
            again=_how_to_go_on(settings, folder),
            verbose=verbose,
        )
        run.say(*_what_is_trained(run, feed, settings))
        if taken:
            run.say(f"starts from {init_from}: {', '.join(taken)}")
        if begun_with is None and (idle := _without_effect(task, asked)):
            run.say(f"without effect on what it learns: {', '.join(idle)}")
        if begun_with is not None:
            run.say(f"{folder} goes on after step {run.step:,} of {total_steps:,}")
        _fit(run, feed, tensorboard, callbacks)
        if run.step < total_steps:
            why = "as a callback said" if run.stopped else f"{run.patience} times none was better"
            run.say(f"stopped after step {run.step:,} of {total_steps:,}: {why}")

        task.set_weights(load_model(folder).get_weights())  # of the best epoch
        beside = ", and fitting the simple things" if settings.baseline else ""
        run.say(f"measuring the best epoch{beside}")
        metrics = _measure(run, feed, settings)
        write_json(folder / "metrics.json", metrics)
        run.say(*told_of(metrics))
        if export:
            task.export(folder / "saved_model")
            run.say(f"SavedModel in {folder / 'saved_model'}")
        run.say(f"run in {folder}")
    return metrics


def _reading_of(model: str | os.PathLike[str] | keras.Model) -> dict[str, Any]:
    """How the data of a run was read, whose model is trained further; empty of any other model."""
    if not isinstance(model, (str, os.PathLike)) or is_registered(model):
        return {}
    folder = Path(model)
    return Settings.read(folder).reading if (folder / "config.json").is_file() else {}


def _make_task(model: str | os.PathLike[str] | keras.Model, settings: Settings) -> Task:
    """The task to train: the one given, that of a registered name, or that of a file."""
    if isinstance(model, (str, os.PathLike)):
        if is_registered(model):
            name = os.fspath(model)
            model = create_model(name, pretrained=settings.pretrained, **settings.overrides)
        else:
            model = load_model(model)
    if not isinstance(model, Task):
        raise WrongType(
            f"model: {_name(model, settings)} is a {type(model).__name__}, not a task such as "
            "TextGenerator (a plain Keras model has compile and fit)."
        )
    if settings.init_from is not None and settings.vocabulary == "keep" and not model.ready:
        raise WrongValue(
            "vocabulary='keep' and init_from: the model that is trained knows no words yet, and "
            "takes over those that the data holds, too; leave vocabulary out"
        )
    if settings.init_from is not None and not hasattr(model, "take_over"):
        raise WrongType(
            f"init_from: a {type(model).__name__} takes nothing over from other models; to train "
            f"one further, rnnzoo.train({settings.init_from!r}, ...)"
        )
    return model


def _make_feed(
    task: Task, data: str | os.PathLike[str] | None, settings: Settings
) -> tuple[Feed, Settings]:
    """The data by step, of which the task takes up what it must know; and what that settles."""
    if data is None:
        check_has_data(settings.model)
        data = model_info(settings.model).dataset if settings.model else task.default_dataset
    settings = replace(
        settings,
        data=data if _is_named(data, task) else absolute(data),
        data_given=os.fspath(data),
        reading=as_taken(task.feed_class.load, settings.reading),
    )
    sizes = settings.batch_size, settings.window, settings.seed
    feed = task.feed(
        data,
        *sizes,
        vocabulary=settings.vocabulary,
        augment=settings.augment,
        reading=settings.reading,
    )
    settings = replace(
        settings,
        batch_size=feed.batch_size,
        window=feed.window,
        learning_rate=settings.learning_rate or feed.recipe.learning_rate,
        weight_decay=task.weight_decay if settings.weight_decay is None else settings.weight_decay,
        augment=feed.augment,
        sha256=feed.metadata["sha256"],
        recipe=_what_was_chosen(settings, feed, task),
    )
    return feed, _with_budget(settings, feed, task)


def _what_was_chosen(settings: Settings, feed: Feed, task: Task) -> str:
    """What the recipe chose where nothing was given, and why, in words."""
    recipe, said = feed.recipe, []
    if not task.trainable_weights:
        return ""
    if settings.steps is None and settings.epochs is None:
        said.append(recipe.why)
    if recipe.rate_because and settings.learning_rate is None:
        said.append(f"learning rate {recipe.learning_rate:g}, {recipe.rate_because}")
    return "; ".join(said)


def _with_budget(settings: Settings, feed: Feed, task: Task) -> Settings:
    """How long to train, how often to validate, and when to stop."""
    every = settings.validate_every
    if not task.trainable_weights:  # it counted all there is beforehand, which is to be measured
        steps = settings.steps or (1 if settings.epochs is None else None)
        return replace(settings, steps=steps, validate_every=1)
    if settings.epochs is not None:
        return replace(settings, validate_every=every or feed.steps_per_epoch)
    steps = settings.steps or feed.recipe.steps
    return replace(
        settings,
        steps=steps,
        validate_every=min(steps, every or recipes.validate_every(steps)),
        patience=feed.recipe.patience if settings.patience is None else settings.patience,
    )


def _without_effect(task: Task, asked: Settings) -> list[str]:
    """Which settings were given, and mean nothing to how the task learns."""
    usual = inspect.signature(train).parameters
    return [name for name in task.without_effect if getattr(asked, name) != usual[name].default]


def _stretches(settings: Settings, feed: Feed, task: Task) -> int:
    """How many stretches of steps, each with a validation, a run has at most."""
    if not task.trainable_weights:
        return 1
    steps = settings.steps or settings.epochs * feed.steps_per_epoch
    return math.ceil(steps / settings.validate_every)


def _is_named(data: str | os.PathLike[str], task: Task) -> bool:
    """Whether the data is a named data set of the task, and not a path."""
    return data in list_datasets(task=task.task)


def _optimizer(settings: Settings, total_steps: int) -> AdamW:
    """That of `fit`, with a learning rate that depends on nothing but its own count of steps."""
    steps = None if settings.schedule == "constant" else total_steps
    return AdamW(
        WarmupCosine(settings.learning_rate, settings.warmup, steps),
        settings.weight_decay,
        use_ema=settings.ema > 0,
        ema_momentum=settings.ema,
    )


def _how_to_go_on(settings: Settings, folder: Path) -> str:
    if settings.model:
        return f"rnnzoo train --out {shlex.quote(str(folder))} --resume"
    return "rnnzoo.train with the same model and settings, and resume=True"


def _what_is_trained(run: Run, feed: Feed, settings: Settings) -> Iterator[str]:
    name, parameters = _name(run.model, settings), run.model.num_parameters
    yield f"{name} with {parameters:,} parameters, on {_device()}"
    yield str(feed)
    steps, every = run.epochs * run.steps_per_epoch, run.steps_per_epoch
    if not run.model.trainable_weights:
        yield "one pass over the data counted all there is to learn; what is left is to validate"
    else:
        until = f" at most, until {run.patience} times without a better one" if run.patience else ""
        yield (
            f"{steps:,} {'step' if steps == 1 else 'steps'} of {feed.batch_size}, validated every "
            f"{every:,}{until}"
        )
    if settings.recipe:
        yield f"chosen: {settings.recipe}"
    if feed.data.reading is not None:
        yield f"{settings.data_given}: {feed.data.reading}"
    if feed.learned:
        yield feed.learned


def _fit(
    run: Run, feed: Feed, tensorboard: bool, callbacks: Sequence[keras.callbacks.Callback]
) -> None:
    """Train until the run is finished; what breaks it off leaves the last checkpoint's weights."""
    with run.deferring_interrupts():
        while not run.finished:
            # Keras counts from the start of a fit: an epoch broken off gets a fit of its own.
            epoch, position = divmod(run.step, run.steps_per_epoch)
            try:
                run.model.fit(
                    feed.training(start_step=run.step),
                    validation_data=feed.evaluation("validation"),
                    initial_epoch=epoch,
                    epochs=epoch + 1 if position else run.epochs,
                    steps_per_epoch=run.steps_per_epoch - position,
                    callbacks=[*callbacks, *make_callbacks(run, tensorboard)],
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


def _measure(run: Run, feed: Feed, settings: Settings) -> dict[str, Any]:
    """What can be said of a run's best model, whose weights are in place, as plain data."""
    metrics = {
        "model": _name(run.model, settings),
        "overrides": settings.overrides,
        "parameters": run.model.num_parameters,
        "data": settings.data_given,
        "metadata": feed.metadata,
        **feed.details,
        "seed": settings.seed,
        "epochs": len(run.history),
        "best_epoch": run.best["epoch"],
        "best_step": run.best["step"],
        "validation": {k[4:]: v for k, v in run.best.items() if k.startswith("val_")},
        "test": None,
        "scores": [],
        "odd": [
            *of_curves(
                run.history,
                run.best["epoch"],
                _longer(settings),
                run.model.loss_of_density,
                run.model.against_overfitting,
            ),
            *([f"{waits}: {_longer(settings)}"] if (waits := run.model.waits) else []),
        ],
        "seconds": run.history[-1]["seconds"],
        "cpu_seconds": round(run.cpu_seconds, 1),
        "device": _device(),
        "versions": settings.versions,
    }
    splits = ["validation"]
    if settings.test and "test" in feed.held_out:
        splits.append("test")
        metrics["test"] = run.model.evaluate(feed.evaluation("test"), return_dict=True, verbose=0)
    baselines = feed.baselines() if settings.baseline else []
    for split in splits:
        replies = feed.replies(run.model, split)
        metrics["scores"].append(score(feed, split, replies, baselines))
    return metrics | feed.report(run.model, run.folder, split, replies)


def told_of(metrics: Mapping[str, Any]) -> Iterator[str]:
    """What `train` returned of the best epoch, for people."""
    for split in ("validation", "test"):
        if scores := metrics[split]:
            numbers = ", ".join(f"{readable(k)} {v:.4f}" for k, v in sorted(scores.items()))
            best = f"best epoch {metrics['best_epoch']} (step {metrics['best_step']:,})"
            yield f"{best}, {split}: {numbers}"
    for found in metrics["scores"]:
        note = "which chose the epoch" if found["split"] == "validation" else ""
        yield from lines_of(found, note)
    yield from (f"odd: {line}" for line in metrics["odd"])


def _longer(settings: Settings) -> str:
    """What to do to train for longer."""
    kind = "steps" if settings.epochs is None else "epochs"
    more = 3 * getattr(settings, kind)
    return f"train with --{kind} {more}" if settings.model else f"train with {kind}={more}"


def _name(model: keras.Model, settings: Settings) -> str:
    return settings.model or type(model).__name__


def _device() -> str:
    gpus = tf.config.list_physical_devices("GPU")
    if not gpus:
        return f"CPU ({os.cpu_count()} cores)"
    details = tf.config.experimental.get_device_details(gpus[0])
    return f"GPU ({details.get('device_name', gpus[0].name)})"
