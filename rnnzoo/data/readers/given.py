"""What is to be answered: text, sentences and sources, of a file or of the standard input."""

from __future__ import annotations

import contextlib
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from rnnzoo.data.readers.opening import decode, read_text
from rnnzoo.data.readers.pairs import lists_pairs, read_pairs
from rnnzoo.data.readers.tagged import lists_words, read_words
from rnnzoo.data.reading import Reading
from rnnzoo.data.sniffing import FORECASTING, SERIES, TAGGING, TRANSLATION, Guess, tasks_of
from rnnzoo.errors import RnnzooError, WrongValue
from rnnzoo.notices import warn

Columns = str | Sequence[str | int] | None


def read_given(path: str, encoding: str | None = None) -> str:
    """The text of a file, packed or not, or of the standard input for ``-``.

    Args:
        path: of the file.
        encoding: of it; else it is found out.

    Raises:
        ValueError: it is no text.
        OSError: the file can't be opened.

    Warns:
        UserWarning: its encoding is a guess.

    Example:
        ``read_given("sentences.txt.gz").splitlines()``
    """
    if path == "-":
        name = "the standard input"
        text, facts = decode(sys.stdin.buffer.read(), name, encoding)
    else:
        name, (text, facts) = path, read_text(path, encoding)
    found, guess, _ = facts.get("encoding", "").partition(", a guess")
    if guess:
        warn(f"{name} is not UTF-8, and is read as {found}, a guess; --encoding settles it")
    return text


def given_words(
    path: str, columns: Columns = None, encoding: str | None = None, usual: Columns = None
) -> list[tuple[str, ...]]:
    """The sentences of a file for a tagger, in words.

    They are read of any layout that `rnnzoo.data.read_tagged` knows, without the tags; also of a
    table without tags, or of a word a line, if there are blank lines between five sentences of
    several words or more. Of other text, a line is a sentence, its words between blanks.

    Args:
        path: of the file; - for the standard input.
        columns: of the words, or of word and tag.
        encoding: of the file; else it is found out.
        usual: those of the files that the model was trained on: of a file that has such, these.

    Raises:
        ValueError: it is no text, or holds no word; or as `rnnzoo.data.read_tagged` raises.
        OSError: the file can't be opened.

    Warns:
        UserWarning: what it was read as, if not as plain text.

    Example:
        ``given_words("test.conll")``
    """
    with _file(path) as file:
        said = "the words alone are read"
        guesses = _guesses(file, encoding)
        found = _laid_out(path, file, TAGGING, guesses, read_words, columns, encoding, usual, said)
        if found is not None:
            return found
        lines = _lines(path, file, guesses, encoding)
        return [tuple(line.split()) for line in lines if line.strip()]


def given_sources(
    path: str, columns: Columns = None, encoding: str | None = None, usual: Columns = None
) -> list[str]:
    """The sentences of a file for a translator: of pairs the sources, else its lines.

    Arguments, errors and warnings are those of `given_words`, with `rnnzoo.data.read_pairs`.

    Example:
        ``given_sources("test.tsv")``
    """
    with _file(path) as file:
        said = "the sources alone are read"
        guesses = _guesses(file, encoding)
        found = _laid_out(
            path, file, TRANSLATION, guesses, _sources, columns, encoding, usual, said
        )
        return _lines(path, file, guesses, encoding) if found is None else found


def _guesses(file, encoding):
    """What tasks a file may be for; of one that can't be read none, as reading it tells why."""
    with contextlib.suppress(RnnzooError, OSError):
        return tasks_of(file, encoding)
    return []


def _lines(name, file, guesses, encoding):
    """The lines of plain text; refused without a word in them, and told if they are recordings."""
    lines = read_given(file, encoding).removesuffix("\n").split("\n")
    if not any(line.strip() for line in lines):
        raise WrongValue(f"{_called(name)} holds no word: expected a sentence a line")
    tasks = {guess.task for guess in guesses}
    if tasks and tasks <= {SERIES, FORECASTING}:
        likely = " or ".join(sorted(tasks))
        warn(f"{_called(name)} looks like {likely}: each line is read as a sentence")
    return lines


def _called(name):
    return "the standard input" if name == "-" else name


def _sources(path, *, columns, encoding):
    pairs, reading = read_pairs(path, columns=columns, encoding=encoding)
    return [source for source, _ in pairs], reading


def _laid_out(
    name: str,
    file: str,
    task: str,
    guesses: Sequence[Guess],
    read: Callable[..., tuple[list[Any], Reading]],
    columns: Columns,
    encoding: str | None,
    usual: Columns,
    said: str,
) -> list[Any] | None:
    """What `read` makes of a file that is laid out like the task's data; None of plain text."""
    if columns is None and not _is_like(file, task, guesses, encoding):
        return None
    for asked in (columns,) if columns or not usual else (usual, None):
        try:
            found, reading = read(file, columns=asked, encoding=encoding)
            break
        except RnnzooError:
            if asked is columns:
                raise
    left_out = f"; left out: {', '.join(reading.left_out)}" if reading.left_out else ""
    warn(f"{_called(name)} is taken for {reading.layout}: {said}{left_out}")
    return found


def _is_like(file, task, guesses, encoding):
    guesses = [guess for guess in guesses if guess.task == task]
    if any(guess.sure for guess in guesses):
        return True
    with contextlib.suppress(RnnzooError, OSError):  # which reading it as text tells of
        # In a few lines of two words each, the second ones may be tags, or translations; or not.
        if task == TRANSLATION:
            return bool(guesses) and lists_pairs(Path(file), encoding)
        return lists_words(Path(file), encoding)
    return False


@contextlib.contextmanager
def _file(path: str) -> Iterator[str]:
    """A file itself; of the standard input one that holds it."""
    if path != "-":
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "standard input"
        file.write_bytes(sys.stdin.buffer.read())
        yield str(file)
