"""Sequences in batches."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from rnnzoo import data
from rnnzoo.data.pipelines.augmentation import Augmentation
from rnnzoo.platform import tf
from rnnzoo.replicas import in_parts
from rnnzoo.tasks.feed import Feed
from rnnzoo.tasks.recipes import Recipe, of_series

if TYPE_CHECKING:
    from rnnzoo.tasks.series.model import SeriesModel
    from rnnzoo.tasks.series.preprocessor import SeriesPreprocessor


class SeriesFeed(Feed):
    """What a model of sequences is trained on: windows of them, by step.

    A subclass sets what every `Feed` does but the batches, and defines `outcomes`.
    """

    hold_nothing_out: ClassVar = {"validation": 0.0, "test": 0.0}
    augments = True

    def __init__(
        self, data: data.Series, preprocessor: SeriesPreprocessor, *sizes: Any, **how: Any
    ):
        if data.exact and how.get("augment") is None:
            how["augment"] = 0.0
        super().__init__(data, preprocessor, *sizes, **how)
        if self.preprocessor.channels != preprocessor.channels and self.preprocessor.policy:
            self.learned = "; ".join(filter(None, (self.learned, self.preprocessor.policy)))
        if self.preprocessor.channels.names:
            self.details["channels"] = list(self.preprocessor.channels.names)
        as_cut = self.preprocessor.whole or self.window == self.preprocessor.window
        if len(self.data.train) and not as_cut:
            self.preprocessor = self.preprocessor.with_windows(self.window)

    def make_recipe(self, batch_size: int | None, window: int | None) -> Recipe:
        lengths = [len(x) for x in self.data.train.x]
        window = window or self.preprocessor.window or self.data.window
        return of_series(lengths, self.preprocessor.frame is not None, window, batch_size)

    @functools.cached_property
    def steps_per_epoch(self) -> int:
        return data.examples_per_epoch(self._examples("train"), self.batch_size, self.window)

    def outcomes(self) -> str:
        """What is to be answered, in words."""
        raise NotImplementedError

    def training(self, start_step: int = 0) -> tf.data.Dataset:
        batches = data.shuffled_examples(
            self._examples("train"),
            self.batch_size,
            self.window,
            seed=self.seed,
            start_step=start_step,
            balanced=self.balanced,
            augmentation=self._augmentation,
            past=self._past("train"),
        )
        return self.parts(in_parts(self.weighed(batches), self.replicas))

    @property
    def balanced(self) -> bool:
        """Whether each class is drawn as often as any other."""
        return False

    def weighed(self, batches: tf.data.Dataset) -> tf.data.Dataset:
        """Training batches, weighed by what is to be answered."""
        return batches

    @functools.cached_property
    def _augmentation(self) -> Augmentation | None:
        if self.preprocessor.frame is not None or not self.augment:
            return None
        known = self.preprocessor.channels
        words = [i for i, name in enumerate(known.names) if name in known.categories]
        x = self._examples("train").x
        return Augmentation.of(x, self.augment, words, known.scaled, known.smooth)

    def _past(self, split):
        """What is known at the beginning of a window of a split, where that matters."""
        if self.window is None or self.preprocessor.frame is not None:
            return None
        x = self._examples(split).x
        if self.preprocessor.channels.scaled:
            return data.Past(x, self.preprocessor.before)
        return data.Past(x) if any(np.isnan(of_one).any() for of_one in x) else None

    def evaluation(self, split: str) -> tf.data.Dataset:
        """Whole recordings; where nothing is trained and a window is given, its windows."""
        window = None if len(self.data.train) else self.window
        past = None if window is None else self._past(split)
        batches = data.examples_in_order(self._examples(split), self.batch_size, window, past=past)
        return self.parts(in_parts(batches, self.replicas))

    def questions(self, split: str) -> data.Examples:
        return self._examples(split)

    def replies(self, model: SeriesModel, split: str) -> Any:
        return model.answers_of(self._examples(split).x)

    def _examples(self, split):
        """A split, with what the model is to answer, as it knows it."""
        examples = self.preprocessor.with_own_labels(getattr(self.data, split))
        targets = self.preprocessor.targets(self.data, examples)
        weights = self._sample_weight.get(split, examples.weights)
        x = self.preprocessor.channels.arranged(
            examples.x, self.data.channels, self.data.categories, told=False
        )
        return data.Examples(x, targets, examples.subjects, weights)

    def __str__(self) -> str:
        cut = f", in windows of {self.window} steps" if self.window else ""
        changed = f", {self._augmentation}" if self._augmentation else ""
        each = " at each step" if self.preprocessor.per_step else ""
        return (
            f"{self.data.name}: {self.sizes()} sequences of {self.outcomes()}{each}{cut}{changed}"
        )
