"""What a picture classifier answers, as compiled functions that Python and exports share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rnnzoo.platform import tf
from rnnzoo.tasks.picture_files import decoded
from rnnzoo.tasks.pictures.preparation import extents, sampled
from rnnzoo.tasks.task import endpoint

if TYPE_CHECKING:
    from rnnzoo.tasks.pictures.classifier import PictureClassifier


def picture_endpoints(model: PictureClassifier) -> dict[str, Any]:
    """Functions by name; each returns a dict of named tensors.

    ========================  ====================================================================
    serve(x)                  probabilities (n, classes) of pictures x uint8 (n, height, width, 1 or
                              3) of any height and width; labels (n,), the likeliest class's name;
                              where each pixel is answered, (n, height, width, classes) and
                              (n, height, width), and ids (n, height, width), places among classes
    serve_padded(x, mask)     the same of pictures of different sizes; mask (n, height, width) is
                              True at their pixels. At others probabilities are 0, and labels ""
    serve_prepared(x, mask)   the same of pictures (n, height, width, colours) that were made like
                              those of training, which the others do first
    serve_encoded(images)     where pictures are answered: what serve says of the bytes (n,) of PNG
                              or JPEG files of any sizes, turned as their EXIF says
    classes()                 classes, the names of all
    ========================  ====================================================================

    Args:
        model: a `PictureClassifier` that knows its classes.

    Example:
        >>> import rnnzoo
        >>> model = rnnzoo.create_model("digits_cnn", classes=["a", "b"], colours=1)
        >>> x = tf.zeros((1, 9, 7, 3), tf.uint8)
        >>> picture_endpoints(model)["serve"](x)["probabilities"].shape
        TensorShape([1, 2])
    """
    names = tf.constant([str(label) for label in model.classes])
    prepare = model.preprocessor.preparation
    given, read = (
        tf.TensorSpec([None, None, None, colours], tf.uint8) for colours in (None, model.colours)
    )
    pixels = tf.TensorSpec([None, None, None], tf.bool)

    def answers(p, mask):
        ids = tf.argmax(p, axis=-1, output_type=tf.int32)
        labels = tf.gather(names, ids)
        if not model.per_pixel:
            return {"probabilities": p, "labels": labels}
        p *= tf.cast(mask, tf.float32)[..., None]
        return {"probabilities": p, "labels": tf.where(mask, labels, ""), "ids": ids}

    @endpoint(x=read, mask=pixels)
    def serve_prepared(x, mask):
        return answers(tf.exp(model((x, mask))), mask)

    @endpoint(x=given, mask=pixels)
    def serve_padded(x, mask):
        # Each calls the next, so that the network is traced once.
        made, pixels_read = prepare.of_batch(x, mask)
        found = serve_prepared(made, pixels_read)
        if not model.per_pixel:
            return found
        sizes = extents(mask)
        p = sampled(found["probabilities"], prepare.size_read(sizes), sizes, tf.shape(mask)[1:])
        return answers(p, mask)

    @endpoint(x=given)
    def serve(x):
        return serve_padded(x, tf.ones(tf.shape(x)[:3], tf.bool))

    @endpoint(images=tf.TensorSpec([None], tf.string))
    def serve_encoded(images):
        def probabilities(image):
            return serve(decoded(image)[None])["probabilities"][0]

        spec = tf.TensorSpec([len(model.classes)], tf.float32)
        return answers(tf.map_fn(probabilities, images, fn_output_signature=spec), None)

    @endpoint()
    def classes():
        return {"classes": names}

    endpoints = {
        "serve": serve,
        "serve_padded": serve_padded,
        "serve_prepared": serve_prepared,
        "classes": classes,
    }
    return endpoints if model.per_pixel else {**endpoints, "serve_encoded": serve_encoded}
