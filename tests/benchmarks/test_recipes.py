"""What the benchmark of settings is told, and how it cuts a set."""

import pytest

from rnnzoo.data import Pairs


def test_settings_are_of_training_or_of_the_model(benchmark):
    options = benchmark("recipes").options
    assert options("") == {"overrides": {}}
    assert options("learning_rate=0.002 dropout=0.5") == {
        "learning_rate": 0.002,
        "overrides": {"dropout": 0.5},
    }


@pytest.mark.parametrize(
    "part, expected",
    [
        ("abcdef", "abc"),  # a text goes on as it begins
        (tuple("abcdef"), ("a", "c", "e")),  # sentences are from all over
        (
            Pairs(tuple("abcdef"), tuple("ABCDEF")),
            Pairs(("a", "c", "e"), ("A", "C", "E")),
        ),
    ],
)
def test_a_set_is_cut_to_so_many_examples(benchmark, part, expected):
    fewer = benchmark("recipes").fewer
    assert fewer(part, 3) == expected
    assert fewer(part, 6) is part and fewer(part, None) is part
