"""A run's folder and checkpoints."""

import numpy as np
import pytest

from rnnzoo.platform import keras, tf
from rnnzoo.training.folder import holds_run
from rnnzoo.training.run import Run


def test_no_checkpoint_of_weights_that_are_no_numbers(tmp_path, monkeypatch):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    model.optimizer.build(model.trainable_variables)
    sizes = dict(steps_per_epoch=9, epochs=1, patience=None, checkpoint_every=1, again="")
    run = Run(model, tmp_path, "loss", "min", **sizes)
    run.save()
    good = model.get_weights()
    model.set_weights([weight * np.nan for weight in good])
    run.step = 3
    with pytest.raises(FloatingPointError, match="after step 3; begin anew with a smaller"):
        run.save()
    run.restore()
    assert run.step == 0
    np.testing.assert_array_equal(model.get_weights()[0], good[0])

    def fail(checkpoint_number):
        message = "{{node SaveV2}} /a/path; No space left on device [Op:SaveV2]"
        raise tf.errors.ResourceExhaustedError(None, None, message)

    monkeypatch.setattr(run._manager, "save", fail)
    with pytest.raises(OSError, match=f"checkpoint in {tmp_path}: No space left on device$"):
        run.save()


def test_a_folder_holds_a_run_to_go_on_with_or_none(tmp_path):
    folder = tmp_path / "run"
    assert not holds_run(folder, resume=True)
    folder.mkdir()
    (folder / ".config.json").touch()  # what a kill may leave
    assert not holds_run(folder, resume=False)
    (folder / "notes.txt").touch()
    with pytest.raises(FileExistsError, match="not empty: it holds no run to resume"):
        holds_run(folder, resume=True)
    (folder / "config.json").touch()
    assert holds_run(folder, resume=True)
    with pytest.raises(FileExistsError, match="not empty: resume its run"):
        holds_run(folder, resume=False)
