"""Pictures with classes to train on: a data set by its name, or the user's own files."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rnnzoo.data.base import Data
from rnnzoo.data.pipelines import splits
from rnnzoo.data.readers.labelled_pictures import read_labelled
from rnnzoo.data.registry import list_datasets, load_dataset, no_such_source
from rnnzoo.data.series import Examples, Series
from rnnzoo.data.sniffing import check_task
from rnnzoo.data.step_labels import entries
from rnnzoo.errors import DataError, WrongValue

TASK = "picture-classification"
SIDE = 64  # pixels, of the longer side that larger pictures are made smaller to


@dataclass(frozen=True, kw_only=True, repr=False)
class PictureData(Data[Examples]):
    """Labelled pictures in three parts that share nothing.

    A part is `Examples`, whose x are uint8 (height, width, 1 or 3), of any sizes, and whose labels
    are one each; or one at each pixel, int32 (height, width), -1 where there is none. The other
    attributes are those of `rnnzoo.data.Data`.

    Attributes:
        classes: the names of the labels.
        per_pixel: whether there is a label at each pixel.
        drawings: whether they are strokes on a plain ground; with a class for each picture, cut to
            these, as other pictures are then to be.
    """

    classes: tuple[str | int, ...]
    per_pixel: bool = False
    drawings: bool = False

    @staticmethod
    def joined(parts: Sequence[Examples]) -> Examples:
        return Series.joined(parts)

    @staticmethod
    def digest(part: Examples) -> str:
        sha256 = hashlib.sha256()
        for of_one in (*part.x, *part.labels):
            array = np.ascontiguousarray(of_one)
            sha256.update(str(array.shape).encode())
            sha256.update(array.data)
        return sha256.hexdigest()


def load_pictures(
    source: str | os.PathLike[str] = "digits",
    *,
    label: str | None = None,
    side: int = SIDE,
    encoding: str | None = None,
    validation: float = 0.15,
    test: float = 0.15,
    split_seed: int = 0,
) -> PictureData:
    """Load labelled pictures by name or path; all are kept in memory.

    Args:
        source: one of ``rnnzoo.list_datasets(task="picture-classification")``, such as
            ``"digits"``; or the path of

            - a folder with a folder of pictures for each class, named after it; these may be in
              folders called train, validation (val, dev) and test;
            - a table, CSV with a first line of names such as ``file,label`` or
              ``file,label,split``, or the folder that holds one, and the pictures;
            - a folder of two: pictures in ``images``, and in ``masks`` PNG files of the same names
              whose value at each pixel is its class.

            Pictures may be of any format that Pillow reads, of any sizes, in colour or grey. If all
            are grey, they have one channel.
        label: the column of the class in a table; else one called label, class or target.
        side: pixels of the longer side that larger pictures are made smaller to.
        encoding: of a table, such as ``"cp1252"``; else found out.
        validation, test: shares of own pictures that are held out, of each class, where no split is
            told; the same ones each time. Pictures of equal pixels are held out together.
        split_seed: of that choice.

    Raises:
        FileNotFoundError: no data set of that name and no such path.
        MissingPackage: it needs a package that is not installed.
        ValueError: the data is not as above, or has fewer than two classes.

    Warns:
        UserWarning: pictures that are missing or unreadable, which are left out.

    Example:
        >>> digits = load_pictures("digits")
        >>> digits.train.x[0].shape, digits.classes
        ((8, 8, 1), (0, 1, 2, 3, 4, 5, 6, 7, 8, 9))
    """
    if source in list_datasets(task=TASK):
        if label is not None or split_seed:
            raise WrongValue(
                f"{source} is a data set, which has its labels and splits: leave out "
                "label and split_seed"
            )
        return load_dataset(os.fspath(source), TASK)
    splits.check_shares(validation, test, to_validate=False)
    if side < 1:
        raise WrongValue(f"side={side}: expected a positive number of pixels")
    path = Path(source)
    if not os.fspath(source) or not path.exists():
        raise no_such_source(source, "a folder of pictures, nor a table of them", TASK)
    if label is None:
        insist = "a folder of pictures for each class is what it takes; of a table, --label COLUMN"
        check_task(path, TASK, encoding, f"{insist} (in Python label=) says the class")
    found = read_labelled(path, side, label, encoding)
    name = os.fspath(source)
    per_pixel = isinstance(found.labels[0], np.ndarray)
    if per_pixel:
        occurring = [frozenset(np.unique(of_one).tolist()) for of_one in found.labels]
        classes = tuple(sorted(set().union(*occurring)))
        ids = entries([np.searchsorted(classes, one).astype(np.int32) for one in found.labels])
        of_each, groups = entries(occurring), found.names
    else:
        classes = tuple(sorted(set(found.labels)))
        of_each, groups = np.array(found.labels), None
        ids = np.array([classes.index(of_one) for of_one in found.labels], np.int32)
    if len(classes) < 2:
        raise DataError(f"{name} holds the class {classes[0]} only; expected two at least", name)
    examples = Examples(found.pictures, ids)
    given = found.splits if any(found.splits) else None
    # One of those that are equal is split, and the others go with it.
    first = _first_equal(found)
    different = np.unique(first)
    rows = splits.of_recordings(
        of_each[different],
        groups and [groups[i] for i in different],
        given and [given[i] for i in different],
        name,
        validation,
        test,
        split_seed,
    )
    rows = {split: np.flatnonzero(np.isin(first, different[own])) for split, own in rows.items()}
    return PictureData.from_parts(
        name,
        {split: examples.at(of_split) for split, of_split in rows.items()},
        {"source": path.absolute().name},
        classes=classes,
        per_pixel=per_pixel,
        reading=found.reading,
    )


def _first_equal(found):
    """Of each picture the place of the first one with the same pixels, in a split that is told."""
    places: dict[tuple, int] = {}
    keys = (
        (split or "train", picture.shape, hashlib.sha256(picture.tobytes()).digest())
        for picture, split in zip(found.pictures, found.splits, strict=True)
    )
    return np.array([places.setdefault(key, i) for i, key in enumerate(keys)])
