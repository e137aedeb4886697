"""From labelled sequences to batches: windows cut on the fly, never across two sequences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from rnnzoo.data.pipelines.sequences import balanced_rows, sequences_per_epoch, shuffled_rows
from rnnzoo.data.step_labels import are_by_step, none_of
from rnnzoo.errors import WrongValue
from rnnzoo.platform import tf

if TYPE_CHECKING:
    from rnnzoo.data import Examples
    from rnnzoo.data.pipelines.augmentation import Augmentation


class Windows:
    """The windows of some sequences, each read when it is asked for.

    Args:
        examples: `rnnzoo.data.Examples`.
        window: time steps; None takes each sequence whole.
        stride: steps from a window's beginning to the next one's; default half a window. The last
            window of a sequence lies at its end, so it may overlap more. A sequence that is shorter
            than a window is one, and padded.
        past: what a model that reads the whole sequence knows at a window's first step, which then
            goes with it; None: nothing that matters.

    Attributes:
        lengths: real time steps of each window, int32 (n,).
        labels: int32, or float32 numbers, (n,); or, where examples have them by step, those of the
            sequences' steps.
        label_type: of one.
        weights: float32 (n,), or None.
        rows, begins: which sequence each window is of, and where it begins, int64 (n,).

    Raises:
        ValueError: the window or the stride is less than a step.

    Example:
        >>> from rnnzoo.data import Examples
        >>> windows = Windows(Examples([np.zeros((25, 3))], np.zeros(1, int)), window=10)
        >>> windows.begins.tolist()
        [0, 5, 10, 15]
    """

    def __init__(
        self,
        examples: Examples,
        window: int | None = None,
        stride: int | None = None,
        past: Past | None = None,
    ):
        for name, value in (("window", window), ("stride", stride)):
            if value is not None and value < 1:
                raise WrongValue(f"{name}={value}: expected at least 1 time step")
        stride = stride or max(1, (window or 0) // 2)
        self._x = examples.x
        self.past = None if window is None else past
        places = []
        for i, x in enumerate(examples.x):
            if window is None or len(x) <= window:
                places.append((i, 0, len(x)))
                continue
            last = len(x) - window
            places += [(i, begin, window) for begin in (*range(0, last, stride), last)]
        rows, begins, lengths = np.array(places, np.int64).reshape(-1, 3).T
        self.rows, self.begins, self.lengths = rows, begins, lengths.astype(np.int32)
        self.labels: Any = None if examples.labels is None else np.asarray(examples.labels)[rows]
        self.by_step = are_by_step(self.labels)
        of_all: Any = self.labels
        one = of_all[0] if self.by_step else of_all
        self.label_type = np.float32 if one is not None and one.dtype.kind == "f" else np.int32
        self.weights = None if examples.weights is None else examples.weights[rows]
        if len(places):
            first = self._x[0]
            self._shape, self._dtype = first.shape[1:], first.dtype
            if self._dtype != np.uint8:
                self._dtype = np.dtype(np.float32)
        # None where it differs from batch to batch.
        self.time = window or (self.lengths[0] if len(set(lengths.tolist())) == 1 else None)

    def __len__(self):
        return len(self.rows)

    def read(self, chosen: np.ndarray) -> np.ndarray:
        """Some windows as one array (n, time, ...), zeros behind the end of a short one."""
        return self._padded(
            [
                self._x[self.rows[i]][self.begins[i] : self.begins[i] + self.lengths[i]]
                for i in chosen
            ]
        )

    def before(self, chosen: np.ndarray) -> np.ndarray:
        """What is known at the first step of some windows, float32 (n, k, channels)."""
        past: Any = self.past
        return np.stack([past(self.rows[i], self.begins[i]) for i in chosen])

    def labels_of(self, chosen: np.ndarray) -> np.ndarray:
        """The labels of some windows: (n, ...), or of each step, (n, time), -1 or NaN at none."""
        if not self.by_step:
            return self.labels[chosen]
        begins, ends = self.begins[chosen], self.begins[chosen] + self.lengths[chosen]
        windows = zip(self.labels[chosen], begins, ends, strict=True)
        return self._labels_padded([of_one[begin:end] for of_one, begin, end in windows])

    def draw(
        self,
        chosen: np.ndarray,
        random: np.random.Generator,
        augmentation: Augmentation | None = None,
    ) -> list[np.ndarray]:
        """As many windows, of the same sequences, from anywhere in them; lengths; and labels.

        Where the past matters, also what is known at each one's first step; what was there last is
        changed likewise.

        Args:
            chosen: numbers of windows, (n,).
            random: that decides.
            augmentation: what is changed, if anything.
        """
        drawn, labels, before = [], [], []
        for i in chosen:
            x, length = self._x[self.rows[i]], self.lengths[i]
            begin = random.integers(len(x) - length + 1)
            if augmentation is None:
                window, places = x[begin : begin + length], np.arange(begin, begin + length)
            else:
                between = augmentation.places(len(x), begin, length, random)
                window, places = augmentation.read(x, between), np.rint(between).astype(np.int64)
            drawn.append(window)
            labels.append(self.labels[i][places] if self.by_step else self.labels[i])
            if self.past is not None:
                before.append(self.past(self.rows[i], int(places[0])))
        lengths = np.array([len(x) for x in drawn], np.int32)
        x = self._padded(drawn)
        known = np.array(before) if before else np.zeros((len(x), 0, *self._shape))
        if augmentation is not None:
            real = np.arange(x.shape[1]) < lengths[:, None]
            x, known = augmentation.with_past(x, known, random, lengths)
            x *= real[..., None]
        y = self._labels_padded(labels) if self.by_step else np.array(labels)
        return [x, lengths, y] if self.past is None else [x, lengths, y, known]

    def _labels_padded(self, windows):
        labels = np.full(
            (len(windows), self.time or max(map(len, windows))),
            none_of(self.label_type),
            self.label_type,
        )
        for row, window in zip(labels, windows, strict=True):
            row[: len(window)] = window
        return labels

    def _padded(self, windows):
        time = self.time or max(map(len, windows))
        x = np.zeros((len(windows), time, *self._shape), self._dtype)
        for row, window in zip(x, windows, strict=True):
            row[: len(window)] = window
        return x

    @property
    def differ(self) -> bool:
        """Whether any window is shorter than another."""
        return len(set(self.lengths.tolist())) > 1 or self.time != self.lengths[0]

    def batches(self, rows: tf.data.Dataset) -> tf.data.Dataset:
        """A dataset of batches ``(x, y, weight)`` of one of row numbers and weights (batch,).

        x is a tuple of it and lengths (batch,) where any window is shorter than another; where
        the past matters, of both and of it, float32 (batch, k, channels), see `Past`. Where labels
        are by step, y and weight are (batch, time), and a step without a label weighs 0, as does
        an example without a number.
        """
        lengths = tf.constant(self.lengths)

        def all_of(chosen):
            return self.read(chosen), self.labels_of(chosen).astype(self.label_type)

        def read(chosen, weight):
            x, y = tf.numpy_function(all_of, [chosen], [self._dtype, self.label_type])
            parts = [x, tf.gather(lengths, chosen)]
            if self.past is not None:
                parts.append(tf.numpy_function(self.before, [chosen], tf.float32))
            return chosen, tuple(parts), y, weight

        return rows.map(read).map(self._batch(self.differ)).prefetch(2)

    def drawn(
        self,
        rows: tf.data.Dataset,
        seed: int,
        start_step: int,
        augmentation: Augmentation | None = None,
    ) -> tf.data.Dataset:
        """Training batches as those of `batches`, of what `draw` draws at each step.

        Args:
            rows: row numbers (batch,) of each step.
            seed: with the step, it decides what is drawn.
            start_step: of the first batch.
            augmentation: as for `draw`.
        """

        def draw(chosen, step):
            random = np.random.default_rng((seed, int(step), 1))
            x, lengths, y, *before = self.draw(chosen, random, augmentation)
            return x, lengths, y.astype(self.label_type), *before

        def read(chosen, step):
            types = [self._dtype, tf.int32, self.label_type]
            types += [tf.float32] if self.past is not None else []
            x, lengths, y, *before = tf.numpy_function(draw, [chosen, step], types)
            lengths.set_shape(chosen.shape)
            return chosen, (x, lengths, *before), y, tf.ones(tf.shape(chosen))

        differ = self.differ or bool(augmentation and augmentation.stretch)
        rows = tf.data.Dataset.zip(rows, tf.data.Dataset.counter(start_step))
        return rows.map(read).map(self._batch(differ)).prefetch(2)

    def _batch(self, differ):
        """The function from what was read to a batch."""
        weights = None if self.weights is None else tf.constant(self.weights)

        def batch(chosen, x, y, weight):
            x[0].set_shape((chosen.shape[0], self.time, *self._shape))
            for before in x[2:]:
                before.set_shape((chosen.shape[0], None, *self._shape))
            y.set_shape((*chosen.shape, *((self.time,) if self.by_step else self.labels.shape[1:])))
            if weights is not None:
                weight *= tf.gather(weights, chosen)
            weight.set_shape(chosen.shape)
            if self.by_step:
                weight = weight[:, None]
            if self.by_step or y.dtype.is_floating:
                there = ~tf.math.is_nan(y) if y.dtype.is_floating else y >= 0
                weight = weight * tf.cast(there, tf.float32)
                y = tf.where(there, y, tf.zeros_like(y))
            return x if differ or self.past is not None else x[0], y, weight

        return batch


BLOCK = 1024  # steps of a sequence whose sums are kept


class Past:
    """What a model that reads a sequence from its beginning knows at one of its steps.

    Args:
        x: sequences (time, channels), NaN where a value is missing.
        nothing: of each channel what stands for a value before the first one, where the mean and
            the variance so far matter, too. None: they don't.

    Call arguments:
        row: number of a sequence.
        step: one of its steps.

    Returns:
        float32 (1 or 4, channels): the values at the step, or what was there last where they are
        missing, NaN where nothing was; and how many steps were before, their mean and variance,
        the last values in place of what is missing.

    Example:
        >>> past = Past([np.array([[1.0], [np.nan], [4], [9]])], nothing=[0.0])
        >>> past(0, 3).tolist()
        [[9.0], [3.0], [2.0], [2.0]]
    """

    def __init__(self, x: Sequence[np.ndarray], nothing: Sequence[float] | None = None):
        self._x = x
        self._nothing = nothing
        self._known: dict[int, list[np.ndarray]] = {}

    def __call__(self, row: int, step: int) -> np.ndarray:
        last = last_seen(self._x[row], step)
        if self._nothing is None:
            return last[None]
        of_values, of_squares = self._sums(row, step) / max(1, step)
        mean = np.where(step > 0, self._origin(row) + of_values, 0)
        count = np.full_like(mean, step)
        variance = np.maximum(of_squares - of_values**2, 0)
        return np.stack([last, count, mean, variance]).astype(np.float32)

    def _sums(self, row, step):
        """Sums (2, channels) of what was before a step and of its squares, from the first value."""
        known = self._known.setdefault(row, [np.zeros((2, len(self._origin(row))))])
        while len(known) <= step // BLOCK:
            begin = (len(known) - 1) * BLOCK
            known.append(known[-1] + self._sums_of(row, begin, begin + BLOCK))
        begin = step // BLOCK * BLOCK
        return known[step // BLOCK] + self._sums_of(row, begin, step)

    def _sums_of(self, row, begin, end):
        x = self._x[row]
        before = last_seen(x, begin - 1) if begin else self._origin(row)
        values = np.concatenate([before[None], x[begin:end]]).astype(np.float64)
        values[0] = np.where(np.isnan(values[0]), self._nothing, values[0])
        newest = np.where(np.isnan(values), 0, np.arange(len(values))[:, None])
        newest = np.maximum.accumulate(newest)
        away = np.take_along_axis(values, newest, axis=0)[1:] - self._origin(row)
        return np.stack([away.sum(axis=0), (away**2).sum(axis=0)])

    def _origin(self, row):
        first = np.asarray(self._x[row][0], np.float64)
        return np.where(np.isnan(first), self._nothing, first)


def last_seen(x: np.ndarray, step: int) -> np.ndarray:
    """The values at a step of x (time, channels), or what was there last where they are missing.

    NaN where nothing was before.

    >>> last_seen(np.array([[1.0, np.nan], [2, np.nan], [np.nan, 3]]), 2).tolist()
    [2.0, 3.0]
    """
    found = np.array(x[step], np.float32)
    end = step
    while end > 0 and np.isnan(found).any():
        begin = max(0, end - 256)  # what is mapped is read as far back as it must be
        missing = np.flatnonzero(np.isnan(found))
        earlier = np.asarray(x[begin:end])[:, missing]
        newest = len(earlier) - 1 - (~np.isnan(earlier[::-1])).argmax(axis=0)
        found[missing] = earlier[newest, np.arange(len(missing))]
        end = begin
    return found


def examples_per_epoch(
    examples: Examples, batch_size: int, window: int | None = None, stride: int | None = None
) -> int:
    """How many training batches make up one pass over the windows: at least 1."""
    return sequences_per_epoch(Windows(examples, window, stride), batch_size)


def shuffled_examples(
    examples: Examples,
    batch_size: int,
    window: int | None = None,
    stride: int | None = None,
    seed: int = 0,
    start_step: int = 0,
    balanced: bool = False,
    augmentation: Augmentation | None = None,
    past: Past | None = None,
) -> tf.data.Dataset:
    """Endless training batches ``(x, y, weight)``, each a function of the seed and its number.

    A sequence has as many windows in a pass as fit into it, each from anywhere in it.

    Args:
        examples, window, stride, past: as for `Windows`.
        batch_size: windows in a batch.
        seed: of their order, and of all that is drawn.
        start_step: the step that comes first, counted from the beginning of training.
        balanced: whether each class is as frequent as any other.
        augmentation: what is changed in the windows, if anything.

    Returns:
        An infinite `tf.data.Dataset`: x float32 (batch, time, ...), uint8 for pictures, or a tuple
        of it and lengths int32 (batch,), and what is known at first where the past matters; y int32
        (batch,), float32 where labels are numbers, weight float32 (batch,), 1 unless the examples
        have weights; see `Windows.batches` for labels by step.

    Example:
        >>> from rnnzoo.data import Examples
        >>> examples = Examples(np.zeros((3, 20, 6), "float32"), np.array([0, 1, 0]))
        >>> x, y, weight = next(iter(shuffled_examples(examples, batch_size=4, window=10)))
        >>> x.shape
        TensorShape([4, 10, 6])
    """
    windows = Windows(examples, window, stride, past)
    if balanced:
        rows = balanced_rows(windows.labels, batch_size, seed, start_step)
    else:
        rows = shuffled_rows(windows.lengths, batch_size, seed, start_step)
    return windows.drawn(rows, seed, start_step, augmentation)


def examples_in_order(
    examples: Examples,
    batch_size: int,
    window: int | None = None,
    stride: int | None = None,
    past: Past | None = None,
) -> tf.data.Dataset:
    """All windows once, for evaluation; what the last batch lacks is filled up and weighs nothing.

    Arguments and batches are those of `shuffled_examples`; the default stride is a whole window.
    """
    windows = Windows(examples, window, stride or window, past)
    count = -(-len(windows) // batch_size) * batch_size
    rows = np.arange(count).reshape(-1, batch_size)
    weights = (rows < len(windows)).astype(np.float32)
    rows = tf.data.Dataset.from_tensor_slices((rows % max(1, len(windows)), weights))
    return windows.batches(rows)


FAINT = 1000  # times the deviation within a recording is below that of all
SLOW = 0.25  # of the deviation within recordings: below it neighbours correlate by 0.97 and more
BENT = 1.25  # of first differences: below it these correlate by 0.2 and more, and are no noise


class ChannelStatistics(NamedTuple):
    """Of each channel, (channels,): mean and standard deviation, float64; whether it is missing
    somewhere; whether in a tenth of the recordings in which it changes it does so by less than a
    thousandth of the whole deviation; whether it is a smooth curve; and the root mean squares of
    its first and second differences.

    The mean of a channel without any value is NaN; the deviation of one that never changes is 1.
    """

    mean: np.ndarray
    std: np.ndarray
    missing: np.ndarray
    faint: np.ndarray
    smooth: np.ndarray
    first: np.ndarray
    second: np.ndarray


def channel_statistics(examples: Examples) -> ChannelStatistics:
    """Statistics of what is there, all that is not NaN, in one pass.

    Example:
        >>> from rnnzoo.data import Examples
        >>> x = [np.array([[1.0], [np.nan], [3.0]])]
        >>> mean, std, missing, faint, *_ = channel_statistics(Examples(x, np.zeros(1, int)))
        >>> mean.item(), std.item(), missing.item(), faint.item()
        (2.0, 1.0, True, False)
        >>> wave = np.sin(np.arange(100) / 10)[:, None]
        >>> channel_statistics(Examples([wave], np.zeros(1, int))).smooth.item()
        True
    """
    count = mean = squares = within = np.zeros(1)  # the first sum gives them their channels
    differences = [(np.zeros(1), np.zeros(1))] * 2  # of first and second: how many, their squares
    missing: Any = False
    own = []  # deviations within each of them, 0 of those that don't change
    for x in examples.x:
        x = np.asarray(x, np.float64).reshape(-1, np.shape(x)[-1])
        there = ~np.isnan(x)
        missing = missing | ~there.all(axis=0)
        n = there.sum(axis=0)
        mean_x = np.where(there, x, 0).sum(axis=0) / np.maximum(n, 1)
        squares_x = np.where(there, (x - mean_x) ** 2, 0).sum(axis=0)
        within = within + squares_x
        d = x
        for i, (many, sum_of_squares) in enumerate(differences):
            d = np.diff(d, axis=0)
            known = ~np.isnan(d)
            sum_of_squares = sum_of_squares + (np.where(known, d, 0) ** 2).sum(axis=0)
            differences[i] = many + known.sum(axis=0), sum_of_squares
        own.append(_changes(np.sqrt(squares_x / np.maximum(n, 1)), mean_x))
        # Chan et al. 1983: two parts joined, without the cancelling of large squares.
        apart, both = mean_x - mean, np.maximum(count + n, 1)
        mean = mean + apart * n / both
        squares = squares + squares_x + apart**2 * count * n / both
        count = count + n
    std = _changes(np.sqrt(squares / np.maximum(count, 1)), mean)
    changes = [of_one[of_one > 0] for of_one in np.array(own).T]
    tenth = [np.quantile(of_one, 0.1) if len(of_one) else np.inf for of_one in changes]
    faint = FAINT * np.array(tenth) < std
    first, second = (np.sqrt(of / np.maximum(n, 1)) for n, of in differences)
    within = np.sqrt(within / np.maximum(count, 1))
    # What the models' float32 rounds away is no bend.
    bent = (second > 8 * np.finfo(np.float32).eps * np.abs(mean)) & (second < BENT * first)
    return ChannelStatistics(
        np.where(count > 0, mean, np.nan),
        np.where(std > 0, std, 1.0),
        np.asarray(missing),
        faint,
        bent & (first < SLOW * within) & ~faint,
        first,
        second,
    )


def _changes(std, mean):
    """Deviations, 0 where they are but the rounding of what stays the same.

    The models read float32, in which what is closer to the mean than its resolution is the mean.
    """
    return np.where(std > np.finfo(np.float32).eps * np.abs(mean), std, 0.0)
