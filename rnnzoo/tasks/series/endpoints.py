"""What models of sequences answer, as compiled functions that Python and exports share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from rnnzoo.platform import tf
from rnnzoo.tasks.task import endpoint, state_spec

if TYPE_CHECKING:
    from rnnzoo.tasks.series.classifier import SequenceClassifier
    from rnnzoo.tasks.series.model import SeriesModel
    from rnnzoo.tasks.series.regressor import SequenceRegressor


Named = dict[str, tf.Tensor]


def series_endpoints(
    model: SeriesModel, answer: Callable[[tf.Tensor], Named], **further: Any
) -> dict[str, Any]:
    """Functions by name; each returns a dict of named tensors, those that `answer` makes.

    ==================================  ==========================================================
    serve(x)                            the answer to whole sequences x (n, time, ...): of each
                                        tensor (n, ...), or (n, time, ...) where each step is
                                        answered
    serve_padded(x, lengths)            the same of sequences of different lengths (n,), padded;
                                        where each step is answered, also mask (n, time), True at
                                        real steps, behind which numbers are 0
    init(batch_size)                    the state before any step, tensors (batch_size, ...)
    step(x, state)                      the same of what has come so far and one step x (n, ...),
                                        or of that step where each is answered; the new state
    read(x, state)                      that with some more steps at once, x (n, time, ...)
    channels()                          channels, their names in order; categories (channels, k),
                                        the words that the numbers of each index, and then ""
    ==================================  ==========================================================

    `init`, `step` and `read` are there if the model reads in one direction only, `channels` if they
    have names. NaN is a value that is missing; the state holds the last one of each channel.

    Args:
        model: that is ready.
        answer: from what the network puts out to named tensors.
        **further: functions by name that are there, too.
    """
    sequences = tf.TensorSpec([None, None, *model.features], model.input_dtype)

    @endpoint(x=sequences)
    def serve(x):
        return answer(model.answers_to(x))

    @endpoint(x=sequences, lengths=tf.TensorSpec([None], tf.int32))
    def serve_padded(x, lengths):
        found = answer(model.answers_to(x, lengths))
        if not model.per_step:
            return found
        mask = tf.sequence_mask(lengths, tf.shape(x)[1])
        return {name: _within(mask, value) for name, value in found.items()} | {"mask": mask}

    endpoints = {"serve": serve, "serve_padded": serve_padded, **further}
    if model.channels:
        endpoints["channels"] = _channels(model.preprocessor.channels)
    if not model.streams:
        return endpoints
    state = state_spec(model.initial_state)

    @endpoint(batch_size=tf.TensorSpec([], tf.int32))
    def init(batch_size):
        return model.initial_state(batch_size)

    @endpoint(x=sequences, state=state)
    def read(x, state):
        found, state = model.read(x, state)
        return {**answer(found), **state}

    @endpoint(x=tf.TensorSpec([None, *model.features], model.input_dtype), state=state)
    def step(x, state):
        found, state = model.step(x, state)
        return {**answer(found), **state}

    return {**endpoints, "init": init, "step": step, "read": read}


def classifier_endpoints(model: SequenceClassifier) -> dict[str, Any]:
    """`series_endpoints` of a classifier, whose tensors are

    - probabilities (..., classes);
    - labels (...), the likeliest class's name, or (..., classes), the names of those likelier than
      not and "" elsewhere, where a sequence may have several;
    - where each step is answered, ids (n, time), the places of these among classes;

    and classes(), the names of all.

    Args:
        model: a `SequenceClassifier` that knows its classes.

    Example:
        >>> import rnnzoo
        >>> model = rnnzoo.create_model("activity_gru", units=4, classes=["a", "b"], features=(3,))
        >>> classifier_endpoints(model)["serve"](tf.zeros((1, 9, 3)))["probabilities"].shape
        TensorShape([1, 2])
    """
    names = tf.constant([str(label) for label in model.classes])

    def answer(log_probs):
        p = tf.exp(log_probs)
        if model.multi_label:
            return {"probabilities": p, "labels": tf.where(p > 0.5, names, "")}
        ids = tf.argmax(p, axis=-1, output_type=tf.int32)
        found = {"probabilities": p, "labels": tf.gather(names, ids)}
        return {**found, "ids": ids} if model.per_step else found

    @endpoint()
    def classes():
        return {"classes": names}

    return series_endpoints(model, answer, classes=classes)


def regressor_endpoints(model: SequenceRegressor) -> dict[str, Any]:
    """`series_endpoints` of a regressor, whose tensors are in the units of what is predicted:

    - prediction (...), the median;
    - quantiles (..., levels);

    and levels(), those of the quantiles.

    Args:
        model: a `SequenceRegressor` that knows its targets.

    Example:
        >>> import rnnzoo
        >>> model = rnnzoo.create_model("regress_gru", units=4, features=(3,), center=9, scale=2)
        >>> regressor_endpoints(model)["serve"](tf.zeros((1, 9, 3)))["prediction"].shape
        TensorShape([1])
    """
    output = model.way.output

    def answer(found):
        return {"prediction": output.point(found), "quantiles": output.quantiles(found)}

    @endpoint()
    def levels():
        return {"levels": tf.constant(output.levels)}

    return series_endpoints(model, answer, levels=levels)


def _within(mask, value):
    """Numbers (n, time, ...) with 0 where a mask (n, time) is False; all else as it is."""
    if not value.dtype.is_floating:
        return value
    return value * tf.reshape(
        tf.cast(mask, value.dtype), [*tf.unstack(tf.shape(mask)), *[1] * (value.shape.rank - 2)]
    )


def _channels(known):
    """What `channels` is."""
    words = [known.categories.get(name, ()) for name in known.names]
    longest = max(map(len, words))
    categories = [[*of_one, *[""] * (longest - len(of_one))] for of_one in words]
    names, categories = tf.constant(known.names), tf.constant(categories, tf.string)

    @endpoint()
    def channels():
        return {"channels": names, "categories": categories}

    return channels
