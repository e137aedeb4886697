"""The Markov chain that stops."""

import itertools

import numpy as np
import pytest

from rnnzoo.baselines.names import NameMarkov
from rnnzoo.data import Names
from rnnzoo.tasks.names.preprocessor import START, NamePreprocessor

NAMES = ("ab", "abba", "ba", "b", "bab", "aab", "babba")


def fitted(names):
    data = Names.from_parts("own", {"train": names, "validation": (), "test": ()})
    return NameMarkov(NamePreprocessor().learned_from(data)).fit(data)


def test_the_probabilities_of_all_names_sum_to_one():
    """With what falls to START, which is a character to a chain, and never follows."""
    chain, longest = fitted(NAMES), 4
    symbols = ["a", "b", "\N{REPLACEMENT CHARACTER}", "\x02"]
    names = ["".join(of) for i in range(longest + 1) for of in itertools.product(symbols, repeat=i)]
    total = np.exp(-chain.answers(tuple(names)).nats[:, 0]).sum()
    longer = tuple("".join(of) for of in itertools.product(symbols, repeat=longest + 1))
    stopped = np.exp(-chain.answers(longer).nats[:, 0])
    # Not having stopped by `longest`: one more character, whatever then comes.
    logits = chain.chain(np.array([[START] * 5], np.int32))
    assert np.exp(logits[0, -1]).sum() == pytest.approx(1, abs=1e-5)
    assert 0.95 < total + stopped.sum() < 1


def test_a_name_tells_nothing_of_another_one():
    one, other = fitted(NAMES), fitted(NAMES[::-1])
    np.testing.assert_allclose(one.answers(NAMES).nats, other.answers(NAMES).nats, rtol=1e-5)
    assert one.answers(("ab", "b")).nats[:, 1].tolist() == [3, 2]


def test_it_writes_names_that_end():
    written = fitted(NAMES).answers(("ab",)).written
    assert len(written) == 1000
    assert {*"".join(written)} == {"a", "b"}
    assert len({*written} & {*NAMES}) == len(NAMES)
    assert max(map(len, written)) < 60
