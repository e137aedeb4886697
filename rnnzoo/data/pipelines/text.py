"""From one long sequence of ids to batches: three ways to cut it, all of them tf.data pipelines.

Every element is ``((x, start), y)`` (`in_order` adds a weight), where

    x      int32 (batch, window)    the ids that are read
    y      int32 (batch, window)    the ids that follow them: y[b, t] comes right after x[b, t]
    start  bool  (batch,)           True where row b begins from the zero state, False where it
                                    continues row b of the batch before (truncated BPTT)

An element of the two training pipelines is a pure function of (ids, seed, step), so a run that
stops at a step goes on with ``start_step=step`` as if it had never stopped.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from rnnzoo.errors import WrongType, WrongValue
from rnnzoo.platform import tf


def steps_per_epoch(length: int, batch_size: int, window: int) -> int:
    """How many training batches make up one pass over a text of `length` ids.

    One window is left over for the shift between epochs, and what does not fill a batch is dropped:
    ``max(1, (length - 1 - window) // (batch_size * window))``.

    Raises:
        ValueError: the text is shorter than a window and the id that follows it.

    >>> steps_per_epoch(1_000_000, batch_size=32, window=64)
    488
    """
    _check_positive(batch_size=batch_size, window=window)
    if length <= window:
        raise WrongValue(
            f"a text of {length} characters is shorter than one window of {window} and the "
            f"character after it; give at least {window + 1} characters or a smaller window"
        )
    return max(1, (length - 1 - window) // (batch_size * window))


def contiguous(
    ids: Sequence[int] | np.ndarray,
    batch_size: int,
    window: int,
    seed: int = 0,
    start_step: int = 0,
) -> tf.data.Dataset:
    """Batches whose rows go on from batch to batch: what truncated BPTT that carries state reads.

    The text is cut into `batch_size` strips of equal length; row b walks along strip b, a window a
    step, and `start` is True at the first step of an epoch only. Each epoch shifts all strips by an
    offset of its own, so that windows are not cut at the same places again; the end of the text is
    never joined to its beginning. In a text too short for strips of one window, strips overlap.

    Args:
        ids: (length,) integers.
        batch_size: rows.
        window: ids a row reads in one step.
        seed: of the offsets.
        start_step: the step that comes first, counted from the beginning of training.

    Returns:
        An infinite `tf.data.Dataset` of ``((x, start), y)``; an epoch is `steps_per_epoch` long.

    Raises:
        ValueError: the text is shorter than a window, or a number is not what it has to be.

    >>> (x, start), y = next(iter(contiguous(range(100), batch_size=2, window=5)))
    >>> x.shape, bool(start[0]), bool(tf.reduce_all(y == x + 1))
    (TensorShape([2, 5]), True, True)
    """
    ids, steps = _prepare(ids, batch_size, window, seed, start_step)
    strip = steps * window
    last = len(ids) - 1 - strip  # where the last strip can begin at most
    stride = min(strip, last // max(1, batch_size - 1))
    slack = last - (batch_size - 1) * stride

    def element(step):
        epoch, step = step // steps, step % steps
        offset = tf.random.stateless_uniform((), (seed, epoch), 0, slack + 1, tf.int64, "philox")
        begin = offset + stride * tf.range(batch_size, dtype=tf.int64) + step * window
        x, y = _windows(ids, begin, window)
        return (x, tf.fill((batch_size,), step == 0)), y

    return _endless(element, start_step)


def shuffled_windows(
    ids: Sequence[int] | np.ndarray,
    batch_size: int,
    window: int,
    seed: int = 0,
    start_step: int = 0,
) -> tf.data.Dataset:
    """Batches of unrelated windows in random order, each from the zero state.

    An epoch cuts the text into windows from an offset of its own and takes them in an order of its
    own. Arguments, result and errors are those of `contiguous`; `start` is all True.

    >>> (x, start), y = next(iter(shuffled_windows(range(100), batch_size=2, window=5)))
    >>> x.shape, bool(tf.reduce_all(start))
    (TensorShape([2, 5]), True)
    """
    ids, steps = _prepare(ids, batch_size, window, seed, start_step)
    slack = min(window - 1, len(ids) - 1 - window)

    def element(step):
        epoch, step = step // steps, step % steps
        offset = tf.random.stateless_uniform((), (seed, epoch), 0, slack + 1, tf.int64, "philox")
        windows = (len(ids) - 1 - offset) // window
        place = (step * batch_size + tf.range(batch_size, dtype=tf.int64)) % windows
        order = tf.random.experimental.index_shuffle(place, (seed, epoch), windows - 1)
        x, y = _windows(ids, offset + order * window, window)
        return (x, tf.fill((batch_size,), True)), y

    return _endless(element, start_step)


def in_order(ids: Sequence[int] | np.ndarray, batch_size: int, window: int) -> tf.data.Dataset:
    """The whole text once, for evaluation: every id after the first is predicted exactly once.

    The text is cut into `batch_size` strips as in `contiguous`, without a shift. What lies past the
    end of the text is padded with id 0 and weighs nothing. A result that must not depend on where
    strips begin takes ``batch_size=1``.

    Returns:
        A finite `tf.data.Dataset` of ``((x, start), y, weight)``, weight float32 (batch, window).

    Raises:
        ValueError: fewer than two ids, or a number is not what it has to be.

    >>> sum(float(tf.reduce_sum(weight)) for _, _, weight in in_order(range(100), 2, 5))
    99.0
    """
    _check_positive(batch_size=batch_size, window=window)
    ids = _as_ids(ids)
    if len(ids) < 2:
        raise WrongValue(f"nothing to predict in a text of {len(ids)} characters; give at least 2")
    targets = len(ids) - 1
    steps = math.ceil(targets / (batch_size * window))
    strip = steps * window
    padded = np.zeros(batch_size * strip + 1, np.int32)
    padded[: len(ids)] = ids
    padded = _constant(padded)

    def element(step):
        begin = strip * tf.range(batch_size, dtype=tf.int64) + step * window
        x, y = _windows(padded, begin, window)
        real = begin[:, tf.newaxis] + tf.range(window, dtype=tf.int64) < targets
        return (x, tf.fill((batch_size,), step == 0)), y, tf.cast(real, tf.float32)

    return tf.data.Dataset.range(steps).map(element).prefetch(tf.data.AUTOTUNE)


def _prepare(ids, batch_size, window, seed, start_step):
    """The checked ids as one tensor that all steps slice, and the steps of an epoch."""
    ids = _as_ids(ids)
    steps = steps_per_epoch(len(ids), batch_size, window)
    _check_integer(seed=seed, start_step=start_step)
    if start_step < 0:
        raise WrongValue(f"start_step={start_step}: expected a step count of at least 0")
    return _constant(ids), steps


def _endless(element, start_step):
    return tf.data.Dataset.counter(start_step).map(element).prefetch(tf.data.AUTOTUNE)


def _windows(ids, begin, window):
    """The windows of `ids` that begin at `begin` (batch,), and the same ones an id later."""
    rows = tf.gather(ids, begin[:, tf.newaxis] + tf.range(window + 1, dtype=tf.int64))
    return rows[:, :-1], rows[:, 1:]


def _as_ids(ids):
    ids = np.asarray(ids)
    if ids.ndim != 1 or not np.issubdtype(ids.dtype, np.integer):
        raise WrongValue(
            f"ids of shape {ids.shape} and type {ids.dtype}: expected one sequence of integers"
        )
    return ids.astype(np.int32)


def _constant(ids):
    with tf.device("cpu"):  # where tf.data runs, also when there is a GPU
        return tf.constant(ids)


def _check_integer(**numbers):
    for name, value in numbers.items():
        if isinstance(value, bool) or not isinstance(value, int | np.integer):
            raise WrongType(f"{name}={value!r}: expected an integer")


def _check_positive(**numbers):
    _check_integer(**numbers)
    for name, value in numbers.items():
        if value < 1:
            raise WrongValue(f"{name}={value}: expected at least 1")
