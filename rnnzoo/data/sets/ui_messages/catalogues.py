"""Messages and their translations, from the catalogues of two packages that need not run.

A message may stand in several places, with several translations; each is a pair. Of a message in
singular and plural, both are messages, and belong to the same split; so do messages that differ by
case, by punctuation at the end, or by the names of what is filled in.
"""

from __future__ import annotations

import collections
import importlib.util
import re

from rnnzoo.data.pipelines.splits import SPLITS, plain, split_of
from rnnzoo.data.sets import openmoji
from rnnzoo.data.sets.packages import folder_of
from rnnzoo.errors import MissingPackage

_PACKAGES = ("django", "wagtail")
_LOCALES = {"pt": "pt_BR"}  # where it is not the language's name
# What a program fills in, and the names of HTML tags.
_PLACEHOLDER = re.compile(r"%\(\w+\)\w|%[a-zA-Z%]|\{\w*\}|</?\w+")
_WORD = re.compile(r"[^\W\d_]{2,}")
_INVISIBLE = re.compile("[\u200b\u200e\u200f\ufeff]")  # spaces of no width, directions of script


def splits(language: str) -> dict[str, list[tuple[str, str]]]:
    """By split its pairs of a message in English and in the language.

    Left out are messages without a word (the M of Monday), those that are not translated, and those
    that fill in other things when they are.

    Raises:
        MissingPackage: the packages that hold them, or what reads them, are not installed.
    """
    pairs: dict[tuple[str, str], None] = {}  # in their order, each once
    singular: dict[str, str] = {}
    for entry in _entries(language):
        forms = [entry.msgstr_plural[i] for i in sorted(entry.msgstr_plural)] or [entry.msgstr]
        pairs[_line(entry.msgid), _line(forms[0])] = None
        if entry.msgid_plural:
            singular.setdefault(_key(_line(entry.msgid_plural)), _key(_line(entry.msgid)))
            # Of several plurals, which number takes which can't be told from English.
            if len(set(forms[1:])) == 1:
                pairs[_line(entry.msgid_plural), _line(forms[1])] = None
    parts: dict[str, list[tuple[str, str]]] = {split: [] for split in SPLITS}
    for source, target in filter(_is_translated, pairs):
        key = _key(source)
        parts[split_of(singular.get(key, key))].append((source, target))
    return parts


def placeholders(message: str) -> collections.Counter[str]:
    """How often a message holds which placeholder, or HTML tag.

    >>> sorted(placeholders("<b>{count}</b> of %(all)s").elements())
    ['%(all)s', '</b', '<b', '{count}']
    """
    return collections.Counter(_PLACEHOLDER.findall(message))


def _key(message):
    """What messages share that are but the same one: their words."""
    said = " ".join(re.findall(r"\w+", _PLACEHOLDER.sub(" ", message)))
    return said.casefold() or plain(message)


def _is_translated(pair):
    source, target = pair
    said = _PLACEHOLDER.sub("", source)
    # Two words may well be the same in both: "Radio buttons", "Workflow: start".
    same = source == target and len(said.split()) > 2
    return (
        target and _WORD.search(said) and not same and placeholders(source) == placeholders(target)
    )


def check_packages() -> None:
    """Raise MissingPackage if what has the messages, or reads them, is not installed."""
    if missing := [n for n in (*_PACKAGES, "polib") if not importlib.util.find_spec(n)]:
        raise MissingPackage(
            f"'ui_messages' is read by polib from django and wagtail ({' and '.join(missing)} "
            "missing)",
            "translation",
        )


def _entries(language):
    """What is translated, by file."""
    check_packages()
    import polib

    locale = _LOCALES.get(language, language)
    for package in _PACKAGES:
        for file in sorted(folder_of(package).rglob(f"locale/{locale}/LC_MESSAGES/*.po")):
            yield from polib.pofile(str(file)).translated_entries()


def _line(message):
    return " ".join(_INVISIBLE.sub("", message).split())


def config(language: str) -> str:
    """A name for what is read: the language, and the versions of where it is from."""
    return f"{language}-{openmoji.versions(*_PACKAGES)}"
