"""A batch for a model, and the loss of its last steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

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
        return [Batch(*keras.utils.unpack_x_y_sample_weight(given))]
    x, y = given if model.has_targets and isinstance(given, tuple) else (given, None)
    return batches_of(model, model.batches(x, y, batch_size, window))


def first_batch(model: keras.Model, given: Any, window: int | None = None) -> Batch:
    """The first of `batches_of`."""
    for batch in batches_of(model, given, window=window):
        return batch
    raise WrongValue("there is no example: expected a batch of one at least")


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
    loss = model.loss if loss is None else loss
    if loss is None:
        raise WrongValue(
            f"{model.name} is not compiled: give loss=, such as keras.losses.MeanSquaredError()"
        )
    loss = keras.losses.get(loss)
    each = (loss.call if isinstance(loss, keras.losses.Loss) else loss)(
        tf.convert_to_tensor(y), model(x, training=False)
    )
    if each.shape.rank == 0:
        raise WrongValue(
            f"loss={loss!r} is one number for the batch: expected one for each row, or for each of "
            "its steps"
        )
    if each.shape.rank == 1:
        return tf.reduce_sum(each if weight is None else _real(weight) * each)
    weight = tf.ones(tf.shape(each)[:2]) if weight is None else weight
    return tf.reduce_sum(tf.cast(_last_of(weight, backwards), each.dtype) * each)


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
    return tf.cast(tf.convert_to_tensor(weight) != 0, tf.float32)


def _last_of(weight, backwards):
    """1 at the last step of each row that counts, or at the first one, where there are steps."""
    real = _real(weight)
    if real.shape.rank < 2:
        return real
    return real * tf.cast(tf.cumsum(real, axis=1, reverse=not backwards) == 1, real.dtype)
