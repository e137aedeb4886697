"""From labelled sequences to numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from rnnzoo import data
from rnnzoo.data.readers.tables import is_frame
from rnnzoo.data.step_labels import NONE, are_by_step, entries, occurring, placed
from rnnzoo.errors import WrongValue
from rnnzoo.notices import warn
from rnnzoo.platform import tf
from rnnzoo.tasks.arguments import no_path, whole_number
from rnnzoo.tasks.series.answers import ANSWERS
from rnnzoo.tasks.series.channels import Channels, ReadChannels, holds_names, recordings_of
from rnnzoo.tasks.series.labels import names_of, one_or_each_step, parted, several_each
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
        channels: their names, words and which may be missing.
        answer: how is answered, by name in `rnnzoo.tasks.series.answers`; None as long as it is not
            known, as that depends on the first labels.
        frame: the layer that reads pictures, one a step; None: steps are numbers of channels.
        balanced: whether training draws each class equally often, or weighs its steps so, where
            each is answered; `priors` make up for it.
        priors: of each class, its share of the training examples, or of their steps; None where
            that says nothing.
        window, hop: time steps of the windows whose mean is a sequence's answer, and from one to
            the next; None: a sequence is read as a whole.
        multi_label: whether an example has any number of the labels, and not one.
    """

    labels: LabelVocabulary | Any = None
    num_classes: int | None = None
    features: tuple[int, ...] | Any = None
    mean: list[float] | None = None
    variance: list[float] | None = None
    channels: Channels = field(default_factory=Channels)
    answer: str | None = None
    frame: Any = None
    balanced: bool = False
    multi_label: bool = False
    priors: list[float] | None = None
    window: int | None = None
    hop: int | Any = None

    @property
    def input_dtype(self) -> str:
        """Of the numbers that are read: "uint8" for pictures."""
        return "float32" if self.frame is None else "uint8"

    @property
    def per_step(self) -> bool:
        """Whether there is an answer at each step; not as long as that is not known."""
        return self.answer is not None and ANSWERS[self.answer].per_step

    @property
    def reading(self) -> dict[str, Any]:
        """How labels of a table are read, as arguments of `rnnzoo.load_series`, where the model
        decides.
        """
        if self.answer is None:
            return {}
        return {"labels": "step" if self.per_step else "recording"}

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

        The labels of recordings that have some need not be given once more.

        Raises:
            ValueError: examples and labels don't go together, or are not what is read.
        """
        given = {"train": train, "validation": validation, "test": test}
        pairs = {split: self._read(*pair) for split, pair in given.items() if pair is not None}
        channels = self.channels
        if "train" in pairs and not channels.names:
            _, names, categories, interval = next(_named(pairs["train"][0], channels))
            channels = replace(channels, names=names, categories=categories, interval=interval)
        parts = {}
        for split, (x, y) in pairs.items():
            examples = self.examples(x, channels, told="train" not in pairs)
            parts[split] = examples, self._labels(y, examples)
        known = self.labels.labels if self.labels else ()
        classes = known
        if "train" in parts:
            classes = self.label_names(_each_once(parts["train"][1]))
        others = {
            label for _, labels in parts.values() for label in self.label_names(_each_once(labels))
        } - set(classes)
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
        if self.multi_label:
            classes = tuple({labels: None for _, of_one in parts.values() for labels in of_one})
        else:
            classes += tuple(label for label in known if label in others)
        at = {label: i for i, label in enumerate(classes)}
        found = {
            split: data.Examples(
                x,
                placed(labels, classes)
                if are_by_step(labels)
                else np.array([at[label] for label in labels], np.int32),
            )
            for split, (x, labels) in parts.items()
        }
        found = {**dict.fromkeys(given, NO_EXAMPLES), **found}
        return data.Series(
            name="the examples",
            classes=classes,
            channels=channels.names,
            categories=channels.categories,
            interval=channels.interval,
            **found,
        )

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
        if self.answer is None:
            answer = "each" if series.train.by_step and not self.multi_label else "pool"
            return replace(self, answer=answer).learned_from(series, vocabulary)
        channels, examples = self._channels_of(series), self.with_own_labels(series.train)
        arranged = channels.arranged(examples.x, series.channels, series.categories)
        examples = replace(examples, x=arranged)
        features = self.readable(tuple(np.shape(examples.x[0])[1:]))
        self.check_dtype(examples.x[0].dtype)
        if self.features not in (None, features):
            raise WrongValue(
                f"x has time steps of shape {features}, the model was made for {self.features}"
            )
        classes = self.label_names(series.classes)
        labels = self.labels or self._named(classes)
        if vocabulary == "extend":
            labels = labels.with_others(classes)
        labels.ids(
            classes,
            hint='; add new ones with vocabulary="extend", or begin anew with vocabulary="reset"',
        )
        mean, variance = self.mean, self.variance
        if self.frame is None and mean is None:
            of_all = data.channel_statistics(examples)
            if np.isnan(of_all.mean).any():
                nowhere = channels.listed(np.flatnonzero(np.isnan(of_all.mean)))
                raise WrongValue(f"{nowhere} has no value in any training example: leave it out")
            mean, variance = of_all.mean.tolist(), np.square(of_all.std).tolist()
            if self.features is None:  # else layers are made, which read as many numbers as before
                masked = tuple(np.flatnonzero(of_all.missing).tolist())
                channels = replace(channels, masked=masked)
        known = replace(
            self, labels=labels, features=features, mean=mean, variance=variance, channels=channels
        )
        if not self.balanced:
            return replace(known, priors=None)
        ids = known.ids(series.classes, examples.labels)
        if known.per_step:
            ids = np.concatenate(ids)
        counts = np.bincount(ids[ids != NONE], minlength=len(labels))
        if self.priors is not None and not counts[: len(self.priors)].all():
            # Other data, which says nothing of how often the classes are that it lacks.
            old = np.array(self.priors) * len(self.priors) / len(labels)
            new = np.full(len(labels) - len(old), 1 / len(labels))
            return replace(known, priors=[*old.tolist(), *new.tolist()])
        # One example more of each, so that a class of which this data has none stays possible.
        return replace(known, priors=((counts + 1) / (counts + 1).sum()).tolist())

    def _channels_of(self, series):
        """The channels that are known, or those of a series."""
        if self.channels.names or self.frame is not None:
            return self.channels
        if self.features is None:
            known = replace(self.channels, categories=series.categories)
        else:
            self.channels.arranged((), series.channels, series.categories)
            known = self.channels
        return replace(known, names=series.channels, interval=series.interval)

    @property
    def width(self) -> int:
        """How many numbers of a step the network reads, where there are no pictures."""
        return self.channels.width(self.features[-1])

    def reading_layer(self) -> ReadChannels:
        """The layer from steps as they are measured to the numbers that the network reads."""
        words = self.channels.words(self.features[-1])
        means = self.mean or [0.0] * len(words)
        before = [-1.0 if of_one else mean for of_one, mean in zip(words, means, strict=True)]
        return ReadChannels(before, words, self.channels.masked)

    def standardized_by(self) -> tuple[list[float], list[float]]:
        """Mean and variance of what that layer gives, 0 and 1 where it is no channel of numbers."""
        words = self.channels.words(self.features[-1])
        others = self.width - words.count(0)

        def of_numbers(values, other):
            values = values or [other] * len(words)
            kept = [value for value, of_one in zip(values, words, strict=True) if not of_one]
            return kept + [other] * others

        return of_numbers(self.mean, 0.0), of_numbers(self.variance, 1.0)

    @property
    def policy(self) -> str:
        """What becomes of missing values and of words, in words; empty if there are none."""
        channels, said = self.channels, []
        if channels.masked:
            said.append(
                f"missing values of {channels.listed(channels.masked)}: the last value is carried "
                "forward, before the first one the mean is taken, and the network reads which were "
                "missing"
            )
        for name, words in channels.categories.items():
            said.append(f"{name!r} is one of {listed(words)}")
        return "; ".join(said)

    def label_names(self, classes: Iterable[Any]) -> tuple[str | int, ...]:
        """The labels that occur in classes, of which each may hold several."""
        if self.multi_label:
            classes = [label for labels in classes for label in parted(labels)]
        return names_of(classes, self.num_classes)

    def targets(self, classes: Sequence[Any]) -> np.ndarray:
        """What the network is to answer for each of some classes, int32.

        Their ids (classes,); or where an example may have several labels, (classes, labels), 1 at
        those that the class has.
        """
        if not self.multi_label:
            return self.labels.ids(classes)
        targets = np.zeros((len(classes), len(self.labels)), np.int32)
        for row, of_one in zip(targets, classes, strict=True):
            row[self.labels.ids(parted(of_one))] = 1
        return targets

    def ids(self, classes: Sequence[Any], labels: np.ndarray) -> np.ndarray:
        """What the network is to answer to examples whose labels are places in some classes."""
        targets = self.targets(classes)
        if not are_by_step(labels):
            return targets[labels]
        targets = np.append(targets, np.int32(NONE))  # where the place is NONE, too
        return entries([targets[of_one] for of_one in labels])

    def with_own_labels(self, examples: data.Examples) -> data.Examples:
        """Examples with labels by step where the model answers at each, else with one each."""
        if self.per_step:
            return examples.with_steps()
        if examples.by_step:
            raise WrongValue(
                f"labels by step, and the model answers once (answer={self.answer!r}): make it "
                "with answer='each' (--set answer=each), or read a table with labels='recording' "
                "(--labels recording), whose runs of one class are examples"
            )
        return examples

    def _labels(self, y, x):
        if not self.multi_label:
            return one_or_each_step(y, list(map(len, x)))
        known = self.labels.labels if self.labels else None
        if known is None and self.num_classes:
            known = range(self.num_classes)
        return several_each(y, len(x), known)

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

    def examples(
        self, x: Any, channels: Channels | None = None, told: bool = True
    ) -> list[np.ndarray]:
        """Raw examples as a list of arrays (time, ...), NaN where a value is missing.

        Args:
            x: (examples, time, ...), or a list of arrays (time, ...); or what has names of
                channels: `rnnzoo.data.Recordings`, a frame of pandas or polars, several of them,
                the path of a table or of a folder of them.
            channels: in whose order they come; default those that are known.
            told: whether to warn of what is read in another way than in training.

        Raises:
            ValueError: one is no sequence of steps that are read, or holds infinity; a channel is
                missing.
        """
        channels = self.channels if channels is None else channels
        read = [
            self._as_bytes(np.asarray(example))
            for of_one, names, categories, _ in _named(x, channels)
            for example in channels.arranged(of_one, names, categories, told)
        ]
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
                infinite = example.dtype.kind == "f" and np.isinf(example.astype("float32")).any()
            if infinite:
                raise WrongValue(
                    f"x: example {i} holds a number that is none in float32 (infinite, or too "
                    "large)"
                )
            self.check_dtype(example.dtype)
        if told and self.mean is not None:
            self._warn_of_missing(read)
        return read

    def _warn_of_missing(self, examples):
        """Say it where a value is missing in a way that training did not meet."""
        missing = np.zeros(self.features[-1], bool)
        for example in examples:
            if example.dtype.kind == "f":
                missing |= np.isnan(example).any(axis=0)
        missing[list(self.channels.masked)] = False
        if missing.any():
            warn(
                f"missing values of {self.channels.listed(np.flatnonzero(missing))}: the last "
                "value is carried forward, and before the first one the training mean is taken; "
                "the model met no missing values of them in training, so it can't tell"
            )

    def _read(self, x, y):
        """Examples and labels, read where x is a table, and the labels its own unless given."""
        if not holds_names(x):
            return x, y
        recordings = recordings_of(x, self.channels, labelled=y is None, **self.reading)
        return recordings, recordings.labels if y is None else y

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


def _each_once(labels):
    """The labels that there are, each once where they are by step."""
    return occurring(labels) if are_by_step(labels) else labels


def _named(x: Any, known: Channels) -> Iterator[tuple[Any, tuple[str, ...], Any, float | None]]:
    """Arrays (time, ...), the names of their channels, the words of these, and the interval."""
    frames = isinstance(x, (list, tuple)) and len(x) and all(map(is_frame, x))
    for each in x if frames else [x]:
        if not holds_names(each):
            no_path(each, "rnnzoo.data.read_recordings({!r})")
            yield each, (), {}, None
        else:
            of_one = recordings_of(each, known)
            yield of_one.x, of_one.channels, of_one.categories, of_one.interval
