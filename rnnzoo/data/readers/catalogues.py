"""Pairs of sentences in translators' own files: catalogues (.po), memories (.tmx) and XLIFF."""

from __future__ import annotations

import contextlib
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
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


_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_CODES = {"bpt", "ept", "ph", "it", "ut"}  # whose text is markup of the document, not the sentence


def read_po(path: Path, encoding: str | None, asked: list[str] | None) -> Found:
    """The pairs of a message catalogue.

    Of messages with a plural, the singular is read, as which of several plurals a number takes
    can't be told.

    Args:
        path: of the file.
        encoding: of it; else UTF-8 or the like by its bytes, or that which its header names.
        asked: the languages of sources and targets, "en" being that of the program.

    Raises:
        ValueError: it is damaged.
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
    languages = ("en", language) if language else None
    if asked and _chosen(["en", language.lower()], "en", asked, path)[1] == "en":
        pairs, languages = [(target, source) for source, target in pairs], (language, "en")
    left_out = [f"{count:,} {what}" for what, count in lost.items() if count]
    return Found(pairs, languages, left_out, facts)


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
    units: list[dict[str, str]] = []
    source = ""
    for event, element in _events(path, encoding):
        name = _name(element)
        if event == "start" and name == "header":
            source = element.get("srclang", "")
        elif event == "end" and name == "tu":
            units.append(_unit(element))
            element.clear()
    return _of_units(units, source, asked, path)


def read_xliff(path: Path, encoding: str | None, asked: list[str] | None) -> Found:
    """The pairs of an XLIFF file, of version 1.2 (``trans-unit``) or 2 (``segment``).

    Arguments and errors are those of `read_tmx`. What is proposed beside a unit's own target
    (``alt-trans``) is not read.
    """
    units: list[dict[str, str]] = []
    source = target = "?"
    for event, element in _events(path, encoding):
        name = _name(element)
        if event == "start" and name in ("xliff", "file"):
            source = element.get("srcLang", element.get("source-language", source)).lower()
            target = element.get("trgLang", element.get("target-language", target)).lower()
        elif event == "end" and name in ("trans-unit", "segment"):
            halves = {_name(one): one_line("".join(_said(one))) for one in element}
            units.append({source: halves.get("source", ""), target: halves.get("target", "")})
            element.clear()
    found = _of_units(units, source, asked, path)
    return found if "?" not in (source, target) else found._replace(languages=None)


def _of_units(units, source, asked, path):
    """The pairs of units, each of sentences by language."""
    found = list(dict.fromkeys(language for unit in units for language in unit))
    languages = _chosen(found, source, asked, path)
    pairs = [(unit.get(languages[0], ""), unit.get(languages[1], "")) for unit in units]
    whole = [pair for pair in pairs if all(pair)]
    lost = len(pairs) - len(whole)
    left_out = [f"{lost:,} units without one of {' and '.join(languages)}"] if lost else []
    return Found(whole, languages, left_out, {})


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


def _chosen(found: list[str], source: str, asked: list[str] | None, path: Any) -> tuple[str, str]:
    """The languages of sources and targets among those found; en is en-GB's, too."""

    def of(language: str) -> str | None:
        language = language.lower()
        near = [one for one in found if one.partition("-")[0] == language.partition("-")[0]]
        return language if language in found else near[0] if len(near) == 1 else None

    if asked:
        both = [of(language) for language in asked]
    else:
        first = of(source) or (found[0] if found else None)
        both = [first, *(one for one in found if one != first)]
    if len(both) != 2 or None in both or both[0] == both[1]:
        raise DataError(
            f"{path} has sentences in {', '.join(found) or 'no language'}; expected two languages: "
            '--columns en,fr, in Python columns=("en", "fr"), says which',
            path,
        )
    return both[0], both[1]  # type: ignore[return-value]
