"""Of pictures with captions: the most frequent caption, and that of the most similar picture."""

from __future__ import annotations

import collections
from typing import Self

import numpy as np

from rnnzoo.baselines.base import Baseline, some, thumbnail
from rnnzoo.data import CaptionData, Captions

_MOST_MEDIA = 5_000  # pictures to read


class MostFrequentCaption(Baseline):
    """Answers one caption to all: the one that occurs most often."""

    name = "most frequent caption"

    def fit(self, data: CaptionData) -> Self:
        counts = collections.Counter(c for of_one in data.train.captions for c in of_one)
        (self.caption, _), *_ = counts.most_common(1)
        return self

    def answers(self, part: Captions) -> list[str]:
        """The caption, for each."""
        return [self.caption] * len(part.captions)


class NearestPicture(Baseline):
    """Answers a caption of the training picture that is most similar.

    By the squared distance of thumbnails of 16 x 16 pixels; of a video of its mean frame, of
    features of their mean over frames.
    """

    name = "caption of the nearest training picture"

    def fit(self, data: CaptionData) -> Self:
        rows = some(len(data.train.captions), _MOST_MEDIA)
        self.captions = [data.train.captions[i][0] for i in rows]
        self.known = np.stack([_thumbnail(data.train.media[i]) for i in rows])
        return self

    def answers(self, part: Captions) -> list[str]:
        """A caption of each picture."""
        return [
            self.captions[((self.known - _thumbnail(medium)) ** 2).sum(axis=1).argmin()]
            for medium in part.media
        ]


def _thumbnail(medium):
    medium = np.asarray(medium)
    if medium.dtype != np.uint8:  # features
        return medium.reshape(-1, medium.shape[-1]).mean(axis=0)
    frame = medium.astype(np.float32)
    frame = frame.mean(axis=0) if frame.ndim == 4 else frame
    return thumbnail(frame).ravel()
