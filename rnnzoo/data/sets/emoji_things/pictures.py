"""Pictures of one thing each, of several sizes and anywhere in the picture."""

from __future__ import annotations

from typing import Any

from rnnzoo.data.sets import things
from rnnzoo.data.sets.openmoji import Piece, frame

SIZE = 32  # pixels of a side
COUNTS = {"train": 6000, "validation": 500, "test": 500}
LENGTHS = (0.32, 0.62)  # of a thing's side, by the picture's
ANGLES = (-12, 12)  # degrees


def classes() -> dict[str, tuple[str, str]]:
    """By name the kinds and colours that are trained on where scenes are made of them."""
    coloured = [
        (kind, colour)
        for kind in things.COLOURED
        for colour in things.COLOURS
        if things.of_pair((colour, things.COLOURS), (kind, things.KINDS)) == "train"
    ]
    found = [*coloured, *((kind, "") for kind in things.PLAIN)]
    return {f"{colour} {kind}".lstrip(): (kind, colour) for kind, colour in found}


def example(split: str, number: int) -> dict[str, Any]:
    """A picture uint8 (SIZE, SIZE, 3) and its label, a number among `classes`.

    Args:
        split: "train", "validation" or "test".
        number: the same one, the same picture.

    Raises:
        MissingPackage: the pictures, or what draws them, are not installed.
    """
    random = things.generator(f"{split} {number}, alone")
    label = number % len(classes())
    thing = things.picture(*list(classes().values())[label])
    length = random.uniform(*LENGTHS)
    x, y = random.uniform(length / 2, 1 - length / 2, size=2)
    piece = Piece(thing, x, y, length, random.uniform(*ANGLES))
    return {"image": frame([piece], things.background(random), SIZE), "label": label}
