"""Several cores for one batch.

A loop over time is a chain of small products, too small for two cores to share well, and between
them of elementwise work that a compiled loop does on one. But the rows of a batch have nothing to
do with each other, so each core takes some rows through the whole loop.
"""

import os

from rnnzoo.platform import tf

# Fewer rows than this on a core leave it reading weights most of the time.
MIN_ROWS = 4


def number_of_parts(batch_size) -> int:
    """Into how many parts to split a batch; batch_size is None where it is not known yet.

    One for each core that TensorFlow may use; one in all where there is a GPU. What is computed
    rounds differently with another number, so that it depends on the machine but not on its load.
    """
    if tf.config.list_logical_devices("GPU"):
        return 1
    cores = tf.config.threading.get_inter_op_parallelism_threads() or len(os.sched_getaffinity(0))
    return cores if batch_size is None else max(1, min(cores, batch_size // MIN_ROWS))


def over_rows(function, structure, batch_size):
    """``function(structure)``, part by part.

    Args:
        function: takes a structure of tensors (batch, ...) and returns one, row by row.
        structure: what it is given. Parts of it go through ``function`` side by side.
        batch_size: how many rows; None if only the running graph knows. Then a part has at least
            MIN_ROWS rows as far as they last, and the parts behind it none.

    Returns:
        What the whole structure in one call would give.
    """
    parts = number_of_parts(batch_size)
    if parts == 1:
        return function(structure)
    flat = tf.nest.flatten(structure)
    if batch_size is None:
        batch_size = tf.shape(flat[0])[0]
        rows = tf.maximum(-(-batch_size // parts), MIN_ROWS)
        begins = [tf.minimum(i * rows, batch_size) for i in range(parts)] + [batch_size]
    else:
        begins = [batch_size * i // parts for i in range(parts + 1)]
    results = [
        function(tf.nest.pack_sequence_as(structure, [x if x is None else x[begin:end] for x in flat]))
        for begin, end in zip(begins, begins[1:], strict=False)
    ]
    return tf.nest.map_structure(lambda *of_parts: tf.concat(of_parts, axis=0), *results)
