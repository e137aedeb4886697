"""Sequences with classes in batches."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnzoo import data
from rnnzoo.baselines.base import Baseline
from rnnzoo.baselines.series import MostFrequentClass, MostFrequentLabels, Statistics
from rnnzoo.baselines.series_steps import MostFrequentClassOfSteps, StatisticsAround
from rnnzoo.data.step_labels import NONE
from rnnzoo.errors import WrongValue
from rnnzoo.evaluation.classes import of_label_sets, of_probabilities, of_steps
from rnnzoo.evaluation.measure import Measure
from rnnzoo.evaluation.pictures import write_classes, write_label_sets
from rnnzoo.platform import tf
from rnnzoo.tasks.classes import by_own_ids, odd_classes
from rnnzoo.tasks.series.feed import SeriesFeed

if TYPE_CHECKING:
    from rnnzoo.tasks.series.classes import ClassesPreprocessor
    from rnnzoo.tasks.series.classifier import SequenceClassifier


class ClassesFeed(SeriesFeed):
    """What a sequence classifier is trained on: windows of labelled sequences, by step."""

    load = staticmethod(data.load_series)
    mode = "max"
    weighs_classes = True

    def __init__(
        self, data: data.Series, preprocessor: ClassesPreprocessor, *sizes: Any, **how: Any
    ):
        super().__init__(data, preprocessor, *sizes, **how)
        # By recording, as the model answers. Macro F1 leaves out classes that validation lacks.
        self.monitor = "subset_accuracy" if self.preprocessor.multi_label else "accuracy"
        if self.preprocessor.multi_label and self._class_weight is not None:
            raise WrongValue(
                "class_weight: where examples have several labels, no class has its own; leave it "
                "out"
            )

    @property
    def balanced(self) -> bool:
        return self.preprocessor.balanced and not self.preprocessor.per_step

    def weighed(self, batches: tf.data.Dataset) -> tf.data.Dataset:
        return self.weighed_by(batches, self._label_weights())

    def _label_weights(self):
        """Those that are given; times those that make classes equal where steps are answered."""
        known = self.preprocessor
        given = self.label_weights(known.labels)
        if not (known.per_step and known.balanced):
            return given
        equal = 1 / (len(known.labels) * np.array(known.priors, np.float32))
        return equal if given is None else equal * given

    def measures(self, split: str, answers: Any) -> list[Measure]:
        labels = self._examples(split).labels
        if self.preprocessor.per_step:
            return of_steps(answers, list(labels))
        measure = of_label_sets if self.preprocessor.multi_label else of_probabilities
        return measure(answers, labels)

    def odd(self, split: str, answers: Any) -> list[str]:
        labels = self.preprocessor.labels
        if self.preprocessor.multi_label:
            there = self._examples(split).labels.any(axis=0)
            return odd_classes(labels, (answers > 0.5).any(axis=0), there, split, "labels")
        answers, truth = self._one_by_one(split, answers)
        return odd_classes(labels, answers.argmax(axis=1), truth, split)

    def baselines(self) -> list[Baseline]:
        known = by_own_ids(self.data, self.preprocessor.labels, self._examples)
        kinds: tuple[type[Baseline], ...] = (MostFrequentClass, Statistics)
        if self.preprocessor.multi_label:
            kinds = (MostFrequentLabels, Statistics)
        elif self.preprocessor.per_step:
            kinds = (MostFrequentClassOfSteps, StatisticsAround)
        return [baseline().fit(known) for baseline in kinds]

    def key(self):
        return self.data.digest(self.data.train), self.data.classes

    def _one_by_one(self, split, answers):
        """Probabilities and label ids, a row each, of examples or of all steps with a label."""
        labels = self._examples(split).labels
        if not self.preprocessor.per_step:
            return answers, labels
        labels = np.concatenate(labels)
        return np.concatenate(answers)[labels != NONE], labels[labels != NONE]

    def outcomes(self) -> str:
        if self.preprocessor.multi_label:
            return f"any number of {len(self.data.classes)} labels"
        return f"{len(self.preprocessor.label_names(self.data.classes))} classes"

    def report(
        self, model: SequenceClassifier, folder: Path, split: str, replies: Any
    ) -> dict[str, Any]:
        """Write ``classes.csv`` of a split, ``confusion.png`` and ``reliability.png``.

        There is no confusion between labels of which an example may have several.
        """
        probabilities, targets = self._one_by_one(split, replies)
        if model.multi_label:
            write_label_sets(folder, model.classes, probabilities, targets)
        else:
            write_classes(folder, model.classes, probabilities, targets, split)
        return {}
