"""Sentences and their translations in batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnzoo import data
from rnnzoo.baselines.base import Baseline
from rnnzoo.baselines.translation import Copy, NearestSource
from rnnzoo.evaluation import odd
from rnnzoo.evaluation.measure import Measure
from rnnzoo.evaluation.sentences import of_sentences, scores, streams
from rnnzoo.files import picture, write_table
from rnnzoo.notices import warn
from rnnzoo.platform import tf
from rnnzoo.tasks.encoder_decoder.endpoints import MAX_WORDS
from rnnzoo.tasks.encoder_decoder.feed import (
    EncoderDecoderFeed,
    SentenceExamples,
    filled,
    ids_of,
)
from rnnzoo.tasks.vocabulary import SentenceVocabulary

if TYPE_CHECKING:
    from rnnzoo.tasks.encoder_decoder.translation.translator import Translator

GROUPS = 6  # of about as many sources, by their length


class TranslationFeed(EncoderDecoderFeed):
    """What a translator is trained on: pairs of sentences, by step."""

    load = staticmethod(data.load_pairs)
    extra = "translation"
    # Of sentences of 13 words a step takes 0.2 s of one core: 5,000 are 17 minutes of it.
    figures = {"passes": 20, "most": 5000, "learning_rate": 3e-3}

    def examples(self, part: data.Pairs) -> SentenceExamples:
        """What training reads of `rnnzoo.data.Pairs`; batches hold sources of about one length.

        Warns:
            UserWarning: pairs with more than MAX_WORDS words, which are left out, as a batch would
                be as long as its longest.
        """
        known = self.preprocessor
        marked, to_copy = known.marked(tf.constant(part.sources, tf.string))
        marked_as = known.marked_as(tf.constant(part.targets, tf.string), to_copy)
        sources = ids_of(known.source_vocabulary, marked)
        ids = ids_of(known.vocabulary, marked_as)
        lengths = np.stack([of.row_lengths().numpy() for of in (sources, ids)])
        (fits,) = np.nonzero(lengths.max(axis=0) <= MAX_WORDS)
        rows = None
        if len(fits) < len(part):
            warn(
                f"{len(part) - len(fits)} of {len(part)} pairs have more than {MAX_WORDS} words "
                "and are left out"
            )
            sources, ids, lengths = tf.gather(sources, fits), tf.gather(ids, fits), lengths[:, fits]
            rows = fits
        # By the source's length, and among equal ones by the target's.
        by_length = lengths[0] * (MAX_WORDS + 1) + lengths[1]

        def read(rows):
            return {"sources": filled(tf.gather(sources, rows), rows.shape[0])}

        return SentenceExamples(tf.expand_dims(ids, 1), by_length, read, rows)

    def questions(self, split: str) -> list[str]:
        sources, _ = by_source(getattr(self.data, split))
        return sources

    def replies(self, model: Translator, split: str) -> list[tuple[str, float]]:
        ranked = model.translations(self.questions(split), **self.answering)
        return [best for best, *_ in ranked]

    def measures(self, split: str, answers: Sequence[str]) -> list[Measure]:
        fold = str if self.preprocessor.cased else str.lower
        _, targets = by_source(getattr(self.data, split))
        references = [[fold(target) for target in of_one] for of_one in targets]
        return of_sentences(list(map(fold, answers)), references, tokenizer(self.data.languages))

    def odd(self, split: str, answers: Sequence[str]) -> list[str]:
        _, targets = by_source(getattr(self.data, split))
        return odd.of_sentences(answers, targets)

    def baselines(self) -> list[Baseline]:
        return [baseline().fit(self.data) for baseline in (NearestSource, Copy)]

    def __str__(self) -> str:
        known = self.preprocessor
        numbers = " and ".join(
            f"{len(vocabulary.counts):,}"
            for vocabulary in dict.fromkeys((known.source_vocabulary, known.vocabulary))
        )
        what = "words" if known.pieces is None else "pieces of words"
        return f"{self.data.name}: {self.sizes()} pairs, {numbers} {what}"

    def report(
        self, model: Translator, folder: Path, split: str, replies: Sequence[tuple[str, float]]
    ) -> dict[str, Any]:
        """Write ``translations.csv`` and ``bleu_by_length.png`` of a split.

        Returns:
            Its scores, of beams of 4 unless `answering` says otherwise, which are also given by the
            length of the source, and what is left to learn of the training split. A source with
            several translations counts once, and each of them is right. BLEU is sacrebleu's, of a
            model without upper case in lower case; by length, sentences of fewer than four words
            count with the n-grams that they have.
        """
        sources, targets = by_source(getattr(self.data, split))
        rows = [
            (source, answer, f"{log_prob:.3f}", " | ".join(of_one))
            for source, (answer, log_prob), of_one in zip(sources, replies, targets, strict=True)
        ]
        columns = ("source", "translation", "log_prob", "targets")
        write_table(folder / "translations.csv", columns, rows)
        fold = str if self.preprocessor.cased else str.lower
        written = list(map(fold, self.answers(replies)))
        references = [[fold(target) for target in of_one] for of_one in targets]
        tokenize = tokenizer(self.data.languages)
        words = SentenceVocabulary.split(tf.constant(sources)).row_lengths().numpy()
        by_length = _by_length(words, written, references, tokenize)
        _draw(by_length, split, folder / "bleu_by_length.png")
        found = scores(written, references, tokenize)
        return {
            "training": self.what_is_learned(model),
            "tokenize": tokenize,
            f"{split}_scores": found,
            f"{split}_bleu_by_length": by_length,
        }


def by_source(pairs: data.Pairs) -> tuple[list[str], list[list[str]]]:
    """The distinct sources of `rnnzoo.data.Pairs`, and of each its targets."""
    targets: dict[str, list[str]] = {}
    for source, target in zip(pairs.sources, pairs.targets, strict=True):
        targets.setdefault(source, []).append(target)
    return list(targets), list(targets.values())


def tokenizer(languages: Sequence[str] | None) -> str:
    """The tokenizer that BLEU takes for a target language: of characters where words aren't set
    apart by spaces.
    """
    target = languages[1].split("_")[0] if languages else ""
    return {"zh": "zh", "ja": "char", "th": "char", "lo": "char", "km": "char"}.get(target, "13a")


def _by_length(lengths, answers, references, tokenize):
    """Scores of groups of sentences by the number of words of the source, short ones first."""
    from sacrebleu.metrics import BLEU, CHRF

    bounds = np.unique(np.quantile(lengths, np.linspace(0, 1, GROUPS + 1)[1:], method="lower"))
    group = np.searchsorted(bounds, lengths)
    result = []
    for number in range(len(bounds)):
        (chosen,) = np.nonzero(group == number)
        these = [answers[i] for i in chosen], streams([references[i] for i in chosen])
        bleu = BLEU(tokenize=tokenize, effective_order=True, force=True).corpus_score(*these)
        result.append(
            {
                "words": [int(lengths[chosen].min()), int(lengths[chosen].max())],
                "sources": len(chosen),
                "bleu": round(bleu.score, 2),
                "chrf": round(CHRF().corpus_score(*these).score, 2),
            }
        )
    return result


def length_of(group: Mapping[str, Any]) -> str:
    """What a group of ``bleu_by_length`` is called: the words of its sources, such as 4-5."""
    return "-".join(map(str, dict.fromkeys(group["words"])))


def _draw(by_length, split, path):
    """BLEU and chrF against the length of the source."""
    labels = [f"{length_of(of)}\n({of['sources']})" for of in by_length]
    with picture(path, figsize=(6, 4)) as figure:
        axis = figure.subplots()
        for score, name in (("bleu", "BLEU"), ("chrf", "chrF")):
            axis.plot(labels, [of[score] for of in by_length], marker="o", label=name)
        axis.set(
            xlabel="words of the source (how many sources)", ylim=(0, None), title=f"{split} split"
        )
        axis.legend()
