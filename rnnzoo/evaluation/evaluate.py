"""`rnnzoo.evaluate`: how good a trained model is on data that it has not seen."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from rnnzoo.data.registry import list_datasets
from rnnzoo.data.sources import check_named
from rnnzoo.errors import WrongType, WrongValue
from rnnzoo.evaluation.score import score
from rnnzoo.files import write_json
from rnnzoo.registry import model_info

if TYPE_CHECKING:
    from rnnzoo.baselines.base import Baseline
    from rnnzoo.tasks import Feed, Task

SPLITS = ("train", "validation", "test", "all")


def evaluate(
    model: Task | str | os.PathLike[str],
    data: str | os.PathLike[str] | None = None,
    *,
    split: str | None = None,
    out: str | os.PathLike[str] | None = None,
    baseline: bool = True,
    reading: Mapping[str, Any] | None = None,
    beam_width: int | None = None,
) -> dict[str, Any]:
    """Measure a model's answers, with intervals, beside those of the simple things.

    Args:
        model: a task, or what `rnnzoo.load_model` takes: a run folder, a ``.keras`` file, a
            pretrained model's name.
        data: the name of a data set or a path, as `rnnzoo.train` takes it. Default: what the run
            or the pretrained model was trained on.
        split: "train", "validation", "test", or "all": all that is there, as of a new file.
            Default: of a named data set and of the run's own data "test", or "validation" where
            there is no test split; else "all".
        out: a folder to write scores.json and the task's tables and pictures to.
        reading: how the data is to be read, as for `rnnzoo.train`, in place of how the run's own
            was.
        baseline: whether to measure the simple things, too. They are fitted to the training split
            of the run's own data, where that is still there as it was, or, where there is no run,
            of the named data set.
        beam_width: hypotheses that the model's beam search goes on from; None: as many as it does
            by default.

    Returns:
        What `rnnzoo.evaluation.score.score` returns, ``model`` and ``data``, ``beam_width``, if it
        was given, and ``without``: why there is no baseline, if there is none.

    Raises:
        ValueError: no such split, or nothing in it; data that the model can't read; the run's own
            data, which has changed; no data for a model of which nothing says what it was trained
            on; a beam of a model that searches none.
        FileNotFoundError: no such model or data.

    Example:
        ``evaluate("runs/mine", "new.csv")["measures"]["accuracy"]["value"]``
    """
    from rnnzoo.tasks.arguments import whole_number

    check_named(data, "measure it by model.evaluate(...)")
    if split not in (None, *SPLITS):
        raise WrongValue(f"split={split!r}: expected one of {', '.join(SPLITS)}")
    given = model
    question = asked(model, data, reading)
    task, settings, data, named, own, how = question
    answering = {}
    if beam_width is not None:
        if "beam_width" not in getattr(task, "answer_options", ()):
            raise WrongValue(
                f"beam_width={beam_width!r} (--beam-width): the model is a "
                f"{type(task).__name__}, which searches no beam: leave it out"
            )
        answering["beam_width"] = whole_number(beam_width, "beam_width", minimum=1)
    split = question.split(split)

    feed = feed_of(task, data, split, how)
    if own and split != "all" and feed.metadata["sha256"] != settings["sha256"]:
        raise WrongValue(
            f"{os.fspath(data)} is not what {given} was trained on, or not read as it was, so what "
            "would be tested may have been trained on: give data that the model has not seen, or "
            "split='all' (--split all) to measure on all of it"
        )
    feed.answering = answering
    measured = held_out_of(feed, split)
    fitted: list[Baseline] = []
    without = ""
    if baseline:
        trained_on: Feed | None
        if own and split != "all":
            trained_on = feed
        elif settings:
            trained_on = _feed_of_run(task, settings)
            without = "the data that the model was trained on is not there, or not as it was"
        elif named:
            trained_on = feed_of(task, data, None, how) if split == "all" else feed
        else:
            trained_on = None
            without = "nothing says what the model was trained on"
        if trained_on is not None and len(trained_on.data.train):
            fitted = trained_on.baselines()
            without = "there is none for such data"
    replies = feed.replies(task, measured)
    found = {
        "model": os.fspath(given) if isinstance(given, (str, os.PathLike)) else task.name,
        "data": os.fspath(data),
        **answering,
        **score(feed, measured, replies, fitted),
    }
    found["split"] = split or measured
    if split == "all" and own:
        found["odd"].append("all of the data: the model was trained on most of it")
    elif split == "all" and named:
        found["odd"].append(
            "all of the data: the simple things were fitted to most of it, and the model perhaps "
            "trained on it"
        )
    if split is None and measured != "test":
        found["odd"].append("there is no test split; this one chose the epoch")
    if baseline and not fitted:
        found["without"] = f"no baseline: {without}"
    if out is not None:
        folder = Path(out)
        folder.mkdir(parents=True, exist_ok=True)
        feed.report(task, folder, measured, replies)
        write_json(folder / "scores.json", found)
    return found


class Asked(NamedTuple):
    """A trained model, and the data that it is asked to read."""

    task: Task
    settings: dict[str, Any]
    """Of the run that it is from; empty if it is from none."""
    data: str | os.PathLike[str]
    named: bool
    """Whether the data is a named set."""
    own: bool
    """Whether it is what the run was trained on."""
    reading: dict[str, Any]
    """How it is to be read."""

    def split(self, given: str | None) -> str | None:
        """What is meant where no split is given: of another file all, else what is held out."""
        return "all" if given is None and not (self.own or self.named) else given


def asked(
    model: Task | str | os.PathLike[str],
    data: str | os.PathLike[str] | None = None,
    reading: Mapping[str, Any] | None = None,
) -> Asked:
    """What is meant by a model and data, as `evaluate` takes them; the data is not read yet.

    Raises:
        TypeError, ValueError, FileNotFoundError: as `evaluate`.
    """
    from rnnzoo.tasks import Task
    from rnnzoo.training import load_model
    from rnnzoo.training.settings import Settings

    task, settings = model, {}
    if isinstance(model, (str, os.PathLike)):
        task = load_model(model)
        if (Path(model) / "config.json").is_file():
            settings = vars(Settings.read(Path(model)))
    if not isinstance(task, Task):
        raise WrongType(f"{model} holds a {type(task).__name__}, which is no task of rnnzoo")
    if data is None:
        data = settings.get("data") or _dataset_of(model)
    named = data in list_datasets(task=task.task)
    own = os.fspath(data) == settings.get("data") or os.path.abspath(data) == settings.get("data")
    how = {**({} if named else settings.get("reading") or {}), **(reading or {})}
    return Asked(task, settings, data, named, own, how)


def feed_of(
    task: Task,
    data: str | os.PathLike[str],
    split: str | None = None,
    reading: Mapping[str, Any] | None = None,
    window: int | None = None,
) -> Feed:
    """A feed of some data, of which the model learns nothing.

    Args:
        task: the model, which is ready.
        data: the name of a data set, or a path.
        split: which must hold something; "all" makes one test split of all there is.
        reading: further arguments of the task's loader.
        window: the time steps that batches are cut to, as for `fit`.
    """
    task.require_ready()
    named = data in list_datasets(task=task.task)
    whole = task.feed_class.hold_nothing_out if split == "all" and not named else {}
    loaded = task.load(data, reading, **whole)
    there = [name for name in SPLITS[:3] if len(getattr(loaded, name))]
    if split not in (None, "all", *there):
        raise WrongValue(
            f"{os.fspath(data)} has no {split} split: expected {' or '.join(there)}, or all"
        )
    if split == "all":
        loaded = loaded.as_test()
    return task.feed_class(loaded, task.preprocessor, window=window, vocabulary="keep")


def held_out_of(feed: Feed, split: str | None) -> str:
    """The split of a feed, as `feed_of` made it, that holds what is asked for."""
    return "test" if split == "all" else split or feed.held_out[-1]


def _dataset_of(given):
    """The data set of a pretrained model, by its name."""
    name = os.fspath(given) if isinstance(given, (str, os.PathLike)) else ""
    if Path(name).exists() or not name:
        raise WrongValue(
            f"data is missing: nothing says what {name or 'the model'} was trained on; give the "
            "name of a data set, or a path"
        )
    return model_info(name.partition(".")[0]).dataset


def _feed_of_run(task, settings):
    """What a run was trained on; None if that is not there as it was."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # what is left out was told by the run
            own = task.load(settings["data"], settings["reading"])
    except (OSError, ValueError):
        return None
    if own.metadata["sha256"]["train"] != settings["sha256"]["train"]:
        return None
    return task.feed_class(own, task.preprocessor, vocabulary="keep")
