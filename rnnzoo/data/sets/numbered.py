"""What the TFDS builders share whose examples are made by their number."""

from __future__ import annotations

from typing import Any


class Numbered:
    """Stands before `tfds.core.GeneratorBasedBuilder` among the bases of a builder.

    Attributes:
        made_by: the module that makes them: ``COUNTS``, of each split how many there are, and
            ``example(split, number)``, a dict of features.
    """

    made_by: Any

    def _split_generators(self, dl_manager):
        return {split: self._generate_examples(split) for split in self.made_by.COUNTS}

    def _generate_examples(self, split):
        for number in range(self.made_by.COUNTS[split]):
            yield number, self.made_by.example(split, number)
