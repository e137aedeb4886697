"""The TFDS builder of `watch`.

After ``import rnnzoo.data.sets.watch.builder`` it is known to TFDS by name, as any other::

    tfds.load("watch", split="train")     # {"x": (time, 6) float32, "label", "subject"}
"""

import numpy as np
import tensorflow_datasets as tfds

from rnnzoo.data.sets.watch import LICENSE, URL, files


class Watch(tfds.core.GeneratorBasedBuilder):
    """Shoulder exercises recorded by a wristwatch, split by subject.

    140 recordings of 10 subjects, 7 exercises with either arm, at 50 Hz.
    """

    VERSION = tfds.core.Version("1.0.0")

    def _info(self):
        return tfds.core.DatasetInfo(
            builder=self,
            description="Shoulder exercises recorded by a wristwatch, split by subject.",
            features=tfds.features.FeaturesDict(
                {
                    "x": tfds.features.Tensor(shape=(None, len(files.CHANNELS)), dtype=np.float32),
                    "label": tfds.features.ClassLabel(names=list(files.CLASSES.values())),
                    "subject": tfds.features.Text(),
                }
            ),
            homepage=URL,
            license=LICENSE,
            disable_shuffling=True,
        )

    def _split_generators(self, dl_manager):
        return {split: self._generate_examples(split) for split in files.SUBJECTS}

    def _generate_examples(self, split):
        yield from enumerate(files.read_recordings(split))
