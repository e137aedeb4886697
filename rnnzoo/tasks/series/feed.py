"""Labelled sequences in batches."""

from __future__ import annotations

import dataclasses
import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from rnnzoo import data
from rnnzoo.baselines.base import Baseline
from rnnzoo.baselines.series import MostFrequentClass, Statistics
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

    def make_recipe(self) -> Recipe:
        lengths = [len(x) for x in self.data.train.x]
        window = self.preprocessor.window or self.data.window
        return of_series(lengths, self.preprocessor.frame is not None, window)

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
        return Augmentation.of(self._examples("train").x, self.augment, words)

    def evaluation(self, split: str) -> tf.data.Dataset:
        """Whole recordings; where nothing is trained and a window is given, its windows."""
        window = None if len(self.data.train) else self.window
        batches = data.examples_in_order(self._examples(split), self.batch_size, window)
        return self.parts(in_parts(batches, self.replicas))

    def questions(self, split: str) -> data.Examples:
        return self._examples(split)

    def answers(self, model: SequenceClassifier, questions: data.Examples) -> Any:
        return model.probabilities(questions.x)

    def measures(self, split: str, answers: Any) -> list[Measure]:
        labels = self._examples(split).labels
        if self.preprocessor.per_step:
            return of_steps(answers, list(labels))
        measure = of_label_sets if self.preprocessor.multi_label else of_probabilities
        return measure(answers, labels)

    def odd(self, split: str, answers: Any) -> list[str]:
        if self.preprocessor.multi_label:
            return []
        name = np.array(self.preprocessor.labels.labels, object)
        answers, labels = self._one_by_one(split, answers)
        truth = name[labels]
        absent = [label for label in self.preprocessor.labels.labels if label not in set(truth)]
        said = [f"{split} has no example of {listed(absent)}"] if absent else []
        return said + odd.of_labels(name[answers.argmax(axis=1)], truth, "classes")

    def baselines(self) -> list[Baseline]:
        if self.preprocessor.multi_label:
            return []
        # By the model's ids of the classes, some of which it may have known before.
        known = dataclasses.replace(
            self.data,
            classes=self.preprocessor.labels.labels,
            train=self._examples("train"),
            validation=self._examples("validation"),
        )
        kinds: tuple[type[Baseline], ...] = (MostFrequentClass, Statistics)
        if self.preprocessor.per_step:
            kinds = (MostFrequentClassOfSteps, StatisticsAround)
        return [baseline().fit(known) for baseline in kinds]

    def key(self):
        return self.data.digest(self.data.train), self.data.classes

    def _examples(self, split):
        """A split, its labels by the ids of the model, which may have known its classes before."""
        examples = self.preprocessor.with_own_labels(getattr(self.data, split))
        labels = self.preprocessor.ids(self.data.classes, examples.labels)
        weights = self._sample_weight.get(split, examples.weights)
        x = self.preprocessor.channels.arranged(
            examples.x, self.data.channels, self.data.categories, told=False
        )
        return data.Examples(x, labels, examples.subjects, weights)

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
        classes = len(self.preprocessor.label_names(self.data.classes))
        each = " at each step" if self.preprocessor.per_step else ""
        of = f"sequences of {classes} classes{each}"
        return f"{self.data.name}: {self.sizes()} {of}{cut}{changed}"

    def report(self, model: SequenceClassifier, folder: Path, split: str) -> dict[str, Any]:
        """Write ``classes.csv`` of a split, ``confusion.png`` and ``reliability.png``.

        There is no confusion between labels of which an example may have several.
        """
        answers = self.answers(model, self.questions(split))
        probabilities, targets = self._one_by_one(split, answers)
        if model.multi_label:
            write_label_sets(folder, model.classes, probabilities, targets)
        else:
            write_classes(folder, model.classes, probabilities, targets, split)
        return {}
