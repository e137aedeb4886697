"""Text for `rnnzoo.train`."""

from rnnzoo import data
from rnnzoo.tasks.task import Feed


class TextFeed(Feed):
    """What a text generator is trained on: a text's splits, and its batches by step.

    Args:
        model: takes up the characters of the training split.
        source: for `rnnzoo.load_text`.
        batch_size, window, seed: of the batches.

    Raises:
        ValueError: a split is too short for these batches.
    """

    monitor = "bits_per_character"

    def __init__(self, model, source, batch_size, window, seed):
        self.splits = data.load_text(source)
        self.metadata = self.splits.metadata
        self.window = window or 64
        length, held_out = len(self.splits.train), len(self.splits.validation)
        self.steps_per_epoch = data.steps_per_epoch(length, batch_size, self.window)
        if batch_size > length - self.window:
            raise ValueError(
                f"batch_size={batch_size}: a text of {length} characters has only "
                f"{length - self.window} places for a window of {self.window}"
            )
        if held_out < 2:
            raise ValueError(
                f"{self.splits.name} is too short: it has {held_out} of at least 2 characters to "
                "validate on"
            )
        self.held_out = ("validation", "test") if self.splits.test else ("validation",)
        model.adapt(self.splits.train)
        self._vocabulary = model.vocabulary
        unknown = {}
        for split in ("validation", "test"):
            text = getattr(self.splits, split)
            self._vocabulary.warn_of_unknown(text, f"The {split} text", stacklevel=5)
            unknown[split] = sum(map(text.count, self._vocabulary.unknown(text)))
        self.facts = {"unknown_characters": unknown}
        self._train_ids = self._vocabulary.ids(self.splits.train)
        self._size = batch_size, self.window
        self._seed = seed

    def __str__(self):
        sizes = {
            split: f"{len(text):,}"
            for split in ("train", "validation", "test")
            if (text := getattr(self.splits, split))
        }
        parts = ", ".join(f"{split} {size}" for split, size in sizes.items())
        return f"{self.splits.name}: {parts} characters"

    def training(self, start_step=0):
        return data.contiguous(self._train_ids, *self._size, self._seed, start_step)

    def evaluation(self, split):
        return data.in_order(self._vocabulary.ids(getattr(self.splits, split)), *self._size)
