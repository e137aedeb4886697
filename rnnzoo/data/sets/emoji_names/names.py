"""Names of emoji in two languages, split by what the emoji show."""

from __future__ import annotations

import functools
import importlib.util
import re
from typing import NamedTuple

import numpy as np

from rnnzoo.data.pipelines.duplicates import Duplicates
from rnnzoo.data.pipelines.splits import SPLITS, split_of
from rnnzoo.data.sets import openmoji
from rnnzoo.data.sets.emoji_captions import pictures
from rnnzoo.errors import MissingPackage

_FLAG = re.compile("[🇦-🇿]{2}|🏴.*\N{CANCEL TAG}")  # of a country, or a part of one


class Name(NamedTuple):
    """What an emoji is called in English and in another language, and what it shows."""

    source: str
    target: str
    emoji: str
    concept: str


def splits(language: str) -> dict[str, list[Name]]:
    """By split its names, one of each emoji without skin tones, which add but the same words.

    What differs by gender is in one split, as in `emoji_captions`, and so is what hardly differs in
    its English name.

    Raises:
        MissingPackage: the package that has them is not installed.
    """
    check_packages()
    parts: dict[str, list[Name]] = {split: [] for split in SPLITS}
    by_concept = _splits_by_concept()
    for emoji, names in pictures.read_names(language).items():
        if not set(pictures.TONES) & set(emoji):
            source, target = (pictures.words(names[of]).strip() for of in ("en", language))
            # CLDR's names of these begin so; the package leaves it out in English and in Chinese.
            if _FLAG.fullmatch(emoji) and language != "zh":
                source = f"flag {source}"
            concept = pictures.concept(emoji)
            parts[by_concept[concept]].append(Name(source, target, emoji, concept))
    return parts


@functools.cache
def _splits_by_concept() -> dict[str, str]:
    """By concept its split; those whose English names hardly differ are in one."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components

    known = pictures.read_names("en").items()
    of_names = [
        (pictures.concept(c), pictures.words(of["en"]))
        for c, of in known
        if not set(pictures.TONES) & set(c)
    ]
    cluster = Duplicates([name for _, name in of_names]).clusters()
    concepts = dict.fromkeys(pictures.concept(c) for c, _ in known)
    number = {one: len(of_names) + i for i, one in enumerate(concepts)}
    ends = (cluster, [number[one] for one, _ in of_names])
    size = len(of_names) + len(concepts)
    together = connected_components(csr_matrix((np.ones(len(of_names)), ends), (size, size)))[1]
    first: dict[int, str] = {}
    return {one: split_of(first.setdefault(together[number[one]], one)) for one in concepts}


def check_packages() -> None:
    """Raise MissingPackage if the package that has the names is not installed."""
    if not importlib.util.find_spec("emoji"):
        raise MissingPackage(
            "'emoji_names' takes the names of emoji from a package (emoji missing)", "translation"
        )


def config(language: str) -> str:
    """A name for what is read: the language, and the version of where it is from."""
    return f"{language}-{openmoji.versions('emoji')}"
