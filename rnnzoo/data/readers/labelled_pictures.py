"""A user's pictures with a class each, or with one at each pixel."""

from __future__ import annotations

import warnings
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rnnzoo.data.readers.media import UNREADABLE
from rnnzoo.data.readers.picture_lists import of_folder, of_masks, of_table
from rnnzoo.data.readers.picture_sizes import first_frame, fit_within
from rnnzoo.data.readers.pictures import opened, read_picture
from rnnzoo.data.reading import Reading
from rnnzoo.errors import DataError, MissingPackage, WrongValue

MOST_CLASSES = 64  # of a mask; more different values are no classes


@dataclass
class Labelled:
    """Pictures that were read.

    Attributes:
        pictures: uint8 (height, width, 1), or (height, width, 3) where one of them has colour.
        labels: of each its class, or whole numbers (height, width).
        names: of the files.
        splits: of each the split that is told; None where none is.
        reading: what was made of the files.
    """

    pictures: list[np.ndarray]
    labels: list
    names: list[str]
    splits: list[str | None]
    reading: Reading


def read_labelled(
    source: Path, side: int, label: str | None = None, encoding: str | None = None
) -> Labelled:
    """What `rnnzoo.load_pictures` reads of a folder, or of a table of files.

    Args:
        source: of them.
        side: pixels of the longer side that larger pictures are made smaller to.
        label: the column of the class; else it is found by its name.
        encoding: of the table; else found out.

    Raises:
        ValueError: it is neither, or no picture can be read, or a mask has colours.
        MissingPackage: what reads pictures is not installed.

    Warns:
        UserWarning: pictures that are missing or unreadable, which are left out.
    """
    if source.is_file():
        listed = of_table(source, label, encoding)
    else:
        listed = of_masks(source) or of_folder(source, label, encoding)
    labels: list[Any] = []
    pictures, names, splits, lost = [], [], [], {}
    smaller, sizes = 0, Counter[tuple[int, int]]()
    for path, name, of_one, split in listed.rows:
        try:
            picture = first_frame(read_picture(path))
            mask = _mask(of_one, picture.shape[:2]) if isinstance(of_one, Path) else None
        except (MissingPackage, DataError):
            raise
        except UNREADABLE as error:
            lost[name] = str(error)
            continue
        fitted = fit_within(picture, side)
        smaller += fitted.shape != picture.shape
        pictures.append(fitted)
        labels.append(of_one if mask is None else fit_within(mask, side, exactly=True))
        names.append(name)
        splits.append(split)
        sizes[fitted.shape[:2]] += 1
    if lost:
        why = next(iter(lost.values()))
        words = f"{source}: {len(lost)} of its pictures are missing or can't be read: "
        words += ", ".join(list(lost)[:5]) + ", ..." * (len(lost) > 5)
        if not pictures:
            raise DataError(f"{words}; nothing is left. Of the first: {why}", source)
        warnings.warn(f"{words}; they are left out. Of the first: {why}", stacklevel=3)
        listed.left_out.append(f"{len(lost):,} pictures, the first is {next(iter(lost))} ({why})")
    grey = all((one == one[..., :1]).all() for one in pictures)
    if grey:
        pictures = [one[..., :1] for one in pictures]
    facts = {"colours": "grey" if grey else "red, green, blue", "size": _sizes_said(sizes)}
    facts |= listed.facts
    if smaller:
        facts["made smaller"] = f"{smaller:,} with a side of more than {side} pixels (--side)"
    if labels and isinstance(labels[0], np.ndarray):
        classes = Counter(value for one in labels for value in np.unique(one).tolist())
        facts["class"] = "at each pixel, the value of its mask"
    else:
        classes = Counter(labels)
        facts["class"] = "of each picture"
    facts["classes"] = ", ".join(f"{name} {classes[name]:,}" for name in sorted(classes)[:20])
    if told := Counter(split for split in splits if split):
        facts["splits"] = ", ".join(f"{split} {count:,}" for split, count in told.items())
    reading = Reading(
        layout=listed.layout,
        counts={"pictures": len(pictures), "classes": len(classes)},
        facts=facts,
        left_out=listed.left_out,
        examples=[
            {"file": name, "label": "a mask" if isinstance(of_one, np.ndarray) else of_one}
            for name, of_one in zip(names[:3], labels[:3], strict=True)
        ],
    )
    return Labelled(pictures, labels, names, splits, reading)


def _sizes_said(sizes):
    if len(sizes) == 1:
        ((height, width),) = sizes
        return f"{height} x {width}"
    heights, widths = zip(*sizes, strict=True)
    return f"{min(heights)} to {max(heights)} x {min(widths)} to {max(widths)}, padded and masked"


def _mask(path, size):
    """Whole numbers (height, width): values of grey, or numbers of a palette's colours."""
    with opened(path) as mask:
        if mask.mode == "F":
            raise WrongValue(f"its mask {path.name} holds floats; expected whole numbers")
        if mask.mode in ("1", "L", "P") or mask.mode.startswith("I"):
            values = np.asarray(mask).astype(np.int32)
        else:
            values = _grey(np.asarray(mask.convert("RGBA")), path)
    if values.shape != size:
        raise WrongValue(f"its mask {path.name} is {values.shape}, and the picture {size}")
    if len(found := np.unique(values)) > MOST_CLASSES:
        raise WrongValue(
            f"its mask {path.name} holds {len(found)} different values; expected a class each, "
            f"{MOST_CLASSES} at most: write it as PNG, without smoothing"
        )
    return values


def _grey(rgba, path):
    """The one value of each pixel, (height, width). Colours are not numbered: in another set of
    masks the same number would be another class. And not left out: what is left is not the set.
    """
    red, green, blue, alpha = np.moveaxis(rgba.astype(np.int32), -1, 0)
    if (red == green).all() and (red == blue).all() and (alpha == alpha.flat[0]).all():
        return red
    raise DataError(
        f"{path}: a mask with colours, or with pixels that are more or less transparent; expected "
        "a number for each class: write all masks as grey PNG, or as PNG with one palette",
        path,
    )
