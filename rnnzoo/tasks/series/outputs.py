"""What the numbers of an output layer say, and how several answers become one.

An answer is what a network puts out, such as log-probabilities. The answers of steps or of windows
become one by the mean of their `values`, such as probabilities.
"""

from __future__ import annotations

from rnnzoo.platform import keras, tf


class Output:
    """From numbers to answers; here they are the same."""

    def answer(self, numbers: tf.Tensor) -> tf.Tensor:
        """The answers to what the output layer gives, (..., units)."""
        return numbers

    def values(self, answer: tf.Tensor) -> tf.Tensor:
        """What of answers the mean is taken of."""
        return answer

    def of_values(self, values: tf.Tensor) -> tf.Tensor:
        """The answers of such values."""
        return values


class OneClass(Output):
    """p = softmax(z), a class each; answers are log p, their mean is that of p"""

    def answer(self, numbers: tf.Tensor) -> tf.Tensor:
        return tf.nn.log_softmax(numbers)

    def values(self, answer: tf.Tensor) -> tf.Tensor:
        return tf.exp(answer)

    def of_values(self, values: tf.Tensor) -> tf.Tensor:
        return tf.math.log(tf.maximum(values, keras.config.epsilon()))


class AnyLabels(OneClass):
    """p = sigmoid(z), any number of labels, each with a probability of its own"""

    def answer(self, numbers: tf.Tensor) -> tf.Tensor:
        return tf.math.log_sigmoid(numbers)
