"""`tiny_shakespeare`: 40,000 lines of Shakespeare's plays, through TFDS, in its splits."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from rnnzoo.data.registry import register_dataset

if TYPE_CHECKING:
    from rnnzoo.data import Text

URL = "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt"
LICENSE = "public domain"


@register_dataset(
    "tiny_shakespeare",
    task="text-generation",
    description="40,000 lines of Shakespeare's plays",
    license=LICENSE,
    size="1.1 MB",
    url=URL,
    citation="Karpathy 2015, char-rnn",
)
def load(name: str) -> Text:
    """Load it as text; TFDS downloads it once."""
    from rnnzoo.data.sets.parts import texts
    from rnnzoo.data.sets.prepare import import_tfds, prepared
    from rnnzoo.data.text import Text

    builder = prepared(functools.partial(import_tfds().builder, name), URL)
    return Text.from_parts(name, texts(builder), {"source": URL, "license": LICENSE})
