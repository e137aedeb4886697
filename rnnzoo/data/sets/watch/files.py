"""Where the recordings are: in the package seglearn, which carries them as a file."""

from __future__ import annotations

import hashlib
import importlib.util
import io
from collections.abc import Iterator
from typing import Any

import numpy as np

from rnnzoo.data.sets.packages import folder_of
from rnnzoo.errors import MissingPackage, WrongValue

# Of data/watch_dataset.npy, a pickle: what is not this very file is not loaded.
SHA256 = "eb122f23cdf06ef6bd6c6c5312958ec5cf9d038e2e6d457b8081662c75a42537"

CHANNELS = ("ax", "ay", "az", "wx", "wy", "wz")
CLASSES = {
    "PEN": "pendulum",
    "ABD": "abduction",
    "FEL": "forward elevation",
    "IR": "internal rotation",
    "ER": "external rotation",
    "TRAP": "trapezius extension",
    "ROW": "upright row",
}

# By the number of the person who wore the watch; each did all seven exercises with both arms.
SUBJECTS = {"train": (1, 2, 3, 4, 5, 6), "validation": (7, 8), "test": (9, 10)}


def read_recordings(split: str) -> Iterator[dict[str, Any]]:
    """The recordings of a split: dicts of ``x`` (time, 6) float32, ``label`` and ``subject``.

    Raises:
        MissingPackage: the package is not installed.
        ValueError: its file is another one.
    """
    if not importlib.util.find_spec("seglearn"):
        raise MissingPackage(
            "the recordings of 'watch' come with a package (seglearn missing; "
            "or give the path of recordings of your own)",
            "activity",
        )
    path = folder_of("seglearn") / "data" / "watch_dataset.npy"
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != SHA256:
        raise WrongValue(f"{path} is not the file that is known: install seglearn 1.2.5")
    watch = np.load(io.BytesIO(data), allow_pickle=True).item()
    for x, y, subject in zip(watch["X"], watch["y"], watch["subject"], strict=True):
        if subject in SUBJECTS[split]:
            label = CLASSES[watch["y_labels"][int(y)]]
            yield {"x": x.astype(np.float32), "label": label, "subject": str(int(subject))}
