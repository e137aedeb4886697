"""Looking numbers up in a graph that is exported."""

from __future__ import annotations

import numpy as np

from rnnzoo.platform import tf


def search(known: np.ndarray, wanted: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Where numbers stand among known ones, and whether they do; graph code.

    A search in a constant: unlike a lookup table it is no resource to track and export.

    Args:
        known: sorted, (n,), one at least, of the type of `wanted`.
        wanted: of any shape.

    Returns:
        Places int32, some place where a number is not known, and whether it is, as `wanted`.

    Example:
        >>> index, found = search(np.int32([2, 5, 9]), tf.constant([[5, 4], [9, 10]]))
        >>> index.numpy().tolist(), found.numpy().tolist()
        ([[1, 1], [2, 2]], [[True, False], [True, False]])
    """
    among = tf.constant(known)
    index = tf.searchsorted(among, tf.reshape(wanted, (-1,)))
    index = tf.reshape(tf.minimum(index, len(known) - 1), tf.shape(wanted))
    return index, tf.gather(among, index) == wanted
