"""The TFDS builder of `emoji_captions`.

After ``import rnnzoo.data.sets.emoji_captions.builder`` it is known to TFDS by name, as any other::

    tfds.load("emoji_captions", split="train")     # {"image", "captions", "name", "concept"}
"""

from typing import ClassVar

import numpy as np
import tensorflow_datasets as tfds

from rnnzoo.data.sets import openmoji
from rnnzoo.data.sets.emoji_captions import LANGUAGES, pictures


class EmojiCaptions(tfds.core.GeneratorBasedBuilder):
    """Pictures of emoji with their names, split by what they show."""

    VERSION = tfds.core.Version("1.0.0")
    # What other versions drew or named is never taken for these'.
    BUILDER_CONFIGS: ClassVar = [
        tfds.core.BuilderConfig(name=pictures.config(language)) for language in LANGUAGES
    ]

    def _info(self):
        return tfds.core.DatasetInfo(
            builder=self,
            description="Pictures of emoji with their names in one language.",
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(
                        shape=(pictures.SIZE, pictures.SIZE, 3), encoding_format="png"
                    ),
                    "captions": tfds.features.Tensor(shape=(None,), dtype=np.str_),
                    "name": tfds.features.Text(),
                    "concept": tfds.features.Text(),
                }
            ),
            homepage=openmoji.URL,
            license=openmoji.LICENSE,
            disable_shuffling=True,
        )

    def _split_generators(self, dl_manager):
        language = self.builder_config.name.split("-")[0]
        parts = pictures.splits(language)
        return {split: self._generate_examples(part) for split, part in parts.items()}

    def _generate_examples(self, emoji):
        for number, one in enumerate(emoji):
            yield (
                number,
                {
                    "image": pictures.draw(one.character),
                    "captions": [one.caption],
                    "name": one.character,
                    "concept": one.concept,
                },
            )
