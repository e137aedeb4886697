"""Clips of a thing that moves and then does something.

a small dog moves up and stops          a big red apple moves left and turns back
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from rnnzoo.data.sets import things
from rnnzoo.data.sets.openmoji import Piece, frame

FRAMES = 12
MOVING = 7  # frames, of which the last one is where the motion ends
SIZE = 32  # pixels of a side
COUNTS = {"train": 6000, "validation": 300, "test": 300, "composition": 300}

SIZES = {"small": (0.32, 0.37), "big": (0.52, 0.58)}  # of a thing's side, by the frame's
MOTIONS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}
ENDINGS = ("stops", "turns back", "vanishes", "spins", "grows", "shrinks", "blinks")
WAYS = (0.32, 0.4)  # from beginning to end of the motion, by the frame's side
TILTS = (-10, 10)  # degrees


class Happening(NamedTuple):
    """What is seen in a clip."""

    size: str
    kind: str
    colour: str
    motion: str
    ending: str

    @property
    def pairs(self) -> list[str]:
        """Of the kind with colour, size and motion, and of motion and ending."""
        kind, motion = (self.kind, things.KINDS), (self.motion, MOTIONS)
        coloured = [things.of_pair((self.colour, things.COLOURS), kind)] if self.colour else []
        return [
            *coloured,
            things.of_pair((self.size, SIZES), kind),
            things.of_pair(motion, kind),
            things.of_pair(motion, (self.ending, ENDINGS)),
        ]

    @property
    def sentence(self) -> str:
        named = f"{self.size} {self.colour} {self.kind}".replace("  ", " ")
        return f"a {named} moves {self.motion} and {self.ending}"


def happening(random: np.random.Generator) -> Happening:
    """Anything that may happen."""
    size, thing = things.one_of(SIZES, random), things.thing(random)
    return Happening(size, *thing, things.one_of(MOTIONS, random), things.one_of(ENDINGS, random))


def frames(shown: Happening, random: np.random.Generator) -> np.ndarray:
    """The frames of what happens: uint8 (FRAMES, SIZE, SIZE, 3)."""
    background = things.background(random)
    size = random.uniform(*SIZES[shown.size])
    way = np.array(MOTIONS[shown.motion]) * random.uniform(*WAYS)
    margin = size / 2 + np.abs(way) / 2
    middle = random.uniform(margin, 1 - margin)
    piece = Piece(things.picture(shown.kind, shown.colour), 0, 0, size, random.uniform(*TILTS))
    drawn = []
    for time in range(FRAMES):
        gone = min(time / (MOVING - 1), 1)
        after = max(time - MOVING + 1, 0) / (FRAMES - MOVING)  # share of what follows the motion
        turned = 0.8 if shown.ending == "turns back" else 0.0
        x, y = middle + way * (gone - turned * after - 0.5)
        now = piece._replace(x=x, y=y)
        if shown.ending == "vanishes":
            now = now._replace(opacity=1 - after)
        elif shown.ending == "spins":
            now = now._replace(angle=piece.angle - 300 * after)
        elif shown.ending == "grows":
            now = now._replace(size=size * (1 + 0.7 * after))
        elif shown.ending == "shrinks":
            now = now._replace(size=size * (1 - 0.7 * after))
        elif shown.ending == "blinks" and time >= MOVING:
            now = now._replace(opacity=(time - MOVING) % 2)
        drawn.append(frame([now], background, SIZE))
    return np.stack(drawn)


def example(split: str, number: int) -> dict[str, Any]:
    """A clip, its sentence, and its name, which is the sentence.

    Args:
        split: "train", "validation", "test" or "composition".
        number: the same one, the same clip.

    Raises:
        MissingPackage: the pictures, or what draws them, are not installed.
    """
    shown, random = things.example(split, number, happening)
    return {
        "frames": frames(shown, random),
        "sentences": [shown.sentence],
        "name": shown.sentence,
    }
