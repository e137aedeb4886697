"""What tasks are trained on."""

from rnnzoo.platform import keras


@keras.saving.register_keras_serializable("rnnzoo")
class SmoothedCrossentropy(keras.losses.Loss):
    """Cross-entropy in nats of logits with a target that is not all sure (Szegedy et al. 2016).

        -sum_k q_k log p_k,  q = (1 - smoothing) onehot(y) + smoothing / classes

    keras.losses.CategoricalCrossentropy has it too, but of one-hot targets, which for words would
    be as large as the logits.

    Args:
        smoothing: share of the target that is spread over all classes.

    Example:
        >>> loss = SmoothedCrossentropy(0.1)
        >>> theirs = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)
        >>> logits = [[2.0, 1.0, 0.0]]
        >>> abs(float(loss([1], logits) - theirs([[0.0, 1.0, 0.0]], logits))) < 1e-6
        True
    """

    def __init__(self, smoothing=0.0, reduction="mean_with_sample_weight", name="nats", dtype=None):
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.smoothing = smoothing

    def call(self, y_true, y_pred):
        nats = keras.ops.sparse_categorical_crossentropy(y_true, y_pred, from_logits=True)
        everywhere = keras.ops.logsumexp(y_pred, axis=-1) - keras.ops.mean(y_pred, axis=-1)
        return (1 - self.smoothing) * nats + self.smoothing * everywhere

    def get_config(self):
        return {**super().get_config(), "smoothing": self.smoothing}
