"""Photographs made small, in a file that is mapped, not read."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rnnzoo.data.captions import Captions
from rnnzoo.data.sets.prepare import read

SIDE = 128  # pixels of the shorter side


def small_on_disk(builder: Any, split: str) -> tuple[Captions, str]:
    """The small pictures of a split, in a file beside TFDS's; and their digest."""
    begin = Path(builder.data_path) / f"{split}_{SIDE}"
    pixels_path, rest_path = begin.with_suffix(".npy"), begin.with_suffix(".json")
    if not rest_path.exists():
        rest: dict[str, Any] = {"shapes": [], "captions": [], "names": []}
        total = 0
        with pixels_path.open("wb") as file:
            _write_header(file, total)
            for example in read(builder, split):
                small = _small(example["image"])
                file.write(small.tobytes())
                total += small.size
                rest["shapes"].append(small.shape)
                rest["captions"].append([c.decode() for c in example["captions"]["text"]])
                rest["names"].append(example["image/filename"].decode())
            file.seek(0)
            _write_header(file, total)
        with pixels_path.open("rb") as file:
            rest["sha256"] = hashlib.file_digest(file, "sha256").hexdigest()
        beside = rest_path.with_suffix(".part")
        beside.write_text(json.dumps(rest), encoding="utf-8")
        os.replace(beside, rest_path)  # last: where it is, all is
    rest = json.loads(rest_path.read_text(encoding="utf-8"))
    media = _Pictures(np.load(pixels_path, mmap_mode="r"), rest["shapes"])
    part = Captions(media, tuple(map(tuple, rest["captions"])), tuple(rest["names"]))
    return part, part.digest([rest["sha256"].encode()])


def _write_header(file, total):
    """Of bytes whose number shows at the end only; NumPy leaves room for it to grow."""
    header = {"descr": "|u1", "fortran_order": False, "shape": (total,)}
    np.lib.format.write_array_header_1_0(file, header)


def _small(picture):
    """SIDE pixels on the shorter side, or as few as it has."""
    from PIL import Image

    height, width = picture.shape[:2]
    scale = min(1, SIDE / min(height, width))
    size = round(width * scale), round(height * scale)
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BOX))


class _Pictures(Sequence):
    """Pictures one after the other in an array of bytes."""

    def __init__(self, pixels, shapes):
        self._pixels = pixels
        self._shapes = shapes
        self._ends = np.cumsum([np.prod(shape) for shape in shapes])

    def __len__(self):
        return len(self._shapes)

    def __getitem__(self, i):
        begin = self._ends[i - 1] if i else 0
        return np.asarray(self._pixels[begin : self._ends[i]]).reshape(self._shapes[i])
