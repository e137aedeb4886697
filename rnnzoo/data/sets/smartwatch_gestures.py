"""`smartwatch_gestures`: arm gestures recorded by a wristwatch, through TFDS, split by subject."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from rnnzoo.data.registry import register_dataset

if TYPE_CHECKING:
    from rnnzoo.data import Series

URL = "https://drive.google.com/uc?export=download&id=1nEs-JlAQv6xpuSIqahTKK68TgK37GirP"


@register_dataset(
    "smartwatch_gestures",
    task="sequence-classification",
    description="3200 recordings of 20 arm gestures by a wristwatch, split by subject",
    license="not stated",
    size="2.2 MB",
    url="https://tev.fbk.eu/resources/smartwatch",
    citation="Costante et al. 2014, Personalizing a smartwatch-based gesture interface with "
    "transfer learning",
)
def load(name: str) -> Series:
    """Load it as recordings; TFDS downloads it once."""
    import numpy as np

    from rnnzoo.data.pipelines.splits import by_subject
    from rnnzoo.data.series import Examples, Series
    from rnnzoo.data.sets.prepare import import_tfds, prepared, read

    builder = prepared(functools.partial(import_tfds().builder, name), URL)
    x, labels, subjects = [], [], []
    for example in read(builder, "train"):
        channels = [example["features"][f"accel_{axis}"] for axis in "xyz"]
        x.append(np.stack(channels, axis=-1).astype(np.float32))
        labels.append(example["gesture"])
        subjects.append(str(example["participant"]))
    examples = Examples(x, np.array(labels, np.int32), tuple(subjects))
    rows = by_subject(subjects, name, validation=0.25, test=0.25)
    parts = {split: examples.at(of_split) for split, of_split in rows.items()}
    classes = tuple(builder.info.features["gesture"].names)
    return Series.from_parts(name, parts, {"source": builder.info.homepage}, classes=classes)
