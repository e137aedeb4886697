"""Keras and TensorFlow, imported without what is not needed."""

import subprocess
import sys

import pytest

from rnnzoo import platform


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


def test_endpoints_of_several_models_are_not_told_of_as_retraced():
    code = """
import rnnzoo
from rnnzoo.platform import tf
for _ in range(6):
    model = rnnzoo.create_model("char_rnn", units=2, vocabulary="ab")
    model.endpoints["encode"](tf.constant(["ab"]))
for size in range(6):  # a function of the user's is told of as ever
    tf.function(lambda x: x)(tf.zeros(size))
"""
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert process.returncode == 0
    assert "text_endpoints" not in process.stderr
    assert "<lambda>" in process.stderr
