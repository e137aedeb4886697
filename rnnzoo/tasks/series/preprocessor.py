"""From labelled sequences to numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from rnnzoo import data
from rnnzoo.errors import WrongValue
from rnnzoo.platform import tf
from rnnzoo.tasks.arguments import no_path, whole_number
from rnnzoo.tasks.vocabulary import LabelVocabulary, listed, news

NO_EXAMPLES = data.Examples([], np.zeros(0, np.int32))


@dataclass(frozen=True)
class SeriesPreprocessor:
    """How a sequence classifier reads: what a time step is, and the classes.

    Attributes:
        labels: the classes; None as long as they have no names.
        num_classes: how many there are, where that is known before their names.
        features: shape of one step's entries; None as long as it is not known.
        mean, variance: of each channel, lists; None where pictures are read, or not known yet.
        frame: the layer that reads pictures, one a step; None: steps are numbers of channels.
        balanced: whether training draws each class equally often; `priors` make up for it.
        priors: of each class, its share of the training examples; None where that says nothing.
        window, hop: time steps of the windows whose mean is a sequence's answer, and from one to
            the next; None: a sequence is read as a whole.
    """

    labels: LabelVocabulary | Any = None
    num_classes: int | None = None
    features: tuple[int, ...] | None = None
    mean: list[float] | None = None
    variance: list[float] | None = None
    frame: Any = None
    balanced: bool = False
    priors: list[float] | None = None
    window: int | None = None
    hop: int | Any = None

    @property
    def input_dtype(self) -> str:
        """Of the numbers that are read: "uint8" for pictures."""
        return "float32" if self.frame is None else "uint8"

    def with_classes(self, classes: Iterable[str | int] | int | None) -> SeriesPreprocessor:
        """With other classes: labels, a number of them, or None."""
        if classes is None or isinstance(classes, int):
            return replace(self, labels=None, num_classes=classes, priors=None)
        labels = LabelVocabulary(classes, "classes")
        return replace(self, labels=labels, num_classes=None, priors=None)

    def with_windows(self, window: int | None, hop: int | None = None) -> SeriesPreprocessor:
        """With other windows in an answer; the hop is half a window by default.

        Raises:
            TypeError, ValueError: they are no positive whole numbers, or the hop is larger than the
                window, or there is none.
        """
        if window is None:
            if hop is not None:
                raise WrongValue(f"hop={hop!r}: expected a window beside it")
            return replace(self, window=None, hop=None)
        window = whole_number(window, "window", minimum=1)
        hop = whole_number(max(1, window // 2) if hop is None else hop, "hop", minimum=1)
        if hop > window:
            raise WrongValue(f"hop={hop}: expected at most the window of {window} steps")
        return replace(self, window=window, hop=hop)

    def splits(
        self,
        train: tuple[Any, Any] | None = None,
        validation: tuple[Any, Any] | None = None,
        test: tuple[Any, Any] | None = None,
    ) -> data.Series:
        """What the feed takes, of pairs (x, y) that `fit` and `evaluate` are given.

        Raises:
            ValueError: examples and labels don't go together, or are not what is read.
        """
        given = {"train": train, "validation": validation, "test": test}
        parts = {
            split: (self.examples(pair[0]), _labels(pair[1], pair[0]))
            for split, pair in given.items()
            if pair is not None
        }
        known = self.labels.labels if self.labels else ()
        classes = known
        if "train" in parts:
            classes = tuple(_classes_of(parts["train"][1], self.num_classes))
        others = {label for _, labels in parts.values() for label in labels} - set(classes)
        if unknown := sorted(others - set(known), key=str):
            raise WrongValue(
                f"labels: the model knows the classes {listed(known or classes)}, not "
                f"{listed(unknown)}"
                + (
                    ""
                    if train is None
                    else ": no training example has them; shuffle before a split"
                )
            )
        classes += tuple(label for label in known if label in others)
        at = {label: i for i, label in enumerate(classes)}
        found = {
            split: data.Examples(x, np.array([at[label] for label in labels], np.int32))
            for split, (x, labels) in parts.items()
        }
        found = {**dict.fromkeys(given, NO_EXAMPLES), **found}
        return data.Series(name="the examples", classes=classes, **found)

    def learned_from(self, series: data.Series, vocabulary: str = "extend") -> SeriesPreprocessor:
        """With classes, shape of a step and statistics of the training split.

        Args:
            series: of which splits.
            vocabulary: "extend": new classes come behind those that are known, whose statistics
                stay; "keep": there may be none; "reset": classes and statistics are learned anew.

        Raises:
            ValueError: a class that must not be new; another number of classes, or another shape
                of the steps; steps that are none that are read.
        """
        if vocabulary == "reset":
            forgotten = replace(self.with_classes(None), mean=None, variance=None)
            return forgotten.learned_from(series)
        examples = series.train
        features = self.readable(tuple(np.shape(examples.x[0])[1:]))
        self.check_dtype(examples.x[0].dtype)
        if self.features not in (None, features):
            raise WrongValue(
                f"x has time steps of shape {features}, the model was made for {self.features}"
            )
        labels = self.labels or self._named(series.classes)
        if vocabulary == "extend":
            labels = labels.with_others(series.classes)
        ids = labels.ids(
            series.classes,
            hint='; add new ones with vocabulary="extend", or begin anew with vocabulary="reset"',
        )
        mean, variance = self.mean, self.variance
        if self.frame is None and mean is None:
            means, deviations = data.mean_and_std(examples)
            mean, variance = means.tolist(), np.square(deviations).tolist()
        priors = None
        if self.balanced:
            # One example more of each, so that a class of which this data has none stays possible.
            counts = 1 + np.bincount(ids[examples.labels], minlength=len(labels))
            priors = (counts / counts.sum()).tolist()
        return replace(
            self, labels=labels, features=features, mean=mean, variance=variance, priors=priors
        )

    def news(self, before: SeriesPreprocessor) -> str:
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

    def readable(self, features: tuple[int, ...]) -> tuple[int, ...]:
        """The shape of one step, if it is one that the layers can read; else a ValueError."""
        if self.frame is None:
            if len(features) != 1:
                raise WrongValue(
                    f"x has time steps of shape {features}, the model reads some channels in each; "
                    "for pictures take one with a network of frames, such as activity_lrcn"
                )
            return features
        try:
            self.frame.compute_output_shape((None, *features))
        except ValueError:
            raise WrongValue(
                f"x has time steps of shape {features}, which the model's network of frames can't "
                "read: expected pictures (height, width, colors) that are not too small for it"
            ) from None
        return features

    def check_dtype(self, dtype: np.dtype | tf.DType) -> None:
        """Raise a ValueError unless numbers of this type are read."""
        if self.frame is not None and dtype != self.input_dtype:
            raise WrongValue(
                f"x holds numbers of type {tf.as_dtype(dtype).name}; expected pictures of whole "
                "numbers from 0 to 255 (uint8)"
            )

    def examples(self, x: Sequence[ArrayLike] | np.ndarray) -> list[np.ndarray]:
        """Raw examples as a list of arrays (time, ...).

        Raises:
            TypeError: x is a path.
            ValueError: one is no sequence of steps that are read, or holds NaN or infinity.
        """
        no_path(x, "rnnzoo.data.read_recordings({!r})")
        read = [self._as_bytes(np.asarray(example)) for example in x]
        features = self.features or (read and read[0].shape[1:]) or ("channels",)
        step = ", ".join(map(str, features))
        for i, example in enumerate(read):
            fits = example.ndim > 1 and len(example) and example.dtype.kind in "fiu"
            if not fits or example.shape[1:] != features:
                raise WrongValue(
                    f"x: expected examples of numbers of shape (time, {step}) with a time step at "
                    f"least, got one of {example.shape} and type {example.dtype} at {i}"
                )
            with np.errstate(over="ignore"):  # a number too large becomes infinite
                finite = example.dtype.kind != "f" or np.isfinite(example.astype("float32")).all()
            if not finite:
                raise WrongValue(
                    f"x: example {i} holds a number that is none in float32 (NaN, infinite, or too "
                    "large)"
                )
            self.check_dtype(example.dtype)
        return read

    def _as_bytes(self, example):
        """Whole numbers from 0 to 255 as bytes, where pictures are read."""
        if self.frame is None or example.dtype.kind not in "iu" or not example.size:
            return example
        return example.astype("uint8") if 0 <= example.min() <= example.max() <= 255 else example

    def padded(self, examples: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """Some `examples` as one array (n, time, ...), zeros behind the end of each; lengths."""
        lengths = np.array([len(example) for example in examples], np.int32)
        step = examples[0].shape[1:]
        x = np.zeros((len(examples), lengths.max(), *step), self.input_dtype)
        for row, example in zip(x, examples, strict=True):
            row[: len(example)] = example
        return x, lengths


def _labels(y, x):
    """Labels as a list of strings or ints."""
    if y is None:
        raise WrongValue("y is missing: expected a label for each example of x")
    # As Python objects, as a column of strings comes too; so no string is made of a number.
    labels = np.asarray(y, object)
    if labels.shape != (len(x),) or not len(x):
        raise WrongValue(
            f"y of shape {labels.shape}: expected a string or a whole number for each of the "
            f"{len(x)} examples"
        )
    labels = [label.item() if isinstance(label, np.generic) else label for label in labels]
    labels = [label.decode() if isinstance(label, bytes) else label for label in labels]
    for label in labels:
        if isinstance(label, bool) or not isinstance(label, (str, int)):
            raise WrongValue(
                f"y holds {label!r}: expected a string or a whole number for each of the {len(x)} "
                "examples"
            )
    return labels


def _classes_of(labels, count):
    """The names of the classes; whole numbers below ``count`` need not all occur."""
    if count is not None and all(isinstance(label, int) and 0 <= label < count for label in labels):
        return range(count)
    return sorted(set(labels), key=lambda label: (isinstance(label, str), label))
