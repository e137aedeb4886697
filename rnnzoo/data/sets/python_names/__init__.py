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
    """Load them, of eight in ten the training split; what hardly differs is in one split."""
    from rnnzoo.data.names import Names, parted, spelling
    from rnnzoo.data.pipelines.splits import splits_of
    from rnnzoo.data.sets.python_names.identifiers import identifiers

    names = identifiers()
    spellings = [*dict.fromkeys(map(spelling, names))]
    parts = parted(names, dict(zip(spellings, splits_of(spellings), strict=True)))
    metadata = {
        "source": "standard library of CPython",
        "python": platform.python_version(),
        "license": files.LICENSE,
    }
    return Names.from_parts(name, parts, metadata)
