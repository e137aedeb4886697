"""Counts and probabilities against sums by hand, and against the equations in plain Python."""

import collections

import numpy as np
import pytest

from rnnzoo.tasks.text.markov import grams as grams_module
from rnnzoo.tasks.text.markov.grams import Grams, count
from rnnzoo.tasks.text.markov.kneser_ney import DISCOUNTS, levels

RANDOM = np.random.default_rng(0)
ZIPF = np.minimum(
    RANDOM.zipf(1.5, 400), 7
)  # has sequences that occur once, twice, three, four times


def discounts(counts):
    n1, n2, n3, n4 = (list(counts).count(i) for i in (1, 2, 3, 4))
    if 0 in (n1, n2, n3, n4):
        return DISCOUNTS
    y = n1 / (n1 + 2 * n2)
    own = 1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3
    return own if all(0 < d <= i for i, d in enumerate(own, 1)) else DISCOUNTS


def by_the_equations(ids, order, size):
    """p(context) -> the distribution of what follows, from dictionaries."""
    padded = [0] * order + list(ids)
    windows = (tuple(padded[i : i + order + 1]) for i in range(len(ids)))
    counted = {order: collections.Counter(windows)}
    for length in range(order - 1, -1, -1):
        counted[length] = collections.Counter(gram[1:] for gram in counted[length + 1])
    discount = {length: (0, *discounts(c.values())) for length, c in counted.items()}

    def p(context):
        result = np.full(size, 1 / size)
        for length in range(min(order, len(context)) + 1):
            s = tuple(context[len(context) - length :])
            following = {g[-1]: n for g, n in counted[length].items() if g[:-1] == s}
            total = sum(following.values())
            if not total:
                continue
            taken = {x: discount[length][min(n, 3)] for x, n in following.items()}
            result *= sum(taken.values()) / total
            for x, n in following.items():
                result[x] += (n - taken[x]) / total
        return result

    return p


def looked_up(tables, context, size):
    result = np.full(size, 1 / size)
    for length in range(min(len(tables) - 1, len(context)) + 1):
        node = 0
        for depth, x in enumerate(context[len(context) - length :]):
            stretch = np.arange(*tables[depth].first[node : node + 2])
            hit = stretch[tables[depth].characters[stretch] == x]
            node = hit[0] if len(hit) else len(tables[depth + 1].left) - 1
        stretch = np.arange(*tables[length].first[node : node + 2])
        result *= tables[length].left[node]
        result[tables[length].characters[stretch]] += tables[length].shares[stretch]
    return result


def test_a_small_text_by_hand():
    # "abab": the pairs are (start a), (a b) twice, (b a). One thing came before each of a's two
    # sequences, start and b, and one before b. No pair occurs three times: D = 1/2, 1, 3/2.
    unigrams, bigrams = levels(count([np.array([1, 2, 1, 2])], length=2, size=3))
    # c(a) = 2, c(b) = 1 of 3: (2 - 1)/3 and (1 - 1/2)/3; what is left is 1/2 of all.
    np.testing.assert_allclose(unigrams.shares[unigrams.characters == 1], 1 / 3)
    np.testing.assert_allclose(unigrams.shares[unigrams.characters == 2], 1 / 6)
    np.testing.assert_allclose(unigrams.left[0], 1 / 2)
    # After a: b, twice of two; (2 - 1)/2, and 1/2 is left. p(b | a) = 1/2 + 1/2 (1/6 + 1/2 1/3).
    p = looked_up([unigrams, bigrams], [1], 3)
    np.testing.assert_allclose(p[2], 1 / 2 + 1 / 2 * (1 / 6 + 1 / 2 / 3), rtol=1e-6)


@pytest.mark.parametrize("order", [1, 2, 5])
@pytest.mark.parametrize("ids", [ZIPF, RANDOM.integers(1, 5, 60), np.array([3]), np.array([3, 3])])
def test_all_contexts_follow_the_equations_and_sum_to_one(order, ids):
    size = 9  # 8 never occurs
    tables = levels(count(np.array_split(ids, 3), order + 1, size))
    p = by_the_equations(ids.tolist(), order, size)
    contexts = [ids[i - n : i].tolist() for n in range(order + 2) for i in range(n, len(ids), 7)]
    for context in [*contexts, [], [8], [1, 8], [8, 1], [2, 2, 2, 2, 2, 2], [0] * order]:
        given = looked_up(tables, context, size)
        np.testing.assert_allclose(given, p(context), atol=1e-6, err_msg=str(context))
        assert given.min() > 0
        assert given.sum() == pytest.approx(1, abs=1e-5)


def test_counts_don_t_depend_on_the_chunks():
    whole = count([ZIPF], 4, 9)
    for pieces in (np.array_split(ZIPF, 50), [ZIPF[:0], ZIPF[:1], ZIPF[1:], ZIPF[:0]]):
        parts = count(pieces, 4, 9)
        np.testing.assert_array_equal(parts.ids, whole.ids)
        np.testing.assert_array_equal(parts.counts, whole.counts)


def test_sequences_too_long_for_a_number_are_counted_the_same():
    # 70,000 ids in sequences of 6 need 97 bits; the same ids as few ones need 24.
    large = count([ZIPF * 9000], 6, 70_000)
    small = count([ZIPF], 6, 9)
    np.testing.assert_array_equal(large.ids, small.ids * 9000)
    np.testing.assert_array_equal(large.counts, small.counts)
    assert grams_module._keys(large.ids, 70_000).dtype.kind == "S"
    assert [len(level.left) for level in levels(large)] == [
        len(level.left) for level in levels(small)
    ]


def test_grams_add_up():
    one, other = count([ZIPF[:100]], 3, 9), count([ZIPF[100:]], 3, 9)
    both = one + other
    assert both.counts.sum() == len(ZIPF)
    assert (one + Grams(one.ids, one.counts, 9)).counts.tolist() == (2 * one.counts).tolist()
