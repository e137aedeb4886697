"""What a Markov chain learns of a text: its characters, and how often they follow each other."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np

from rnnzoo.data import Text
from rnnzoo.tasks.text.markov.grams import Grams, count
from rnnzoo.tasks.text.preprocessor import TextPreprocessor
from rnnzoo.tasks.vocabulary import CharacterVocabulary

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
            return known
        chunks = (text.train[i : i + _CHUNK] for i in range(0, len(text.train), _CHUNK))
        ids = map(known.vocabulary.ids, chunks)
        grams = count(ids, self.order + 1, known.vocabulary.size)
        if before.counted is not None:
            grams += _renumbered(before.counted(), before.vocabulary, known.vocabulary)
        return replace(known, texts=(*before.texts, digest), counted=lambda: grams)


def _renumbered(grams: Grams, old: CharacterVocabulary, new: CharacterVocabulary) -> Grams:
    """The same sequences by the ids of another vocabulary, which holds the old one."""
    ids = np.concatenate([[0], new.ids(old.characters)])
    return Grams.of(ids[grams.ids], grams.counts, new.size)
