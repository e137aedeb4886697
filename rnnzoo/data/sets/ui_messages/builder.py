"""The TFDS builder of `ui_messages`.

After ``import rnnzoo.data.sets.ui_messages.builder`` it is known to TFDS by name, as any other::

    tfds.load("ui_messages", split="train")     # {"en": string, "fr": string}
"""

from typing import ClassVar

import tensorflow_datasets as tfds

from rnnzoo.data.sets.ui_messages import LANGUAGES, LICENSE, URL, catalogues


class UiMessages(tfds.core.GeneratorBasedBuilder):
    """Messages of programs in English and in another language, split by program."""

    VERSION = tfds.core.Version("2.0.0")
    # What other versions said is never taken for these'.
    BUILDER_CONFIGS: ClassVar = [
        tfds.core.BuilderConfig(name=catalogues.config(language)) for language in LANGUAGES
    ]

    def _info(self):
        languages = ("en", self.builder_config.name.split("-")[0])
        return tfds.core.DatasetInfo(
            builder=self,
            description="Messages of programs in English and in one other language.",
            features=tfds.features.Translation(languages),
            supervised_keys=languages,
            homepage=URL,
            license=LICENSE,
            disable_shuffling=True,
        )

    def _split_generators(self, dl_manager):
        languages = self.info.supervised_keys
        parts = catalogues.splits(languages[1])
        return {split: self._generate_examples(part, languages) for split, part in parts.items()}

    def _generate_examples(self, pairs, languages):
        for number, pair in enumerate(pairs):
            yield number, dict(zip(languages, pair, strict=True))
