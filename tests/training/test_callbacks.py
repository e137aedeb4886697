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


def estimated(epochs=25, steps=60, of_validation=(4.0, 0.2, 0.2)):
    """What a run says whose steps take 0.19 seconds, and whose first ones are traced."""
    said = []
    run = types.SimpleNamespace(
        step=0,
        seconds=7.0,
        epochs=epochs,
        steps_per_epoch=steps,
        history=[],
        say=lambda *lines: said.extend(lines),
    )
    estimate = Estimate(run)
    for epoch in range(3):
        estimate.on_epoch_begin(epoch)
        for _ in range(steps):
            run.step += 1
            run.seconds += 5.0 if run.step < 3 else 0.19
            estimate.on_train_batch_end(run.step)
        for seconds in of_validation:
            run.seconds += seconds
            estimate.on_test_batch_end(0)
        estimate.on_test_end()
        run.history.append({})
        run.seconds += 3.0  # to write its files
    return said


def test_a_run_says_once_how_long_it_will_take():
    steps = "about 5 minutes for all 1,500 steps, without validation"
    assert estimated() == [steps]
    # A validation may come early; and take as long as the steps before it.
    assert estimated(epochs=300, steps=5) == [steps]
    long = [4.0] + [0.2] * 99
    assert estimated(of_validation=long) == [
        steps, "about 14 minutes in all, as each validation takes its time",
    ]  # fmt: skip
    assert estimated(epochs=5, steps=4) == []
    assert [duration(seconds) for seconds in (0.2, 44, 100, 431)] == [
        "10 seconds", "50 seconds", "2 minutes", "8 minutes",
    ]  # fmt: skip
