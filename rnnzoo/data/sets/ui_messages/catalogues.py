"""Messages and their translations, from the catalogues of two packages that need not run.

A message may stand in several places, with several translations; each is a pair. What is validated
and tested on is from programs of which nothing is trained on, as a user's program is none of these.
Messages that hardly differ, and the singular and plural of one, are in one split: those of a
program that is held out are left out where they hardly differ from what is trained on.
"""

from __future__ import annotations

import collections
import importlib.util
import re

from rnnzoo.data.pipelines.duplicates import PLACEHOLDER, Duplicates
from rnnzoo.data.pipelines.splits import SPLITS
from rnnzoo.data.sets import openmoji
from rnnzoo.data.sets.packages import folder_of
from rnnzoo.errors import MissingPackage

_PACKAGES = ("django", "wagtail")
_LOCALES = {"pt": "pt_BR"}  # where it is not the language's name
# Programs that are held out, a tenth of the messages each; what is about the same is in one split.
_HELD_OUT = {
    "validation": (
        "wagtail/images wagtail/documents wagtail/contrib/redirects django/contrib/redirects "
        "wagtail/contrib/search_promotions"
    ),
    "test": "wagtail/users django/contrib/auth wagtail/contrib/forms django/contrib/admindocs",
}
_SPLIT_OF = {name: split for split, names in _HELD_OUT.items() for name in names.split()}
_FIRST = ("train", "test", "validation")  # whose are messages that programs of several have
_WORD = re.compile(r"[^\W\d_]{2,}")
_INVISIBLE = re.compile("[\u200b\u200e\u200f\ufeff]")  # spaces of no width, directions of script


def splits(language: str) -> dict[str, list[tuple[str, str]]]:
    """By split its pairs of a message in English and in the language.

    Left out are messages without a word (the M of Monday), those that are not translated, and those
    that fill in other things when they are.

    Raises:
        MissingPackage: the packages that hold them, or what reads them, are not installed.
    """
    # By pair, in their order, the splits of the programs that have it.
    programs: dict[tuple[str, str], set[str]] = collections.defaultdict(set)
    plurals = []
    for program, entry in _entries(language):
        split = _SPLIT_OF.get(program, "train")
        forms = [entry.msgstr_plural[i] for i in sorted(entry.msgstr_plural)] or [entry.msgstr]
        programs[_line(entry.msgid), _line(forms[0])].add(split)
        if entry.msgid_plural:
            plurals.append((_line(entry.msgid), _line(entry.msgid_plural)))
            # Of several plurals, which number takes which can't be told from English.
            if len(set(forms[1:])) == 1:
                programs[_line(entry.msgid_plural), _line(forms[1])].add(split)
    found = {pair: of_whom for pair, of_whom in programs.items() if _is_translated(pair)}
    cluster = _clusters([source for source, _ in found], plurals)
    of_cluster: dict[int, set[str]] = collections.defaultdict(set)
    for (source, _), of_whom in found.items():
        of_cluster[cluster[source]] |= of_whom
    parts: dict[str, list[tuple[str, str]]] = {split: [] for split in SPLITS}
    for pair, of_whom in found.items():
        split = next(one for one in _FIRST if one in of_cluster[cluster[pair[0]]])
        if split in of_whom:
            parts[split].append(pair)
    return parts


def _clusters(sources, plurals):
    """By message the number of those that hardly differ, its plural's and its singular's among."""
    sources = [*dict.fromkeys(sources)]
    number = Duplicates(sources).clusters()
    place = {source: i for i, source in enumerate(sources)}
    for one, several in plurals:
        if one in place and several in place:
            number[number == number[place[several]]] = number[place[one]]
    return dict(zip(sources, number.tolist(), strict=True))


def placeholders(message: str) -> collections.Counter[str]:
    """How often a message holds which placeholder, or HTML tag.

    >>> sorted(placeholders("<b>{count}</b> of %(all)s").elements())
    ['%(all)s', '</b', '<b', '{count}']
    """
    return collections.Counter(PLACEHOLDER.findall(message))


def _is_translated(pair):
    source, target = pair
    said = PLACEHOLDER.sub("", source)
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
    """What is translated, by file, each with its program."""
    check_packages()
    import polib

    locale = _LOCALES.get(language, language)
    for package in _PACKAGES:
        folder = folder_of(package)
        for file in sorted(folder.rglob(f"locale/{locale}/LC_MESSAGES/*.po")):
            program = file.parents[3].relative_to(folder.parent).as_posix()
            for entry in polib.pofile(str(file)).translated_entries():
                yield program, entry


def _line(message):
    return " ".join(_INVISIBLE.sub("", message).split())


def config(language: str) -> str:
    """A name for what is read: the language, and the versions of where it is from."""
    return f"{language}-{openmoji.versions(*_PACKAGES)}"
