"""Words -> ids, the same in Python and in the exported graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from rnnzoo.errors import WrongValue
from rnnzoo.platform import tf
from rnnzoo.tasks.vocabulary.search import search


class WordVocabulary:
    """The words that a model knows, in lower case, and how often training met them; 0 is unknown.

    A word is looked up by its 64-bit fingerprint, as a search in a constant: unlike a lookup table
    that is no resource to track and export.

    Args:
        counts: dict of the words with their counts.
        cased: whether upper and lower case are told apart.

    Example:
        >>> vocabulary = WordVocabulary(WordVocabulary.count(["The", "dog", "the"]))
        >>> vocabulary.counts
        {'dog': 1, 'the': 2}
        >>> vocabulary.encode(tf.constant([["THE", "cat"]])).numpy().tolist()
        [[2, 0]]
    """

    UNKNOWN = 0

    def __init__(self, counts: Mapping[str, int], cased: bool = False):
        self.counts = dict(counts)
        self.cased = cased
        self.size = len(self.counts) + 1
        fingerprints = self._fingerprints_of(tf.constant(list(self.counts), tf.string)).numpy()
        order = np.argsort(fingerprints)
        self._fingerprints, self._ids = fingerprints[order], (order + 1).astype(np.int32)
        if len(np.unique(fingerprints)) < len(self.counts):
            raise WrongValue("words: some are the same in lower case; expected each of them once")

    @staticmethod
    def count(words: Iterable[str]) -> dict[str, int]:
        """The distinct words in lower case, sorted, with their counts."""
        counts: dict[str, int] = {}
        for word in words:
            counts[word] = counts.get(word, 0) + 1
        # By TensorFlow's lower case, which differs from Python's in some letters.
        lower = tf.strings.lower(tf.constant(list(counts), tf.string), "utf-8").numpy()
        merged: dict[str, int] = {}
        for word, n in zip(lower, counts.values(), strict=True):
            merged[word.decode()] = merged.get(word.decode(), 0) + n
        return dict(sorted(merged.items()))

    def knows(self, word: str) -> bool:
        """Whether a string is a known word, whatever its case unless `cased`."""
        return (word if self.cased else word.lower()) in self.counts

    def with_others(self, other: WordVocabulary) -> WordVocabulary:
        """With the words of another vocabulary; itself if it knows all of them."""
        new = {word: n for word, n in other.counts.items() if word not in self.counts}
        counts = dict(sorted({**self.counts, **new}.items()))
        return WordVocabulary(counts, self.cased) if new else self

    def ids(self, words: Iterable[str]) -> np.ndarray:
        """Ids of known words, int32 (n,)."""
        ids = {word: i + 1 for i, word in enumerate(self.counts)}
        return np.array([ids[word] for word in words], np.int32)

    def encode(self, words: tf.Tensor) -> tf.Tensor:
        """Ids of strings, int32 of the same shape; graph code."""
        if not self.counts:
            return tf.fill(tf.shape(words), self.UNKNOWN)
        index, found = search(self._fingerprints, self._fingerprints_of(words))
        return tf.where(found, tf.gather(tf.constant(self._ids), index), self.UNKNOWN)

    def dropout_rates(self, dropout: float) -> tf.Tensor:
        """By id the probability dropout / (dropout + count) of a word to be taken for unknown."""
        counts = np.array([0, *self.counts.values()], np.float32)
        return tf.constant(dropout / (dropout + counts))

    def _fingerprints_of(self, words):
        words = words if self.cased else tf.strings.lower(words, "utf-8")
        return tf.strings.to_hash_bucket_fast(words, 2**63 - 1)
