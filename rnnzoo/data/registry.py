"""Data sets by name: what exists, what is known about it, and how to load it.

The table of data sets is made as that of models in `rnnzoo.registry`: it holds plain data and one
loader a name, and imports no TensorFlow. Packages add their data sets through the entry point group
``rnnzoo.datasets``, whose values are modules that register on import; rnnzoo's own come in the same
way.
"""

from __future__ import annotations

import fnmatch
import functools
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rnnzoo.errors import WrongValue
from rnnzoo.plugins import did_you_mean, load_plugins, natural_key, refuse_taken, table

ENTRY_POINT_GROUP = "rnnzoo.datasets"


@dataclass(frozen=True)
class DatasetInfo:
    """What is known about a data set without loading it; ``print(info)`` shows a table.

    Attributes:
        name: what `load_dataset` takes.
        task: whose models train on it, such as ``"text-generation"``.
        description: one line.
        loader: ``loader(name)`` loads it.
        extra: which of rnnzoo's extras installs what it needs; None if it needs nothing more.
        license: of the data.
        size: megabytes to download, or ``"made here"``; empty if that is not known.
        url: where it is from.
        citation: authors, year and title of the paper about it.
        variants: each is a data set of its own, whose name is ``name/variant``.
    """

    name: str
    task: str
    description: str
    loader: Callable[[str], Any]
    extra: str | None = None
    license: str = ""
    size: str = ""
    url: str = ""
    citation: str = ""
    variants: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The name, and those of the variants."""
        return (self.name, *(f"{self.name}/{variant}" for variant in self.variants))

    def __str__(self) -> str:
        rows = {
            "task": self.task,
            "description": self.description,
            "needs": f"pip install 'rnnzoo[{self.extra}]'" if self.extra else "",
            "licence": self.license,
            "size": self.size,
            "from": self.url,
            "citation": self.citation,
            "variants": f"{self.name}/{{{', '.join(self.variants)}}}" if self.variants else "",
        }
        return table(self.name, rows)


# By name, a variant's too, and task.
_ENTRIES: dict[tuple[str, str], DatasetInfo] = {}


def register_dataset(
    name: str,
    *,
    task: str,
    description: str,
    extra: str | None = None,
    license: str = "",
    size: str = "",
    url: str = "",
    citation: str = "",
    variants: Iterable[str] = (),
) -> Callable[[Callable[[str], Any]], Callable[[str], Any]]:
    """Decorator: register ``loader(name)`` under a name, for the models of a task.

    The arguments are the fields of `DatasetInfo`. The loader is called with the name that was asked
    for, which ends with a variant, if it is one. It returns what the task's own loader does
    (`rnnzoo.load_text` a `rnnzoo.data.Text`, and so on), best made by its ``from_parts``. Heavy
    imports stay inside its body, so that listing data sets stays quick. A data set that several
    tasks train on is registered for each.

    Raises:
        ValueError: the name is taken for that task. (Where a package's data sets are being
            discovered, a taken name is left out with a warning.)

    Example:
        >>> @register_dataset("abc", task="text-generation", description="The alphabet, twice.",
        ...                   license="public domain", size="made here")
        ... def load(name):
        ...     from rnnzoo.data import Text
        ...     abc = "abcdefghijklmnopqrstuvwxyz"
        ...     return Text.from_parts(name, {"train": abc, "validation": abc})
        >>> import rnnzoo
        >>> rnnzoo.load_text("abc").train[:5]
        'abcde'
    """

    def register(loader: Callable[[str], Any]) -> Callable[[str], Any]:
        info = DatasetInfo(
            name=name,
            task=task,
            description=description,
            loader=loader,
            extra=extra,
            license=license,
            size=size,
            url=url,
            citation=citation,
            variants=tuple(variants),
        )
        for taken in info.names:
            if (taken, task) in _ENTRIES:
                what = f"A data set named {taken!r} for {task}"
                refuse_taken(what, _ENTRIES[taken, task].loader, loader)
                return loader
        _ENTRIES.update({(known, task): info for known in info.names})
        return loader

    return register


def list_datasets(pattern: str = "*", task: str | None = None) -> list[str]:
    """Names of the registered data sets, variants too, in natural order.

    Args:
        pattern: with the wildcards ``*``, ``?`` and ``[...]``.
        task: only data sets that models of this task train on.

    Example:
        >>> list_datasets("*python*")
        ['python_lines', 'python_names', 'python_source', 'python_tokens']
    """
    discover()
    names = {
        name
        for name, of_task in _ENTRIES
        if fnmatch.fnmatchcase(name, pattern) and task in (None, of_task)
    }
    return sorted(names, key=natural_key)


def dataset_info(name: str, task: str | None = None) -> DatasetInfo:
    """What is known about a data set, without loading it; of a variant, about all of them.

    Args:
        name: one of `list_datasets`.
        task: for which; needed only where several tasks train on it. Default: the first.

    Raises:
        ValueError: no such data set.

    Example:
        >>> dataset_info("python_source").license
        'PSF-2.0'
    """
    discover()
    for (known, of_task), info in _ENTRIES.items():
        if known == name and task in (None, of_task):
            return info
    raise WrongValue(
        f"No data set{f' for {task}' if task else ''} is named {name!r}"
        f"{did_you_mean(name, list_datasets(task=task))}; rnnzoo.list_datasets() shows all."
    )


def load_dataset(name: str, task: str) -> Any:
    """Load a registered data set, as a task trains on it.

    Args:
        name: one of ``list_datasets(task=task)``.
        task: such as ``"text-generation"``.

    Returns:
        What the task's own loader returns, such as `rnnzoo.data.Text`.

    Raises:
        ValueError: no such data set.
        MissingPackage: a package that it needs is not installed.
        ConnectionError: it must be downloaded, and the network does not answer.

    Example:
        >>> len(load_dataset("python_source", "text-generation").train) > 1_000_000
        True
    """
    return dataset_info(name, task).loader(name)


@functools.cache
def discover() -> None:
    """Import every package's data sets, once; a broken one costs a warning and not the others.

    All other functions do it first.
    """
    load_plugins(ENTRY_POINT_GROUP, _ENTRIES, "data sets")


def no_such_source(source: str | os.PathLike, kinds: str, task: str) -> FileNotFoundError:
    """The error to raise for a source that is neither of the user's own kinds, nor a data set.

    Of the data sets, the variants of the one that the source names are told, or else each without
    its variants.

    Args:
        source: what was given.
        kinds: what else it might have been, as words between "neither" and "nor".
        task: of the data sets.

    Example:
        >>> print(no_such_source("tiny_shakespear", "a text file", "text-generation"))
        'tiny_shakespear' is neither a text file, nor one of python_lines, python_source, \
tiny_shakespeare; did you mean 'tiny_shakespeare'?
    """
    path = Path(source)
    beside = map(str, path.parent.iterdir()) if path.name and path.parent.is_dir() else ()
    names = list_datasets(task=task)
    kin: dict[str, list[str]] = {}
    for name in names:
        kin.setdefault(_base(name), []).append(name)
    told = kin.get(_base(os.fspath(source))) or [first for first, *_ in kin.values()]
    is_there = path.is_file()
    hint = "" if is_there else did_you_mean(os.fspath(source), [*names, *beside])
    if other := next((of for name, of in _ENTRIES if name == os.fspath(source)), None):
        hint = f"; it is a data set of {other}: `rnnzoo list --task {other}` shows its models"
    return FileNotFoundError(
        f"{os.fspath(source)!r} is {'a file, and ' if is_there else ''}neither {kinds}, nor one of "
        + ", ".join(told)
        + hint
    )


def _base(name: str) -> str:
    return name.partition("/")[0]
