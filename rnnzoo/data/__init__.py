"""From sources to batches: text by name or path, and tf.data pipelines over its ids."""

from rnnzoo.data.batches import contiguous, in_order, shuffled_windows, steps_per_epoch
from rnnzoo.data.text import Text, absolute_source, load_text

__all__ = [
    "Text",
    "absolute_source",
    "contiguous",
    "in_order",
    "load_text",
    "shuffled_windows",
    "steps_per_epoch",
]
