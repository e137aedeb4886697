"""Texts with labels in batches."""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnzoo.baselines.base import Baseline
from rnnzoo.data.documents import Documents
from rnnzoo.errors import WrongValue
from rnnzoo.platform import tf
from rnnzoo.replicas import in_parts
from rnnzoo.tasks.recipes import Recipe
from rnnzoo.tasks.text.feed import TextFeed
from rnnzoo.tasks.text.preprocessor import LabelledTextPreprocessor

if TYPE_CHECKING:
    from rnnzoo.tasks.text.model import CharacterModel

STRIPS, STRETCH = 32, 64  # in which a model reads documents to be measured
MOST = 128  # texts side by side


def measured(preprocessor: LabelledTextPreprocessor, documents: Documents) -> tf.data.Dataset:
    """Batches of documents as they are read to be measured."""
    return preprocessor.windows(documents, STRETCH).in_order(STRIPS)


class LabelledTextFeed(TextFeed):
    """What a conditioned generator is trained on: documents, whose windows begin with them."""

    drawn = "strips of the texts"

    def characters(self, split: str) -> str:
        return "".join(self.data.documents[split].texts)

    def make_recipe(self, batch_size: int | None, window: int | None) -> Recipe:
        """That of a text, with more of them side by side where short ones leave windows empty."""
        recipe = super().make_recipe(batch_size, window)
        lengths = np.array([len(text) + 1 for text in self.data.documents["train"].texts])
        read = -(-lengths // recipe.window) * recipe.window
        if batch_size is None and len(lengths):
            side_by_side = round(recipe.batch_size * read.sum() / lengths.sum())
            recipe = replace(recipe, batch_size=max(recipe.batch_size, min(MOST, side_by_side)))
        return recipe

    def check(self) -> None:
        if "validation" not in self.held_out:
            raise WrongValue(
                f"{self.data.name} has no texts to validate on: give more of each label"
            )

    def key(self) -> Any:
        return hash((self.data.train, self.data.documents["train"].labels))

    @functools.cached_property
    def steps_per_epoch(self) -> int:
        return self._windows("train").steps_per_epoch(self.batch_size)

    def _windows(self, split):
        return self.preprocessor.windows(self.data.documents[split], self.window)

    def training(self, start_step: int = 0) -> tf.data.Dataset:
        batches = self._windows("train").training(self.batch_size, self.seed, start_step)
        return self.parts(in_parts(batches, self.replicas))

    def evaluation(self, split: str) -> tf.data.Dataset:
        return self.parts(in_parts(self._windows(split).in_order(self.batch_size), self.replicas))

    # --- answers, and how good they are -----------------------------------------------------------

    def questions(self, split: str) -> Documents:
        return self.data.documents[split]

    def replies(self, model: CharacterModel, split: str) -> np.ndarray:
        return model.nats_over(measured(self.preprocessor, self.questions(split)))

    def baselines(self) -> list[Baseline]:
        from rnnzoo.baselines.text import MarkovOfTexts  # which is a model of this task

        return [MarkovOfTexts(self.preprocessor).fit(self.data)]
