"""Any number of labels for one example: their names, and a matrix of who has which."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

Label = str | int

_WHOLE = re.compile(r"-?(0|[1-9]\d{0,17})")


class LabelMatrix(NamedTuple):
    """Which examples have which labels.

    Attributes:
        names: of the labels.
        has: int32 (examples, labels), 1 where an example has the label.
    """

    names: tuple[Label, ...]
    has: np.ndarray

    def sets(self) -> list[tuple[Label, ...]]:
        """The labels of each example."""
        return [tuple(self.names[i] for i in np.flatnonzero(row)) for row in self.has]


def matrix_of(sets: Sequence[Iterable[Label]]) -> LabelMatrix:
    """The matrix of sets of labels: first the whole numbers, then the strings.

    >>> matrix_of([("wet", "cold"), (), ("wet",)])
    LabelMatrix(names=('cold', 'wet'), has=array([[1, 1],
           [0, 0],
           [0, 1]], dtype=int32))
    """
    sets = [frozenset(of_one) for of_one in sets]
    names = ordered(label for of_one in set(sets) for label in of_one)
    place = {name: i for i, name in enumerate(names)}
    has = np.zeros((len(sets), len(names)), np.int32)
    for row, of_one in zip(has, sets, strict=True):
        row[[place[label] for label in of_one]] = 1
    return LabelMatrix(names, has)


def of_words(words: Sequence[str | None]) -> LabelMatrix:
    """The matrix of labels as a table has them, parted by "|" or ";"; None is no label.

    Where all are whole numbers, so are the labels.

    >>> of_words(["1|12", None, "12"]).sets()
    [(1, 12), (), (12,)]
    """
    sets = [parted(word or "") for word in words]
    if all(_WHOLE.fullmatch(label) for of_one in sets for label in of_one):
        return matrix_of([map(int, of_one) for of_one in sets])
    return matrix_of(sets)


def parted(word: str) -> list[str]:
    """The labels that a word holds.

    >>> parted("cold | wet"), parted("|")
    (['cold', 'wet'], [])
    """
    return [label.strip() for label in re.split("[|;]", word) if label.strip()]


def look_parted(words: Iterable[str]) -> bool:
    """Whether words hold several labels each: at least half of what is parted comes again.

    >>> look_parted(["cold", "wet", "cold|wet"]), look_parted(["sit;down", "stand;up"])
    (True, False)
    """
    found = [set(parted(word)) for word in set(words)]
    often = Counter(label for of_one in found for label in of_one)
    together = {label for of_one in found if len(of_one) > 1 for label in of_one}
    return bool(together) and sum(often[label] > 1 for label in together) >= len(together) / 2


def ordered(labels: Iterable[Label]) -> tuple[Label, ...]:
    """Each label once: the whole numbers, then the strings."""
    return tuple(sorted(set(labels), key=lambda label: (isinstance(label, str), label)))
