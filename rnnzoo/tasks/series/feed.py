"""Labelled sequences in batches."""

from __future__ import annotations

import dataclasses
import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnzoo import data
from rnnzoo.baselines.base import Baseline
from rnnzoo.baselines.series import MostFrequentClass, Statistics
from rnnzoo.evaluation import odd
from rnnzoo.evaluation.classes import of_probabilities
from rnnzoo.evaluation.measure import Measure
from rnnzoo.evaluation.pictures import write_classes
from rnnzoo.platform import tf
from rnnzoo.replicas import in_parts
from rnnzoo.tasks.feed import Feed

if TYPE_CHECKING:
    from rnnzoo.tasks.series.classifier import SequenceClassifier


class SeriesFeed(Feed):
    """What a sequence classifier is trained on: windows of labelled sequences, by step."""

    load = staticmethod(data.load_series)
    monitor = "macro_f1"
    mode = "max"
    weighs_classes = True

    @property
    def default_window(self) -> int | None:
        return self.data.window

    @functools.cached_property
    def steps_per_epoch(self) -> int:
        return data.examples_per_epoch(self._examples("train"), self.batch_size, self.window)

    def training(self, start_step: int = 0) -> tf.data.Dataset:
        examples = self._examples("train")
        batches = data.shuffled_examples(
            examples, self.batch_size, self.window, seed=self.seed, start_step=start_step
        )
        by_label = self.label_weights(self.preprocessor.labels)
        if self.preprocessor.balanced:
            labels = data.Windows(examples, self.window).labels
            counts = np.bincount(labels, minlength=len(self.preprocessor.labels))
            balance = (len(labels) / (len(counts) * np.maximum(counts, 1))).astype(np.float32)
            by_label = balance if by_label is None else by_label * balance
        if by_label is not None:
            by_label = tf.constant(by_label)
            batches = batches.map(lambda x, y, weight: (x, y, weight * tf.gather(by_label, y)))
        return self.parts(in_parts(batches, self.replicas))

    def evaluation(self, split: str) -> tf.data.Dataset:
        batches = data.examples_in_order(self._examples(split), self.batch_size, self.window)
        return self.parts(in_parts(batches, self.replicas))

    def questions(self, split: str) -> data.Examples:
        return self._examples(split)

    def answers(self, model: SequenceClassifier, questions: data.Examples) -> np.ndarray:
        return model.probabilities(questions.x)

    def measures(self, split: str, answers: np.ndarray) -> list[Measure]:
        return of_probabilities(answers, self._examples(split).labels)

    def odd(self, split: str, answers: np.ndarray) -> list[str]:
        name = np.array(self.preprocessor.labels.labels, object)
        truth = name[self._examples(split).labels]
        return odd.of_labels(name[answers.argmax(axis=1)], truth, "classes")

    def baselines(self) -> list[Baseline]:
        # By the model's ids of the classes, some of which it may have known before.
        known = dataclasses.replace(
            self.data, classes=self.preprocessor.labels.labels, train=self._examples("train")
        )
        return [baseline().fit(known) for baseline in (MostFrequentClass, Statistics)]

    def key(self):
        return self.data.digest(self.data.train), self.data.classes

    def _examples(self, split):
        """A split, its labels by the ids of the model, which may have known its classes before."""
        examples = getattr(self.data, split)
        ids = self.preprocessor.labels.ids(self.data.classes)
        weights = self._sample_weight.get(split, examples.weights)
        return data.Examples(examples.x, ids[examples.labels], examples.subjects, weights)

    def __str__(self) -> str:
        cut = f" in windows of {self.window} steps" if self.window else ""
        classes = len(self.data.classes)
        return f"{self.data.name}: {self.sizes()} sequences of {classes} classes{cut}"

    def report(self, model: SequenceClassifier, folder: Path, split: str) -> dict[str, Any]:
        """Write ``confusion.png``, ``reliability.png`` and ``classes.csv`` of a split."""
        labels = self._examples(split).labels
        probabilities = self.answers(model, self.questions(split))
        write_classes(folder, model.classes, probabilities, labels, split)
        return {}
