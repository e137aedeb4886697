"""What the TFDS builders share whose examples are made by their number."""

from __future__ import annotations

from typing import Any


class Numbered:
    """Stands before `tfds.core.GeneratorBasedBuilder` among the bases of a builder.

    Attributes:
        counts: of each split how many examples it has.
        example: ``example(split, number)``, a dict of features, a staticmethod.
    """

    counts: Any
    example: Any

    def _split_generators(self, dl_manager):
        return {split: self._generate_examples(split) for split in self.counts}

    def _generate_examples(self, split):
        for number in range(self.counts[split]):
            yield number, self.example(split, number)
