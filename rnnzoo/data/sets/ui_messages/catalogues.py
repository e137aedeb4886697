"""Messages and their translations, from the catalogues of packages that need not run.

Pages of HTML, addresses and code are no messages, and are left out, as a copy is all but right
there. A message may stand in several places, with several translations; each is a pair. What is
validated and tested on is from parts of programs, and from whole ones, of which nothing is trained
on, as a user's program is none of these. Messages that hardly differ, and the singular and plural
of one, are in one split: those of a program that is held out are left out where they hardly differ
from what is trained on.
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

# Packages that are well translated, and what they are installed as.
_PACKAGES = {
    "django": "django",
    "wagtail": "wagtail",
    "oscar": "django-oscar",
    "cms": "django-cms",
    "allauth": "django-allauth",
    "sphinx": "sphinx",
    "trac": "trac",
}
_LOCALES = {"pt": "pt_BR"}  # where it is not the language's name
# Those of JupyterLab and what extends it are in a package for each language, but for Swedish.
_PACKS = {each: f"{each}_{each.upper()}" for each in ("fr", "de", "es", "it", "nl", "pl", "ru")}
_PACKS |= {"pt": "pt_BR", "tr": "tr_TR"}
# Programs that are held out; what is about the same is in one split.
_HELD_OUT = {
    "validation": (
        "wagtail/images wagtail/documents wagtail/contrib/redirects django/contrib/redirects "
        "wagtail/contrib/search_promotions cms jupyterlab_git"
    ),
    "test": (
        "wagtail/users django/contrib/auth wagtail/contrib/forms django/contrib/admindocs allauth "
        "jupyterlab_lsp jupyterlab_tour notebook"
    ),
}
_SPLIT_OF = {name: split for split, names in _HELD_OUT.items() for name in names.split()}
_FIRST = ("train", "test", "validation")  # whose are messages that programs of several have
_LONGEST = 30  # words of a message: what has more is a page, or a manual
_WORD = re.compile(r"[^\W\d_]{2,}")
_MARKUP = re.compile(r"</?\w|https?:|[{;]\s")  # of pages, and code
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
    """How often a message holds which placeholder.

    >>> sorted(placeholders("{count} of %(all)s, %1").elements())
    ['%(all)s', '%1', '{count}']
    """
    return collections.Counter(PLACEHOLDER.findall(message))


def _is_translated(pair):
    """Whether it is a message with its translation: no page, no markup, no mere sign."""
    source, target = pair
    said = PLACEHOLDER.sub("", source)
    words = said.split()
    # Two words may well be the same in both: "Radio buttons", "Workflow: start".
    same = source == target and len(words) > 2
    return (
        target
        and _WORD.search(said)
        and not same
        and len(words) <= _LONGEST
        and not _MARKUP.search(source + target)
        and placeholders(source) == placeholders(target)
    )


def check_packages(language: str) -> None:
    """Raise MissingPackage if what has the messages, or reads them, is not installed."""
    needed = [*_installed_as(language).items(), ("polib", "polib")]
    missing = [name for module, name in needed if not importlib.util.find_spec(module)]
    if missing:
        raise MissingPackage(
            "'ui_messages' is read by polib from the catalogues of packages "
            f"({' and '.join(missing)} missing)",
            "ui_messages",
        )


def _installed_as(language):
    """By package that has messages what it is installed as."""
    if language not in _PACKS:
        return _PACKAGES
    locale = _PACKS[language]
    pack = f"jupyterlab-language-pack-{locale.replace('_', '-')}"
    return {**_PACKAGES, f"jupyterlab_language_pack_{locale}": pack}


def _entries(language):
    """What is translated, by file, each with its program."""
    check_packages(language)
    import polib

    for package in _installed_as(language):
        folder = folder_of(package)
        of_jupyter = package not in _PACKAGES
        locale = _PACKS[language] if of_jupyter else _LOCALES.get(language, language)
        found = sorted(folder.rglob(f"locale/{locale}/LC_MESSAGES/*.[mp]o"))
        files = {file.with_suffix(""): file for file in found}  # of both the last, .po
        for stem, file in sorted(files.items()):
            program = file.parents[3].relative_to(folder.parent).as_posix()
            read = polib.pofile if file.suffix == ".po" else polib.mofile
            for entry in read(str(file)).translated_entries():
                yield stem.name if of_jupyter else program, entry


def _line(message):
    return " ".join(_INVISIBLE.sub("", message).split())


def config(language: str) -> str:
    """A name for what is read: the language, and the versions of where it is from."""
    return f"{language}-{openmoji.versions(*_installed_as(language).values())}"
