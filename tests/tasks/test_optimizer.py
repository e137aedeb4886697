"""The optimizer of `fit` and of `train`: rates, what decays, and where a schedule begins."""

import numpy as np
import pytest

from rnnzoo import layers
from rnnzoo.platform import keras
from rnnzoo.tasks.optimizer import AdamW, WarmupCosine, begin_fit


@pytest.mark.parametrize(("steps", "middle", "end"), [(100, 0.05, 0.0), (None, 0.1, 0.1)])
def test_the_rate_rises_and_then_falls_as_a_cosine_or_stays(steps, middle, end):
    schedule = WarmupCosine(0.1, warmup=4, steps=steps)
    rates = [float(schedule(t)) for t in (0, 4, 52, 100, 1000)]
    assert rates == pytest.approx([0.02, 0.1, middle, end, end], abs=1e-7)


def test_the_rate_is_that_of_keras():
    ours = WarmupCosine(0.1, warmup=100, steps=50)
    theirs = keras.optimizers.schedules.CosineDecay(
        0.1 / 6, decay_steps=45, warmup_target=0.1, warmup_steps=5
    )
    for t in range(60):
        assert float(ours(t)) == pytest.approx(float(theirs(t)), abs=1e-8)


def test_biases_and_gains_do_not_decay_whatever_their_rank():
    model = keras.Sequential(
        [
            keras.Input((None, 3)),
            layers.GRU(2, return_sequences=True),  # its bias has two rows
            layers.LeakyRNN(2, learn_time_constants=True),
            keras.layers.BatchNormalization(),
            keras.layers.Dense(1),
        ]
    )
    optimizer = AdamW(1e-30, weight_decay=0.5 / 1e-30)
    optimizer.build(model.trainable_variables)
    before = model.trainable_variables
    values = [variable.numpy() + 1.0 for variable in before]
    for variable, value in zip(before, values, strict=True):
        variable.assign(value)
    optimizer.apply([keras.ops.zeros_like(variable) for variable in before])
    for variable, value in zip(before, values, strict=True):
        share = 0.5 if "kernel" in variable.name else 1.0
        np.testing.assert_allclose(variable, share * value, rtol=1e-4, err_msg=variable.path)


def test_a_schedule_for_each_fit_begins_anew_and_is_saved():
    optimizer = AdamW()
    optimizer.build([keras.Variable(np.ones(2))])
    optimizer.iterations.assign(30)
    begin_fit(optimizer, 20)
    assert float(optimizer.learning_rate) == pytest.approx(2e-3 / 3)  # two steps of warm-up
    optimizer.iterations.assign(50)
    assert float(optimizer.learning_rate) == 0
    again = keras.optimizers.deserialize(keras.optimizers.serialize(optimizer))
    again.build([keras.Variable(np.ones(2))])
    begin_fit(again, None)
    again.iterations.assign(500)
    assert float(again.learning_rate) == pytest.approx(2e-3)
    fixed = AdamW(WarmupCosine(0.1, warmup=0, steps=10))
    begin_fit(fixed, 1000)
    assert fixed.schedule.steps == 10
