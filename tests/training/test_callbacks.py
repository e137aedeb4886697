"""What Keras calls in a run: the rest of it is seen in whole runs, see test_trainer.py."""

import types

import pytest

from rnnzoo.training.callbacks import Record


def test_a_loss_that_is_no_number():
    record = Record(types.SimpleNamespace(model=types.SimpleNamespace(chance_loss=0.69)))
    with pytest.raises(FloatingPointError, match="nan in training.*after epoch 3.*smaller"):
        record.on_epoch_end(2, {"loss": float("nan"), "val_loss": 1.0})


def test_a_loss_far_above_that_of_equal_chances():
    record = Record(types.SimpleNamespace(model=types.SimpleNamespace(chance_loss=0.69)))
    with pytest.raises(FloatingPointError, match=r"diverges: the loss is 1e\+27.* give 0.69;"):
        record.on_epoch_end(0, {"loss": 1e27, "val_loss": 1.0})
