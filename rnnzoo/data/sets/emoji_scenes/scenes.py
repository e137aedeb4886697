"""Scenes: some things of a kind beside, or above, some of another kind.

    two red apples left of a cat          a cat right of two red apples

Both are right. Either group is a row along the other, so that what is left of something is not
above it, too.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from rnnzoo.data.sets import things
from rnnzoo.data.sets.openmoji import Piece, frame

SIZE = 64  # pixels of a side
COUNTS = {"train": 6000, "validation": 400, "test": 400, "composition": 400}
ACROSS = {"left of": "right of", "above": "below"}  # and what the second group is to the first
TOGETHER = ((1, 1), (1, 2), (2, 1), (2, 2), (1, 3), (3, 1))  # how many of each

# By the picture's side: a thing's length, the shift of each thing, the border of the two groups.
LENGTHS = (0.25, 0.31)
SHIFT = 0.02
BORDERS = (0.46, 0.54)
ANGLES = (-12, 12)  # degrees


class Group(NamedTuple):
    """Some things of one kind and colour."""

    number: int
    kind: str
    colour: str

    @property
    def pairs(self) -> list[str]:
        """Of colour and kind, and of count and kind."""
        kind = self.kind, things.KINDS
        pairs = [things.of_pair((self.colour, things.COLOURS), kind)] if self.colour else []
        if self.number > 1:
            pairs.append(things.of_pair((self.number, things.SEVERAL), kind))
        return pairs


class Scene(NamedTuple):
    """Two groups, of which the first is left of the second, or above it."""

    first: Group
    across: str
    second: Group

    @property
    def pairs(self) -> list[str]:
        """Those of the groups, and what is where beside what."""
        kinds = [(group.kind, things.KINDS) for group in (self.first, self.second)]
        where = things.of_pair((self.across, ACROSS), *kinds)
        return [*self.first.pairs, *self.second.pairs, where]

    @property
    def sentences(self) -> list[str]:
        """Both that are right."""
        first, second = (things.named(*group) for group in (self.first, self.second))
        return [f"{first} {self.across} {second}", f"{second} {ACROSS[self.across]} {first}"]


def scene(random: np.random.Generator) -> Scene:
    """Any scene of two kinds."""
    while True:
        first, second = (
            Group(count, *things.thing(random)) for count in things.one_of(TOGETHER, random)
        )
        if first.kind != second.kind:
            return Scene(first, things.one_of(ACROSS, random), second)


def picture(shown: Scene, random: np.random.Generator) -> np.ndarray:
    """A picture of a scene: uint8 (SIZE, SIZE, 3)."""
    background = things.background(random)
    border = random.uniform(*BORDERS)
    length = random.uniform(*LENGTHS)
    longest = max(shown.first.number, shown.second.number) * length
    middle = random.uniform(longest / 2, 1 - longest / 2)  # along, where both groups have theirs
    pieces = []
    for group, begin, end in ((shown.first, 0.0, border), (shown.second, border, 1.0)):
        place = random.uniform(begin + length / 2, end - length / 2)
        for i in range(group.number):
            along = middle + (i - (group.number - 1) / 2) * length
            shifted = np.array([place, along]) + random.uniform(-SHIFT, SHIFT, size=2)
            x, y = shifted if shown.across == "left of" else shifted[::-1]
            drawn = things.picture(group.kind, group.colour)
            pieces.append(Piece(drawn, x, y, length, random.uniform(*ANGLES)))
    return frame(pieces, background, SIZE)


def example(split: str, number: int) -> dict[str, Any]:
    """A picture, its sentences, and its name, which is the first of them.

    Args:
        split: "train", "validation", "test" or "composition".
        number: the same one, the same picture.

    Raises:
        MissingPackage: the pictures, or what draws them, are not installed.
    """
    shown, random = things.example(split, number, scene)
    sentences = shown.sentences
    return {"image": picture(shown, random), "sentences": sentences, "name": sentences[0]}
