"""Interpolated, modified Kneser-Ney smoothing: from counts to probabilities for all contexts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnnzoo.tasks.text.markov.grams import Grams

# Where a text is too small or too even for its own: no sequence occurs once, say, or four times.
DISCOUNTS = (0.5, 1.0, 1.5)


@dataclass(frozen=True, eq=False)
class Level:
    """The contexts s of one length, and what may follow each.

    The contexts are numbered in lexicographic order; those of length d + 1 are the contexts of
    length d each with a character behind it, in the same order. So a context and what follows it
    are found without a search: it is one stretch of the next level's contexts.

    Attributes:
        first: int32 (contexts + 2,): where the stretch of each context begins, and so the one
            before it ends. The last but one is a context that was never seen: nothing follows it.
        left: float32 (contexts + 1,): gamma(s), the share of probability that is left to shorter
            contexts; 1 for the one that was never seen.
        characters: int32 (following,): the character of each entry of the stretches.
        shares: float32 (following,): max(c(s x) - D, 0) / c(s) of each.
    """

    first: np.ndarray
    left: np.ndarray
    characters: np.ndarray
    shares: np.ndarray


def levels(grams: Grams) -> list[Level]:
    """The tables of a Markov chain, for contexts of 0, 1, ... characters up to its order.

        p(x | s) = max(c(s x) - D(c(s x)), 0) / c(s) + gamma(s) p(x | s without its first)
        gamma(s) = sum_x D(c(s x)) / c(s)
        p(x | no context left) = 1 / number of characters

    c counts occurrences for the longest contexts; for a shorter one c(s x) is the number of
    different characters before s x, and c(s) the sum of c(s x) over x. D takes one of three values,
    for counts of 1, of 2, and of more, computed for each length from how many sequences occur
    once, twice, three and four times.

    Args:
        grams: sequences one longer than the order.

    Source: Chen and Goodman 1999, An empirical study of smoothing techniques for language modeling,
        equations 26 and 27 (modified Kneser-Ney).

    Example:
        >>> from rnnzoo.tasks.text.markov.grams import count
        >>> empty, one = levels(count([np.array([1, 2, 1, 2])], length=2, size=3))
        >>> one.characters.tolist(), one.shares.tolist()  # 1 after the start, 2 after 1, 1 after 2
        ([1, 2, 1], [0.5, 0.5, 0.5])
    """
    counted = [grams]
    while counted[0].ids.shape[1] > 1:
        counted.insert(0, counted[0].continuations())
    # Every sequence's beginning is a context, also where it is no continuation of anything.
    nodes = [grams]
    for of_length in counted[-2::-1]:
        nodes.insert(0, of_length + nodes[0].prefixes())
    root = Grams(np.zeros((1, 0), np.int32), np.zeros(1, np.int64), grams.size)
    contexts = [root, *nodes[:-1]]
    return [_level(*of_length) for of_length in zip(contexts, nodes, counted, strict=True)]


def _level(contexts, following, counted):
    parents = contexts.places(following.ids[:, :-1])
    discounts = np.array([0.0, *_discounts(counted.counts)])[np.minimum(following.counts, 3)]
    totals = np.bincount(parents, following.counts, len(contexts))
    left = np.ones(len(contexts) + 1)
    known = totals > 0
    taken = np.bincount(parents, discounts, len(contexts))
    left[:-1][known] = taken[known] / totals[known]
    shares = (following.counts - discounts) / np.maximum(totals, 1)[parents]
    ends = np.searchsorted(parents, np.arange(len(contexts) + 2))
    return Level(
        first=ends.astype(np.int32),
        left=left.astype(np.float32),
        characters=following.ids[:, -1].copy(),
        shares=shares.astype(np.float32),
    )


def _discounts(counts):
    """D for a count of 1, of 2, and of 3 or more."""
    n1, n2, n3, n4 = (int((counts == i).sum()) for i in (1, 2, 3, 4))
    if not (n1 and n2 and n3 and n4):
        return DISCOUNTS
    share = n1 / (n1 + 2 * n2)
    own = 1 - 2 * share * n2 / n1, 2 - 3 * share * n3 / n2, 3 - 4 * share * n4 / n3
    # Of counts that don't fall as those of texts do, a discount may come out as none.
    return own if all(0 < d <= i for i, d in enumerate(own, 1)) else DISCOUNTS
