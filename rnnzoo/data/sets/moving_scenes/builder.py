"""The TFDS builder of `moving_scenes`.

After ``import rnnzoo.data.sets.moving_scenes.builder`` it is known to TFDS by name, as any other::

    tfds.load("moving_scenes", split="composition")     # {"frames", "sentences", "name"}
"""

from typing import ClassVar

import numpy as np
import tensorflow_datasets as tfds

from rnnzoo.data.sets import things
from rnnzoo.data.sets.moving_scenes import clips
from rnnzoo.data.sets.numbered import Numbered
from rnnzoo.data.sets.openmoji import LICENSE, URL


class MovingScenes(Numbered, tfds.core.GeneratorBasedBuilder):
    """Clips of a thing that moves, split by the pairs of words that say what they show."""

    VERSION = tfds.core.Version("1.0.0")
    # What another version of the pictures drew is never taken for this one's.
    BUILDER_CONFIGS: ClassVar = [tfds.core.BuilderConfig(name=things.version())]
    made_by = clips

    def _info(self):
        shape = (clips.FRAMES, clips.SIZE, clips.SIZE, 3)
        return tfds.core.DatasetInfo(
            builder=self,
            description="Clips of a thing that moves and then does something, with a sentence.",
            features=tfds.features.FeaturesDict(
                {
                    "frames": tfds.features.Video(shape=shape, encoding_format="png"),
                    "sentences": tfds.features.Tensor(shape=(None,), dtype=np.str_),
                    "name": tfds.features.Text(),
                }
            ),
            homepage=URL,
            license=LICENSE,
            disable_shuffling=True,
        )
