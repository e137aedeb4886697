"""From sources to batches: data sets by name or path, and tf.data pipelines over them."""

from rnnzoo.data.pipelines.sequences import sequences_per_epoch, shuffled_rows
from rnnzoo.data.pipelines.text import contiguous, in_order, shuffled_windows, steps_per_epoch
from rnnzoo.data.pipelines.windows import (
    Windows,
    examples_in_order,
    examples_per_epoch,
    mean_and_std,
    shuffled_examples,
)
from rnnzoo.data.readers.captions import CAPTIONS, CaptionData, Captions, load_captions, read_media
from rnnzoo.data.readers.conll import (
    TAGGED,
    Tagged,
    TaggedData,
    load_tagged,
    pieces,
    python_tags,
    read_conll,
)
from rnnzoo.data.readers.pairs import PAIRS, PairData, Pairs, load_pairs, read_pairs
from rnnzoo.data.readers.series import SERIES, Examples, Series, load_series, read_recordings
from rnnzoo.data.readers.text import lines_of
from rnnzoo.data.text import TEXTS, Text, load_text

__all__ = [
    "CAPTIONS",
    "PAIRS",
    "SERIES",
    "TAGGED",
    "TEXTS",
    "CaptionData",
    "Captions",
    "Examples",
    "PairData",
    "Pairs",
    "Series",
    "Tagged",
    "TaggedData",
    "Text",
    "Windows",
    "contiguous",
    "examples_in_order",
    "examples_per_epoch",
    "in_order",
    "lines_of",
    "load_captions",
    "load_pairs",
    "load_series",
    "load_tagged",
    "load_text",
    "mean_and_std",
    "pieces",
    "python_tags",
    "read_conll",
    "read_media",
    "read_pairs",
    "read_recordings",
    "sequences_per_epoch",
    "shuffled_examples",
    "shuffled_rows",
    "shuffled_windows",
    "steps_per_epoch",
]
