"""The TFDS builder of `emoji_scenes`.

After ``import rnnzoo.data.sets.emoji_scenes.builder`` it is known to TFDS by name, as any other::

    tfds.load("emoji_scenes", split="composition")     # {"image", "sentences", "name"}
"""

from typing import ClassVar

import numpy as np
import tensorflow_datasets as tfds

from rnnzoo.data.sets import things
from rnnzoo.data.sets.emoji_scenes import scenes
from rnnzoo.data.sets.numbered import Numbered
from rnnzoo.data.sets.openmoji import LICENSE, URL


class EmojiScenes(Numbered, tfds.core.GeneratorBasedBuilder):
    """Pictures of two groups of things, split by the pairs of words that say what they show."""

    VERSION = tfds.core.Version("1.0.0")
    # What another version of the pictures drew is never taken for this one's.
    BUILDER_CONFIGS: ClassVar = [tfds.core.BuilderConfig(name=things.version())]
    made_by = scenes

    def _info(self):
        return tfds.core.DatasetInfo(
            builder=self,
            description="Pictures of two groups of things, with both sentences of what is where.",
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(
                        shape=(scenes.SIZE, scenes.SIZE, 3), encoding_format="png"
                    ),
                    "sentences": tfds.features.Tensor(shape=(None,), dtype=np.str_),
                    "name": tfds.features.Text(),
                }
            ),
            homepage=URL,
            license=LICENSE,
            disable_shuffling=True,
        )
