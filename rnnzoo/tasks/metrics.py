"""What tasks are measured in."""

from __future__ import annotations

import math
from typing import Any

from rnnzoo.cells.arguments import DType
from rnnzoo.platform import keras, tf


@keras.saving.register_keras_serializable("rnnzoo")
class MeanOfAll(keras.metrics.Mean):
    """Mean of all values by their weights, in tensors of any number of axes.

    keras.metrics.Mean takes the mean over a sequence's steps first, padding included.

    Example:
        >>> metric = MeanOfAll()
        >>> metric.update_state([[1.0, 2.0], [6.0, 0.0]], sample_weight=[[1, 1], [1, 0]])
        >>> float(metric.result())
        3.0
    """

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        if sample_weight is not None:
            sample_weight = keras.ops.reshape(sample_weight, (-1,))
        super().update_state(keras.ops.reshape(values, (-1,)), sample_weight)


@keras.saving.register_keras_serializable("rnnzoo")
class AbsoluteError(MeanOfAll):
    """Mean absolute error of predictions.

    Example:
        >>> metric = AbsoluteError()
        >>> metric.update_state([1.0, 5.0], [3.0, 9.0], sample_weight=[1, 0])
        >>> float(metric.result())
        2.0
    """

    def __init__(self, name: str = "mae", dtype: DType = "float32"):
        super().__init__(name, dtype)

    def update_state(  # type: ignore[override]  # of pairs, and not of values
        self, y_true: Any, y_pred: Any, sample_weight: Any = None
    ) -> None:
        y_pred = keras.ops.convert_to_tensor(y_pred)
        away = keras.ops.abs(keras.ops.cast(y_true, y_pred.dtype) - y_pred)
        super().update_state(away, sample_weight)


@keras.saving.register_keras_serializable("rnnzoo")
class BitsPerCharacter(MeanOfAll):
    """Mean negative log-likelihood in bits, from that in nats.

    Example:
        >>> metric = BitsPerCharacter()
        >>> metric.update_state([math.log(2), math.log(8)], sample_weight=[1, 1])
        >>> round(float(metric.result()), 6)
        2.0
    """

    def __init__(self, name: str = "bits_per_character", dtype: DType = "float32"):
        super().__init__(name, dtype)

    def result(self) -> tf.Tensor:
        return super().result() / math.log(2)


@keras.saving.register_keras_serializable("rnnzoo")
class Perplexity(MeanOfAll):
    """e to the mean negative log-likelihood in nats: among how many characters the model wavers.

    Example:
        >>> metric = Perplexity()
        >>> metric.update_state([math.log(2), math.log(8)])
        >>> round(float(metric.result()), 5)
        4.0
    """

    def __init__(self, name: str = "perplexity", dtype: DType = "float32"):
        super().__init__(name, dtype)

    def result(self) -> tf.Tensor:
        return keras.ops.exp(super().result())


@keras.saving.register_keras_serializable("rnnzoo")
class Accuracy(keras.metrics.SparseCategoricalAccuracy):
    """Share of right answers among all that count, in tensors of any number of axes.

    keras.metrics.SparseCategoricalAccuracy takes the mean over a sequence's steps first, padding
    included, so that batches padded to other lengths would weigh differently.

    Example:
        >>> metric = Accuracy()
        >>> metric.update_state([[0, 1]], [[[0.9, 0.1], [0.2, 0.8]]], [[1, 0]])
        >>> metric.update_state([[0], [1]], [[[0.1, 0.9]], [[0.2, 0.8]]], [[1], [1]])
        >>> round(float(metric.result()), 4)
        0.6667
    """

    def __init__(self, name: str = "accuracy", dtype: DType = "float32"):
        super().__init__(name=name, dtype=dtype)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        super().update_state(*_flat(y_true, y_pred, sample_weight))


@keras.saving.register_keras_serializable("rnnzoo")
class MacroF1(keras.metrics.F1Score):
    """The mean of F1 = 2 precision recall / (precision + recall) over the classes that occur.

    As keras.metrics.F1Score, but of classes that are numbers, not one-hot vectors, in tensors of
    any number of axes. A class that neither is true nor was answered anywhere has no F1 and doesn't
    count, as in scikit-learn.

    Example:
        >>> metric = MacroF1()
        >>> metric.update_state([0, 1, 1], [[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]])
        >>> round(float(metric.result()), 4)
        0.6667
    """

    threshold_of_answers: float | None = None  # None: the likeliest class is the answer

    def __init__(self, name: str = "macro_f1", dtype: DType = "float32"):
        super().__init__(None, threshold=self.threshold_of_answers, name=name, dtype=dtype)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        y_true, y_pred, sample_weight = _flat(y_true, y_pred, sample_weight)
        count = y_pred.shape[-1]
        # Keras takes a score of 0 for no answer, and 0 is the logarithm of a certain one.
        y_pred = keras.ops.one_hot(keras.ops.argmax(y_pred, axis=-1), count)
        super().update_state(keras.ops.one_hot(y_true, count), y_pred, sample_weight)

    def result(self) -> tf.Tensor:
        seen = self.true_positives + self.false_positives + self.false_negatives > 0
        count = keras.ops.sum(keras.ops.cast(seen, self.dtype))
        return keras.ops.divide_no_nan(keras.ops.sum(super().result()), count)

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name, "dtype": self.dtype}


@keras.saving.register_keras_serializable("rnnzoo")
class LabelF1(MacroF1):
    """`MacroF1` over labels of which an example has any number.

    It takes log-probabilities (batch, labels); a label is answered where it is likelier than not.

    Example:
        >>> metric = LabelF1()
        >>> metric.update_state([[1, 1], [0, 1]], keras.ops.log([[0.9, 0.6], [0.6, 0.1]]))
        >>> round(float(metric.result()), 4)  # 2/3 for either
        0.6667
    """

    threshold_of_answers = 0.5

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        chosen = keras.ops.cast(y_pred > math.log(0.5), self.dtype)
        keras.metrics.F1Score.update_state(self, y_true, chosen, sample_weight)


@keras.saving.register_keras_serializable("rnnzoo")
class SubsetAccuracy(keras.metrics.Mean):
    """Share of the examples of which all labels are right, and no other is answered.

    Takes what `LabelF1` takes.

    Example:
        >>> metric = SubsetAccuracy()
        >>> metric.update_state([[1, 1], [0, 1]], keras.ops.log([[0.9, 0.6], [0.6, 0.1]]))
        >>> float(metric.result())
        0.5
    """

    def __init__(self, name: str = "subset_accuracy", dtype: DType = "float32"):
        super().__init__(name, dtype)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        chosen = keras.ops.cast(y_pred > math.log(0.5), "int32")
        wrong = keras.ops.sum(keras.ops.abs(chosen - keras.ops.cast(y_true, "int32")), axis=-1)
        super().update_state(keras.ops.cast(wrong == 0, self.dtype), sample_weight)


def _flat(y_true, y_pred, sample_weight):
    """All answers as one batch."""
    y_pred = keras.ops.convert_to_tensor(y_pred)
    y_pred = keras.ops.reshape(y_pred, (-1, y_pred.shape[-1]))
    if sample_weight is not None:
        sample_weight = keras.ops.reshape(sample_weight, (-1,))
    return keras.ops.reshape(y_true, (-1,)), y_pred, sample_weight
