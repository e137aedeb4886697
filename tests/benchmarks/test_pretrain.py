"""What is written on the cards of weights."""

import pytest

import rnnzoo
from rnnzoo.registry import list_models, model_info


@pytest.mark.parametrize("name", list_models(pretrained=True))
def test_the_configuration_is_that_of_the_recipe_without_what_the_data_filled_in(benchmark, name):
    pretrain = benchmark("pretrain")
    (weights,) = model_info(name).weights
    overrides = pretrain.RECIPES[weights.model].get("overrides", {})
    config = pretrain.config_of(weights.model, overrides, rnnzoo.load_model(name))
    assert config == weights.config
    assert overrides.items() <= config.items()
    assert not {"vocabulary", "classes", "words", "characters"} & config.keys()
