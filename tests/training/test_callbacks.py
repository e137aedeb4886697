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


def estimated(epochs, steps, between):
    """What a run says whose steps take 0.19 seconds, the first two ones of a process 5.

    Args:
        epochs, steps: of the run, and of an epoch.
        between: seconds for validation and files, after the first epoch 20 more.
    """
    said = []
    run = types.SimpleNamespace(
        step=0,
        seconds=7.0,
        epochs=epochs,
        steps_per_epoch=steps,
        say=lambda *lines: said.extend(lines),
    )
    estimate = Estimate(run)
    for epoch in range(3):
        estimate.on_epoch_begin(epoch)
        for _ in range(steps):
            run.step += 1
            run.seconds += 5.0 if run.step < 3 else 0.19
            estimate.on_train_batch_end(run.step)
        run.seconds += between + (20 if epoch == 0 else 0)
        estimate.on_epoch_end(epoch)
    return said


def test_a_run_says_how_long_it_will_take():
    steps = "about 5 minutes for all 1,500 steps, without validation"
    assert estimated(25, 60, between=1.0) == [steps]
    assert estimated(25, 60, between=12.0) == [
        steps, "about 11 minutes in all, with what each validation takes",
    ]  # fmt: skip
    # A validation may come between the steps that are timed, and too early to tell.
    assert estimated(300, 5, between=1.0) == [steps]
    assert estimated(5, 4, between=12.0) == []
    assert [duration(seconds) for seconds in (0.2, 44, 100, 431)] == [
        "10 seconds", "50 seconds", "2 minutes", "8 minutes",
    ]  # fmt: skip
