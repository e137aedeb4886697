"""The TFDS builder of `emoji_things`.

After ``import rnnzoo.data.sets.emoji_things.builder`` it is known to TFDS by name, as any other::

    tfds.load("emoji_things", split="train")     # {"image", "label"}
"""

from typing import ClassVar

import tensorflow_datasets as tfds

from rnnzoo.data.sets import things
from rnnzoo.data.sets.emoji_things import pictures
from rnnzoo.data.sets.numbered import Numbered
from rnnzoo.data.sets.openmoji import LICENSE, URL


class EmojiThings(Numbered, tfds.core.GeneratorBasedBuilder):
    """Pictures of one thing each, with its name."""

    VERSION = tfds.core.Version("1.0.0")
    # What another version of the pictures drew is never taken for this one's.
    BUILDER_CONFIGS: ClassVar = [tfds.core.BuilderConfig(name=things.version())]
    made_by = pictures

    def _info(self):
        return tfds.core.DatasetInfo(
            builder=self,
            description="Pictures of one thing each, with its name.",
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(
                        shape=(pictures.SIZE, pictures.SIZE, 3), encoding_format="png"
                    ),
                    "label": tfds.features.ClassLabel(names=list(pictures.classes())),
                }
            ),
            homepage=URL,
            license=LICENSE,
            disable_shuffling=True,
        )
