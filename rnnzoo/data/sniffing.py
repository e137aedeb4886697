"""Which task a file or folder is for, by its name and by the first of what is in it."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import textwrap
import zipfile
from collections.abc import Sequence
from pathlib import Path

from rnnzoo import registry
from rnnzoo.data.readers.caption_files import names_alone
from rnnzoo.data.readers.files import files_below, kind_of, split_named
from rnnzoo.data.readers.media import MEDIA_ALONE, check_lists
from rnnzoo.data.readers.opening import decode, open_binary
from rnnzoo.data.readers.picture_lists import may_be_labelled
from rnnzoo.data.registry import dataset_info, list_datasets
from rnnzoo.data.sniffing_text import (
    CAPTIONING,
    FORECASTING,
    NAMES,
    PICTURES,
    SERIES,
    TAGGING,
    TEXT,
    TRANSLATION,
    Guess,
    tasks_of_text,
)
from rnnzoo.errors import DataError, RnnzooError, WrongValue
from rnnzoo.plugins import did_you_mean

_HEAD = 2**16  # bytes of a file that are looked at
_ENTRIES = 2000  # of a folder


def task_of(source: str | os.PathLike[str], encoding: str | None = None) -> Guess:
    """The task that a file, a folder or a data set is for, and why.

    It is told by names and by the first of what is in them; nothing is read whole.

    Args:
        source: as the tasks' loaders take it: a data set's name, a path, ``path:column``,
            ``folder:en-de`` or ``one,other``.
        encoding: of text, such as ``"cp1252"``; else found out.

    Raises:
        FileNotFoundError: there is neither a path nor a data set of that name.
        ValueError: it may be for several tasks, which are told, or for none.
        OSError: it can't be opened.

    Example:
        >>> task_of("ui_messages/de").task
        'translation'
    """
    guesses = tasks_of(source, encoding)
    if len(guesses) > 1:
        may_be = "; or ".join(f"{guess.task} ({guess.why})" for guess in guesses)
        raise WrongValue(
            f"{os.fspath(source)} may be for {may_be}: which? (--task, in Python task=)"
        )
    return guesses[0]


def tasks_of(source: str | os.PathLike[str], encoding: str | None = None) -> list[Guess]:
    """All tasks that a source may be for where one can't be told, as `task_of` does."""
    given = os.fspath(source)
    if given in list_datasets():
        tasks = (CAPTIONING, FORECASTING, NAMES, PICTURES, SERIES, TAGGING, TEXT, TRANSLATION)
        known = [task for task in tasks if given in list_datasets(task=task)]
        known = known or [dataset_info(given).task]
        return [Guess(task, "a named data set for it") for task in known]
    path, (before, _, behind) = Path(given), given.rpartition(":")
    if given:
        _check_is_no_model(path)
        check_lists(path)
    if given and path.is_dir():
        return _of_folder(path, encoding)
    if given and path.exists():
        return _of_file(path, encoding)
    if before and Path(before).exists():
        if re.fullmatch(r"[\w.]+-[\w.]+", behind):
            return [Guess(TRANSLATION, f"two languages, {behind}, stand behind the folder")]
        return [Guess(TAGGING, f"a column, {behind}, stands behind the path")]
    two = given.split(",", 1)
    if len(two) == 2 and all(Path(one).is_file() for one in two):
        return [Guess(TRANSLATION, "two files, of which one translates the other")]
    names = list_datasets()
    beside = map(str, path.parent.iterdir()) if path.name and path.parent.is_dir() else ()
    raise FileNotFoundError(
        f"{given!r}: there is no such file, folder or data set (`rnnzoo list --data` shows these)"
        f"{did_you_mean(given, [*names, *beside])}"
    )


def check_task(
    source: str | os.PathLike[str], task: str, encoding: str | None, insist: str
) -> list[str]:
    """What is odd about a source for a task, a line each.

    Args:
        source: of the user's, as the task's loader takes it.
        task: that it is to be read for.
        encoding: of text, if it was given.
        insist: how to have it read for that task all the same, in words.

    Raises:
        ValueError: it is plainly for another task, a model, or a single picture or video. What
            else is for none, its reader tells of.

    Example:
        ``check_task("table.csv", "text-generation", None, "--plain takes it as it is")``
    """
    _check_is_no_model(Path(source))
    check_lists(Path(source))
    guesses: list[Guess] = []
    with contextlib.suppress(RnnzooError, OSError):
        guesses = tasks_of(source, encoding)
    if not guesses or guesses[0].task == task:
        return []
    other, given = guesses[0], os.fspath(source)
    if all(guess.sure and guess.task != task for guess in guesses):
        command = f"`rnnzoo train {registry.flagship(other.task)} --data {given}` trains on it"
        raise DataError(
            f"{given} looks like {other.task} ({other.why}), and not like {task}: {command}, or "
            f"another model of `rnnzoo list --task {other.task}`; {insist}",
            given,
        )
    return [] if Path(given).is_dir() else [f"it looks like {other.task} ({other.why})"]


def _check_is_no_model(path):
    """Raise a ValueError of what training or exporting wrote, with the command that reads it."""
    command = f"`rnnzoo info {shlex.quote(os.fspath(path))}` shows it"
    if _is_run(path):
        raise DataError(f"{path} is a run of `rnnzoo train`, and no data: {command}", path)
    if path.suffix.lower() == ".keras" and path.is_file():
        raise DataError(f"{path} is a model, and no data: {command}", path)
    if (path / "saved_model.pb").is_file():
        raise DataError(
            f"{path} is a SavedModel, as `rnnzoo export` writes it, and no data: "
            "`saved_model_cli show --all --dir` shows it",
            path,
        )
    within = [one for one in path.iterdir() if one.name[0] != "."] if path.is_dir() else []
    if within and all(map(_is_run, within)):
        raise DataError(
            f"{path} holds runs of `rnnzoo train`, such as {within[0].name}, and no data: "
            f"`rnnzoo info {shlex.quote(os.fspath(within[0]))}` shows one",
            path,
        )


def _is_run(folder):
    config = folder / "config.json"
    return config.is_file() and any(
        (folder / name).exists() for name in ("history.csv", "best.keras", "checkpoints")
    )


# --- folders --------------------------------------------------------------------------------------


def _names_folders(folder, files, encoding):
    """Whether a file beside folders begins its lines with their names, as lists of captions do."""
    names = {path.name for path in folder.iterdir() if path.is_dir()}
    for path in files:
        with contextlib.suppress(DataError, OSError):
            lines = _head(path, encoding).split("\n")[:20] if path.parent == folder else ()
            if any(re.split(r"[\t,;|]", line)[0].strip('" ') in names for line in lines):
                return True
    return False


def _of_folder(folder, encoding):
    files = files_below(folder)[:_ENTRIES]
    if not files:
        raise DataError(f"{folder} holds no file; expected data of one of the tasks", folder)
    media = [path for path in files if kind_of(path) in MEDIA_ALONE]
    lists = {guess.task for path in files for guess in _of_lists(path, encoding)} if media else ()
    texts = {path.with_suffix("") for path in files if path.suffix.lower() == ".txt"}
    beside = media and all(path.with_suffix("") in texts for path in media)
    if PICTURES in lists:
        return [Guess(PICTURES, f"pictures, and a table of their labels, such as {media[0].name}")]
    others = [path for path in files if kind_of(path) not in MEDIA_ALONE]
    mostly_media = len(media) * 2 > len(files)
    why = may_be_labelled(folder) if mostly_media and not lists and not beside else ""
    if why and not _names_folders(folder, others, encoding):
        return [Guess(PICTURES, why)]
    if lists or mostly_media:
        return [Guess(CAPTIONING, f"it holds pictures or videos, such as {media[0].name}")]
    if beside:
        return [Guess(CAPTIONING, f"a text beside each picture, such as {media[0].name}")]
    languages = {kind_of(path) for path in others if split_named(path)}
    codes = [one for one in languages if re.fullmatch(r"\.[a-z]{2,3}", one)]
    if len(codes) == len(languages) == 2 and not languages & {".txt", ".csv", ".tsv", ".xml"}:
        return [Guess(TRANSLATION, f"files of two languages, {' and '.join(sorted(codes))}")]
    # What most of its files are for; of text beside other files (a README) that of the others.
    votes: dict[str, list[tuple[Path, Guess]]] = {}
    for path in _some(others):
        try:
            for guess in _of_file(path, encoding):
                if guess.task == FORECASTING:  # of a folder, files are recordings
                    guess = guess._replace(task=SERIES)
                votes.setdefault(guess.task, []).append((path, guess))
        except (DataError, OSError):
            continue
    if not votes:
        raise DataError(f"{folder}: none of its files is for a task, such as {files[0]}", folder)
    sure = all(guess.sure for found in votes.values() for _, guess in found)
    if len(votes) > 1:
        sure = votes.pop(TEXT, None) is None and sure
    most = max(map(len, votes.values()))
    return [
        Guess(task, f"{found[0][0].relative_to(folder)}: {found[0][1].why}", sure)
        for task, found in votes.items()
        if len(found) == most
    ]


def _some(paths: Sequence[Path]) -> list[Path]:
    """A few of many files, of each ending."""
    by_ending: dict[str, list[Path]] = {}
    for path in paths:
        by_ending.setdefault(kind_of(path), []).append(path)
    return [path for of_ending in by_ending.values() for path in of_ending[:3]]


def _of_lists(path, encoding):
    """The tasks that a file is for if it lists pictures or videos."""
    if kind_of(path) in MEDIA_ALONE or not path.is_file():
        return []
    try:
        head = _head(path, encoding)
        if names_alone(path, head) is not None:
            return [Guess(CAPTIONING, "names of pictures")]
        found = tasks_of_text(path, head)
    except (DataError, OSError):
        return []
    return [guess for guess in found if guess.task in (CAPTIONING, PICTURES)]


# --- files ----------------------------------------------------------------------------------------


def _of_file(path, encoding):
    if kind_of(path) == ".npz" and zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            names = [name.removesuffix(".npy") for name in archive.namelist()]
        shown = textwrap.shorten(", ".join(names), 60, placeholder=" ...")
        return [Guess(SERIES, f"an archive of arrays ({shown})", False)]  # or of features
    with open_binary(path) as file:
        begin = file.read(8)
    for mark, said in ((b"\x93NUMPY", "an array"), (b"PAR1", "Parquet"), (b"ARROW1", "Arrow")):
        if begin.startswith(mark):
            return [Guess(SERIES, said, said != "an array")]
    return tasks_of_text(path, _head(path, encoding))


def _head(path, encoding):
    """The first lines of a text file, whole ones."""
    with open_binary(path) as file:
        data = file.read(_HEAD + 1)
    cut = len(data) > _HEAD
    if cut:  # behind the last end of a line, in UTF-16 that of its two bytes
        end = data.rfind(b"\n") + 1
        data = data[: (end or _HEAD) & ~1] if 0 in data[:200] else data[: end or _HEAD]
    text, _ = decode(data, path, encoding)
    return text
