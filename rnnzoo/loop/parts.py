"""Several cores for one batch.

A loop over time is a chain of small products, too small for two cores to share well, and between
them of elementwise work that a compiled loop does on one. But the rows of a batch have nothing to
do with each other, so each core takes some rows through the whole loop.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from rnnzoo.platform import tf

# Fewer rows than this on a core leave it reading weights most of the time.
MIN_ROWS = 4

# Each part is a loop of its own in the graph, to be traced and compiled.
MAX_PARTS = 8

# Where the number of rows is not known, a part may turn out to be empty and walk through all time
# steps for nothing; and a SavedModel, where that is the rule, may run on another machine.
MAX_PARTS_OF_UNKNOWN = 2

# Where Linux tells a container its limits.
CGROUP = Path("/sys/fs/cgroup")


def number_of_parts(batch_size: int | None) -> int:
    """Into how many parts to split a batch; batch_size is None where it is not known yet.

    One for each core that TensorFlow may use, up to a limit; one in all where there is a GPU. What
    is computed rounds differently with another number, so that it depends on the machine but not on
    its load.
    """
    if tf.config.list_logical_devices("GPU"):
        return 1
    cores = tf.config.threading.get_inter_op_parallelism_threads() or _cores()
    if batch_size is None:
        return min(cores, MAX_PARTS_OF_UNKNOWN)
    return max(1, min(cores, batch_size // MIN_ROWS, MAX_PARTS))


def _cores():
    """Those this process may use, where the system says so."""
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    return min(cores, _quota() or cores)


def _quota():
    """How many cores' worth of time a container may use, rounded up; None if it has no limit.

    A container that is given two of 64 cores this way still sees all 64.
    """
    limits = (
        ["cpu.max"],  # of cgroup v2: quota and period in one file
        ["cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us"],  # of v1
    )
    for files in limits:
        try:
            quota, period = " ".join((CGROUP / file).read_text() for file in files).split()
            # "max" in v2 and -1 in v1 say that there is none.
            return -(-int(quota) // int(period)) if int(quota) > 0 else None
        except (OSError, ValueError):
            continue
    return None


def split(structure: Any, batch_size: int | None) -> list[Any]:
    """Parts of a batch, a list of structures like the given one.

    Args:
        structure: of tensors (batch, ...), or None among them.
        batch_size: how many rows; None if only the running graph knows. Then a part has at least
            MIN_ROWS rows as far as they last, and the parts behind it none.
    """
    parts = number_of_parts(batch_size)
    if parts == 1:
        return [structure]
    flat = tf.nest.flatten(structure)
    if batch_size is None:
        batch_size = tf.shape(flat[0])[0]
        rows = tf.maximum(-(-batch_size // parts), MIN_ROWS)
        ends = [tf.minimum((i + 1) * rows, batch_size) for i in range(parts)]
    else:
        ends = [batch_size * (i + 1) // parts for i in range(parts)]
    sizes = [end - begin for begin, end in zip([0, *ends], ends, strict=False)]
    # Not slices: the gradient of a split is one concatenation.
    by_tensor = [[None] * parts if x is None else tf.split(x, sizes, num=parts) for x in flat]
    return [
        tf.nest.pack_sequence_as(structure, of_part) for of_part in zip(*by_tensor, strict=True)
    ]


def joined(parts: list[Any]) -> Any:
    """The whole batch again."""
    if len(parts) == 1:
        return parts[0]
    return tf.nest.map_structure(lambda *of_parts: tf.concat(of_parts, axis=0), *parts)


def all_before_any(parts: list[Any]) -> list[Any]:
    """The parts as they are, but none before all are there.

    Work that uses all cores, such as a large product, would else wait at one part's loop.
    """
    with tf.control_dependencies([x for x in tf.nest.flatten(parts) if x is not None]):
        return tf.nest.map_structure(lambda x: x if x is None else tf.identity(x), parts)
