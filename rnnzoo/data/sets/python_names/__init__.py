"""`python_names`: the identifiers in the files of `python_source`.

Nothing is downloaded. `identifiers` reads them.
"""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

from rnnzoo.data.registry import register_dataset
from rnnzoo.data.sets.python_source import files

if TYPE_CHECKING:
    from rnnzoo.data.names import Names


@register_dataset(
    "python_names",
    task="name-generation",
    description="identifiers in the code of python_source, each once",
    license=files.LICENSE,
    size="made here",
    url=files.URL,
)
def load(name: str) -> Names:
    """Load them, of eight in ten the training split; no spelling is in two splits."""
    from rnnzoo.data.names import Names, parted, spelling
    from rnnzoo.data.pipelines.splits import split_of
    from rnnzoo.data.sets.python_names.identifiers import identifiers

    names = identifiers()
    parts = parted(names, {spelling(each): split_of(spelling(each)) for each in names})
    metadata = {
        "source": "standard library of CPython",
        "python": platform.python_version(),
        "license": files.LICENSE,
    }
    return Names.from_parts(name, parts, metadata)
