"""How good sentences are: BLEU, chrF and exact answers, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnzoo.evaluation.measure import DRAWS
from rnnzoo.evaluation.sentences import streams


def scores(
    answers: Sequence[str], references: Sequence[Sequence[str]], tokenize: str
) -> dict[str, Any]:
    """BLEU-1 to 4 and chrF (sacrebleu), and the share of exact answers, with intervals of 95 %.

    Args:
        answers: sentences.
        references: for each a list of one or more that are right.
        tokenize: sacrebleu's tokenizer for BLEU, such as "13a"; "none" splits at spaces.

    Returns:
        dict of scores from 0 to 100, each with the percentiles of `DRAWS` draws of sentences.

    Example:
        ``scores(["a dog"], [["a dog", "the dog"]], tokenize="none")["exact"] == 100``
    """
    from sacrebleu.metrics import BLEU, CHRF

    draws = np.random.default_rng(0).integers(len(answers), size=(DRAWS, len(answers)))
    exact = np.array(
        [100.0 * (answer in of_one) for answer, of_one in zip(answers, references, strict=True)]
    )
    result = _with_interval("exact", exact.mean(), exact[draws].mean(axis=1))

    # `force` spares the user a guess of sacrebleu's at how sentences were prepared.
    measured = {
        f"bleu_{n}": BLEU(max_ngram_order=n, tokenize=tokenize, force=True) for n in range(1, 5)
    }
    of_all: Any = streams(references)  # sacrebleu's own annotations leave None out
    for name, metric in {**measured, "chrf": CHRF()}.items():
        # sacrebleu's own bootstrap fails where only some draws have a match, and gives no bounds.
        counts = np.array(metric._extract_corpus_statistics(answers, of_all))
        score, *drawn = (
            metric._compute_score_from_stats(summed.tolist()).score
            for summed in (counts.sum(axis=0), *(counts[chosen].sum(axis=0) for chosen in draws))
        )
        result |= _with_interval(name, score, drawn)
    return result


def _with_interval(name, score, drawn):
    bounds = np.percentile(drawn, [2.5, 97.5])
    return {
        name: round(float(score), 2),
        f"{name}_interval": [round(float(bound), 2) for bound in bounds],
    }
