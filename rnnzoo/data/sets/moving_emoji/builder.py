"""The TFDS builder of `moving_emoji`.

After ``import rnnzoo.data.sets.moving_emoji.builder`` it is known to TFDS by name, as any other::

    tfds.load("moving_emoji", split="train")     # {"frames", "label", "name", "sentences"}
"""

from typing import ClassVar

import numpy as np
import tensorflow_datasets as tfds

from rnnzoo.data.sets.moving_emoji import clips
from rnnzoo.data.sets.numbered import Numbered
from rnnzoo.data.sets.openmoji import LICENSE, URL


class MovingEmoji(Numbered, tfds.core.GeneratorBasedBuilder):
    """Clips of a picture that moves, grows, shrinks, turns or fades, split by picture."""

    VERSION = tfds.core.Version("1.0.0")
    # What another version of the pictures drew is never taken for this one's.
    BUILDER_CONFIGS: ClassVar = [tfds.core.BuilderConfig(name=clips.version())]
    made_by = clips

    def _info(self):
        shape = (clips.FRAMES, clips.SIZE, clips.SIZE, 3)
        return tfds.core.DatasetInfo(
            builder=self,
            description="Clips of a picture that moves, grows, shrinks, turns or fades.",
            features=tfds.features.FeaturesDict(
                {
                    "frames": tfds.features.Video(shape=shape, encoding_format="png"),
                    "label": tfds.features.ClassLabel(names=list(clips.MOTIONS)),
                    "name": tfds.features.Text(),
                    "sentences": tfds.features.Tensor(shape=(None,), dtype=np.str_),
                }
            ),
            homepage=URL,
            license=LICENSE,
            disable_shuffling=True,
        )
