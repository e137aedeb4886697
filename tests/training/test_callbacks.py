"""What Keras calls in a run: the rest of it is seen in whole runs, see test_trainer.py."""

import types

import pytest

from rnnzoo.training.callbacks import Record


def test_a_loss_that_is_no_number():
    record = Record(types.SimpleNamespace())
    with pytest.raises(FloatingPointError, match="nan in training.*after epoch 3.*smaller"):
        record.on_epoch_end(2, {"loss": float("nan"), "val_loss": 1.0})
