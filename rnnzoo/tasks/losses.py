"""What tasks are trained on, beside the likelihood of one answer."""

from __future__ import annotations

from typing import Any

from rnnzoo.platform import keras, tf

# Words whose logits exist at a time: few enough to stay in a processor's cache.
ROWS = 256


@keras.saving.register_keras_serializable("rnnzoo")
class LabelNats(keras.losses.Loss):
    """Binary cross-entropy in nats of labels of which an example has any number, a mean over them.

        -mean_k (y_k log p_k + (1 - y_k) log(1 - p_k))

    It takes log p (batch, labels), as log(1 - p) follows from it, exactly also where p is near 1.

    Example:
        >>> round(float(LabelNats()(tf.constant([[1, 0]]), tf.math.log([[0.5, 0.5]]))), 4)
        0.6931
    """

    def __init__(
        self, reduction: str = "mean_with_sample_weight", name: str = "nats", **kwargs: Any
    ):
        super().__init__(reduction=reduction, name=name, **kwargs)

    def call(self, y_true: Any, y_pred: Any) -> tf.Tensor:
        y = tf.cast(y_true, y_pred.dtype)
        log_other = tf.math.log(tf.maximum(-tf.math.expm1(y_pred), 1e-37))
        return -tf.reduce_mean(y * y_pred + (1 - y) * log_other, axis=-1)


def word_loss(
    outputs: tf.Tensor,
    vectors: tf.Tensor,
    bias: tf.Tensor,
    ids: tf.Tensor,
    weight: tf.Tensor,
    smoothing: float = 0.0,
    gradients: bool = True,
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Cross-entropy in nats of words with targets that are not all sure (Szegedy et al. 2016).

        p = softmax(outputs vectors^T + bias)
        loss = mean of -sum_k q_k log p_k,  q = (1 - smoothing) onehot(id) + smoothing / words

    There are as many logits as there are words to predict times words to choose from, and they cost
    more time and memory than a small network does. They are made for some words at a time, turned
    into loss and gradients at once, and forgotten; none are made for padding.

    Args:
        outputs: float32 (batch, time, size).
        vectors: float32 (words, size).
        bias: float32 (words,).
        ids: int32 (batch, time), what is to be predicted.
        weight: float32 (batch, time), 0 at padding.
        smoothing: share of the target that is spread over all words.
        gradients: whether they will be asked for; without them it takes a third of the work.

    Returns:
        The loss, a mean by weight; and, float32 (batch, time), 0 at padding, the negative
        log-likelihoods -log p_id, and 1 where no word is likelier than the id. Only the loss has a
        gradient.

    Example:
        >>> eye = tf.eye(2)
        >>> loss, nats, right = word_loss(eye[None], eye, tf.zeros(2), [[0, 0]], [[1.0, 1.0]])
        >>> print(nats.numpy().round(3), right.numpy(), round(float(loss), 3))
        [[0.313 1.313]] [[1. 0.]] 0.813
    """
    places = tf.where(weight)
    shape = tf.shape(ids, tf.int64)
    ids, weight = tf.gather_nd(ids, places), tf.gather_nd(weight, places)
    share = tf.math.divide_no_nan(weight, tf.reduce_sum(weight))

    @tf.custom_gradient
    def of_real(outputs, vectors, bias):
        loss, nats, right, *slopes = _in_parts(
            outputs, vectors, bias, ids, share, smoothing, gradients
        )

        def gradient(slope, *_):
            return [slope * of_one for of_one in slopes]

        return (loss, nats, right), gradient

    loss, nats, right = of_real(tf.gather_nd(outputs, places), vectors, bias)
    return loss, tf.scatter_nd(places, nats, shape), tf.scatter_nd(places, right, shape)


def _in_parts(outputs, vectors, bias, ids, share, smoothing, gradients):
    """`word_loss` of (words, size), and its gradients by outputs, vectors and bias."""
    parts = tf.maximum(1, -(-tf.shape(ids)[0] // ROWS))  # of no part nothing could be joined

    def add(i, loss, nats, right, slopes):
        def part(of_all):
            return of_all[i * ROWS : (i + 1) * ROWS]

        o, y, s = part(outputs), part(ids), part(share)
        log_p = tf.nn.log_softmax(tf.matmul(o, vectors, transpose_b=True) + bias)
        log_p_y = tf.gather(log_p, y, batch_dims=1)
        of_word = -(1 - smoothing) * log_p_y - smoothing * tf.reduce_mean(log_p, axis=-1)
        loss += tf.reduce_sum(s * of_word)
        nats = nats.write(i, -log_p_y)
        right = right.write(i, tf.cast(log_p_y >= tf.reduce_max(log_p, axis=-1), tf.float32))
        if gradients:  # d loss / d logits = share (p - q)
            by_outputs, by_vectors, by_bias = slopes
            d = s[:, None] * (tf.exp(log_p) - smoothing / bias.shape[0])
            at_y = tf.stack([tf.range(tf.size(y)), y], axis=-1)
            d = tf.tensor_scatter_nd_sub(d, at_y, (1 - smoothing) * s)
            slopes = (
                by_outputs.write(i, tf.matmul(d, vectors)),
                by_vectors + tf.matmul(d, o, transpose_a=True),
                by_bias + tf.reduce_sum(d, axis=0),
            )
        return i + 1, loss, nats, right, slopes

    def empty(*shape):
        return tf.TensorArray(tf.float32, parts, element_shape=(None, *shape), infer_shape=False)

    slopes = ()
    if gradients:
        size = outputs.shape[-1]
        slopes = (empty(size), tf.zeros_like(vectors), tf.zeros_like(bias))
    _, loss, nats, right, slopes = tf.while_loop(
        lambda i, *_: i < parts,
        add,
        (0, 0.0, empty(), empty(), slopes),
        parallel_iterations=1,
    )
    if gradients:
        slopes = (slopes[0].concat(), *slopes[1:])
    return loss, nats.concat(), right.concat(), *slopes
