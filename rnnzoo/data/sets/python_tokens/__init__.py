"""`python_tokens`: the files of `python_source`, each character with its syntax role.

Nothing is downloaded. `roles` tells the role of each character.
"""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

from rnnzoo.data.registry import register_dataset
from rnnzoo.data.sets.python_source import files

if TYPE_CHECKING:
    from rnnzoo.data import TaggedData


@register_dataset(
    "python_tokens",
    task="sequence-tagging",
    description="the code of python_source, each character with its syntax role",
    license=files.LICENSE,
    size="made here",
    url=files.URL,
)
def load(name: str) -> TaggedData:
    """Load it as one tagged sequence of characters a file."""
    from rnnzoo.data.sets.python_tokens.roles import python_tags
    from rnnzoo.data.tagged import Tagged, TaggedData

    parts = {
        split: tuple(Tagged(text, python_tags(text)) for text in files.read_files(split).values())
        for split in files.FILES
    }
    metadata = {
        "source": "standard library of CPython",
        "python": platform.python_version(),
        "license": files.LICENSE,
        "files": sum(map(len, parts.values())),
    }
    return TaggedData.from_parts(name, parts, metadata)
