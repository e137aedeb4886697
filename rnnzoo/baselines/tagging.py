"""Of tagged sequences: the most frequent tag of a word, and a linear-chain CRF."""

from __future__ import annotations

import collections
import os
import tempfile
from collections.abc import Iterator, Sequence
from typing import Self

import numpy as np

from rnnzoo.baselines.base import Baseline
from rnnzoo.data import Tagged, TaggedData

MOST_ELEMENTS = 60_000  # words or characters, which the CRF reads in some ten seconds
_ITERATIONS = 50
_AROUND = (-2, -1, 0, 1, 2)


class MostFrequentTag(Baseline):
    """Gives each word the tag that it has most often; an unknown one the most frequent tag."""

    name = "most frequent tag of each word"

    def fit(self, data: TaggedData) -> Self:
        tags: dict[str, collections.Counter] = collections.defaultdict(collections.Counter)
        for sequence in data.train:
            for token, tag in zip(sequence.tokens, sequence.tags, strict=True):
                tags[token][tag] += 1
        (self.default, _), *_ = sum(tags.values(), collections.Counter()).most_common(1)
        self.of_word = {token: counts.most_common(1)[0][0] for token, counts in tags.items()}
        return self

    def answers(self, part: Sequence[Tagged]) -> list[list[str]]:
        """The tags of each sequence."""
        return [[self.of_word.get(token, self.default) for token in s.tokens] for s in part]


class ConditionalRandomField(Baseline):
    """A linear-chain CRF over words, affixes and shapes within two places (python-crfsuite).

    Args:
        most: words or characters, in sequences drawn at random, that it is fitted to.
    """

    name = "CRF over words, affixes and shapes"

    def __init__(self, most: float = MOST_ELEMENTS):
        self.most = most

    def fit(self, data: TaggedData) -> Self:
        import pycrfsuite

        trainer = pycrfsuite.Trainer(
            verbose=False, params={"max_iterations": _ITERATIONS, "c1": 0.1, "c2": 0.01}
        )
        left = self.most
        for i in np.random.default_rng(0).permutation(len(data.train)):
            sequence = data.train[i]
            if left <= 0:
                break
            left -= len(sequence.tags)
            trainer.append(_seen(sequence.tokens), list(sequence.tags))
        handle, path = tempfile.mkstemp()
        os.close(handle)
        try:
            trainer.train(path)
            with open(path, "rb") as file:
                self.model = file.read()
        finally:
            os.unlink(path)
        return self

    def answers(self, part: Sequence[Tagged]) -> list[list[str]]:
        """The tags of each sequence, the likeliest together."""
        import pycrfsuite

        tagger = pycrfsuite.Tagger()
        tagger.open_inmemory(self.model)
        return [tagger.tag(_seen(sequence.tokens)) for sequence in part]


def _seen(tokens):
    """What the CRF sees of each element of a sequence, a list of words for each."""
    seen = [list(_of_word(token)) for token in tokens]
    return [
        [
            f"{offset}{feature}"
            for offset in _AROUND
            if 0 <= i + offset < len(seen)
            # Of neighbours the word and its shape: their affixes say little more.
            for feature in (seen[i + offset] if offset == 0 else seen[i + offset][:2])
        ]
        + ["first"] * (i == 0)
        + ["last"] * (i == len(seen) - 1)
        for i in range(len(seen))
    ]


def _of_word(word: str) -> Iterator[str]:
    yield f"w={word.lower()}"
    yield f"shape={_shape(word)}"
    for length in (1, 2, 3, 4):
        if len(word) > length:
            yield f"<{word[:length].lower()}"
            yield f">{word[-length:].lower()}"


def _shape(word):
    """A for upper case, a for lower, 0 for digits, each once in a row.

    >>> _shape("McDonald's"), _shape("B-52")
    ("AaAa'a", 'A-0')
    """
    kinds = [
        "A" if c.isupper() else "a" if c.isalpha() else "0" if c.isdigit() else c for c in word
    ]
    return "".join(k for k, before in zip(kinds, [None, *kinds], strict=False) if k != before)
