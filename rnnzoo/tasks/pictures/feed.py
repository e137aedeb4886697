"""Labelled pictures in batches."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from rnnzoo import data
from rnnzoo.baselines.base import Baseline
from rnnzoo.baselines.pictures import Around, MostFrequentClassOfPixels, Pixels
from rnnzoo.baselines.series import MostFrequentClass
from rnnzoo.data.step_labels import NONE
from rnnzoo.evaluation.classes import of_probabilities, of_steps
from rnnzoo.evaluation.measure import Measure
from rnnzoo.evaluation.pictures import draw_pixels, write_classes
from rnnzoo.platform import tf
from rnnzoo.replicas import in_parts
from rnnzoo.tasks.classes import by_own_ids, odd_classes
from rnnzoo.tasks.feed import Feed
from rnnzoo.tasks.pictures.preparation import ground_said
from rnnzoo.tasks.recipes import Recipe, of_sentences

if TYPE_CHECKING:
    from rnnzoo.tasks.pictures.classifier import PictureClassifier
    from rnnzoo.tasks.pictures.preprocessor import PicturePreprocessor

OF_PICTURES = {"passes": 40, "most": 2000}
DRAWN = 6  # pictures of a split whose pixels' answers are shown


class PictureFeed(Feed):
    """What a picture classifier is trained on: batches of pictures of about the same size."""

    load = staticmethod(data.load_pictures)
    hold_nothing_out: ClassVar = {"validation": 0.0, "test": 0.0}
    monitor = "accuracy"
    mode = "max"
    unit = "pictures"
    drawn = "pictures"
    weighs_classes = True
    preprocessor: PicturePreprocessor

    def make_recipe(self, batch_size: int | None, window: int | None) -> Recipe:
        # Where each pixel is answered, a picture says more: outline_rnn2d knew 0.9987 of the pixels
        # of openmoji_outlines' validation split after 200 steps of 32 (one seed).
        figures = {"passes": 10, "most": 600} if self.preprocessor.per_pixel else OF_PICTURES
        count = len(self.data.train)
        return of_sentences(count, "pictures", learning_rate=1e-2, batch_size=batch_size, **figures)

    @functools.cached_property
    def steps_per_epoch(self) -> int:
        return data.sequences_per_epoch(self.data.train, self.batch_size)

    def training(self, start_step: int = 0) -> tf.data.Dataset:
        areas = [picture.shape[0] * picture.shape[1] for picture in self._examples("train").x]
        rows = data.shuffled_rows(areas, self.batch_size, self.seed, start_step)
        batches = self._batches(rows, "train")
        by_label = self.label_weights(self.preprocessor.labels)
        return self.parts(self.weighed_by(batches, by_label))

    def evaluation(self, split: str) -> tf.data.Dataset:
        rows = tf.data.Dataset.range(len(getattr(self.data, split))).batch(self.batch_size)
        return self.parts(self._batches(rows, split))

    def _batches(self, rows, split):
        examples = self._examples(split)
        # Height and width stay open, also where all are alike: for XLA to compile the loops of all
        # directions takes longer than it saves in a run of the recipe's length.
        of_labels = (None, None) if self.preprocessor.per_pixel else ()
        types = [tf.uint8, tf.bool, tf.int32, tf.float32]

        def batch(rows):
            x, mask, y, weight = tf.numpy_function(
                functools.partial(self._batch, examples), [rows], types
            )
            x.set_shape((rows.shape[0], None, None, self.preprocessor.colours))
            mask.set_shape((rows.shape[0], None, None))
            for of_labels_alike in (y, weight):
                of_labels_alike.set_shape((rows.shape[0], *of_labels))
            return (x, mask), y, weight

        rows = in_parts(rows, self.replicas)
        return rows.map(batch, num_parallel_calls=2).prefetch(2)

    def _batch(self, examples, rows):
        """Pictures, their mask, label ids and weights of some rows; where none is, 0 and 0."""
        x, mask = self.preprocessor.padded([examples.x[i] for i in rows])
        weight = np.ones(len(rows)) if examples.weights is None else examples.weights[rows]
        y = examples.labels[rows]
        if self.preprocessor.per_pixel:
            places = np.full(mask.shape, NONE, np.int32)
            for place, of_one in zip(places, y, strict=True):
                place[: of_one.shape[0], : of_one.shape[1]] = of_one
            weight = weight[:, None, None] * (places != NONE)
            y = np.maximum(places, 0)
        return x, mask, y.astype(np.int32), weight.astype(np.float32)

    # --- answers, and how good they are -----------------------------------------------------------

    def questions(self, split: str) -> data.Examples:
        return self._examples(split)

    def replies(self, model: PictureClassifier, split: str) -> Any:
        return model.read(self._examples(split).x)

    def measures(self, split: str, answers: Any) -> list[Measure]:
        labels = self._examples(split).labels
        if not self.preprocessor.per_pixel:
            return of_probabilities(answers, labels)
        return of_steps([_rows(p) for p in answers], [of_one.ravel() for of_one in labels])

    def odd(self, split: str, answers: Any) -> list[str]:
        answers, labels = self._one_by_one(split, answers)
        return odd_classes(self.preprocessor.labels, answers.argmax(axis=1), labels, split)

    def baselines(self) -> list[Baseline]:
        known = by_own_ids(self.data, self.preprocessor.labels, self._examples)
        kinds: tuple[type[Baseline], ...] = (MostFrequentClass, Pixels)
        if self.preprocessor.per_pixel:
            kinds = (MostFrequentClassOfPixels, Around)
        return [baseline().fit(known) for baseline in kinds]

    def key(self):
        return self.data.digest(self.data.train), self.data.classes

    @functools.cached_property
    def _examples(self):
        """A split as the network reads it, by its name; prepared when it is first asked for."""
        return functools.cache(self._as_read)

    def _as_read(self, split):
        """A split, its labels by the ids of the model."""
        examples = getattr(self.data, split)
        if not len(examples):
            return examples
        x = self.preprocessor.as_read(examples.x)
        targets = self.preprocessor.targets(self.data, examples, x)
        return data.Examples(x, targets, weights=self._sample_weight.get(split))

    def _one_by_one(self, split, answers):
        """Probabilities and label ids, a row each, of pictures or of all pixels with a label."""
        labels = self._examples(split).labels
        if not self.preprocessor.per_pixel:
            return answers, labels
        labels = np.concatenate([of_one.ravel() for of_one in labels])
        answers = np.concatenate([_rows(p) for p in answers])
        return answers[labels != NONE], labels[labels != NONE]

    def __str__(self) -> str:
        known = self.preprocessor
        where = "a class at each pixel, of" if known.per_pixel else "one of"
        said = f"{self.data.name}: {self.sizes()} pictures, {where} {len(self.data.classes)}"
        return f"{said}, read as drawings {ground_said(known.ground)}" if known.drawings else said

    def report(
        self, model: PictureClassifier, folder: Path, split: str, replies: Any
    ) -> dict[str, Any]:
        """Write ``classes.csv`` of a split, ``confusion.png`` and ``reliability.png``; where each
        pixel is answered, also ``pixels.png``, the first pictures with truth and answer.
        """
        answers, labels = self._one_by_one(split, replies)
        write_classes(folder, model.classes, answers, labels, split)
        if model.per_pixel:
            some = self._examples(split).at(np.arange(min(DRAWN, len(replies))))
            ids = {"answer": [p.argmax(axis=-1) for p in replies]}
            draw_pixels(folder / "pixels.png", some.x, some.labels, ids, model.classes)
        return {}


def _rows(probabilities):
    """Those of a picture's pixels, (pixels, classes)."""
    return probabilities.reshape(-1, probabilities.shape[-1])
