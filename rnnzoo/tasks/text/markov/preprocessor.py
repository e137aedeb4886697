"""What a Markov chain learns of a text: its characters, and how often they follow each other."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Self, TypeVar

import numpy as np

from rnnzoo.data import Text
from rnnzoo.tasks.text.markov.grams import Grams, count
from rnnzoo.tasks.text.preprocessor import TextPreprocessor

_CHUNK = 2**20  # characters that are counted at a time


@dataclass(frozen=True)
class MarkovPreprocessor(TextPreprocessor):
    """How a Markov chain reads.

    Attributes:
        vocabulary: the characters that are known; None as long as none are.
        order: characters of the longest context.
        texts: SHA-256 of each text that was counted.
        counted: a function to what was counted, or None if nothing was.
    """

    order: int = 5
    texts: tuple[str, ...] = ()
    counted: Callable[[], Grams] | Any = field(default=None, compare=False)

    def learned_from(self, text: Text, vocabulary: str = "extend") -> Self:
        """With the training split counted, on top of what was counted before.

        A text that was counted before is not counted again, however often it is fitted.

        Args:
            text: of which splits.
            vocabulary: "extend" and "keep": as for every text; "reset": only this text counts.
        """
        before = replace(self, texts=(), counted=None) if vocabulary == "reset" else self
        known = super(MarkovPreprocessor, before).learned_from(text, vocabulary)
        digest = hashlib.sha256(text.train.encode()).hexdigest()
        if digest in before.texts:
            return known if known.vocabulary is before.vocabulary else _extended(known, before)
        chunks = (text.train[i : i + _CHUNK] for i in range(0, len(text.train), _CHUNK))
        ids = map(known.vocabulary.ids, chunks)
        grams = count(ids, self.order + 1, known.vocabulary.size)
        if before.counted is not None:
            grams += _extended(known, before).counted()
        return replace(known, texts=(*before.texts, digest), counted=lambda: grams)


_Kind = TypeVar("_Kind", bound=MarkovPreprocessor)


def _extended(known: _Kind, before: MarkovPreprocessor) -> _Kind:
    """With what was counted before, by the ids of a vocabulary that holds the one of before."""
    counted = before.counted()
    ids = np.concatenate([[0], known.vocabulary.ids(before.vocabulary.characters)])
    grams = Grams.of(ids[counted.ids], counted.counts, known.vocabulary.size)
    return replace(known, counted=lambda: grams)
