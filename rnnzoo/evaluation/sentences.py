"""Measures of answers that are sentences."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnzoo.evaluation.measure import Measure


def of_sentences(
    answers: Sequence[str], references: Sequence[Sequence[str]], tokenize: str
) -> list[Measure]:
    """BLEU and chrF (sacrebleu), from 0 to 100, and the share of exact answers in per cent.

    Args:
        answers: sentences.
        references: for each a list of one or more that are right.
        tokenize: sacrebleu's tokenizer for BLEU, such as "13a"; "none" splits at spaces.

    Example:
        >>> measures = of_sentences(["a dog"], [["a dog", "the dog"]], tokenize="none")
        >>> [measure.name for measure in measures]
        ['BLEU', 'chrF', 'exact']
    """
    from sacrebleu.metrics import BLEU, CHRF

    of_all: Any = streams(references)  # sacrebleu's own annotations leave None out
    measures = []
    # `force` spares the user a guess of sacrebleu's at how sentences were prepared.
    for name, metric in (("BLEU", BLEU(tokenize=tokenize, force=True)), ("chrF", CHRF())):
        counts = np.array(metric._extract_corpus_statistics(list(answers), of_all), float)
        measures.append(Measure(name, counts, functools.partial(_score, metric)))
    exact = [
        [100.0 * (answer in of_one), 1] for answer, of_one in zip(answers, references, strict=True)
    ]
    measures.append(Measure("exact", np.array(exact), lambda sums: sums[0] / sums[1]))
    return measures


def streams(references: Sequence[Sequence[str]]) -> list[list[str | None]]:
    """As sacrebleu takes them: the i-th reference of all answers, None where there are fewer."""
    return [
        [of_one[i] if i < len(of_one) else None for of_one in references]
        for i in range(max(map(len, references)))
    ]


def _score(metric, sums):
    return metric._compute_score_from_stats(sums.astype(int).tolist()).score
