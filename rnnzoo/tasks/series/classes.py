"""What a classifier knows of classes, and how it reads labels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rnnzoo import data
from rnnzoo.data.step_labels import NONE, are_by_step, entries, occurring, placed
from rnnzoo.errors import WrongValue
from rnnzoo.tasks.series.labels import are_several, names_of, one_or_each_step, several_each
from rnnzoo.tasks.series.preprocessor import SeriesPreprocessor
from rnnzoo.tasks.vocabulary import LabelVocabulary, listed, news


@dataclass(frozen=True)
class ClassesPreprocessor(SeriesPreprocessor):
    """How a sequence classifier reads: what a time step is, and the classes.

    Attributes:
        labels: the classes; None as long as they have no names.
        num_classes: how many there are, where that is known before their names.
        balanced: whether training draws each class equally often, or weighs its steps so, where
            each is answered; `priors` make up for it. None: it does, unless examples have several
            labels.
        priors: of each class, its share of the training examples, or of their steps; None where
            that says nothing.
        multi_label: whether an example has any number of the labels, and not one; None as long as
            that is not known.
    """

    labels: LabelVocabulary | Any = None
    num_classes: int | None = None
    balanced: bool | None = False
    multi_label: bool | None = False
    priors: list[float] | None = None

    @property
    def reading(self) -> dict[str, Any]:
        known = super().reading
        if self.multi_label is not None:
            known["multi_label"] = self.multi_label
        return known

    def with_classes(self, classes: Iterable[str | int] | int | None) -> ClassesPreprocessor:
        """With other classes: labels, a number of them, or None."""
        if classes is None or isinstance(classes, int):
            return replace(self, labels=None, num_classes=classes, priors=None)
        labels = LabelVocabulary(classes, "classes")
        return replace(self, labels=labels, num_classes=None, priors=None)

    def outcomes(
        self, pairs: Mapping[str, tuple[Any, Any]], read: Mapping[str, list[np.ndarray]]
    ) -> tuple[dict[str, data.Examples], dict[str, Any]]:
        several = False if self.per_step else self.multi_label
        if several is None:
            first = next(iter(pairs))
            several = are_several(pairs[first][1], list(map(len, read[first])))
        parts = {
            split: (examples, self._labels(pairs[split][1], examples, several))
            for split, examples in read.items()
        }
        known = self.labels.labels if self.labels else ()
        classes = known
        if "train" in parts:
            classes = self.label_names(parts["train"][1][0], several)
        others = {label for _, (names, _) in parts.values() for label in names} - set(classes)
        if unknown := sorted(others - set(known), key=str):
            raise WrongValue(
                f"labels: the model knows the classes {listed(known or classes)}, not "
                f"{listed(unknown)}"
                + ": no training example has them; shuffle before a split"
                * ("train" in parts)
            )
        classes += tuple(label for label in known if label in others)
        found = {
            split: data.Examples(x, _placed(labels, names, classes))
            for split, (x, (names, labels)) in parts.items()
        }
        return found, {"classes": classes, "multi_label": several}

    def forgotten(self) -> ClassesPreprocessor:
        return self.with_classes(None)

    def knowing(self, series: data.Series, vocabulary: str) -> ClassesPreprocessor:
        known = self._with_kind(series)
        classes = self.label_names(series.classes, series.multi_label)
        labels = self.labels or self._named(classes)
        if vocabulary == "extend":
            labels = labels.with_others(classes)
        labels.ids(
            classes,
            hint='; add new ones with vocabulary="extend", or begin anew with vocabulary="reset"',
        )
        return replace(known, labels=labels)

    def with_shares(self, series: data.Series, examples: data.Examples) -> ClassesPreprocessor:
        if not self.balanced:
            return replace(self, priors=None)
        ids = self.targets(series, examples)
        if self.per_step:
            ids = np.concatenate(ids)
        counts = np.bincount(ids[ids != NONE], minlength=len(self.labels))
        if self.priors is not None and not counts[: len(self.priors)].all():
            # Other data, which says nothing of how often the classes are that it lacks.
            old = np.array(self.priors) * len(self.priors) / len(self.labels)
            new = np.full(len(self.labels) - len(old), 1 / len(self.labels))
            return replace(self, priors=[*old.tolist(), *new.tolist()])
        # One example more of each, so that a class of which this data has none stays possible.
        return replace(self, priors=((counts + 1) / (counts + 1).sum()).tolist())

    def _with_kind(self, series):
        """With what was open: whether examples have any number of labels, as a series says."""
        several = series.multi_label if self.multi_label is None else self.multi_label
        if several and self.balanced:
            raise WrongValue("balanced: where examples have several labels, no class has its own")
        balanced = not several if self.balanced is None else self.balanced
        return replace(self, multi_label=several, balanced=balanced)

    def label_names(self, classes: Iterable[Any], several: bool = False) -> tuple[str | int, ...]:
        """The names of some classes, in order; several labels stay in that of their columns."""
        names = names_of(classes, self.num_classes)
        return tuple(classes) if several and set(names) == set(classes) else names

    def targets(self, series: data.Series, examples: data.Examples) -> np.ndarray:
        """What the network is to answer to examples of a series, int32, by its own ids of classes.

        An id each (n,), or those of its steps, as `data.Examples` has them; or where an example has
        any number of labels, (n, labels), 1 at those that it has.

        Raises:
            ValueError: examples have several labels, where the model has one class for each; or
                ones that are not known.
        """
        if series.multi_label and not self.multi_label:
            raise WrongValue(
                f"{series.name}: examples have any number of the labels {listed(series.classes)}, "
                "where the model answers one class each; make it with multi_label=True "
                "(--set multi_label=True)"
            )
        ids, labels = self.labels.ids(series.classes), examples.labels
        if not self.multi_label:
            return _of_places(ids, labels)
        targets = np.zeros((len(labels), len(self.labels)), np.int32)
        if labels.ndim == 1:
            targets[np.arange(len(labels)), ids[labels]] = 1
        else:
            targets[:, ids] = labels
        return targets

    def _labels(self, y, x, several):
        """Names of classes, and which of them examples have, as `data.Examples` says it."""
        if not several:
            labels = one_or_each_step(y, list(map(len, x)))
            if are_by_step(labels):
                names = self.label_names(occurring(labels))
                return names, placed(labels, names)
            names = self.label_names(labels)
            place = {label: i for i, label in enumerate(names)}
            return names, np.array([place[label] for label in labels], np.int32)
        known = self.labels.labels if self.labels else None
        if known is None and self.num_classes:
            known = range(self.num_classes)
        return several_each(y, len(x), known)

    def news(self, before: ClassesPreprocessor) -> str:
        """What is known beyond what was known before, in words; empty if nothing was."""
        if before.labels is None:
            return ""
        return news("classes", self.labels.labels, before.labels.labels)

    def _named(self, classes):
        labels = LabelVocabulary(classes, "classes")
        if self.num_classes not in (None, len(labels)):
            raise WrongValue(
                f"the model has {self.num_classes} classes, the data {len(labels)}: "
                f"{listed(labels.labels)}"
            )
        return labels


def _placed(labels, names, classes):
    """Labels by their places among other classes, which hold all that have examples."""
    place = {label: i for i, label in enumerate(classes)}
    if labels.ndim == 2:
        placed = np.zeros((len(labels), len(classes)), np.int32)
        placed[:, [place[name] for name in names]] = labels
        return placed
    return _of_places(np.array([place[name] for name in names], np.int32), labels)


def _of_places(ids, labels):
    """The ids at labels that are places, one each or by step, where `NONE` stays `NONE`."""
    if not are_by_step(labels):
        return ids[labels]
    ids = np.append(ids, np.int32(NONE))  # which is the last place, too
    return entries([ids[of_one] for of_one in labels])
