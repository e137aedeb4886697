"""What a picture classifier answers, as compiled functions that Python and exports share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rnnzoo.platform import tf
from rnnzoo.tasks.task import endpoint

if TYPE_CHECKING:
    from rnnzoo.tasks.pictures.classifier import PictureClassifier


def picture_endpoints(model: PictureClassifier) -> dict[str, Any]:
    """Functions by name; each returns a dict of named tensors.

    =====================  =======================================================================
    serve(x)               probabilities (n, classes) of pictures x uint8 (n, height, width,
                           colours) of any height and width; labels (n,), the likeliest class's
                           name; where each pixel is answered, (n, height, width, classes) and
                           (n, height, width), and ids (n, height, width), places among classes
    serve_padded(x, mask)  the same of pictures of different sizes; mask (n, height, width) is True
                           at their pixels. At others probabilities are 0, and labels ""
    classes()              classes, the names of all
    =====================  =======================================================================

    Args:
        model: a `PictureClassifier` that knows its classes.

    Example:
        >>> import rnnzoo
        >>> model = rnnzoo.create_model("digits_cnn", classes=["a", "b"], colours=1)
        >>> x = tf.zeros((1, 9, 7, 1), tf.uint8)
        >>> picture_endpoints(model)["serve"](x)["probabilities"].shape
        TensorShape([1, 2])
    """
    names = tf.constant([str(label) for label in model.classes])
    pictures = tf.TensorSpec([None, None, None, model.colours], tf.uint8)

    @endpoint(x=pictures, mask=tf.TensorSpec([None, None, None], tf.bool))
    def serve_padded(x, mask):
        p = tf.exp(model((x, mask)))
        ids = tf.argmax(p, axis=-1, output_type=tf.int32)
        labels = tf.gather(names, ids)
        if not model.per_pixel:
            return {"probabilities": p, "labels": labels}
        p *= tf.cast(mask, tf.float32)[..., None]
        return {"probabilities": p, "labels": tf.where(mask, labels, ""), "ids": ids}

    @endpoint(x=pictures)
    def serve(x):  # which calls the other, so that the network is traced once
        return serve_padded(x, tf.ones(tf.shape(x)[:3], tf.bool))

    @endpoint()
    def classes():
        return {"classes": names}

    return {"serve": serve, "serve_padded": serve_padded, "classes": classes}
