"""The TFDS builder of `openmoji_outlines`.

After ``import rnnzoo.data.sets.openmoji_outlines.builder`` it is known to TFDS by name, as any
other::

    tfds.load("openmoji_outlines", split="train")     # {"image", "labels"}
"""

from typing import ClassVar

import numpy as np
import tensorflow_datasets as tfds

from rnnzoo.data.sets.openmoji import LICENSE, URL
from rnnzoo.data.sets.openmoji_outlines import outlines


class OpenmojiOutlines(tfds.core.GeneratorBasedBuilder):
    """Closed outlines of emoji, and at each pixel whether it is inside, split by emoji."""

    VERSION = tfds.core.Version("1.0.0")
    # What another version of the pictures drew is never taken for this one's.
    BUILDER_CONFIGS: ClassVar = [tfds.core.BuilderConfig(name=outlines.version())]

    def _info(self):
        size = (outlines.SIZE, outlines.SIZE)
        return tfds.core.DatasetInfo(
            builder=self,
            description="Closed outlines of emoji, and at each pixel whether it is inside.",
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(shape=(*size, 1), encoding_format="png"),
                    "labels": tfds.features.Tensor(shape=size, dtype=np.int32),
                }
            ),
            homepage=URL,
            license=LICENSE,
            disable_shuffling=True,
        )

    def _split_generators(self, dl_manager):
        return {split: self._generate_examples(part) for split, part in outlines.splits().items()}

    def _generate_examples(self, examples):
        for number, (picture, labels) in enumerate(examples):
            yield number, {"image": picture, "labels": labels}
