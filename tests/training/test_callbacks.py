"""What Keras calls in a run: the rest of it is seen in whole runs, see test_trainer.py."""

import types

import pytest

from rnnzoo.training.callbacks import Estimate, Record, duration


def test_a_loss_that_is_no_number():
    record = Record(types.SimpleNamespace(model=types.SimpleNamespace(chance_loss=0.69)))
    with pytest.raises(FloatingPointError, match="nan in training.*after epoch 3.*smaller"):
        record.on_epoch_end(2, {"loss": float("nan"), "val_loss": 1.0})


def test_a_loss_far_above_that_of_equal_chances():
    record = Record(types.SimpleNamespace(model=types.SimpleNamespace(chance_loss=0.69)))
    with pytest.raises(FloatingPointError, match=r"diverges: the loss is 1e\+27.* give 0.69;"):
        record.on_epoch_end(0, {"loss": 1e27, "val_loss": 1.0})


def test_a_run_says_once_how_long_it_will_take():
    said = []
    run = types.SimpleNamespace(
        step=0, seconds=7.0, epochs=25, steps_per_epoch=60, say=lambda *lines: said.extend(lines)
    )
    estimate = Estimate(run)
    for _ in range(40):
        run.step += 1
        run.seconds += 5.0 if run.step < 3 else 0.2  # the first ones are traced
        estimate.on_train_batch_end(run.step)
    assert said == ["about 5 minutes for all 1,500 steps, without validation"]
    assert [duration(seconds) for seconds in (0.2, 44, 100, 431)] == [
        "10 seconds", "50 seconds", "2 minutes", "8 minutes",
    ]  # fmt: skip
