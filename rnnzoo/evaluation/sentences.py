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
    from sacrebleu.metrics import CHRF

    exact = [
        [100.0 * (answer in of_one), 1] for answer, of_one in zip(answers, references, strict=True)
    ]
    return [
        _of_sacrebleu("BLEU", _bleu(4, tokenize), answers, references),
        _of_sacrebleu("chrF", CHRF(), answers, references),
        Measure("exact", np.array(exact), lambda sums: sums[0] / sums[1]),
    ]


def scores(
    answers: Sequence[str], references: Sequence[Sequence[str]], tokenize: str
) -> dict[str, Any]:
    """What `of_sentences` measures, and BLEU of fewer words in a row, as plain data.

    Returns:
        dict of ``bleu_1`` to ``bleu_4``, ``chrf`` and ``exact``, each with its interval of 95 %
        under ``NAME_interval``, rounded.

    Example:
        >>> scores(["a dog"], [["a dog", "the dog"]], tokenize="none")["bleu_1"]
        100.0
    """
    shorter = [
        _of_sacrebleu(f"bleu_{n}", _bleu(n, tokenize), answers, references) for n in (1, 2, 3)
    ]
    result: dict[str, Any] = {}
    for measure in (*shorter, *of_sentences(answers, references, tokenize)):
        name = {"BLEU": "bleu_4", "chrF": "chrf"}.get(measure.name, measure.name)
        result[name] = round(measure.value, 2)
        result[f"{name}_interval"] = [round(bound, 2) for bound in measure.interval()]
    return result


def _bleu(order, tokenize):
    from sacrebleu.metrics import BLEU

    # `force` spares the user a guess of sacrebleu's at how sentences were prepared.
    return BLEU(max_ngram_order=order, tokenize=tokenize, force=True)


def _of_sacrebleu(name, metric, answers, references):
    # sacrebleu's own bootstrap fails where only some draws have a match, and gives no bounds.
    of_all: Any = streams(references)  # its annotations leave None out
    counts = np.array(metric._extract_corpus_statistics(list(answers), of_all), float)
    return Measure(name, counts, functools.partial(_score, metric))


def streams(references: Sequence[Sequence[str]]) -> list[list[str | None]]:
    """As sacrebleu takes them: the i-th reference of all answers, None where there are fewer."""
    return [
        [of_one[i] if i < len(of_one) else None for of_one in references]
        for i in range(max(map(len, references)))
    ]


def _score(metric, sums):
    return metric._compute_score_from_stats(sums.astype(int).tolist()).score
