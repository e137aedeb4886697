"""What classifiers share, of sequences and of pictures: classes that may become more."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from rnnzoo.evaluation import odd
from rnnzoo.tasks.transfer import entries_copied
from rnnzoo.tasks.vocabulary import LabelVocabulary, listed


class ClassesKnown:
    """The classes of a `Task` whose `output_layer` has a column for each; mixed into it.

    It has a `preprocessor` with `labels` and `with_classes`, and `make_layers`, which makes the
    layers that are not there.
    """

    preprocessor: Any
    output_layer: Any
    built: bool
    let_go: Callable[..., None]
    make_layers: Callable[[], None]
    forget_compiled: Callable[[], None]

    @property
    def classes(self) -> tuple[str | int, ...] | Any:
        """The labels, a tuple; None as long as there are none."""
        labels = self.preprocessor.labels
        return None if labels is None else labels.labels

    @property
    def ready(self) -> bool:
        return self.built and self.classes is not None

    @property
    def output_size(self) -> int:
        return len(self.classes)

    def reset_classes(self, classes: Iterable[str | int] | int | None) -> None:
        """Forget the classes and what tells them apart; the layers below keep what they learned.

        Args:
            classes: as for the constructor.
        """
        self._without_output()
        self.preprocessor = self.preprocessor.with_classes(classes)
        self.make_layers()
        self.forget_compiled()

    def renew_output(self, known: Any, forget: bool) -> None:
        """Make the output layer by `preprocessor`, after what was `known` before.

        Classes that were known keep what tells them apart, unless all is to be forgotten.
        """
        labels, old = self.preprocessor.labels, self.output_layer
        if known.labels is not None and labels is not known.labels:
            self._without_output()
        self.make_layers()
        if old is not None and old is not self.output_layer and not forget:
            entries_copied(self.output_layer, old, labels.ids(known.labels.labels), axis=-1)

    def _without_output(self):
        self.let_go("output_layer")
        self.output_layer = None


def by_own_ids(data: Any, labels: LabelVocabulary, examples: Callable[[str], Any]) -> Any:
    """Data as a baseline takes it, by a model's ids of the classes, of which it may know more.

    Args:
        data: with ``classes``, ``train`` and ``validation``.
        labels: of the model.
        examples: a split as the model reads it, by its name.
    """
    return dataclasses.replace(
        data, classes=labels.labels, train=examples("train"), validation=examples("validation")
    )


def odd_classes(
    labels: LabelVocabulary,
    given: np.ndarray,
    truth: np.ndarray,
    split: str,
    kind: str = "classes",
) -> list[str]:
    """Which classes a split lacks, and which there are and were never answered, a line each.

    Args:
        labels: of the model.
        given, truth: ids of those that were answered, and that there are; or masks of them.
        split: its name.
        kind: what they are called.
    """
    names = np.array(labels.labels, object)
    there = names[truth]
    absent = [label for label in labels.labels if label not in set(there)]
    said = [f"{split} has no example of {listed(absent)}"] if absent else []
    return said + odd.of_labels(names[given], there, kind)
