"""The TFDS builder of `emoji_names`.

After ``import rnnzoo.data.sets.emoji_names.builder`` it is known to TFDS by name, as any other::

    tfds.load("emoji_names", split="train")     # {"en", "de", "emoji", "concept"}, all strings
"""

from typing import ClassVar

import tensorflow_datasets as tfds

from rnnzoo.data.sets.emoji_names import LANGUAGES, LICENSE, URL, names


class EmojiNames(tfds.core.GeneratorBasedBuilder):
    """Names of emoji in English and in another language, split by what they show and are called."""

    VERSION = tfds.core.Version("2.0.0")
    # What other versions named is never taken for these'.
    BUILDER_CONFIGS: ClassVar = [
        tfds.core.BuilderConfig(name=names.config(language)) for language in LANGUAGES
    ]

    def _info(self):
        languages = ("en", self.builder_config.name.split("-")[0])
        return tfds.core.DatasetInfo(
            builder=self,
            description="Names of emoji in English and in one other language.",
            features=tfds.features.FeaturesDict(
                {key: tfds.features.Text() for key in (*languages, "emoji", "concept")}
            ),
            supervised_keys=languages,
            homepage=URL,
            license=LICENSE,
            disable_shuffling=True,
        )

    def _split_generators(self, dl_manager):
        languages = self.info.supervised_keys
        parts = names.splits(languages[1])
        return {split: self._generate_examples(part, languages) for split, part in parts.items()}

    def _generate_examples(self, found, languages):
        for number, name in enumerate(found):
            yield number, dict(zip((*languages, "emoji", "concept"), name, strict=True))
