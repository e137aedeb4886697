"""`rnnzoo.evaluate`: how good a trained model is on data that it has not seen."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rnnzoo.data.registry import list_datasets
from rnnzoo.errors import WrongType, WrongValue
from rnnzoo.evaluation.score import score
from rnnzoo.files import write_json

if TYPE_CHECKING:
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
) -> dict[str, Any]:
    """Measure a model's answers, with intervals, beside those of the simple things.

    Args:
        model: a task, or what `rnnzoo.load_model` takes: a run folder, a ``.keras`` file, a
            pretrained model's name.
        data: the name of a data set or a path, as `rnnzoo.train` takes it. Default: what the run
            was trained on.
        split: "train", "validation", "test", or "all": all that is there, as of a new file.
            Default: "test" of a named data set and of the run's own data; else "all".
        out: a folder to write scores.json and the task's tables and pictures to.
        reading: how the data is to be read, as for `rnnzoo.train`. Default: as the run's own was.
        baseline: whether to measure the simple things, too. They are fitted to the training split
            of the run's own data, where that is still there as it was, or else of a named data set.

    Returns:
        What `rnnzoo.evaluation.score.score` returns, ``model`` and ``data``, and ``without``: why
        there is no baseline, if there is none.

    Raises:
        ValueError: no such split, or nothing in it; data that the model can't read.
        FileNotFoundError: no such model or data.

    Example:
        ``evaluate("runs/mine", "new.csv")["measures"]["accuracy"]["value"]``
    """
    from rnnzoo.tasks import Task
    from rnnzoo.training import load_model
    from rnnzoo.training.settings import Settings

    if split not in (None, *SPLITS):
        raise WrongValue(f"split={split!r}: expected one of {', '.join(SPLITS)}")
    given, task = model, model
    settings: dict[str, Any] = {}
    if isinstance(given, (str, os.PathLike)):
        task = load_model(given)
        if (Path(given) / "config.json").is_file():
            settings = vars(Settings.read(Path(given)))
    if not isinstance(task, Task):
        raise WrongType(f"{given} holds a {type(task).__name__}, which is no task of rnnzoo")
    if data is None:
        data = settings.get("data") or task.default_dataset
        own = True
    else:
        own = "data" in settings and os.path.abspath(data) == settings["data"]
    named = data in list_datasets(task=task.task)
    if split is None:
        split = "test" if own or named else "all"

    if reading is None:
        reading = {} if named else settings.get("reading") or {}
    feed = feed_of(task, data, split, reading)
    split = "test" if split == "all" else split
    fitted = []
    if baseline:
        fitted = _fitted(task, settings, feed if own or named else None)
    found = {
        "model": os.fspath(given) if isinstance(given, (str, os.PathLike)) else task.name,
        "data": os.fspath(data),
        **score(task, feed, split, fitted),
    }
    if baseline and not fitted:
        found["without"] = (
            "no baseline: the data that the model was trained on is not there, or not as it "
            "was; or examples have several labels"
        )
    if out is not None:
        folder = Path(out)
        folder.mkdir(parents=True, exist_ok=True)
        feed.report(task, folder, split)
        write_json(folder / "scores.json", found)
    return found


def feed_of(
    task: Task,
    data: str | os.PathLike[str],
    split: str = "test",
    reading: Mapping[str, Any] | None = None,
) -> Feed:
    """A feed of some data, of which the model learns nothing.

    Args:
        task: the model, which is ready.
        data: the name of a data set, or a path.
        split: which must hold something; "all" makes one test split of all there is.
        reading: further arguments of the task's loader.
    """
    task.require_ready()
    more = task.feed_class.hold_nothing_out if split == "all" else {}
    named = data in list_datasets(task=task.task)
    loaded = task.feed_class.load(data, **({} if named else more), **(reading or {}))
    if split == "all":
        loaded = loaded.as_test()
        split = "test"
    if not len(getattr(loaded, split)):
        there = [name for name in SPLITS[:3] if len(getattr(loaded, name))]
        raise WrongValue(
            f"{os.fspath(data)} has no {split} split: expected {' or '.join(there)}, or all"
        )
    return task.feed_class(loaded, task.preprocessor, vocabulary="keep")


def _fitted(task, settings, feed):
    """The baselines, fitted to what the model was trained on; none if that is not there."""
    if settings.get("data") is not None:
        try:
            own = task.feed_class.load(settings["data"], **(settings.get("reading") or {}))
        except (OSError, ValueError):
            return []
        if own.metadata["sha256"]["train"] != (settings.get("sha256") or {}).get("train"):
            return []
        feed = task.feed_class(own, task.preprocessor, vocabulary="keep")
    return [] if feed is None or not len(feed.data.train) else feed.baselines()
