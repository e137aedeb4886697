"""Keras and TensorFlow, imported without what is not needed."""

import os
import subprocess
import sys

import pytest

from rnnzoo import platform


@pytest.mark.slow
def test_the_program_leaves_out_what_only_keras_s_wrappers_and_plots_need():
    code = """
import gc, sys
from rnnzoo import platform
platform.spare_start_up()
from rnnzoo.platform import keras
assert not [name for name in ("sklearn", "matplotlib") if name in sys.modules]
assert gc.isenabled() and gc.get_freeze_count() > 100_000
import matplotlib.figure, sklearn  # as ever
"""
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (process.returncode, process.stderr) == (0, "")


def test_an_import_that_fails_leaves_no_trace(monkeypatch):
    monkeypatch.setattr(platform, "_left_out", ("no_such_package",))
    with pytest.raises(ImportError), platform._quick():
        import no_such_package  # noqa: F401
    assert "no_such_package" not in sys.modules


def test_endpoints_and_vocabularies_of_several_models_are_not_told_of_as_retraced():
    code = """
import rnnzoo
from rnnzoo.platform import tf
from rnnzoo.tasks.vocabulary import SentenceVocabulary
for _ in range(6):
    model = rnnzoo.create_model("char_rnn", units=2, vocabulary="ab")
    model.endpoints["encode"](tf.constant(["ab"]))
    SentenceVocabulary({"ab": 1}).encode(tf.constant(["ab"]))
for size in range(6):  # a function of the user's is told of as ever
    tf.function(lambda x: x)(tf.zeros(size))
"""
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert process.returncode == 0
    assert "text_endpoints" not in process.stderr and "Vocabulary" not in process.stderr
    assert "<lambda>" in process.stderr


@pytest.mark.slow
@pytest.mark.parametrize("hidden", [False, True])
def test_a_gpu_that_tensorflow_does_not_find_is_told_of(tmp_path, hidden):
    """A machine without CUDA's libraries is made to look like one with a GPU."""
    if platform.tf.config.list_physical_devices("GPU"):
        pytest.skip("TensorFlow finds a GPU")
    driver = tmp_path / "version"
    driver.touch()
    code = f"""
import pathlib
from rnnzoo import platform
platform._DRIVER = pathlib.Path({str(driver)!r})
platform.keras
"""
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "-1"}
    if not hidden:
        del environment["CUDA_VISIBLE_DEVICES"]
    process = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment
    )
    assert process.returncode == 0
    assert ("finds no GPU on a machine with one" in process.stderr) is not hidden
    assert ("cuda" in process.stderr) is not hidden
