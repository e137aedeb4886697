"""A classifier's answers to files of pictures, as `rnnzoo predict` prints and writes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnzoo import data
from rnnzoo.data.readers.picture_sizes import first_frame
from rnnzoo.errors import DataError

if TYPE_CHECKING:
    from rnnzoo.tasks.pictures.classifier import PictureClassifier

_AT_ONCE = 10_000  # rows of pixels that are handed on together


def probabilities_of(model: PictureClassifier, path: str) -> np.ndarray:
    """What a model says of a file: (classes,), or (height, width, classes).

    Warns:
        UserWarning: what was done to the picture so that it is like those of training.

    Raises:
        ValueError: it is no picture.
    """
    picture = data.read_media(path)
    if picture.dtype != np.uint8:
        raise DataError(f"{path} holds features; expected a picture", path)
    return model.probabilities([first_frame(picture)])[0]


def lines(model: PictureClassifier, path: str) -> Iterator[str]:
    """A line for a picture: path, class and probability, between tabs.

    Where each pixel is answered: a line for each run of a class in a row of pixels, with the row,
    the first and the last column and the mean probability.
    """
    p = probabilities_of(model, path)
    if not model.per_pixel:
        yield f"{path}\t{model.classes[p.argmax()]}\t{p.max():.3f}"
        return
    for number, row in enumerate(p):
        ids = row.argmax(axis=-1)
        cuts = [0, *(np.flatnonzero(np.diff(ids)) + 1).tolist(), len(ids)]
        for begin, end in zip(cuts, cuts[1:], strict=False):
            mean = row[begin:end, ids[begin]].mean()
            yield f"{path}\t{number}\t{begin}-{end - 1}\t{model.classes[ids[begin]]}\t{mean:.3f}"


def columns(model: PictureClassifier) -> tuple[str, ...]:
    """The names of what `rows` gives, behind the id, which is 0."""
    at = ("row", "column") if model.per_pixel else ()
    return (*at, "class", *(f"p({label})" for label in model.classes))


def rows(
    model: PictureClassifier, path: str, answered: Mapping[str, int]
) -> Iterator[list[list[Any]]]:
    """Rows of id and what `columns` names, in batches: one for a picture, or one for each pixel.

    Args:
        model, path: as for `lines`.
        answered: under "0" how many rows there are already.
    """
    there = answered.get("0", 0)
    if there and not model.per_pixel:
        return
    p = probabilities_of(model, path)
    flat = p.reshape(-1, p.shape[-1])
    for first in range(there, len(flat), _AT_ONCE):
        yield [
            [
                "0",
                *(divmod(i, p.shape[1]) if model.per_pixel else ()),
                model.classes[flat[i].argmax()],
                *(f"{value:.6f}" for value in flat[i]),
            ]
            for i in range(first, min(first + _AT_ONCE, len(flat)))
        ]
