"""Labelled sequences in batches."""

from __future__ import annotations

import dataclasses
import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from rnnzoo import data
from rnnzoo.baselines.base import Baseline
from rnnzoo.baselines.series import MostFrequentClass, MostFrequentLabels, Statistics
from rnnzoo.baselines.series_steps import MostFrequentClassOfSteps, StatisticsAround
from rnnzoo.data.pipelines.augmentation import Augmentation
from rnnzoo.data.step_labels import NONE
from rnnzoo.errors import WrongValue
from rnnzoo.evaluation import odd
from rnnzoo.evaluation.classes import of_label_sets, of_probabilities, of_steps
from rnnzoo.evaluation.measure import Measure
from rnnzoo.evaluation.pictures import write_classes, write_label_sets
from rnnzoo.platform import tf
from rnnzoo.replicas import in_parts
from rnnzoo.tasks.feed import Feed
from rnnzoo.tasks.recipes import Recipe, of_series
from rnnzoo.tasks.vocabulary import listed

if TYPE_CHECKING:
    from rnnzoo.tasks.series.classifier import SequenceClassifier
    from rnnzoo.tasks.series.preprocessor import SeriesPreprocessor


class SeriesFeed(Feed):
    """What a sequence classifier is trained on: windows of labelled sequences, by step."""

    load = staticmethod(data.load_series)
    hold_nothing_out: ClassVar = {"validation": 0.0, "test": 0.0}
    mode = "max"
    weighs_classes = True
    augments = True

    def __init__(
        self, data: data.Series, preprocessor: SeriesPreprocessor, *sizes: Any, **how: Any
    ):
        super().__init__(data, preprocessor, *sizes, **how)
        # By recording, as the model answers. Macro F1 leaves out classes that validation lacks.
        self.monitor = "subset_accuracy" if self.preprocessor.multi_label else "accuracy"
        if self.preprocessor.multi_label and self._class_weight is not None:
            raise WrongValue(
                "class_weight: where examples have several labels, no class has its own; leave it "
                "out"
            )
        if self.preprocessor.channels != preprocessor.channels and self.preprocessor.policy:
            self.learned = "; ".join(filter(None, (self.learned, self.preprocessor.policy)))
        if self.preprocessor.channels.names:
            self.details["channels"] = list(self.preprocessor.channels.names)
        if len(self.data.train) and self.window != self.preprocessor.window:
            self.preprocessor = self.preprocessor.with_windows(self.window)

    def make_recipe(self, batch_size: int | None, window: int | None) -> Recipe:
        lengths = [len(x) for x in self.data.train.x]
        window = window or self.preprocessor.window or self.data.window
        return of_series(lengths, self.preprocessor.frame is not None, window, batch_size)

    @functools.cached_property
    def steps_per_epoch(self) -> int:
        return data.examples_per_epoch(self._examples("train"), self.batch_size, self.window)

    def training(self, start_step: int = 0) -> tf.data.Dataset:
        batches = data.shuffled_examples(
            self._examples("train"),
            self.batch_size,
            self.window,
            seed=self.seed,
            start_step=start_step,
            balanced=self.preprocessor.balanced and not self.preprocessor.per_step,
            augmentation=self._augmentation,
            gaps=self._have_gaps("train"),
        )
        by_label = self._label_weights()
        if by_label is not None:
            by_label = tf.constant(by_label)
            batches = batches.map(lambda x, y, weight: (x, y, weight * tf.gather(by_label, y)))
        return self.parts(in_parts(batches, self.replicas))

    def _label_weights(self):
        """Those that are given; times those that make classes equal where steps are answered."""
        known = self.preprocessor
        given = self.label_weights(known.labels)
        if not (known.per_step and known.balanced):
            return given
        equal = 1 / (len(known.labels) * np.array(known.priors, np.float32))
        return equal if given is None else equal * given

    @functools.cached_property
    def _augmentation(self) -> Augmentation | None:
        if self.preprocessor.frame is not None or not self.augment:
            return None
        known = self.preprocessor.channels
        words = [i for i, name in enumerate(known.names) if name in known.categories]
        return Augmentation.of(self._examples("train").x, self.augment, words, known.scaled)

    def _have_gaps(self, split):
        """Whether windows of a split may begin where a value is missing."""
        if self.window is None or self.preprocessor.frame is not None:
            return False
        return any(np.isnan(x).any() for x in self._examples(split).x)

    def evaluation(self, split: str) -> tf.data.Dataset:
        """Whole recordings; where nothing is trained and a window is given, its windows."""
        window = None if len(self.data.train) else self.window
        gaps = window is not None and self._have_gaps(split)
        batches = data.examples_in_order(self._examples(split), self.batch_size, window, gaps=gaps)
        return self.parts(in_parts(batches, self.replicas))

    def questions(self, split: str) -> data.Examples:
        return self._examples(split)

    def replies(self, model: SequenceClassifier, split: str) -> Any:
        return model.probabilities(self._examples(split).x)

    def measures(self, split: str, answers: Any) -> list[Measure]:
        labels = self._examples(split).labels
        if self.preprocessor.per_step:
            return of_steps(answers, list(labels))
        measure = of_label_sets if self.preprocessor.multi_label else of_probabilities
        return measure(answers, labels)

    def odd(self, split: str, answers: Any) -> list[str]:
        name = np.array(self.preprocessor.labels.labels, object)
        if several := self.preprocessor.multi_label:
            labels = self._examples(split).labels
            truth, given = name[labels.any(axis=0)], name[(answers > 0.5).any(axis=0)]
        else:
            answers, labels = self._one_by_one(split, answers)
            truth, given = name[labels], name[answers.argmax(axis=1)]
        absent = [label for label in self.preprocessor.labels.labels if label not in set(truth)]
        said = [f"{split} has no example of {listed(absent)}"] if absent else []
        return said + odd.of_labels(given, truth, "labels" if several else "classes")

    def baselines(self) -> list[Baseline]:
        # By the model's ids of the classes, some of which it may have known before.
        known = dataclasses.replace(
            self.data,
            classes=self.preprocessor.labels.labels,
            train=self._examples("train"),
            validation=self._examples("validation"),
        )
        kinds: tuple[type[Baseline], ...] = (MostFrequentClass, Statistics)
        if self.preprocessor.multi_label:
            kinds = (MostFrequentLabels, Statistics)
        elif self.preprocessor.per_step:
            kinds = (MostFrequentClassOfSteps, StatisticsAround)
        return [baseline().fit(known) for baseline in kinds]

    def key(self):
        return self.data.digest(self.data.train), self.data.classes

    def _examples(self, split):
        """A split, its labels by the ids of the model, which may have known its classes before."""
        examples = self.preprocessor.with_own_labels(getattr(self.data, split))
        targets = self.preprocessor.targets(self.data, examples)
        weights = self._sample_weight.get(split, examples.weights)
        x = self.preprocessor.channels.arranged(
            examples.x, self.data.channels, self.data.categories, told=False
        )
        return data.Examples(x, targets, examples.subjects, weights)

    def _one_by_one(self, split, answers):
        """Probabilities and label ids, a row each, of examples or of all steps with a label."""
        labels = self._examples(split).labels
        if not self.preprocessor.per_step:
            return answers, labels
        labels = np.concatenate(labels)
        return np.concatenate(answers)[labels != NONE], labels[labels != NONE]

    def __str__(self) -> str:
        cut = f", in windows of {self.window} steps" if self.window else ""
        changed = f", {self._augmentation}" if self._augmentation else ""
        classes = f"{len(self.preprocessor.label_names(self.data.classes))} classes"
        if self.preprocessor.multi_label:
            classes = f"any number of {len(self.data.classes)} labels"
        each = " at each step" if self.preprocessor.per_step else ""
        return f"{self.data.name}: {self.sizes()} sequences of {classes}{each}{cut}{changed}"

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
