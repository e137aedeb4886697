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
assert gc.isenabled()
import matplotlib.figure, sklearn  # as ever
"""
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (process.returncode, process.stderr) == (0, "")


def test_an_import_that_fails_leaves_no_trace(monkeypatch):
    monkeypatch.setattr(platform, "_left_out", ("no_such_package",))
    with pytest.raises(ImportError), platform._quick():
        import no_such_package  # noqa: F401
    assert "no_such_package" not in sys.modules
