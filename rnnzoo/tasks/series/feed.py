"""Labelled sequences in batches."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnzoo import data
from rnnzoo.data.pipelines.augmentation import Augmentation
from rnnzoo.errors import WrongValue
from rnnzoo.files import picture, write_table
from rnnzoo.platform import tf
from rnnzoo.replicas import in_parts
from rnnzoo.tasks.feed import Feed
from rnnzoo.tasks.recipes import Recipe, of_series

if TYPE_CHECKING:
    from rnnzoo.tasks.series.classifier import SequenceClassifier
    from rnnzoo.tasks.series.preprocessor import SeriesPreprocessor


class SeriesFeed(Feed):
    """What a sequence classifier is trained on: windows of labelled sequences, by step."""

    load = staticmethod(data.load_series)
    mode = "max"
    weighs_classes = True
    augments = True

    def __init__(
        self, data: data.Series, preprocessor: SeriesPreprocessor, *sizes: Any, **how: Any
    ):
        super().__init__(data, preprocessor, *sizes, **how)
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

    @property
    def monitor(self) -> str:
        # By recording, as the model answers. Macro F1 leaves out classes that validation lacks.
        return "subset_accuracy" if self.preprocessor.multi_label else "accuracy"

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
            balanced=self.preprocessor.balanced,
            augmentation=self._augmentation,
        )
        by_label = self.label_weights(self.preprocessor.labels)
        if by_label is not None:
            by_label = tf.constant(by_label)
            batches = batches.map(lambda x, y, weight: (x, y, weight * tf.gather(by_label, y)))
        return self.parts(in_parts(batches, self.replicas))

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

    def key(self):
        return self.data.digest(self.data.train), self.data.classes

    def _examples(self, split):
        """A split, its labels by the ids of the model, which may have known its classes before."""
        examples = getattr(self.data, split)
        targets = self.preprocessor.targets(self.data.classes)
        weights = self._sample_weight.get(split, examples.weights)
        x = self.preprocessor.channels.arranged(
            examples.x, self.data.channels, self.data.categories, told=False
        )
        return data.Examples(x, targets[examples.labels], examples.subjects, weights)

    def __str__(self) -> str:
        cut = f", in windows of {self.window} steps" if self.window else ""
        changed = f", {self._augmentation}" if self._augmentation else ""
        classes = len(self.preprocessor.label_names(self.data.classes))
        return f"{self.data.name}: {self.sizes()} sequences of {classes} classes{cut}{changed}"

    def report(self, model: SequenceClassifier, folder: Path) -> dict[str, Any]:
        """Write ``classes.csv`` of the last held-out split, and ``confusion.png``.

        There is no confusion between labels of which an example may have several.
        """
        split = self.held_out[-1]
        answer = tf.function(model.read_batch, autograph=False, reduce_retracing=True)
        columns = ("class", "precision", "recall", "f1", "examples")
        if model.multi_label:
            counts = np.zeros((3, len(model.classes)), int)
            for x, y, weight in self.evaluation(split):
                y = y.numpy()[weight > 0]
                guesses = answer(x, training=False).numpy()[weight > 0] > np.log(0.5)
                counts += np.stack([y * guesses, guesses, y]).sum(axis=1)
            write_table(folder / "classes.csv", columns, _by_class(model.classes, counts))
            return {}
        confusion = np.zeros((len(model.classes), len(model.classes)), int)
        for x, y, weight in self.evaluation(split):
            real = weight > 0
            guesses = tf.argmax(answer(x, training=False), axis=-1)
            confusion += tf.math.confusion_matrix(
                y[real], guesses[real], num_classes=len(model.classes)
            ).numpy()
        counts = np.stack([np.diag(confusion), confusion.sum(axis=0), confusion.sum(axis=1)])
        write_table(folder / "classes.csv", columns, _by_class(model.classes, counts))
        _draw(model.classes, confusion, split, folder / "confusion.png")
        return {}


def _by_class(classes, counts):
    """Precision, recall and F1 of each class, and how many examples it has.

    The counts (3, classes) are of right answers, of answers, and of examples.
    """
    for label, (hits, guessed, true) in zip(classes, counts.T, strict=True):
        precision, recall = hits / max(1, guessed), hits / max(1, true)
        f1 = 2 * hits / max(1, guessed + true)
        yield label, f"{precision:.4f}", f"{recall:.4f}", f"{f1:.4f}", true


def _draw(classes, confusion, split, path):
    side = min(12, 2.5 + 0.5 * len(classes))
    with picture(path, figsize=(side + 1, side)) as figure:
        axes = figure.add_subplot()
        shares = confusion / np.maximum(1, confusion.sum(axis=1, keepdims=True))
        axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        if len(classes) <= 20:
            for (row, column), count in np.ndenumerate(confusion):
                color = "white" if shares[row, column] > 0.5 else "black"
                axes.text(column, row, str(count), ha="center", va="center", color=color)
        ticks = range(len(classes))
        axes.set_xticks(ticks, classes, rotation=45, ha="right")
        axes.set_yticks(ticks, classes)
        axes.set(xlabel="answer", ylabel="truth", title=f"sequences of the {split} split")
