"""Pairs of sentences in translators' own files: catalogues (.po), memories (.tmx) and XLIFF."""

from __future__ import annotations

import collections
import contextlib
import itertools
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rnnzoo.data.readers.encodings import check_encoding
from rnnzoo.data.readers.opening import Lines, open_binary, read_text
from rnnzoo.errors import DataError


class Found(NamedTuple):
    """What such a file holds: pairs, their languages, what is left out, and other facts."""

    pairs: list[tuple[str, str]]
    languages: tuple[str, str] | None
    left_out: list[str]
    facts: dict[str, str]


# What a unit says: languages, "" where the file names none, each with its sentence.
_Unit = Sequence[tuple[str, str]]
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_CODES = {"bpt", "ept", "ph", "it", "ut"}  # whose text is markup of the document, not the sentence


def read_po(path: Path, encoding: str | None, asked: list[str] | None) -> Found:
    """The pairs of a message catalogue.

    Of messages with a plural, the singular is read, as which of several plurals a number takes
    can't be told.

    Args:
        path: of the file.
        encoding: of it; else UTF-8 or the like by its bytes, or that which its header names.
        asked: the languages of sources and targets, "en" being that of the program; where the
            header names none, the other one may be any.

    Raises:
        ValueError: it is damaged, or has other languages.
    """
    import polib  # here, as most pairs are in other files

    text, facts = read_text(path, encoding)
    if "a guess" in facts.get("encoding", "") and (said := re.search(r"charset=([\w.:-]+)", text)):
        with contextlib.suppress(ValueError):  # of what there is no such encoding
            text, facts = read_text(path, check_encoding(said[1]))
    try:
        catalogue = polib.pofile(text)
    except Exception as error:  # polib raises whatever its parser falls over
        said = re.search(r"line \d+", str(error))
        where = f", {said[0]}" if said else ""
        raise DataError(f"{path}{where}: no message catalogue: its syntax is wrong", path) from None
    pairs, plurals = [], 0
    for entry in catalogue.translated_entries():
        target = entry.msgstr_plural.get(0, "") if entry.msgid_plural else entry.msgstr
        plurals += bool(entry.msgid_plural)
        pairs.append((one_line(entry.msgid), one_line(target)))
    lost = {
        "fuzzy messages": len(catalogue.fuzzy_entries()),
        "untranslated messages": len(catalogue.untranslated_entries()),
        "obsolete messages": len(catalogue.obsolete_entries()),
        "plurals": plurals,
    }
    pairs = [pair for pair in pairs if all(pair)]
    language = catalogue.metadata.get("Language", "").strip()
    found = ["en", language]
    places = _chosen(found, "en", asked, path)
    pairs = [(pair[places[0]], pair[places[1]]) for pair in pairs]
    left_out = [f"{count:,} {what}" for what, count in lost.items() if count]
    return Found(pairs, _named(found, places, asked), left_out, facts)


def one_line(text: str) -> str:
    r"""A sentence without the line ends and the repeated blanks in it.

    >>> one_line("Save\n  changes? ")
    'Save changes?'
    """
    return " ".join(text.split())


def read_tmx(path: Path, encoding: str | None, asked: list[str] | None) -> Found:
    """The pairs of a translation memory.

    Args:
        path: of the file.
        encoding: instead of the one that the file says.
        asked: the languages of sources and targets. By default the file has but two, of which its
            header says the source's.

    Raises:
        ValueError: it is damaged, or has more languages than two.
    """
    units: list[_Unit] = []
    source = ""
    for event, element in _events(path, encoding):
        name = _name(element)
        if event == "start" and name == "header":
            source = element.get("srclang", "")
        elif event == "end" and name == "tu":
            units.append(list(_unit(element).items()))
            element.clear()
    return _of_units(units, source, asked, path)


def read_xliff(path: Path, encoding: str | None, asked: list[str] | None) -> Found:
    """The pairs of an XLIFF file, of version 1.2 (``trans-unit``) or 2 (``segment``).

    Arguments and errors are those of `read_tmx`; both languages may be the same, or have no name,
    which may then be any that is asked for. What is proposed beside a unit's own target
    (``alt-trans``) is not read.
    """
    units: list[_Unit] = []
    source = target = ""
    for event, element in _events(path, encoding):
        name = _name(element)
        if event == "start" and name in ("xliff", "file"):
            source = element.get("srcLang", element.get("source-language", source)).lower()
            target = element.get("trgLang", element.get("target-language", target)).lower()
        elif event == "end" and name in ("trans-unit", "segment"):
            halves = {_name(one): one_line("".join(_said(one))) for one in element}
            units.append([(source, halves.get("source", "")), (target, halves.get("target", ""))])
            element.clear()
    return _of_units(units, source, asked, path)


def _of_units(units: Sequence[_Unit], source: str, asked: list[str] | None, path: Any) -> Found:
    """The pairs of units in the two languages that are meant."""
    most: collections.Counter[str] = collections.Counter()
    for unit in units:
        most |= collections.Counter(language for language, _ in unit)
    found = list(most.elements())  # one twice, where it is that of both halves
    places = _chosen(found, source, asked, path)
    first, second = places
    pairs = [(_half(unit, found, first), _half(unit, found, second)) for unit in units]
    whole = [pair for pair in pairs if all(pair)]
    languages, lost = _named(found, places, asked), len(pairs) - len(whole)
    both = " and ".join(languages or ("source", "target"))
    return Found(whole, languages, [f"{lost:,} units without one of {both}"] if lost else [], {})


def _half(unit, found, place):
    """A unit's sentence in one of the languages found; empty if it has none."""
    said = [sentence for language, sentence in unit if language == found[place]]
    return next(iter(said[found[:place].count(found[place]) :]), "")


def _events(path: Path, encoding: str | None) -> Iterator[tuple[str, ElementTree.Element]]:
    """Where the elements of an XML file start and end."""
    parser: Any = ElementTree.XMLPullParser(["start", "end"])
    try:
        for block in _blocks(path, encoding):
            parser.feed(block)
            yield from parser.read_events()
        parser.close()
        yield from parser.read_events()
    except (ElementTree.ParseError, LookupError, ValueError) as error:
        if isinstance(error, DataError):
            raise
        line = getattr(error, "position", (None,))[0]
        raise DataError(f"{path}: no whole XML: {error}", path, line) from None


def _name(element):
    """An element's without its namespace."""
    return element.tag.rpartition("}")[2]


def _blocks(path, encoding):
    """Of bytes, as the file says its encoding itself; of text, where it is named."""
    if encoding is None:
        with open_binary(path) as file:
            while block := file.read(2**16):
                yield block
    else:
        for line in Lines(path, encoding):
            yield line + "\n"


def _unit(element):
    """By language its sentence."""
    unit = {}
    for variant in element:
        language = variant.get(_LANG) or variant.get("lang")
        segment = next((one for one in variant if _name(one) == "seg"), None)
        if language and segment is not None:
            unit.setdefault(language.lower(), one_line("".join(_said(segment))))
    return unit


def _said(element):
    if _name(element) not in _CODES:
        yield element.text or ""
        for inner in element:
            yield from _said(inner)
            yield inner.tail or ""


def _chosen(
    found: Sequence[str], source: str, asked: list[str] | None, path: Any
) -> tuple[int, int]:
    """The places of the languages of sources and targets among those found.

    They are asked for by name or by number from 1: en is en-GB's, too, and pt-br is pt_BR.
    """

    def fits(name: str, place: int) -> int:
        if name.isdecimal():
            return 2 * (int(name) == place + 1)
        one, other = (one.lower().replace("_", "-") for one in (name, found[place]))
        # What the file doesn't name may be any language.
        return 2 if one == other else not other or one.split("-")[0] == other.split("-")[0]

    both = list(itertools.permutations(range(len(found)), 2))
    if asked:
        fit = [fits(asked[0], first) * fits(asked[1], second) for first, second in both]
    else:
        fit = [1 + fits(source, first) for first, _ in both]
    best = max(fit, default=0)
    # Of but two languages, those that fit as well the other way go as the file has them.
    if not best or (len(found) > 2 and fit.count(best) > 1):
        names = ", ".join(language or "one without a name" for language in found)
        raise DataError(
            f"{path} has sentences in {names or 'no language'}; expected two languages: "
            '--columns en,fr, in Python columns=("en", "fr"), says which',
            path,
        )
    return both[fit.index(best)]


def _named(
    found: Sequence[str], places: tuple[int, int], asked: list[str] | None
) -> tuple[str, str] | None:
    """The languages of sources and targets, by the file or by what was asked for; None if unsaid.

    Numbers that were asked for name none.
    """
    names = [name if not name.isdecimal() else "" for name in asked or ("", "")]
    first, second = (found[place] or name for place, name in zip(places, names, strict=True))
    return (first, second) if first and second else None
