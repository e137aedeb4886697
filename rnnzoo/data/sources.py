"""Whether data is there, asked before anything heavy is imported."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from rnnzoo import data
from rnnzoo.data.registry import list_datasets
from rnnzoo.errors import WrongType, WrongValue

_LOADERS = {
    "captioning": "load_captions",
    "forecasting": "load_panel",
    "name-generation": "load_names",
    "picture-classification": "load_pictures",
    "sequence-classification": "load_series",
    "sequence-regression": "load_regression",
    "sequence-tagging": "load_tagged",
    "text-generation": "load_text",
    "translation": "load_pairs",
}


TASKS = tuple(_LOADERS)
# As the pages of docs/tasks are called.
_PAGES = {
    "names": "name-generation",
    "pictures": "picture-classification",
    "regression": "sequence-regression",
    "series": "sequence-classification",
    "tagging": "sequence-tagging",
    "text": "text-generation",
}
SHARES = ("validation", "test")  # arguments of loaders in Python alone
# What is to be answered is a class to one task, and a target to another: people say either.
_ALIKE = {"label": "target", "target": "label"}


def task_called(name: str) -> str:
    """The name of a task, of that or of the one of its page; what is neither stays as it is.

    Example:
        >>> task_called("names"), task_called("translation")
        ('name-generation', 'translation')
    """
    return _PAGES.get(name, name)


def check_source(source: str | os.PathLike[str], task: str) -> None:
    """Raise what a task's loader raises of data that is not there; data that is, is not read.

    Args:
        source: a data set's name or a path, as the loader takes it; also ``path:column`` and
            ``one,other``.
        task: whose models train on it. Of a task that is none of ours nothing is known.

    Example:
        >>> check_source("python_source", "text-generation")
        >>> check_source("nothing.txt", "text-generation")
        Traceback (most recent call last):
        FileNotFoundError: 'nothing.txt' is neither a text file, nor a folder, nor one of \
python_lines, python_source, tiny_shakespeare
    """
    if task not in _LOADERS or source in list_datasets(task=task):
        return
    given = os.fspath(source)
    paths = (given, given.rpartition(":")[0], *given.split(","))
    if not any(path and Path(path).exists() for path in paths):
        getattr(data, _LOADERS[task])(source)


def check_named(source: Any, instead: str) -> None:
    """Raise a TypeError unless data is a set's name or a path, by which it is read again.

    Args:
        source: what was given.
        instead: what takes something else, in words.

    Example:
        >>> check_named({"x": [1]}, "model.fit(...)")
        Traceback (most recent call last):
        rnnzoo.errors.WrongType: data is a dict; expected the name of a data set or a path, by \
which a run is made again: write it to a file (such as frame.to_parquet(...)), or model.fit(...)
    """
    if source is not None and not isinstance(source, (str, os.PathLike)):
        raise WrongType(
            f"data is a {type(source).__name__}; expected the name of a data set or a path, by "
            "which a run is made again: write it to a file (such as frame.to_parquet(...)), or "
            f"{instead}"
        )


def loader_of(task: str) -> Callable[..., Any] | None:
    """What loads a task's data, such as `rnnzoo.load_text`; None for a task that is none of ours.

    Example:
        >>> loader_of("text-generation").__name__
        'load_text'
    """
    return getattr(data, _LOADERS[task]) if task in _LOADERS else None


def check_reading(load: Callable[..., Any], reading: Mapping[str, Any]) -> None:
    """Refuse what a loader is to take beside the source, and doesn't.

    Args:
        load: such as `rnnzoo.load_text`.
        reading: arguments of it by name.

    Example:
        >>> check_reading(data.load_text, {"time": "stamp"})
        Traceback (most recent call last):
        rnnzoo.errors.WrongValue: time='stamp': load_text takes none; expected some of \
encoding, plain, labelled, columns
    """
    known = [name for name in inspect.signature(load).parameters if name != "source"]
    for name, value in reading.items():
        if name not in known and _ALIKE.get(name) not in known:
            shown = [name for name in known if name not in SHARES]
            raise WrongValue(
                f"{name}={value!r}: {load.__name__} takes none; expected some of {', '.join(shown)}"
            )


def as_taken(load: Callable[..., Any], reading: Mapping[str, Any]) -> dict[str, Any]:
    """What a loader is to take beside the source, under the names that it takes.

    Args:
        load, reading: as for `check_reading`.

    Example:
        >>> as_taken(data.load_series, {"target": "mode", "id": "trip"})
        {'label': 'mode', 'id': 'trip'}
    """
    known = inspect.signature(load).parameters
    return {
        name if name in known else _ALIKE.get(name, name): value for name, value in reading.items()
    }


def absolute(source: str | os.PathLike[str]) -> str:
    """A source's path, or both of ``one,other``, from the root on.

    Example:
        >>> absolute("/a/b.txt")
        '/a/b.txt'
    """
    given = os.fspath(source)
    parts = given.split(",", 1)
    if not Path(given).exists() and all(Path(part).is_file() for part in parts):
        return ",".join(map(os.path.abspath, parts))
    return os.path.abspath(given)
