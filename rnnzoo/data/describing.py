"""What a reader makes of a file, told before anything is trained on it."""

from __future__ import annotations

import os
import shlex
import warnings
from dataclasses import replace
from typing import Any

from rnnzoo import registry
from rnnzoo.data.pipelines.splits import SPLITS
from rnnzoo.data.readers.tables import is_frame
from rnnzoo.data.reading import Reading
from rnnzoo.data.registry import dataset_info, list_datasets
from rnnzoo.data.sniffing import SERIES, task_of
from rnnzoo.data.sources import TASKS, as_taken, check_reading, loader_of, task_called
from rnnzoo.errors import WrongValue
from rnnzoo.plugins import did_you_mean


def describe(source: Any, task: str | None = None, **options: Any) -> Reading:
    """What rnnzoo reads of a file, a folder or a data set: layout, counts, examples, what is odd.

    It is read as training would read it, and TensorFlow is not imported. ``print(reading.page())``
    shows what ``rnnzoo data`` does. A named data set is not loaded.

    Args:
        source: a path, or a data set's name, as the loaders take it, such as `rnnzoo.load_text`; or
            a frame of series, as `rnnzoo.load_series` takes it.
        task: for which; else the one that it looks like, see `rnnzoo.data.task_of`.
        **options: further arguments of that loader, such as ``encoding="cp1252"``.

    Raises:
        FileNotFoundError: there is no such path, nor a data set of that name.
        ValueError: it looks like data for several tasks, or for none; or what the loader raises.

    Example:
        >>> print(describe("python_source").task)
        text-generation: a named data set for it
    """
    if is_frame(source):
        task, why = (SERIES, "a frame") if task is None else (task, "as was asked for")
        reading = _read(source, task, options)
        return replace(reading, source=f"a {type(source).__name__}", task=f"{task}: {why}")
    given = os.fspath(source)
    if task is None:
        task, why, _ = task_of(given, options.get("encoding"))
    else:
        task = _known(task)
        why = "as was asked for"
    if given in list_datasets(task=task):
        reading = _of_dataset(given, task)
    else:
        reading = _read(given, task, options)
    command = "" if reading.lacks else _command(given, task, options)
    return replace(reading, source=given, task=f"{task}: {why}", command=command)


def _known(name):
    task = task_called(name)
    if task not in TASKS:
        raise WrongValue(
            f"task={name!r}: expected one of {', '.join(TASKS)}{did_you_mean(name, TASKS)}"
        )
    return task


def _of_dataset(name, task):
    info = dataset_info(name, task)
    facts = {
        "what": info.description,
        "licence": info.license,
        "size": info.size,
        "needs": f"pip install 'rnnzoo[{info.extra}]'" if info.extra else "",
        "from": info.url,
        "variants": ", ".join(info.variants),
    }
    return Reading(layout="a named data set", facts={k: v for k, v in facts.items() if v})


def _read(source, task, options):
    """What the loader says of it, and how it is split."""
    load = loader_of(task)
    check_reading(load, options)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always", UserWarning)
        loaded = load(source, **as_taken(load, options))
    reading = loaded.reading
    parts = {split: len(getattr(loaded, split)) for split in SPLITS}
    held_out = ", ".join(f"{split} {count:,}" for split, count in parts.items() if count)
    if reading is None:
        reading = Reading(layout=f"data for {task}")
    if not reading.left_out:  # else these are what it has told
        told = [str(each.message) for each in warned if issubclass(each.category, UserWarning)]
        reading = replace(reading, warnings=[*reading.warnings, *told])
    return replace(reading, facts={**reading.facts, "split": held_out}, lacks=loaded.lacks)


def _command(source, task, options):
    """What trains the task's flagship on it."""
    name = registry.flagship(task)
    if name is None:
        return ""
    words = ["rnnzoo", "train", name, "--data", source]
    for option, value in options.items():
        if option == "labelled":  # as a model asks for it that is told the labels
            words += ["--set", "condition=input"]
            continue
        for one in value if isinstance(value, (list, tuple)) else [value]:
            words += [f"--{option.replace('_', '-')}", *([] if one is True else [str(one)])]
    return shlex.join(words)
