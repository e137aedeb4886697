"""`ucf101`: clips of 101 human actions, through TFDS.

16 frames of 64 x 64 of each. Its first split; a tenth of the training clips validates, of scenes
that others show, too. `frames` keeps what is left of the clips on disk.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from rnnzoo.data.registry import register_dataset

if TYPE_CHECKING:
    from rnnzoo.data import Series


@register_dataset(
    "ucf101",
    task="sequence-classification",
    description="clips of 101 human actions, 16 frames of 64 x 64 (needs ffmpeg and unrar)",
    license="not stated",
    size="6,961 MB",
    url="https://www.crcv.ucf.edu/data-sets/ucf101/",
    citation="Soomro, Zamir & Shah 2012, UCF101: A Dataset of 101 Human Actions Classes From "
    "Videos in The Wild",
)
def load(name: str) -> Series:
    """Load it as clips; TFDS downloads it once."""
    from rnnzoo.data.pipelines.splits import by_class
    from rnnzoo.data.series import Series
    from rnnzoo.data.sets.prepare import import_tfds, prepared
    from rnnzoo.data.sets.ucf101.frames import SIDE, frames_on_disk

    import_tfds()
    from tensorflow_datasets.video.ucf101 import SPLITS_URL, Ucf101, Ucf101Config

    config = Ucf101Config(
        name=f"ucf101_1_{SIDE}",
        description="The first split, small.",
        split_number=1,
        width=SIDE,
        height=SIDE,
    )
    builder = prepared(functools.partial(Ucf101, config=config), SPLITS_URL)
    train, test = (frames_on_disk(builder, split) for split in ("train", "test"))
    rows = by_class(train.labels, name, validation=0.1, test=0)
    parts = {split: train.at(rows[split]) for split in ("train", "validation")} | {"test": test}
    classes = tuple(builder.info.features["label"].names)
    return Series.from_parts(name, parts, {"source": builder.info.homepage}, classes=classes)
