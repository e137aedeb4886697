"""From sequences to numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from rnnzoo import data
from rnnzoo.data.readers.label_sets import LabelMatrix
from rnnzoo.data.readers.tables import is_frame
from rnnzoo.data.readers.tables.sampling import check_missing
from rnnzoo.errors import WrongValue
from rnnzoo.layers import Differences, RunningScale
from rnnzoo.notices import warn
from rnnzoo.platform import tf
from rnnzoo.tasks.arguments import no_path, whole_number
from rnnzoo.tasks.series.answers import ANSWERS
from rnnzoo.tasks.series.channels import Channels, ReadChannels, holds_names, recordings_of
from rnnzoo.tasks.vocabulary import listed

NO_EXAMPLES = data.Examples([], np.zeros(0, np.int32))


@dataclass(frozen=True)
class SeriesPreprocessor:
    """How a model of sequences reads: what a time step is; a subclass: what is answered.

    Attributes:
        features: shape of one step's entries; None as long as it is not known.
        mean, variance: of each channel, lists; None where pictures are read, or not known yet.
        channels: their names, words and which may be missing.
        answer: how is answered, by name in `rnnzoo.tasks.series.answers`; None as long as it is not
            known, as that depends on the first labels.
        frame: the layer that reads pictures, one a step; None: steps are numbers of channels.
        window, hop: time steps of the windows whose mean is a sequence's answer, and from one to
            the next; None: a sequence is read as a whole.
        whole: whether that stays so, whatever the lengths of what is trained on.
        differences: whether channels that are smooth curves are also read by their differences.
    """

    features: tuple[int, ...] | Any = None
    mean: list[float] | None = None
    variance: list[float] | None = None
    channels: Channels = field(default_factory=Channels)
    answer: str | None = None
    frame: Any = None
    window: int | None = None
    hop: int | Any = None
    whole: bool = False
    differences: bool = True

    @property
    def input_dtype(self) -> str:
        """Of the numbers that are read: "uint8" for pictures."""
        return "float32" if self.frame is None else "uint8"

    @property
    def per_step(self) -> bool:
        """Whether there is an answer at each step; not as long as that is not known."""
        return self.answer is not None and ANSWERS[self.answer].per_step

    def with_windows(self, window: int | None, hop: int | None = None) -> SeriesPreprocessor:
        """With other windows in an answer; the hop is half a window by default.

        Raises:
            TypeError, ValueError: they are no positive whole numbers, or the hop is larger than the
                window, or there is none; sequences are to be read as a whole.
        """
        if self.whole and (window is not None or hop is not None):
            raise WrongValue(f"window={window!r}, hop={hop!r}: expected none where whole is True")
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

        The y of recordings that have some need not be given once more.

        Raises:
            ValueError: x and y don't go together, or are not what is read.
        """
        given = {"train": train, "validation": validation, "test": test}
        pairs = {split: self._read(*pair) for split, pair in given.items() if pair is not None}
        channels = given_channels = self.channels
        if "train" in pairs and (named := _recordings_in(pairs["train"][0])):
            given_channels = Channels.of(named)
            channels = channels if channels.names else given_channels
        read = {
            split: self.examples(x, channels, told="train" not in pairs)
            for split, (x, _) in pairs.items()
        }
        found, outcomes = self.outcomes(pairs, read)
        if "train" in found and self.frame is None and self.mean is None:
            self._check_missing(found["train"].x, channels)
        found = {**dict.fromkeys(given, NO_EXAMPLES), **found}
        return data.Series(
            name="the examples",
            channels=channels.names,
            categories=channels.categories,
            interval=channels.interval,
            read_by=given_channels.read_by,
            **outcomes,
            **found,
        )

    def learned_from(self, series: data.Series, vocabulary: str = "extend") -> SeriesPreprocessor:
        """With what is answered, shape of a step and statistics of the training split.

        Args:
            series: of which splits.
            vocabulary: as for `Task.fit`; with "reset" statistics are learned anew, too.

        Raises:
            ValueError: what is answered must not be new, or is another kind; another shape of the
                steps; steps that are none that are read.
        """
        if vocabulary == "reset":
            forgotten = replace(self.forgotten(), mean=None, variance=None)
            return forgotten.learned_from(series)
        if self.answer is None:
            answer = "each" if series.train.by_step else "pool"
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
        known = self.knowing(series, vocabulary)
        mean, variance = self.mean, self.variance
        if self.frame is None and mean is None:
            of_all = data.channel_statistics(examples)
            if np.isnan(of_all.mean).any():
                nowhere = channels.listed(np.flatnonzero(np.isnan(of_all.mean)))
                raise WrongValue(f"{nowhere} has no value in any training example: leave it out")
            mean, variance = of_all.mean.tolist(), np.square(of_all.std).tolist()
            missing = np.flatnonzero(of_all.missing).tolist()
            words = channels.words(features[-1])
            faint = [i for i in np.flatnonzero(of_all.faint).tolist() if not words[i]]
            # Behind those that the layers of a model that was reset read already.
            channels = replace(
                channels,
                masked=tuple(dict.fromkeys((*channels.masked, *missing))),
                scaled=tuple(dict.fromkeys((*channels.scaled, *faint))),
                smooth=self._smooth(channels, of_all, words),
            )
        known = replace(known, features=features, mean=mean, variance=variance, channels=channels)
        return known.with_shares(series, examples)

    def _smooth(self, channels, of_all, words):
        """The channels that are read by their differences, behind those that were already."""
        found = np.flatnonzero(of_all.smooth).tolist() if self.differences else []
        places = [*(place for place, *_ in channels.smooth), *(i for i in found if not words[i])]
        first, second = (np.where(of > 0, of, 1.0).tolist() for of in (of_all.first, of_all.second))
        return tuple((place, first[place], second[place]) for place in dict.fromkeys(places))

    # --- what is answered: of a subclass ----------------------------------------------------------

    @property
    def reading(self) -> dict[str, Any]:
        """How a table's column of what is answered is read, as arguments of the loader, where the
        model decides.
        """
        return {"labels": "step" if self.per_step else "recording"} if self.answer else {}

    def outcomes(
        self, pairs: Mapping[str, tuple[Any, Any]], read: Mapping[str, list[np.ndarray]]
    ) -> tuple[dict[str, data.Examples], dict[str, Any]]:
        """Of some splits the examples, and what `rnnzoo.data.Series` knows of what is answered.

        Args:
            pairs: x and y as they are given.
            read: of x the examples.
        """
        raise NotImplementedError

    def forgotten(self) -> SeriesPreprocessor:
        """Without what is known of what is answered."""
        raise NotImplementedError

    def knowing(self, series: data.Series, vocabulary: str) -> Any:
        """With what is known of what is answered, by a series to train on."""
        raise NotImplementedError

    def with_shares(self, series: data.Series, examples: data.Examples) -> Any:
        """With how often each is to be answered in the examples to train on."""
        return self

    def targets(self, series: data.Series, examples: data.Examples) -> np.ndarray:
        """What the network is to answer to examples of a series."""
        raise NotImplementedError

    def with_own_labels(self, examples: data.Examples) -> data.Examples:
        """Examples with labels by step where the model answers at each, else with one each."""
        if self.per_step:
            return examples.with_steps()
        if examples.by_step:
            raise WrongValue(
                f"labels by step, and the model answers once (answer={self.answer!r}): take a "
                "recurrent one, made with answer='each' (--set answer=each), or read a table with "
                "labels='recording' (--labels recording), whose runs of one class are examples"
            )
        return examples

    def news(self, before: Any) -> str:
        """What is known beyond what was known before, in words; empty if nothing was."""
        return ""

    # --- how steps are read -----------------------------------------------------------------------

    def _channels_of(self, series):
        """The channels that are known, or those of a series."""
        if self.frame is not None:
            return self.channels
        if self.channels.names:
            read_by = {**self.channels.read_by, **series.read_by}
            return replace(self.channels, read_by=read_by)
        if self.features is None:
            known = replace(self.channels, categories=series.categories)
        else:
            self.channels.arranged((), series.channels, series.categories)
            known = self.channels
        return replace(
            known, names=series.channels, interval=series.interval, read_by=series.read_by
        )

    @property
    def width(self) -> int:
        """How many numbers of a step are standardized, where there are no pictures."""
        return self.channels.width(self.features[-1])

    @property
    def inputs(self) -> list[tuple[str, int, int]]:
        """The numbers of a step that the network reads: what each is, of which channel, which word.

        They stand as `ReadChannels`, then `RunningScale` and then `Differences` have them.
        """
        words = self.channels.words(self.features[-1])
        return [
            *(("value", place, 0) for place, count in enumerate(words) if not count),
            *(("word", place, k) for place, count in enumerate(words) for k in range(count)),
            *(("missing", place, 0) for place in self.channels.masked),
            *(("shape", place, 0) for place in self.channels.scaled),
            *(("size", place, 0) for place in self.channels.scaled),
            *(("first difference", place, 0) for place, *_ in self.channels.smooth),
            *(("second difference", place, 0) for place, *_ in self.channels.smooth),
        ]

    @property
    def before(self) -> list[float]:
        """Of each channel what stands for it before it is first there: its mean, or no word."""
        words = self.channels.words(self.features[-1])
        means = self.mean or [0.0] * len(words)
        return [-1.0 if of_one else mean for of_one, mean in zip(words, means, strict=True)]

    def reading_layer(self) -> ReadChannels:
        """The layer from steps as they are measured to the numbers that the network reads."""
        words = self.channels.words(self.features[-1])
        return ReadChannels(self.before, words, self.channels.masked)

    def _numbers(self, places):
        """Where channels of numbers stand in what `reading_layer` gives."""
        words = self.channels.words(self.features[-1])
        return [place - sum(map(bool, words[:place])) for place in places]

    def differences_layer(self) -> Differences | None:
        """The layer that reads some of these numbers by their differences as well, if any."""
        if not self.channels.smooth:
            return None
        places, first, second = zip(*self.channels.smooth, strict=True)
        places = self._numbers(places)
        deviation = np.sqrt(self.standardized_by()[1])[places]
        return Differences(places, first / deviation, second / deviation)

    def scale_layer(self) -> RunningScale | None:
        """The layer that reads some of these numbers by their running scale as well, if any."""
        places = self._numbers(self.channels.scaled)
        mean, variance = self.standardized_by()
        zeros = [-mean[place] / math.sqrt(variance[place]) for place in places]
        return RunningScale(places, zeros) if places else None

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
        if channels.scaled:
            said.append(
                f"{channels.listed(channels.scaled)} differs by a factor of a thousand and more "
                "between recordings: the network reads it by its own running scale, too"
            )
        if channels.smooth:
            smooth = channels.listed([place for place, *_ in channels.smooth])
            said.append(
                f"smooth curves in {smooth}: the network reads first and second differences of "
                "them, too"
            )
        for name, words in channels.categories.items():
            said.append(f"{name!r} is one of {listed(words)}")
        return "; ".join(said)

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
        self, x: Any, channels: Channels | None = None, told: bool = True, **read_by: Any
    ) -> list[np.ndarray]:
        """Raw examples as a list of arrays (time, ...), NaN where a value is missing.

        Args:
            x: (examples, time, ...), or a list of arrays (time, ...); or what has names of
                channels: `rnnzoo.data.Recordings`, a frame of pandas or polars, several of them,
                the path of a table or of a folder of them.
            channels: in whose order they come; default those that are known.
            told: whether to warn of what is read in another way than in training.
            **read_by: how a table is read, as for `rnnzoo.load_series`; default as in training.

        Raises:
            ValueError: one is no sequence of steps that are read, or holds infinity; a channel is
                missing.
        """
        channels = self.channels if channels is None else channels
        x = self._recordings(x, **read_by)
        arranged = [
            channels.arranged(each.x, each.channels, each.categories, told)
            for each in _recordings_in(x)
        ] or [x]
        read = [self._as_bytes(np.asarray(example)) for each in arranged for example in each]
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
                infinite = example.dtype.kind == "f" and np.isinf(example.astype("float32"))
            if np.any(infinite):
                place = np.argwhere(infinite)[0]
                raise WrongValue(
                    f"x: example {i} holds a number that is none in float32 (infinite, or too "
                    f"large), at time step {place[0]}, channel {place[-1] + 1}; where it is "
                    "missing, give NaN"
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

    def _check_missing(self, examples, channels):
        """Refuse what no reader of files has refused: a channel that lacks too much."""
        shares = [np.isnan(one) for one in examples if one.dtype.kind == "f" and one.ndim == 2]
        if shares and (share := np.concatenate(shares).mean(axis=0)).max() < 1:
            check_missing(share, [channels.name(i) for i in range(len(share))], "x")

    def _read(self, x, y):
        """Examples and labels, read where x is a table, and the labels its own unless given."""
        unread = holds_names(x) and not isinstance(x, data.Recordings)
        told = self.reading if unread else {}
        x = self._recordings(x, labelled=y is None, **told)
        if y is None and isinstance(x, data.Recordings):
            y = LabelMatrix(x.label_names, x.labels) if x.label_names else x.labels
        return x, y

    def _recordings(self, x, **how):
        """What has names as recordings, or several of them; arrays as they are."""
        if holds_names(x):
            return recordings_of(x, self.channels, **how)
        if isinstance(x, (list, tuple)) and len(x) and all(map(is_frame, x)):
            return [recordings_of(each, self.channels, **{**how, "labelled": False}) for each in x]
        no_path(x, "rnnzoo.data.read_recordings({!r})")
        how.pop("labelled", None)
        if how:
            raise WrongValue(f"{listed(sorted(how))}: arrays have no columns to name")
        return x

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


def _recordings_in(x: Any) -> list[data.Recordings]:
    """The recordings that have names; of arrays none."""
    if isinstance(x, data.Recordings):
        return [x]
    several = isinstance(x, list) and len(x) and all(isinstance(e, data.Recordings) for e in x)
    return x if several else []
