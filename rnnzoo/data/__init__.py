"""From sources to batches: text and tags by name or path, and tf.data pipelines over ids."""

from rnnzoo.data.batches import contiguous, in_order, shuffled_windows, steps_per_epoch
from rnnzoo.data.tagged import Tagged, TaggedData, load_tagged, python_tags, read_conll
from rnnzoo.data.text import Text, absolute_source, load_text

__all__ = [
    "Tagged",
    "TaggedData",
    "Text",
    "absolute_source",
    "contiguous",
    "in_order",
    "load_tagged",
    "load_text",
    "python_tags",
    "read_conll",
    "shuffled_windows",
    "steps_per_epoch",
]
