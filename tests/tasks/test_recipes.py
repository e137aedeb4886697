"""Recipes: bounds whatever the size of the data, and no fewer steps for more of it."""

import itertools

import pytest

from rnnzoo.tasks.recipes import VALIDATIONS, budget, of_sentences, of_series, of_text

SIZES = (1, 2, 10, 65, 1_000, 30_000, 10_000_000)


@pytest.mark.parametrize(
    "make",
    [
        of_text,
        lambda count: of_series([100] * min(count, 30_000)),
        lambda count: of_series([700] * min(count, 30_000), pictures=True),
        lambda count: of_sentences(count, "pairs", passes=20, most=6000, learning_rate=3e-3),
    ],
    ids=["text", "series", "videos", "sentences"],
)
def test_every_size_has_some_hundred_steps_and_an_end(make):
    recipes = [make(size) for size in SIZES]
    for recipe in recipes:
        assert 500 <= recipe.steps <= 8000 and recipe.steps % VALIDATIONS == 0
        assert recipe.batch_size >= 1 and recipe.patience < VALIDATIONS
        assert f"{recipe.steps:,} steps" in recipe.why
    assert all(a.steps <= b.steps for a, b in itertools.pairwise(recipes))


def test_windows_by_the_lengths():
    assert of_series([7, 26]).window == 26  # whole
    assert of_series([100, 3000]).window == 512
    assert of_series([100, 3000], window=50).window == 50  # as the data says
    assert "up to 3,000 steps" in of_series([100, 3000]).why


def test_a_text_has_places_for_its_batches():
    for characters in range(2, 300):
        recipe = of_text(characters)
        assert recipe.batch_size <= max(1, characters - recipe.window)


def test_a_budget_is_a_whole_number_of_stretches():
    assert budget(per_pass=1.5, passes=10, least=500, most=6000) == 500
    assert budget(per_pass=101, passes=10, least=500, most=6000) == 1025
    assert budget(per_pass=1e9, passes=10, least=500, most=6000) == 6000


def test_what_is_given_decides():
    usual = of_series([100] * 1280)
    assert (usual.batch_size, usual.steps) == (64, 1500)  # the least; a pass is 20 steps
    assert of_series([100] * 1280, batch_size=8).steps == 20 * 1280 // 8
    assert of_series([100] * 1280, window=10).steps == 20 * 12_800 // 64
    assert of_text(100_000, batch_size=8).steps == budget(100_000 / (8 * 64), 30, 1000, 8000)
    assert of_text(100_000, window=16).steps == budget(100_000 / (32 * 16), 30, 1000, 8000)
    few = {"unit": "pairs", "passes": 20, "most": 6000, "learning_rate": 3e-3}
    assert of_sentences(1600, **few).steps == 1000
    assert of_sentences(1600, **few, batch_size=8).steps == 4000
