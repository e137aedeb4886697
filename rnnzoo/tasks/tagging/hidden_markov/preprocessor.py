"""What a tagger that counts reads of words, and what it counts."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Self

import numpy as np

from rnnzoo import data
from rnnzoo.platform import tf
from rnnzoo.tasks.padding import padded
from rnnzoo.tasks.tagging.preprocessor import TaggerPreprocessor
from rnnzoo.tasks.vocabulary import WordVocabulary

SUFFIXES = 5  # characters of the longest one


class TagCounts(NamedTuple):
    """How often tags occurred, float32; what is not known has row 0."""

    moves: np.ndarray
    """(tags + 1, tags): after each tag, and in the last row at the beginning."""
    elements: np.ndarray
    """(elements, tags): with each word or character."""
    suffixes: np.ndarray
    """(suffixes, tags): with each suffix, each word and tag once."""


@dataclass(frozen=True)
class CountingPreprocessor(TaggerPreprocessor):
    """How a tagger that counts reads: words by number and by suffix, or characters.

    Attributes:
        suffixes: those that are known; None where elements are characters.
        seen: SHA-256 of each training set that was counted.
        counted: a function to `TagCounts`, or None if nothing was counted.
    """

    suffixes: WordVocabulary | Any = None
    seen: tuple[str, ...] = ()
    counted: Callable[[], TagCounts] | Any = field(default=None, compare=False)

    def learned_from(self, tagged: data.TaggedData, vocabulary: str = "extend") -> Self:
        """With the training split counted, on top of what was counted before, once."""
        before = replace(self, seen=(), counted=None) if vocabulary == "reset" else self
        known = super(CountingPreprocessor, before).learned_from(tagged, vocabulary)
        digest = hashlib.sha256(repr(tagged.train).encode()).hexdigest()
        if digest in before.seen:
            return replace(known, counted=lambda: _renumbered(before.counted(), before, known))
        pairs = {
            (token, tag)
            for tokens, tags in tagged.train
            for token, tag in zip(tokens, tags, strict=True)
        }
        if known.reads_words:
            words, tags = zip(*sorted(pairs), strict=True)
            keys = suffix_keys(tf.constant(words)).numpy()
            found, often = np.unique(keys, return_counts=True)
            names = (key.decode() for key in found)
            new = WordVocabulary(dict(zip(names, often.tolist(), strict=True)), cased=True)
            kept = before.suffixes if vocabulary != "reset" else None
            known = replace(known, suffixes=new if kept is None else kept.with_others(new))
            rows = known.suffixes.encode(tf.constant(keys)).numpy()
            of_rows = np.repeat(known.labels.ids(tags), SUFFIXES)
            suffixes = known._table(known.suffixes.size, rows.ravel(), of_rows)
        else:
            suffixes = known._table(1, [], [])
        counts = TagCounts(known._moves(tagged.train), known._elements(tagged.train), suffixes)
        if before.counted is not None:
            older = _renumbered(before.counted(), before, known)
            counts = TagCounts(*(a + b for a, b in zip(counts, older, strict=True)))
        return replace(known, seen=(*before.seen, digest), counted=lambda: counts)

    def encode(self, sequences: tf.Tensor | tf.RaggedTensor) -> dict[str, tf.Tensor]:
        """As of every tagger; of words also suffixes (batch, time, 5), from short to long."""
        batch = super().encode(sequences)
        if self.reads_words:
            tokens, _ = padded(sequences, default="")
            batch["suffixes"] = self.suffixes.encode(suffix_keys(tokens))
        return batch

    def _table(self, rows, row, tag):
        table = np.zeros((rows, len(self.labels)), np.float32)
        np.add.at(table, (np.asarray(row, int), np.asarray(tag, int)), 1)
        return table

    def _moves(self, sequences):
        tags = [self.labels.ids(sequence.tags) for sequence in sequences]
        start = len(self.labels)
        before = np.concatenate([np.r_[start, of_one[:-1]] for of_one in tags])
        return self._table(start + 1, before, np.concatenate(tags))

    def _elements(self, sequences):
        tags = self.labels.ids(tag for sequence in sequences for tag in sequence.tags)
        if not self.reads_words:
            text = "".join(sequence.tokens for sequence in sequences)
            return self._table(self.characters.size, self.characters.ids(text), tags)
        tokens = tf.constant([word for sequence in sequences for word in sequence.tokens])
        return self._table(self.words.size, self.words.encode(tokens).numpy(), tags)


def suffix_keys(words: tf.Tensor) -> tf.Tensor:
    """The last 1, 2, ... characters of words, and whether these begin with a capital.

    Args:
        words: strings of any shape.

    Returns:
        Strings, with one axis more.

    Example:
        >>> suffix_keys(tf.constant("Dogs"))[:2].numpy().tolist()
        [b'A1s', b'A2gs']
    """
    lower = tf.strings.lower(words, "utf-8")
    first = tf.strings.substr(words, 0, 1, unit="UTF8_CHAR")
    kind = tf.where(tf.strings.lower(first, "utf-8") != first, "A", "a")
    length = tf.strings.length(lower, unit="UTF8_CHAR")
    keys = []
    for n in range(1, SUFFIXES + 1):
        size = tf.minimum(n, length)
        keys.append(kind + str(n) + tf.strings.substr(lower, -size, size, unit="UTF8_CHAR"))
    return tf.stack(keys, axis=-1)


def _renumbered(counts, old, new):
    """The same counts by the numbers of another preprocessor, which knows what the old one does."""
    tags = new.labels.ids(old.labels.labels)

    def moved(table, rows, size):
        result = np.zeros((size, len(new.labels)), np.float32)
        result[np.ix_(rows, tags)] = table
        return result

    def places(of: Iterable) -> np.ndarray:
        return np.concatenate([[0], of]).astype(int)

    suffixes, elements = [0], new.characters.ids(old.characters.characters)
    if new.reads_words:
        suffixes = places(new.suffixes.ids(old.suffixes.counts))
        elements = new.words.ids(old.words.counts)
    size = new.words.size if new.reads_words else new.characters.size
    return TagCounts(
        moved(counts.moves, [*tags, len(new.labels)], len(new.labels) + 1),
        moved(counts.elements, places(elements), size),
        moved(counts.suffixes, suffixes, new.suffixes.size if new.reads_words else 1),
    )
