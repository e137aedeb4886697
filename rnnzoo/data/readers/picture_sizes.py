"""Pictures at another size."""

from __future__ import annotations

from typing import Any

import numpy as np


def first_frame(picture: np.ndarray) -> np.ndarray:
    """A picture (height, width, colours), of one that moves its first frame."""
    return picture if picture.ndim == 3 else picture[0]


def fit_within(picture: np.ndarray, side: int, exactly: bool = False) -> np.ndarray:
    """A picture whose longer side has at most so many pixels; a smaller one as it is.

    Args:
        picture: uint8 (height, width, 1 or 3), or whole numbers (height, width).
        side: pixels.
        exactly: whether each pixel keeps one of the values that there are, as classes must.

    >>> fit_within(np.zeros((30, 10, 1), np.uint8), 12).shape
    (12, 4, 1)
    """
    height, width = picture.shape[:2]
    if max(height, width) <= side:
        return picture
    size = [max(1, round(n * side / max(height, width))) for n in (height, width)]
    return (sampled if exactly else scaled)(picture, (size[0], size[1]))


def sampled(values: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Values (height, width, ...) at another height and width, each one of those that there are.

    >>> sampled(np.array([[1, 2]]), (2, 4)).tolist()
    [[1, 1, 2, 2], [1, 1, 2, 2]]
    """
    rows, columns = (
        nearest(np.arange(new), old, new) for new, old in zip(size, values.shape[:2], strict=True)
    )
    return values[rows[:, None], columns]


def nearest(places: Any, old: Any, new: Any) -> Any:
    """Of places among `new` pixels side by side those among `old` whose values they take; of whole
    numbers, arrays or tensors.
    """
    return (places * 2 + 1) * old // (2 * new)


def scaled(picture: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Pixels uint8 (height, width, 1 or 3) at another height and width, as means of areas."""
    from PIL import Image

    image = Image.fromarray(picture[..., 0] if picture.shape[-1] == 1 else picture)
    image = image.resize(size[::-1], Image.Resampling.BOX)
    return np.asarray(image).reshape(*size, picture.shape[-1])
