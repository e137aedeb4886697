"""`python_lines`: lines of the code in `python_source`, each with the package that it is from."""

from __future__ import annotations

import collections
import platform
from typing import TYPE_CHECKING

from rnnzoo.data.registry import register_dataset
from rnnzoo.data.sets.python_source import files

if TYPE_CHECKING:
    from rnnzoo.data import Text

LEAST = 300  # lines of a package


@register_dataset(
    "python_lines",
    task="text-generation",
    description="lines of python_source, each labelled with the package that alone has it",
    license=files.LICENSE,
    size="made here",
    url=files.URL,
)
def load(name: str) -> Text:
    """Load them, each once, of eight in ten the training split.

    A line that several packages have tells none of them, and is left out; so are packages of few
    lines, and modules that are in none.
    """
    from rnnzoo.data.documents import Documents
    from rnnzoo.data.pipelines.splits import parted, split_of
    from rnnzoo.data.text import Text

    of_line = collections.defaultdict(set)
    for split in files.FILES:
        for file, text in files.read_files(split).items():
            package, within, _ = file.partition("/")
            for line in filter(None, map(str.strip, text.split("\n"))) if within else ():
                of_line[line].add(package)
    pairs = [(line, min(packages)) for line, packages in of_line.items() if len(packages) == 1]
    counts = collections.Counter(package for _, package in pairs)
    pairs = [(line, package) for line, package in pairs if counts[package] >= LEAST]
    parts = parted(pairs, [split_of(line) for line, _ in pairs])
    documents = {split: Documents.of(part) for split, part in parts.items()}
    metadata = {
        "source": "standard library of CPython",
        "python": platform.python_version(),
        "license": files.LICENSE,
    }
    return Text.of_documents(name, documents, metadata)
