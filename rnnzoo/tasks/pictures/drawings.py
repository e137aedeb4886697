"""Drawings, strokes on a plain ground, grey: uint8 (height, width, 1)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from rnnzoo.data.readers.picture_sizes import scaled


def ground_of(pictures: Iterable[np.ndarray]) -> int:
    """The brightness of the plain ground of drawings: the median of what is at their edges."""
    return int(np.median(np.concatenate([edge for one in pictures for edge in _edges(one)])))


def _edges(picture):
    """The pixels at the four edges of a picture."""
    return (picture[0].ravel(), picture[-1].ravel(), picture[:, 0].ravel(), picture[:, -1].ravel())


def cut(picture: np.ndarray, ground: int) -> np.ndarray:
    """A drawing without what is plain around it; a plain one as it is."""
    away = np.abs(picture[..., 0].astype(int) - ground)
    strokes = away > away.max() / 4
    if not away.max():
        return picture
    rows, columns = (np.flatnonzero(strokes.any(axis=axis)) for axis in (1, 0))
    return picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def stretched(picture: np.ndarray, ground: int) -> np.ndarray:
    """A drawing whose strokes are as far from the ground as can be."""
    away = picture.astype(float) - ground
    far = 255 - ground if ground <= 127 else ground
    most = max(1.0, float(np.abs(away).max()))
    return (ground + away / most * far).round().clip(0, 255).astype(np.uint8)


def on_ground(picture: np.ndarray, size: tuple[int, int], ground: int) -> np.ndarray:
    """A drawing in the middle of a plain picture of a size, as large as fits in it."""
    height, width = picture.shape[:2]
    factor = min(size[0] / height, size[1] / width)
    inner = tuple(
        min(most, max(1, round(n * factor))) for most, n in zip(size, (height, width), strict=True)
    )
    canvas = np.full((*size, 1), ground, np.uint8)
    top, left = (size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2
    small = scaled(picture, (inner[0], inner[1]))
    canvas[top : top + inner[0], left : left + inner[1]] = stretched(small, ground)
    return canvas
