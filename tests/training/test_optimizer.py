"""The optimizer of every run."""

import types

import pytest

from rnnzoo.platform import keras
from rnnzoo.training import SCHEDULES
from rnnzoo.training.optimizer import make_optimizer


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_learning_rate_is_a_function_of_the_step(schedule):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    settings = types.SimpleNamespace(
        learning_rate=0.1, schedule=schedule, warmup=4, weight_decay=0.1, ema=0.0
    )
    optimizer = make_optimizer(model, settings, total_steps=100)
    optimizer.build(model.trainable_variables)
    rates = []
    for step in (0, 4, 52, 100):
        optimizer.iterations.assign(step)
        rates.append(float(optimizer.learning_rate))
    middle, end = (0.05, 0.0) if schedule == "cosine" else (0.1, 0.1)
    assert rates == pytest.approx([0.02, 0.1, middle, end], abs=1e-7)
    decayed = [optimizer._use_weight_decay(variable) for variable in model.trainable_variables]
    assert decayed == [True, False]
