"""The TFDS builder of `python_source`.

After ``import rnnzoo.data.sets.python_source.builder`` it is known to TFDS by name, as any other::

    tfds.load("python_source", split="train")     # {"name": string, "text": string}, one per file
"""

import platform
from typing import ClassVar

import tensorflow_datasets as tfds

from rnnzoo.data.sets.python_source import files


class PythonSource(tfds.core.GeneratorBasedBuilder):
    """Source files of the running Python's standard library, split by file.

    The configuration is named by the Python version and a digest of the text itself, so that what
    another Python (or another patch of the same version) prepared is never taken for this one's.
    """

    VERSION = tfds.core.Version("1.0.0")
    BUILDER_CONFIGS: ClassVar = [
        tfds.core.BuilderConfig(name=f"{platform.python_version()}-{files.digest()[:12]}")
    ]

    def _info(self):
        return tfds.core.DatasetInfo(
            builder=self,
            description="Source files of the Python standard library, split by file.",
            features=tfds.features.FeaturesDict(
                {"name": tfds.features.Text(), "text": tfds.features.Text()}
            ),
            homepage=files.URL,
            license=files.LICENSE,
            # The order of the list is the order of the text.
            disable_shuffling=True,
        )

    def _split_generators(self, dl_manager):
        return {split: self._generate_examples(split) for split in files.FILES}

    def _generate_examples(self, split):
        for index, (name, text) in enumerate(files.read_files(split).items()):
            yield index, {"name": name, "text": text}
