"""`coco_captions`: photographs with five captions each, through TFDS.

In the splits of Karpathy and Li (2015). `photographs` makes them smaller and keeps them on disk.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from rnnzoo.data.registry import register_dataset

if TYPE_CHECKING:
    from rnnzoo.data import CaptionData

URL = "http://images.cocodataset.org/annotations/annotations_trainval2014.zip"


@register_dataset(
    "coco_captions",
    task="captioning",
    description="photographs with five captions each, 128 pixels on the shorter side",
    extra="captioning",
    license="CC BY 4.0 (captions); the photographs' own, as Flickr tells",
    size="40,379 MB",
    url="http://cocodataset.org",
    citation="Lin et al. 2014, Microsoft COCO: Common Objects in Context",
)
def load(name: str) -> CaptionData:
    """Load it as pictures and captions; TFDS downloads it once."""
    from rnnzoo.data.captions import CaptionData
    from rnnzoo.data.sets.coco_captions.photographs import small_on_disk
    from rnnzoo.data.sets.prepare import import_tfds, prepared

    builder = prepared(functools.partial(import_tfds().builder, name), URL)
    # As is usual: what was left of COCO's own validation split is trained on, too.
    splits = {"train": "train+restval", "validation": "val", "test": "test"}
    parts, sha256 = {}, {}
    for split, of_tfds in splits.items():
        parts[split], sha256[split] = small_on_disk(builder, of_tfds)
    metadata = {"source": builder.info.homepage, "sha256": sha256}
    return CaptionData(
        name=name,
        train=parts["train"],
        validation=parts["validation"],
        test=parts["test"],
        metadata=metadata,
    )
