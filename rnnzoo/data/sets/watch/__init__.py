"""`watch`: shoulder exercises recorded by a wristwatch.

140 recordings of 10 subjects, 7 exercises with either arm, 6 channels at 50 Hz, split by subject.
Nothing is downloaded. `files` reads what the package seglearn carries; `builder` is the TFDS
builder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnzoo.data.registry import register_dataset

if TYPE_CHECKING:
    from rnnzoo.data import Series

LICENSE = "BSD-3-Clause"
URL = "https://github.com/dmbee/seglearn"


@register_dataset(
    "watch",
    task="sequence-classification",
    description="140 recordings of 7 shoulder exercises by a wristwatch, split by subject",
    extra="activity",
    license=LICENSE,
    size="made here",
    url=URL,
    citation="Burns et al. 2018, Shoulder Physiotherapy Exercise Recognition: Machine Learning the "
    "Inertial Signals from a Smartwatch",
)
def load(name: str) -> Series:
    """Load it as recordings; their windows are two seconds."""
    import numpy as np

    from rnnzoo.data.series import Examples, Series
    from rnnzoo.data.sets.prepare import import_tfds, prepared, read
    from rnnzoo.data.sets.watch import files

    import_tfds()
    from rnnzoo.data.sets.watch.builder import Watch

    builder = prepared(Watch)
    parts = {}
    for split in files.SUBJECTS:
        recordings = list(read(builder, split))
        parts[split] = Examples(
            [r["x"] for r in recordings],
            np.array([r["label"] for r in recordings], np.int32),
            tuple(r["subject"].decode() for r in recordings),
        )
    classes = tuple(files.CLASSES.values())
    metadata = {"source": URL, "license": LICENSE}
    return Series.from_parts(name, parts, metadata, classes=classes, window=100)
