"""The mean negative log-likelihood in the units that language models are measured in."""

import math

from rnnzoo.platform import keras


@keras.saving.register_keras_serializable("rnnzoo")
class BitsPerCharacter(keras.metrics.Mean):
    """Mean negative log-likelihood in bits, from that in nats.

    Example:
        >>> metric = BitsPerCharacter()
        >>> metric.update_state([math.log(2), math.log(8)], sample_weight=[1, 1])
        >>> round(float(metric.result()), 6)
        2.0
    """

    def __init__(self, name="bits_per_character", dtype="float32"):
        super().__init__(name, dtype)

    def result(self):
        return super().result() / math.log(2)


@keras.saving.register_keras_serializable("rnnzoo")
class Perplexity(keras.metrics.Mean):
    """e to the mean negative log-likelihood in nats: among how many characters the model wavers.

    Example:
        >>> metric = Perplexity()
        >>> metric.update_state([math.log(2), math.log(8)])
        >>> round(float(metric.result()), 5)
        4.0
    """

    def __init__(self, name="perplexity", dtype="float32"):
        super().__init__(name, dtype)

    def result(self):
        return keras.ops.exp(super().result())
