"""Labelled sequences for `rnnzoo.train`."""

import numpy as np

from rnnzoo import data
from rnnzoo.files import picture, write_table
from rnnzoo.platform import tf
from rnnzoo.tasks.task import Feed


class SeriesFeed(Feed):
    """What a sequence classifier is trained on: windows of labelled sequences, by step.

    Args:
        model: takes up the classes, the shape of a step and the channels' statistics.
        source: for `rnnzoo.load_series`.
        batch_size, window, seed: of the batches; window None takes what the source says.

    Raises:
        ValueError: the sequences are not what the model reads, or too few.
    """

    monitor = "macro_f1"
    mode = "max"

    def __init__(self, model, source, batch_size, window, seed):
        self.series = data.load_series(source)
        self.metadata = self.series.metadata
        self.window = window or self.series.window
        model.adapt(self.series.train, self.series.classes)
        # The places of the labels may be others in a model that knew its classes before.
        self._places = model.places(self.series.classes)
        self._train = self._of_model(self.series.train)
        self._weighed = model.weighed
        self.held_out = ("validation", "test") if len(self.series.test.labels) else ("validation",)
        self.steps_per_epoch = data.examples_per_epoch(self._train, batch_size, self.window)
        self._batch_size = batch_size
        self._seed = seed

    def __str__(self):
        sizes = ", ".join(
            f"{split} {len(examples.labels):,}"
            for split in ("train", "validation", "test")
            if len((examples := getattr(self.series, split)).labels)
        )
        cut = f" in windows of {self.window} steps" if self.window else ""
        return f"{self.series.name}: {sizes} sequences of {len(self.series.classes)} classes{cut}"

    def training(self, start_step=0):
        batches = data.shuffled_examples(
            self._train, self._batch_size, self.window, seed=self._seed, start_step=start_step
        )
        return self._weighed(batches, self._train, self.window)

    def evaluation(self, split):
        examples = self._of_model(getattr(self.series, split))
        return data.examples_in_order(examples, self._batch_size, self.window)

    def report(self, model, folder):
        """Write ``confusion.png`` and ``classes.csv`` of the last held-out split."""
        split = self.held_out[-1]
        confusion = np.zeros((len(model.classes), len(model.classes)), int)
        for x, y, weight in self.evaluation(split):
            real = weight > 0
            guesses = tf.argmax(model.predict_on_batch(x), axis=-1)
            confusion += tf.math.confusion_matrix(
                y[real], guesses[real], num_classes=len(model.classes)
            ).numpy()
        columns = ("class", "precision", "recall", "f1", "examples")
        write_table(folder / "classes.csv", columns, _by_class(model.classes, confusion))
        _draw(model.classes, confusion, split, folder / "confusion.png")
        return {}

    def _of_model(self, examples):
        return data.Examples(examples.x, self._places[examples.labels], examples.subjects)


def _by_class(classes, confusion):
    """Precision, recall and F1 of each class, and how many examples it has."""
    right = np.diag(confusion)
    for label, hits, guessed, true in zip(
        classes, right, confusion.sum(axis=0), confusion.sum(axis=1), strict=True
    ):
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
        places = range(len(classes))
        axes.set_xticks(places, classes, rotation=45, ha="right")
        axes.set_yticks(places, classes)
        axes.set(xlabel="answer", ylabel="truth", title=f"windows of the {split} split")
