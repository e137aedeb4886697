"""From pairs of sentences to ids."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any

import numpy as np

from rnnzoo import data
from rnnzoo.data.readers.files import few
from rnnzoo.errors import WrongValue
from rnnzoo.notices import warn
from rnnzoo.platform import tf
from rnnzoo.tasks.encoder_decoder.translation import fields
from rnnzoo.tasks.vocabulary import PieceVocabulary, SentenceVocabulary, check_encodable, news

NO_PAIRS = data.Pairs((), ())


@dataclass(frozen=True)
class TranslationPreprocessor:
    """How a translator reads: sources and targets by a vocabulary each, or by one for both.

    Attributes:
        vocabulary, source_vocabulary: of targets and sources; None as long as there are none. The
            same one if `shared`.
        shared: whether sources and targets have one vocabulary.
        min_count: words that training meets less often are spelt.
        cased: whether upper and lower case are told apart.
        pieces: how many pieces of words are learned at most, by which all words are read and
            written; None: words are.
        copying: whether placeholders and addresses are copied, see
            `rnnzoo.tasks.encoder_decoder.translation.fields`.
    """

    vocabulary: SentenceVocabulary | Any = None
    source_vocabulary: SentenceVocabulary | Any = None
    shared: bool = False
    min_count: int = 2
    cased: bool = False
    pieces: int | None = None
    copying: bool = False

    def splits(
        self,
        train: tuple[Any, Any] | None = None,
        validation: tuple[Any, Any] | None = None,
        test: tuple[Any, Any] | None = None,
    ) -> data.PairData:
        """What the feed takes, of pairs (sources, targets) that `fit` and `evaluate` are given.

        Raises:
            ValueError: sources and targets don't go together, or are no sentences.
        """
        given = {"train": train, "validation": validation, "test": test}
        parts = {s: NO_PAIRS if pair is None else _pairs(*pair) for s, pair in given.items()}
        return data.PairData(name="the pairs", **parts)

    def learned_from(
        self, pairs: data.PairData, vocabulary: str = "extend"
    ) -> TranslationPreprocessor:
        """With the words of the training split, or pieces of them.

        Args:
            pairs: of which splits.
            vocabulary: "extend": beside words that are known, or beside pieces, which stay and only
                get new characters; "reset": in their place; "keep": only where none are known.

        Raises:
            ValueError: the sentences hold no word.
            MissingPackage: what learns pieces is not installed.
        """
        if self.vocabulary is not None and vocabulary == "keep":
            return self
        goes_on = self.vocabulary is not None and vocabulary == "extend"
        sources, targets = self._with_marks_met(pairs.train, self.marks if goes_on else [])
        if self.shared:
            sources = targets = [*sources, *targets]
        known = of_known_sources = None
        if vocabulary == "extend":
            known, of_known_sources = self.vocabulary, self.source_vocabulary
        learned = of_sources = self._vocabulary_of(targets, known)
        if not self.shared:
            of_sources = self._vocabulary_of(sources, of_known_sources)
        return replace(self, vocabulary=learned, source_vocabulary=of_sources)

    def news(self, before: TranslationPreprocessor) -> str:
        """What is known beyond what was known before, in words; empty if nothing was."""
        if before.vocabulary is None:
            return ""
        what, new = "words", attrgetter("counts")
        if self.pieces is not None:
            what, new = "characters", attrgetter("characters")
        kinds = [(what, self.vocabulary, before.vocabulary)]
        if not self.shared:
            of_sources = f"{what} of sources"
            kinds = [(of_sources, self.source_vocabulary, before.source_vocabulary), *kinds]
        found = [news(kind, new(now), new(then)) for kind, now, then in kinds]
        return ", ".join(filter(None, found))

    @functools.cached_property
    def marks(self) -> list[str]:
        """The marks that stand for what is copied, as far as both vocabularies know them."""
        if not self.copying or self.vocabulary is None:
            return []
        known = set(fields.MARKS)
        for vocabulary in (self.vocabulary, self.source_vocabulary):
            known &= set(vocabulary.characters).union(*vocabulary.counts)
        return list(itertools.takewhile(known.__contains__, fields.MARKS))

    def _with_marks_met(self, pairs, known):
        """Sources and targets with as many marks as both are met with, or as are known."""
        if not self.copying:
            return pairs.sources, pairs.targets

        def under(marks):
            sources, to_copy = fields.masked(_strings(pairs.sources), marks)
            targets = fields.masked_as(_strings(pairs.targets), to_copy, marks)
            return [[text.decode() for text in of.numpy()] for of in (sources, targets)]

        met = set().union(*under(fields.MARKS)[1], known)
        return under(list(itertools.takewhile(met.__contains__, fields.MARKS)))

    @functools.cached_property
    def number_of_mark(self) -> np.ndarray:
        """Of each id of targets the number, from 1, of the mark in it; 0 where there is none."""
        number = {mark: i for i, mark in enumerate(self.marks, 1)}
        return np.array(
            [max((number.get(c, 0) for c in shown), default=0) for shown in self.vocabulary.shown],
            np.int32,
        )

    def marked(self, sources: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Sources (n,) with marks for what is copied, and that, (n, marks); graph code."""
        if not self.copying:
            return sources, tf.fill([tf.size(sources), 0], "")
        return fields.masked(sources, self.marks)

    def marked_as(self, targets: tf.Tensor, to_copy: tf.Tensor) -> tf.Tensor:
        """Targets (n,) with the marks of their sources; graph code."""
        return fields.masked_as(targets, to_copy, self.marks) if self.copying else targets

    def filled_in(self, texts: tf.Tensor, to_copy: tf.Tensor) -> tf.Tensor:
        """Strings (n, ...) with what is copied for its marks; graph code."""
        return fields.filled_in(texts, to_copy, self.marks)

    def read_sources(self, sources: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Ids (n, time) of strings (n,), with EOS behind, and what is copied; graph code."""
        sources, to_copy = self.marked(sources)
        return self.source_vocabulary.encode(sources).to_tensor(SentenceVocabulary.EOS), to_copy

    def read_targets(self, targets: tf.Tensor, to_copy: tf.Tensor) -> tf.Tensor:
        """Ids (n, time) of strings (n,), with EOS behind; graph code."""
        targets = self.marked_as(targets, to_copy)
        return self.vocabulary.encode(targets).to_tensor(SentenceVocabulary.EOS)

    def warn_of_unknown(self, sources: Sequence[str]) -> None:
        """Say which sources hold nothing that is known."""
        ids, _ = self.read_sources(_strings(sources))
        unheard_of = self.source_vocabulary.unheard_of(ids)
        found = [source for source, so in zip(sources, unheard_of.numpy(), strict=True) if so]
        if found:
            warn(
                f"{len(found)} of {len(sources)} sources hold no word that the model knows; the "
                f"unknown symbol is the answer: {few(map(repr, found))}"
            )

    def warn_of_lost(self, sources: Sequence[str], answers: Sequence[str]) -> None:
        """Say which translations don't hold each placeholder of their source as often as that."""
        if not self.copying:
            return
        there, here = (fields.masked(_strings(of))[1].numpy() for of in (sources, answers))
        lost = (np.sort(there) != np.sort(here)).any(axis=-1)
        found = [source for source, so in zip(sources, lost, strict=True) if so]
        if found:
            warn(
                f"{len(found)} of {len(sources)} translations lack a placeholder or an address of "
                f"their source, or have one more: look at those of {few(map(repr, found))}"
            )

    def _vocabulary_of(self, sentences, known):
        """Of sentences, beside one that is known already; None: there is none."""
        counts = SentenceVocabulary.count(sentences, cased=self.cased)
        if not counts:
            raise WrongValue("the sentences to train on hold no word")
        if self.pieces is None:
            found = self._words_of(counts)
        elif known is None:
            return PieceVocabulary.learned(counts, self.pieces, self.min_count, self.cased)
        else:
            found = PieceVocabulary({}, "".join(counts), self.cased)
        return found if known is None else known.with_others(found)

    def _words_of(self, counts):
        known = {word: n for word, n in counts.items() if n >= self.min_count}
        # A word that all is spelt of is better than none.
        known = known or dict([max(counts.items(), key=lambda item: item[1])])
        characters = "".join(set("".join(counts))) if self.min_count > 1 else ""
        return SentenceVocabulary(known, characters, self.cased)


def _strings(sentences):
    return tf.constant(sentences, tf.string)


def sentences_of(sentences: Sequence[str], what: str) -> tuple[str, ...]:
    """A tuple of sentences.

    Args:
        sentences: a sequence of strings.
        what: what each is, for a message.

    Raises:
        ValueError: one is empty or no string, or all are one string.
    """
    if isinstance(sentences, str):
        raise WrongValue(f"expected a list of sentences, got one: {sentences[:40]!r}")
    for i, sentence in enumerate(sentences):
        if not isinstance(sentence, str) or not sentence.strip():
            raise WrongValue(f"{what} {i}: expected a sentence, got {sentence!r}")
        check_encodable(sentence)
    return tuple(sentences)


def _pairs(x, y):
    """Sources and targets as `rnnzoo.data.Pairs`."""
    if y is None or len(x) != len(y) or not len(x):
        given = "none" if y is None else len(y)
        raise WrongValue(f"expected a target for each of the {len(x)} sources, got {given}")
    return data.Pairs(sentences_of(x, "source"), sentences_of(y, "target"))
