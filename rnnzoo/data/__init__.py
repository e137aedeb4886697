"""From sources to batches: text by name or path, and tf.data pipelines over its ids."""

from rnnzoo.data.batches import contiguous, in_order, shuffled_windows, steps_per_epoch
from rnnzoo.data.text import TEXTS, Text, load_text

__all__ = [
    "TEXTS",
    "Text",
    "contiguous",
    "in_order",
    "load_text",
    "shuffled_windows",
    "steps_per_epoch",
]
