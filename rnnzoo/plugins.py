"""What the tables of models and of data sets share: packages that add to them, and names."""

from __future__ import annotations

import importlib.metadata
import re
import warnings
from collections.abc import Callable, Iterable

from rnnzoo.errors import WrongValue
from rnnzoo.notices import warn


def load_plugins(group: str, entries: dict, what: str) -> None:
    """Import every package's plug-ins; a broken one costs a warning and nothing else.

    Args:
        group: of the entry points, whose values are modules that register on import.
        entries: the table they register in; what a broken one has put there is taken out again.
        what: they bring, as the warning says it, such as "models".
    """
    entry_points = importlib.metadata.entry_points(group=group)
    found = [(e.dist, e) for e in entry_points if e.dist]  # all that are installed have one
    # rnnzoo's own go first: a package that reuses one of its names is the one to be refused.
    for package, entry_point in sorted(found, key=lambda f: (f[0].name != "rnnzoo", f[0].name)):
        before = dict(entries)
        try:
            _loading.append(entry_point)
            entry_point.load()
        except Exception as error:  # whatever a stranger's module does on import
            entries.clear()
            entries.update(before)
            warnings.warn(
                f"The {what} of {package.name} {package.version} are left out: "
                f"importing {entry_point.value} raised {type(error).__name__}: {error}",
                stacklevel=5,
            )
        finally:
            _loading.pop()


# The plug-in whose import is running: some module of its own may import others.
_loading: list[importlib.metadata.EntryPoint] = []


def refuse_taken(what: str, owner: Callable, newcomer: Callable) -> None:
    """Refuse a name that is taken; of a plug-in with a warning, as its other names are good.

    Args:
        what: has the name, in words.
        owner, newcomer: the functions that are registered under it.
    """
    said = f"{what} is already registered by {owner.__module__}"
    if not _loading:
        raise WrongValue(f"{said}; {newcomer.__module__} must choose another name.")
    warn(f"{said}; that of {newcomer.__module__} is left out.")


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """Words that name what is like a word, but not it, to put behind an error; none if nothing is.

    >>> did_you_mean("char_lsmt", ["char_lstm", "tagger_rnn"])
    "; did you mean 'char_lstm'?"
    >>> did_you_mean("a.txt", ["a.txt", "b.txt"])
    "; did you mean 'b.txt'?"
    """
    import difflib  # here, as who makes no mistake needs none

    others = [choice for choice in choices if choice != str(word)]
    near = difflib.get_close_matches(str(word), others, n=3)
    return f"; did you mean {' or '.join(map(repr, near))}?" if near else ""


def natural_key(name: str) -> list[tuple[int, str]]:
    """Sorts numbers by their size: ``char_2`` before ``char_10``."""
    return [
        (int(part or 0), "") if part.isdecimal() else (0, part) for part in re.split(r"(\d+)", name)
    ]


def table(title: str, rows: dict[str, str]) -> str:
    """A title over lines of a label and a text each, without those that have no text."""
    width = max(map(len, rows))
    lines = [f"  {label:<{width}}  {text}" for label, text in rows.items() if text]
    return "\n".join([title, *lines])
