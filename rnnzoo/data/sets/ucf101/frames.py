"""Frames of each clip, in a file that is mapped, not read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from rnnzoo.data.series import Examples
from rnnzoo.data.sets.prepare import read

FRAMES, SIDE = 16, 64


def frames_on_disk(builder: Any, split: str) -> Examples:
    """Frames of each clip of a split at even distances, in a file beside TFDS's."""
    folder = Path(builder.data_path)
    x_path, y_path = (folder / f"{split}_{FRAMES}_{kind}.npy" for kind in ("x", "y"))
    if not x_path.exists():
        count = builder.info.splits[split].num_examples
        shape = (count, FRAMES, SIDE, SIDE, 3)
        beside = x_path.with_suffix(".part")
        x = np.lib.format.open_memmap(beside, "w+", np.uint8, shape)
        labels = np.zeros(count, np.int32)
        for i, clip in enumerate(read(builder, split)):
            frames = clip["video"]
            x[i] = frames[np.linspace(0, len(frames) - 1, FRAMES).round().astype(int)]
            labels[i] = clip["label"]
        x.flush()
        np.save(y_path, labels)
        os.replace(beside, x_path)  # last: where it is, all is
    return Examples(np.load(x_path, mmap_mode="r"), np.load(y_path))
