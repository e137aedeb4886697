"""A batch for a model, and the loss of its last steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from rnnzoo import keras_internals
from rnnzoo.errors import WrongValue
from rnnzoo.platform import keras, tf
from rnnzoo.tasks.encoder_decoder.model import EncoderDecoder
from rnnzoo.tasks.series.model import SeriesModel
from rnnzoo.tasks.task import Task


class Batch(NamedTuple):
    """What a network reads, what is to be answered, and the weights, as Keras has them."""

    x: Any
    y: Any
    weight: Any


def batches_of(
    model: keras.Model, given: Any, batch_size: int | None = None, window: int | None = None
) -> Iterable[Batch]:
    """The batches that a model reads; of recordings that it reads in windows, the first windows.

    Args:
        model: a task of ours, or a Keras model.
        given: raw examples (x, y) as for the task's `fit`, or a text; a tf.data.Dataset of
            batches; for another Keras model one batch (x, y), or x alone.
        batch_size, window: of raw examples, as for the task's `evaluate`.
    """
    if isinstance(given, tf.data.Dataset):
        batches = (Batch(*keras.utils.unpack_x_y_sample_weight(batch)) for batch in given)
        return (_first_window(model, batch) for batch in batches)
    if not isinstance(model, Task):
        batch = Batch(*keras.utils.unpack_x_y_sample_weight(given))
        counts = {len(of) for of in tf.nest.flatten(batch) if hasattr(of, "shape")}
        if len(counts) != 1:
            raise WrongValue(
                "expected x, y and weights as arrays of as many rows, got "
                + (f"{', '.join(map(str, sorted(counts)))} rows" if counts else "no array")
            )
        return [batch]
    if not model.has_targets:
        return batches_of(model, model.batches(given, None, batch_size, window))
    if not isinstance(given, tuple) or not 2 <= len(given) <= 3:
        raise WrongValue(
            f"expected raw examples as a tuple (x, y), or (x, y, weight), got {_described(given)}"
        )
    x, y, *weight = given
    return batches_of(model, model.batches(x, y, batch_size, window, *weight))


def _described(given):
    several = f" of {len(given)}" if isinstance(given, (tuple, list)) else ""
    return f"a {type(given).__name__}{several}"


def first_batch(model: keras.Model, given: Any, window: int | None = None) -> Batch:
    """The first of `batches_of`."""
    for batch in batches_of(model, given, window=window):
        return batch
    raise WrongValue("there is no example: expected a batch of one at least")


def together(parts: Sequence[np.ndarray], fill: Any = np.nan) -> np.ndarray:
    """The rows of several arrays (rows, time, ...), as long as the longest, and `fill` behind."""
    time = max(part.shape[1] for part in parts)
    longer = [
        np.pad(p, [(0, 0), (0, time - p.shape[1]), *[(0, 0)] * (p.ndim - 2)], constant_values=fill)
        for p in parts
    ]
    return np.concatenate(longer)


def loss_of_last_steps(
    model: keras.Model,
    batch: Batch,
    loss: Callable[[Any, Any], Any] | None = None,
    backwards: bool = False,
) -> tf.Tensor:
    """The sum over a batch of each row's loss at its last step, or of its only one.

    Args:
        model: it is called with training=False.
        batch: of the model.
        loss: of a Keras model that isn't compiled, ``loss(y, answers)``: (batch,) or (batch, time).
        backwards: whether the last step is meant that a layer comes to which reads backwards.

    Raises:
        ValueError: there is no loss, or nothing to compare the answers with.
    """
    x, y, weight = batch
    if y is None:
        raise WrongValue("the loss needs what is to be answered: expected a batch (x, y)")
    if isinstance(model, EncoderDecoder):  # whose own loss has gradients in training only
        each = tf.nn.sparse_softmax_cross_entropy_with_logits(y, model(x, training=False))
        return tf.reduce_sum(_last_of(weight, backwards) * each)
    if isinstance(model, Task):
        if not model.compiled:
            model.compile()
        weight = _last_of(tf.ones(tf.shape(y)) if weight is None else weight, backwards)
        mean, _ = model.loss_and_answers(x, y, weight, training=False)
        return mean * tf.cast(tf.reduce_sum(weight), mean.dtype)
    answers = model(x, training=False)
    if not hasattr(answers, "shape"):
        raise WrongValue(
            f"{model.name} has several answers: expected a model of one, such as "
            "keras.Model(model.input, model.output[0])"
        )
    each = _loss_of_each(_loss_of(model, loss), y, answers)
    if each.shape.rank == 1:
        return tf.reduce_sum(each if weight is None else _real(weight) * each)
    if weight is None:
        mask = keras_internals.mask_of(answers)
        weight = tf.ones(tf.shape(each)) if mask is None else mask
    weight = _real(weight)
    if weight.shape.rank == 1:  # of whole rows
        weight = tf.repeat(weight[:, None], tf.shape(each)[1], axis=1)
    return tf.reduce_sum(tf.cast(_last_of(weight, backwards), each.dtype) * each)


def _loss_of(model, loss):
    """The function of y and answers."""
    loss = model.loss if loss is None else loss
    if isinstance(loss, (Mapping, Sequence)) and not isinstance(loss, str):
        several = list(loss.values()) if isinstance(loss, Mapping) else list(loss)
        if len(several) != 1:
            raise WrongValue(f"loss={loss!r}: expected one, of the model's one answer")
        (loss,) = several
    if loss is None:
        raise WrongValue(
            f"{model.name} is not compiled: give loss=, such as keras.losses.MeanSquaredError()"
        )
    loss = keras.losses.get(loss)
    return loss.call if isinstance(loss, keras.losses.Loss) else loss


def _loss_of_each(loss, y, answers):
    """The loss of each row, (batch,), or of each of its steps, (batch, time)."""
    y = tf.convert_to_tensor(y)
    if y.dtype.is_floating:
        y = tf.cast(y, answers.dtype)
    if y.shape.rank == answers.shape.rank - 1 and answers.shape[-1] == 1:
        y = y[..., None]  # as Keras does; else the loss would be a mean over time
    each = tf.convert_to_tensor(loss(y, answers))
    of_steps = tuple(answers.shape[:2]) if answers.shape.rank > 2 else None
    if tuple(each.shape) not in (tuple(answers.shape[:1]), of_steps):
        raise WrongValue(
            f"the loss of answers {tuple(answers.shape)} has the shape {tuple(each.shape)}: "
            "expected one for each row" + (", or for each of its steps" if of_steps else "")
        )
    return each


def _first_window(model, batch):
    """Recordings that a model reads in windows, cut to the first one: one sequence a row."""
    window = model.preprocessor.window if isinstance(model, SeriesModel) else None
    if window is None:
        return batch
    x, lengths, *before = batch.x if isinstance(batch.x, tuple) else (batch.x, None)
    x = x[:, :window]
    if lengths is not None:
        x = (x, tf.minimum(lengths, window), *before)
    return Batch(
        x, *(of if of is None or of.shape.rank < 2 else of[:, :window] for of in batch[1:])
    )


def _real(weight):
    return tf.cast(tf.cast(weight, tf.float32) != 0, tf.float32)


def _last_of(weight, backwards):
    """1 at the last step of each row that counts, or at the first one, where there are steps."""
    real = _real(weight)
    if real.shape.rank < 2:
        return real
    return real * tf.cast(tf.cumsum(real, axis=1, reverse=not backwards) == 1, real.dtype)
