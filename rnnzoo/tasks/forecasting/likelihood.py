"""What a forecaster is trained on: the likelihood of what came."""

from __future__ import annotations

from typing import Any

from rnnzoo.platform import keras, tf
from rnnzoo.tasks.forecasting.distributions import DISTRIBUTIONS


@keras.saving.register_keras_serializable("rnnzoo")
class NegativeLogLikelihood(keras.losses.Loss):
    """-log p(y) in nats, of a density per unit of y; where y is NaN, it is that of the mean.

    Args:
        distribution: the name of a family of `rnnzoo.tasks.forecasting.distributions`.
        reduction, name: of keras.losses.Loss.

    Example:
        >>> loss = NegativeLogLikelihood("gaussian")
        >>> round(float(loss(tf.constant([2.0]), tf.constant([[2.0, 1.0]]))), 4)
        0.9189
    """

    def __init__(
        self,
        distribution: str,
        reduction: str = "mean_with_sample_weight",
        name: str = "nats",
        **kwargs: Any,
    ):
        super().__init__(reduction=reduction, name=name, **kwargs)
        self.distribution = distribution

    def call(self, y_true: Any, y_pred: Any) -> tf.Tensor:
        family = DISTRIBUTIONS[self.distribution]
        y = tf.where(tf.math.is_finite(y_true), y_true, family.mean(y_pred))
        return -family.log_prob(y_pred, y)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "distribution": self.distribution}
