"""Text in batches."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnzoo import data
from rnnzoo.baselines.base import Baseline
from rnnzoo.errors import WrongValue
from rnnzoo.evaluation.measure import Measure
from rnnzoo.evaluation.text import of_nats
from rnnzoo.platform import tf
from rnnzoo.replicas import in_parts
from rnnzoo.tasks.feed import Feed
from rnnzoo.tasks.recipes import Recipe, of_text

if TYPE_CHECKING:
    from rnnzoo.tasks.text.model import CharacterModel


class TextFeed(Feed):
    """What a text generator is trained on: a text's splits, and its batches by step.

    Warns:
        UserWarning: characters of a held-out split that the model doesn't know.
    """

    load = staticmethod(data.load_text)
    monitor = "bits_per_character"
    unit = "characters"
    drawn = "strips of the text"
    weighs_examples = False
    window: int

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        # In a text of one character there is nothing to predict.
        self.held_out = tuple(s for s in self.held_out if len(getattr(self.data, s)) > 1)
        unknown = {"validation": 0, "test": 0}
        for split in self.held_out:
            text = self.characters(split)
            self.preprocessor.vocabulary.warn_of_unknown(text, f"The {split} text")
            unknown[split] = self._unknown(text)
        self.details = {"unknown_characters": unknown}

    def characters(self, split: str) -> str:
        """All that is read of a split."""
        return getattr(self.data, split)

    def _unknown(self, text):
        """How many of the characters of a text the model doesn't know."""
        return sum(map(text.count, self.preprocessor.vocabulary.unknown(text)))

    def make_recipe(self, batch_size: int | None, window: int | None) -> Recipe:
        return of_text(len(self.data.train), batch_size, window)

    def check(self) -> None:
        length, _ = len(self.data.train), self.steps_per_epoch  # which wants a window
        if self.batch_size > length - self.window:
            raise WrongValue(
                f"batch_size={self.batch_size}: a text of {length} characters has only "
                f"{length - self.window} places for a window of {self.window}"
            )
        if "validation" not in self.held_out:
            raise WrongValue(
                f"{self.data.name} is too short: it has {len(self.data.validation)} of at least 2 "
                "characters to validate on"
            )

    @functools.cached_property
    def steps_per_epoch(self) -> int:
        return data.steps_per_epoch(len(self.data.train), self.batch_size, self.window)

    @functools.cached_property
    def _train_ids(self):
        return self.preprocessor.vocabulary.ids(self.data.train)

    def training(self, start_step: int = 0) -> tf.data.Dataset:
        size = self.batch_size, self.window
        batches = data.contiguous(self._train_ids, *size, self.seed, start_step)
        return self.parts(in_parts(batches, self.replicas))

    def questions(self, split: str) -> Any:
        return getattr(self.data, split)

    def replies(self, model: CharacterModel, split: str) -> np.ndarray:
        return model.nats(self.questions(split))

    def measures(self, split: str, answers: np.ndarray) -> list[Measure]:
        return of_nats(answers)

    def odd(self, split: str, answers: np.ndarray) -> list[str]:
        text = self.characters(split)
        if not (unknown := self._unknown(text)):
            return []
        return [
            f"{unknown:,} of {len(text):,} characters are none that the model knows: they count, "
            "here and for the Markov chain, as one symbol, the unknown character"
        ]

    def baselines(self) -> list[Baseline]:
        from rnnzoo.baselines.text import Markov  # which is a model of this task

        return [Markov(self.preprocessor.vocabulary.characters).fit(self.data)]

    def evaluation(self, split: str) -> tf.data.Dataset:
        ids = self.preprocessor.vocabulary.ids(getattr(self.data, split))
        batches = data.in_order(ids, self.batch_size, self.window)
        return self.parts(in_parts(batches, self.replicas))
