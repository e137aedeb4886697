"""Pairs of sentences in the dialogues of a game: dialogs_LANG.lua of Fish Fillets.

Each says the English sentence and its translation::

    dialogId("vit-hs-klid1", "font_statue", "Citizens, please remain calm.")
    dialogStr("Citoyens, gardez votre calme.")
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from rnnzoo.data.readers.catalogues import Found, one_line
from rnnzoo.data.readers.files import files_below
from rnnzoo.data.readers.opening import read_text
from rnnzoo.errors import DataError

BEGINNING = re.compile(r'^dialogId\("', re.MULTILINE)
_NAME = "dialogs_{}.lua"
_STRING = r'"((?:[^"\\]|\\.)*)"'
_LINE = re.compile(
    rf"dialogId\(\s*{_STRING}\s*,\s*{_STRING}\s*,\s*{_STRING}\s*\)"
    rf"(?:\s*dialogStr\(\s*{_STRING}\s*\))?"
)
_COMMENT = re.compile(r"^\s*--.*$", re.MULTILINE)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
ENGLISH = "en"  # what every file holds beside its own language


def files_of(folder: Path, languages: Sequence[str]) -> list[Path]:
    """The files of two languages in a folder and those below; empty if there are none."""
    others = [language for language in languages if language != ENGLISH]
    return [file for file in files_below(folder) if file.name in map(_NAME.format, others[-1:])]


def read_dialogues(
    files: Sequence[Path], encoding: str | None, asked: Sequence[str] | None
) -> Found:
    """The pairs of such files, of English and a language, or of two others by what they translate.

    Args:
        files: of one language.
        encoding: of them; None: by their bytes.
        asked: the languages of sources and targets; None: English and the files' own.

    Raises:
        ValueError: it is but one language, or a folder has no file of one that is asked for.
    """
    own = files[0].stem.partition("_")[2]
    first, second = asked or (ENGLISH, own)
    if first == second:
        raise DataError(
            f"{files[0]} has sentences in {first} alone; expected the file of another language",
            files[0],
        )
    pairs, left_out, facts = [], 0, {}
    for file in files:
        found, facts = _lines_of(file, encoding)
        said = {own: {key: target for key, (_, target) in found.items()}}
        said[ENGLISH] = {key: source for key, (source, _) in found.items()}
        for language in {first, second} - said.keys():
            beside = file.with_name(_NAME.format(language))
            if not beside.is_file():
                raise DataError(
                    f"{file} has sentences in en and {own}; expected these two, as "
                    f"{beside.name} is not beside it",
                    file,
                )
            of_other, _ = _lines_of(beside, encoding)
            said[language] = {key: target for key, (_, target) in of_other.items()}
        both = [(said[first].get(key, ""), said[second].get(key, "")) for key in found]
        whole = [pair for pair in both if all(pair)]
        left_out += len(both) - len(whole)
        pairs += whole
    lost = [f"{left_out:,} lines without one of {first} and {second}"] if left_out else []
    return Found(pairs, (first, second), lost, facts)


def _lines_of(file, encoding):
    """By name of a line the English sentence and its translation, and facts of the file."""
    text, facts = read_text(file, encoding)
    found = {}
    for key, _, source, target in _LINE.findall(_COMMENT.sub("", text)):
        found[key] = tuple(one_line(_ESCAPED.sub(_unescaped, side)) for side in (source, target))
    return found, facts


def _unescaped(match):
    return {"n": "\n", "t": "\t"}.get(match[1], match[1])
