"""From pictures and their labels to numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rnnzoo import data
from rnnzoo.data.readers.picture_sizes import sampled
from rnnzoo.data.step_labels import NONE, entries
from rnnzoo.errors import WrongValue
from rnnzoo.notices import warn_of
from rnnzoo.platform import tf
from rnnzoo.tasks.arguments import no_path
from rnnzoo.tasks.pictures.drawings import ground_of
from rnnzoo.tasks.pictures.preparation import Preparation, compiled, grey
from rnnzoo.tasks.series.labels import names_of, one_each
from rnnzoo.tasks.vocabulary import LabelVocabulary, listed, news

NO_EXAMPLES = data.Examples([], np.zeros(0, np.int32))
LEVELS = {1: "grey", 3: "colour"}


@dataclass(frozen=True)
class PicturePreprocessor:
    """How a picture classifier reads: grey or colour, the classes, and what training pictures were.

    Attributes:
        labels: the classes; None as long as they have no names.
        num_classes: how many there are, where that is known before their names.
        per_pixel: whether each pixel has a class, and not the picture; None as long as it is not
            known.
        colours: 1, brightness alone, or 3; None as long as it is not known.
        size: height and width of all training pictures; None where they differ, or not known yet.
        longest: the longest side of one of them; None as long as it is not known.
        drawings: whether pictures are strokes on a plain ground, see `as_read`; None as long as it
            is not known.
        ground: the brightness of that in training; None where there is none, or not known yet.
    """

    labels: LabelVocabulary | Any = None
    num_classes: int | None = None
    per_pixel: bool | None = None
    colours: int | Any = None
    size: tuple[int, int] | None = None
    longest: int | None = None
    drawings: bool | None = None
    ground: int | Any = None

    def with_classes(self, classes: Iterable[str | int] | int | None) -> PicturePreprocessor:
        """With other classes: labels, a number of them, or None."""
        if classes is None or isinstance(classes, int):
            return replace(self, labels=None, num_classes=classes)
        return replace(self, labels=LabelVocabulary(classes, "classes"), num_classes=None)

    # --- what `fit` is given ----------------------------------------------------------------------

    def splits(
        self,
        train: tuple[Any, Any] | None = None,
        validation: tuple[Any, Any] | None = None,
        test: tuple[Any, Any] | None = None,
    ) -> data.PictureData:
        """What the feed takes, of pairs (x, y) that `fit` and `evaluate` are given.

        Raises:
            ValueError: pictures and labels don't go together, or are not what is read.
        """
        given = {"train": train, "validation": validation, "test": test}
        if self.per_pixel is None:
            (_, y), *_ = filter(None, given.values())
            return replace(self, per_pixel=_at_pixels(y)).splits(**given)
        read = {
            split: (pictures := self.examples(pair[0]), self._labels(pair[1], pictures))
            for split, pair in given.items()
            if pair is not None
        }
        known = self.labels.labels if self.labels else ()
        names = {split: _occurring(labels) for split, (_, labels) in read.items()}
        classes = names_of(names["train"], self.num_classes) if "train" in names else known
        others = set().union(*names.values()) - set(classes)
        if unknown := sorted(others - set(known), key=str):
            raise WrongValue(
                f"labels: the model knows the classes {listed(known or classes)}, not "
                f"{listed(unknown)}"
            )
        classes += tuple(label for label in known if label in others)
        found = {
            split: data.Examples(x, _placed(labels, classes)) for split, (x, labels) in read.items()
        }
        found = {**dict.fromkeys(given, NO_EXAMPLES), **found}
        return data.PictureData(
            name="the pictures", classes=classes, per_pixel=self.per_pixel, **found
        )

    def examples(self, x: Any) -> list[np.ndarray]:
        """Raw pictures as a list of uint8 (height, width, 1 or 3).

        Args:
            x: (pictures, height, width) or (pictures, height, width, 1 or 3), or a list of arrays
                of different sizes, whole numbers from 0 to 255.

        Raises:
            ValueError: one is no picture.
        """
        no_path(x, "[rnnzoo.data.read_media({!r})]")
        return [_as_picture(np.asarray(picture), i) for i, picture in enumerate(x)]

    def _labels(self, y, pictures):
        """Labels as names: a list, or arrays (height, width) of dtype object, None without one."""
        if not self.per_pixel:
            if _at_pixels(y):
                raise WrongValue(
                    "y holds a label for each pixel, where the model answers once for a picture: "
                    "make it with labels='pixel' (--set labels=pixel)"
                )
            return one_each(y, len(pictures))
        found = [np.asarray(of_one) for of_one in y]
        shapes = [picture.shape[:2] for picture in pictures]
        if [of_one.shape for of_one in found] != shapes or not found:
            raise WrongValue(
                f"y: expected an array of labels (height, width) for each of the {len(pictures)} "
                "pictures, of its size; whole numbers or strings, -1 or '' where there is none"
            )
        return found

    # --- what is learned --------------------------------------------------------------------------

    def learned_from(
        self, pictures: data.PictureData, vocabulary: str = "extend"
    ) -> PicturePreprocessor:
        """With classes, sizes and colours of the training split.

        Args:
            pictures: of which splits.
            vocabulary: "extend": new classes come behind those that are known; "keep": there may be
                none, and sizes stay as they are known; "reset": classes are learned anew.

        Raises:
            ValueError: a class that must not be new; another number of classes; labels of another
                kind than are answered.
        """
        if vocabulary == "reset":
            return self.with_classes(None).learned_from(pictures)
        if self.per_pixel is None:
            return replace(self, per_pixel=pictures.per_pixel).learned_from(pictures, vocabulary)
        if pictures.per_pixel != self.per_pixel:
            kinds = ("each picture", "each pixel")
            raise WrongValue(
                f"{pictures.name} has a label for {kinds[pictures.per_pixel]}, and the model one "
                f"for {kinds[self.per_pixel]}: make it with labels="
                f"{'pixel' if pictures.per_pixel else 'picture'!r} (--set labels="
                f"{'pixel' if pictures.per_pixel else 'picture'})"
            )
        classes = names_of(pictures.classes, self.num_classes)
        labels = self.labels or LabelVocabulary(classes, "classes")
        if self.num_classes not in (None, len(labels)):
            raise WrongValue(
                f"the model has {self.num_classes} classes, the data {len(labels)}: "
                f"{listed(labels.labels)}"
            )
        if vocabulary == "extend":
            labels = labels.with_others(classes)
        labels.ids(
            classes,
            hint='; add new ones with vocabulary="extend", or begin anew with vocabulary="reset"',
        )
        known = replace(self, labels=labels, num_classes=None)
        if vocabulary == "keep" and self.longest is not None:
            return known
        x = pictures.train.x
        sizes = {picture.shape[:2] for picture in x}
        drawings = pictures.drawings if self.drawings is None else self.drawings
        return replace(
            known,
            colours=self.colours or (1 if drawings else max(picture.shape[-1] for picture in x)),
            size=next(iter(sizes)) if len(sizes) == 1 else None,
            longest=max(max(size) for size in sizes),
            drawings=drawings,
            ground=_ground(x) if drawings else None,
        )

    def news(self, before: PicturePreprocessor) -> str:
        """What is known beyond what was known before, in words; empty if nothing was."""
        if before.labels is None:
            return ""
        return news("classes", self.labels.labels, before.labels.labels)

    def targets(
        self, pictures: data.PictureData, examples: data.Examples, read: Sequence[np.ndarray]
    ) -> np.ndarray:
        """What the network is to answer to examples of `pictures`, by its own ids of classes; where
        each pixel has one, to the pixels that are `read`.
        """
        ids = self.labels.ids(pictures.classes)
        if not self.per_pixel:
            return ids[examples.labels]
        ids = np.append(ids, np.int32(NONE))  # which is the last place, too
        return entries(
            [
                sampled(ids[of_one], x.shape[:2])
                for of_one, x in zip(examples.labels, read, strict=True)
            ]
        )

    # --- what the network reads -------------------------------------------------------------------

    def as_read(self, pictures: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Pictures as the network reads them: uint8 (height, width, colours).

        All go this way, to train on, to evaluate and to predict. They are made as large as all
        those of training were; where these differed, those that are larger than the largest one are
        made smaller. Drawings become grey. Where the ground of one is light and that of training
        was dark, or the other way round, light and dark are exchanged. One of another size than in
        training is cut to its strokes, and its contrast stretched.

        Args:
            pictures: uint8 (height, width, 1 or 3).

        Warns:
            UserWarning: what was done to those that were unlike those of training, and to how many.
        """
        prepare = compiled(self.preparation)
        found = [prepare(tf.constant(picture)) for picture in pictures]
        for i, what in enumerate(self.preparation.steps):
            if count := sum(bool(steps[i]) for _, steps in found):
                warn_of(what, count)
        return [x.numpy() for x, _ in found]

    @property
    def preparation(self) -> Preparation:
        """What is done to each picture, in the graph."""
        return Preparation(self.colours, self.size, self.longest, self.ground, not self.per_pixel)

    def padded(self, pictures: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """Pictures `as_read` as one array uint8 (n, height, width, colours), zeros below and on the
        right of each; and a mask (n, height, width), True where they are.
        """
        sizes = np.array([picture.shape[:2] for picture in pictures]).reshape(-1, 2)
        height, width = sizes.max(axis=0, initial=1)
        x = np.zeros((len(pictures), height, width, self.colours), np.uint8)
        for row, picture in zip(x, pictures, strict=True):
            row[: picture.shape[0], : picture.shape[1]] = picture
        rows, columns = np.arange(height)[:, None], np.arange(width)
        return x, (rows < sizes[:, :1, None]) & (columns < sizes[:, 1:, None])


def _at_pixels(y):
    """Whether labels are of pixels."""
    return y is not None and len(y) > 0 and np.ndim(y[0]) == 2


def _ground(pictures):
    """The brightness of what drawings are on: the median of them."""
    find = compiled(_ground_of)
    return int(np.median([find(tf.constant(picture)) for picture in pictures]))


def _ground_of(picture):
    return ground_of(grey(picture))


def _as_picture(picture, place):
    if picture.ndim == 2:
        picture = picture[..., None]
    fits = picture.ndim == 3 and picture.shape[-1] in LEVELS and picture.size
    if fits and picture.dtype.kind in "iu" and 0 <= picture.min() <= picture.max() <= 255:
        return picture.astype(np.uint8)
    raise WrongValue(
        f"x: expected pictures (height, width), grey, or (height, width, 3) of whole numbers from "
        f"0 to 255, got one of {picture.shape} and type {picture.dtype} at {place}"
    )


def _occurring(labels):
    """The labels that there are."""
    if not isinstance(labels[0], np.ndarray):
        return set(labels)
    found = {label for of_one in labels for label in np.unique(of_one).tolist()}
    return found - {NONE, ""}


def _placed(labels, classes):
    """Labels by their places among the classes, as `rnnzoo.data.Examples` has them."""
    place = {name: i for i, name in enumerate(classes)}
    if not isinstance(labels[0], np.ndarray):
        return np.array([place[label] for label in labels], np.int32)
    found = []
    for of_one in labels:
        names, at = np.unique(of_one, return_inverse=True)
        ids = np.array([place.get(name, NONE) for name in names.tolist()], np.int32)
        found.append(ids[at].reshape(of_one.shape))
    return entries(found)
