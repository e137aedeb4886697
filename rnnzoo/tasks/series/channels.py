"""The channels of a series: their names, words in place of numbers, and values that are missing."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from rnnzoo import data
from rnnzoo.data.readers.series import read_series
from rnnzoo.data.readers.tables import Options, is_frame
from rnnzoo.errors import WrongValue
from rnnzoo.notices import warn
from rnnzoo.platform import keras, tf
from rnnzoo.tasks.vocabulary import listed


@dataclass(frozen=True)
class Channels:
    """What a model knows of its channels beside their statistics.

    Attributes:
        names: in the order in which the model reads them; empty where nothing names them.
        categories: by the name of a channel of words, the words that its numbers index.
        masked: places of the channels that were missing somewhere in training; of each, the network
            reads whether it is.
        scaled: places of the channels that are far fainter in some recordings than in others; of
            each, the network reads its running scale as well.
        smooth: of channels that are smooth curves place and size of first and second differences;
            of each, the network reads these as well.
        interval: seconds between steps in training; None if that is not known.
        read_by: how the table of training was read, by the name of `rnnzoo.load_series`'s option:
            its columns, and features and encoding where they were told. Others are read likewise.

    Example:
        >>> channels = Channels(("x", "hand"), {"hand": ("left", "right")}, masked=(0,))
        >>> channels.width(2)  # x, two for the hand, and whether x is missing
        4
    """

    names: tuple[str, ...] = ()
    categories: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    masked: tuple[int, ...] = ()
    scaled: tuple[int, ...] = ()
    smooth: tuple[tuple[int, float, float], ...] = ()
    interval: float | None = None
    read_by: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, recordings: Iterable[data.Recordings]) -> Channels:
        """Those of recordings to train on: all words that any of them holds."""
        first, *others = recordings
        categories = dict(first.categories)
        for other in others:
            for name, words in other.categories.items():
                categories[name] = tuple(dict.fromkeys((*categories.get(name, ()), *words)))
        return cls(first.channels, categories, interval=first.interval, read_by=first.read_by)

    def words(self, count: int) -> list[int]:
        """For each of so many channels how many words it has, 0 where it has numbers."""
        names = self.names or ("",) * count
        return [len(self.categories.get(name, ())) for name in names]

    def width(self, count: int) -> int:
        """How many numbers the network reads of so many channels."""
        return sum(words or 1 for words in self.words(count)) + len(self.masked)

    def name(self, place: int) -> str:
        """A channel's name, or its number from 1 on."""
        return repr(self.names[place]) if self.names else f"channel {place + 1}"

    def listed(self, places: Sequence[int] | np.ndarray) -> str:
        """The names of some, for a message."""
        return listed([self.name(place) for place in places])

    def arranged(
        self,
        x: Sequence[np.ndarray],
        names: Sequence[str],
        categories: Mapping[str, Sequence[str]],
        told: bool = True,
    ) -> Sequence[np.ndarray]:
        """Arrays (time, channels) in the order of the model, words by the model's numbers.

        Without names, on either side, channels are taken in the order they come in.

        Args:
            x: as they are read.
            names: of their channels; more than the model's may be there.
            categories: by name the words of theirs.
            told: whether what is left out, and words that are not known, are warned of.

        Raises:
            ValueError: a channel is missing; or holds words where the model reads numbers, or the
                other way round.
        """
        if not self.names or not names:
            if words := set(categories) - set(self.categories):
                raise WrongValue(
                    f"{listed(sorted(map(repr, words)))} holds words, where the model reads numbers"
                )
            return x
        if _by_place(self.names, names):
            own = dict(zip(names, self.names, strict=True))
            names = self.names
            categories = {own[name]: words for name, words in categories.items()}
        if missing := [name for name in self.names if name not in names]:
            raise WrongValue(
                f"no channel {listed(list(map(repr, missing)))}: the model reads "
                f"{listed(self.names)}, given are {listed(names)}"
            )
        for name in self.names:
            if name in categories and name not in self.categories:
                raise WrongValue(f"{name!r} holds words, where the model reads numbers")
        if told:
            self._warn_of_others(names, categories)
        places = [names.index(name) for name in self.names]
        numbers = {
            place: _numbers_of(self.categories[name], categories.get(name))
            for place, name in enumerate(self.names)
            if name in self.categories
        }
        if places == list(range(len(names))) and all(
            of_words is not None and np.array_equal(of_words, [*range(len(of_words) - 1), -1])
            for of_words in numbers.values()
        ):
            return x
        return _Arranged(x, places, numbers, self.names)

    def _warn_of_others(self, names, categories):
        own = set(tf.nest.flatten(dict(self.read_by)))
        if extra := [name for name in names if name not in {*self.names, *own}]:
            warn(f"left out, as the model does not read them: {listed(list(map(repr, extra)))}")
        for name, known in self.categories.items():
            if unknown := [word for word in categories.get(name, ()) if word not in known]:
                warn(
                    f"{name!r} is {listed(list(map(repr, unknown)))}, which training did not meet: "
                    "read as none of the model's words"
                )


def _numbers_of(known, given):
    """For each of the words that are given, and at -1, its number, or -1; None for numbers."""
    if given is None:
        return None
    number = {word: i for i, word in enumerate(known)}
    return np.array([*(number.get(word, -1) for word in given), -1], np.float32)


class _Arranged(Sequence):
    """Arrays with chosen columns, each arranged when it is asked for."""

    def __init__(self, x, places, numbers, names):
        self._x = x
        self._places = places
        self._numbers = numbers
        self._names = names

    def __len__(self):
        return len(self._x)

    def __getitem__(self, i):
        x = np.asarray(self._x[i], np.float32)[:, self._places]
        for place, numbers in self._numbers.items():
            there = ~np.isnan(x[:, place])
            if not there.any():
                continue
            if numbers is None:
                raise WrongValue(
                    f"{self._names[place]!r} holds numbers, where the model reads words"
                )
            x[there, place] = numbers[x[there, place].astype(int)]
        return x

    def where(self, i):
        return self._x.where(i) if hasattr(self._x, "where") else f"example {i}"


# --- what has names -------------------------------------------------------------------------------


def holds_names(x: Any) -> bool:
    """Whether x may name its channels, and hold labels: no array."""
    return isinstance(x, (str, os.PathLike, data.Recordings)) or is_frame(x)


def recordings_of(
    x: Any, known: Channels, labelled: bool = False, **columns: Any
) -> data.Recordings:
    """The recordings of a frame, of a table's path, or of a folder.

    What is sampled unevenly is brought to the interval of the training data.

    Args:
        x: for which `holds_names`.
        known: what a model knows of its channels.
        labelled: whether the recordings' classes are wanted.
        **columns: what the user says of the table, as for `rnnzoo.load_series`, in place of how
            that of training was read.
    """
    if isinstance(x, data.Recordings):
        if columns:
            raise WrongValue(f"{listed(sorted(columns))}: these recordings are read already")
        return x
    options = Options(**{"interval": known.interval, **columns, "known": known.read_by})
    recordings = read_series(x, options, labelled=labelled)
    names = recordings.channels
    if names and not (set(known.names) <= set(names) or _by_place(known.names, names)):
        # A column may have been taken for something else, by its name or by what it holds.
        recordings = read_series(x, replace(options, features=known.names), labelled=labelled)
    if not is_frame(x) and os.path.isdir(x):
        return recordings  # of files that may be a recording each
    for role, what in (("id", "all rows are one recording"), ("time", "each row is a step")):
        column, read_by = known.read_by.get(role, "none"), {*recordings.read_by, *columns}
        if names and len(recordings) == 1 and column != "none" and role not in read_by:
            warn(f"there is no column {column!r}, which told the {role} in training: {what}")
    return recordings


def _by_place(names, others):
    """Whether as many channels are to be told by their places, as some have no names of their own.

    The reader calls the columns of a table without a first line of names by their numbers.
    """
    return len(names) == len(others) and any(
        all(re.fullmatch(r"column \d+", name) for name in of_one) for of_one in (names, others)
    )


# --- the network's side ---------------------------------------------------------------------------


@keras.saving.register_keras_serializable("rnnzoo")
class ReadChannels(keras.layers.Layer):
    """Steps as they are measured -> steps of numbers, with nothing missing.

        v_t = x_t where it is there, else v_(t-1)                    v_0 = before
        y_t = [v_t of channels of numbers, one-hot v_t of channels of words, m_t]
        m_t = 1 where x_t of a masked channel is missing, else 0

    A word's number is its place; any other number is a word that is not known, and all of its
    entries are 0. Missing is NaN.

    Args:
        before: of each channel what stands for it before it is first there.
        words: of each channel how many words it has; 0 for numbers.
        masked: places of channels.
        **kwargs: of keras.layers.Layer.

    Call arguments:
        x: float32 (batch, time, channels), or one step (batch, channels).
        last: v of the step before, (batch, channels); None: x is the beginning.

    Returns:
        y float32 (batch, time, width), or (batch, width); and v of the last step.

    Example:
        >>> layer = ReadChannels(before=[0.5, -1], words=[0, 2], masked=[0])
        >>> nan = float("nan")
        >>> y, last = layer(tf.constant([[[nan, 1.0], [3, nan], [nan, 0]]]))
        >>> y.numpy().tolist()
        [[[0.5, 0.0, 1.0, 1.0], [3.0, 0.0, 1.0, 0.0], [3.0, 1.0, 0.0, 1.0]]]
    """

    def __init__(
        self,
        before: Sequence[float],
        words: Sequence[int] | None = None,
        masked: Sequence[int] = (),
        **kwargs: Any,
    ):
        super().__init__(**{"dtype": "float32", **kwargs})
        self.before = [float(value) for value in before]
        self.words = [0] * len(self.before) if words is None else list(words)
        self.masked = list(masked)

    @property
    def width(self) -> int:
        """How many numbers a step has."""
        return sum(words or 1 for words in self.words) + len(self.masked)

    def initial_state(self, batch_size: int | tf.Tensor) -> tf.Tensor:
        """What stands for v before the first step, (batch_size, channels)."""
        return tf.tile(tf.constant([self.before]), (batch_size, 1))

    def call(self, x: tf.Tensor, last: tf.Tensor | None = None) -> tuple[tf.Tensor, tf.Tensor]:
        missing = tf.math.is_nan(x)
        last = self.initial_state(tf.shape(x)[0]) if last is None else last
        if len(x.shape) == 2:
            v = last = tf.where(missing, last, x)
        else:
            v = tf.cond(tf.reduce_any(missing), lambda: carried_forward(x, last), lambda: x)
            v.set_shape(x.shape)
            last = v[:, -1]
        if not any(self.words) and not self.masked:
            return v, last
        numbers = [i for i, words in enumerate(self.words) if not words]
        parts = [_of_places(v, numbers)]
        for place, words in enumerate(self.words):
            if words:
                parts.append(tf.one_hot(tf.cast(v[..., place], tf.int32), words))
        parts.append(tf.cast(_of_places(missing, self.masked), tf.float32))
        y = tf.concat(parts, axis=-1)
        y.set_shape([*x.shape[:-1], self.width])
        return y, last

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, Any]:
        return (*input_shape[:-1], self.width), (input_shape[0], input_shape[-1])

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "before": self.before,
            "words": self.words,
            "masked": self.masked,
        }


def _of_places(x, places):
    return tf.gather(x, tf.constant(places, tf.int32), axis=-1)


def carried_forward(x: tf.Tensor, before: tf.Tensor) -> tf.Tensor:
    """Series (batch, time, channels) with the last value that was there where it is NaN.

    Args:
        x: float32 (batch, time, channels).
        before: (batch, channels), none of them NaN.

    Example:
        >>> x = tf.constant([[[float("nan")], [2.0], [float("nan")]]])
        >>> carried_forward(x, tf.constant([[1.0]]))[0, :, 0].numpy().tolist()
        [1.0, 2.0, 2.0]
    """
    x = tf.concat([before[:, None], x], axis=1)
    batch, time, channels = tf.unstack(tf.shape(x))
    there = ~tf.math.is_nan(x)
    # In a row of all values that are there, series by series, the place of the newest one.
    newest = tf.cumsum(tf.cast(there, tf.int32), axis=1) - 1
    newest += time * tf.reshape(tf.range(batch * channels), (batch, 1, channels))
    # A sum of one each: all shapes are known beforehand, as XLA needs them.
    values = tf.math.unsorted_segment_sum(tf.where(there, x, 0.0), newest, tf.size(x))
    return tf.gather(values, newest)[:, 1:]
