"""Of pairs of sentences: the translation of the most similar source, and the source itself."""

from __future__ import annotations

from typing import Self

import numpy as np

from rnnzoo.baselines.base import Baseline, some
from rnnzoo.data import PairData

_MOST_PAIRS = 200_000
_ROWS = 256  # sources that are looked up together


class NearestSource(Baseline):
    """Answers the translation of the training source that is most similar.

    By the cosine of TF-IDF vectors of 1 to 4 characters (scikit-learn).
    """

    name = "translation of the nearest training source"

    def fit(self, data: PairData) -> Self:
        from sklearn.feature_extraction.text import TfidfVectorizer

        rows = some(len(data.train), _MOST_PAIRS)
        self.targets = [data.train.targets[i] for i in rows]
        self.vectors = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4), dtype=np.float32)
        self.known = self.vectors.fit_transform([data.train.sources[i] for i in rows])
        return self

    def answers(self, sources: list[str]) -> list[str]:
        """A translation of each source."""
        found = []
        for i in range(0, len(sources), _ROWS):
            like = self.vectors.transform(sources[i : i + _ROWS]) @ self.known.T
            found += np.asarray(like.argmax(axis=1)).ravel().tolist()
        return [self.targets[i] for i in found]


class Copy(Baseline):
    """Answers the source."""

    name = "copy of the source"

    def fit(self, data: PairData) -> Self:
        return self

    def answers(self, sources: list[str]) -> list[str]:
        """The sources."""
        return list(sources)
