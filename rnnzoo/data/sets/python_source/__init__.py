"""`python_source`: real code as text, from the standard library of the Python that runs.

Nothing is downloaded. `files` says which files and reads them; `builder` is the TFDS builder.
"""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

from rnnzoo.data.registry import register_dataset
from rnnzoo.data.sets.python_source import files

if TYPE_CHECKING:
    from rnnzoo.data import Text


@register_dataset(
    "python_source",
    task="text-generation",
    description="Python code, out of the running Python's standard library, split by file",
    license=files.LICENSE,
    size="made here",
    url=files.URL,
)
def load(name: str) -> Text:
    """Load it as text, the files of each split joined."""
    from rnnzoo.data.sets.parts import texts
    from rnnzoo.data.sets.prepare import import_tfds, prepared
    from rnnzoo.data.text import Text

    import_tfds()
    from rnnzoo.data.sets.python_source.builder import PythonSource

    metadata = {
        "source": "standard library of CPython",
        "python": platform.python_version(),
        "license": files.LICENSE,
        "files": sum(len(names) for names in files.FILES.values()),
    }
    return Text.from_parts(name, texts(prepared(PythonSource)), metadata)
