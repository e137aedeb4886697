"""Keras and TensorFlow, imported without their start-up lines.

Every module of rnnzoo takes them from here::

    from rnnzoo.platform import keras, tf

TensorFlow's native code writes its first lines straight to file descriptor 2, before any log level
is read, so the descriptor itself is turned away while the import runs. If the import fails, all
that was caught is written out again.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
import tempfile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # how type checkers know them; at run time __getattr__ imports them
    import keras
    import tensorflow as tf

__all__ = ["keras", "tf"]


@contextlib.contextmanager
def _quiet_stderr():
    sys.stderr.flush()
    try:
        saved = os.dup(2)
    except OSError:  # no descriptor 2 at all (a daemon): nothing to silence
        yield
        return
    with tempfile.TemporaryFile() as caught:
        os.dup2(caught.fileno(), 2)
        try:
            yield
        except BaseException:
            caught.seek(0)
            os.write(saved, caught.read())
            raise
        finally:
            os.dup2(saved, 2)
            os.close(saved)


def _import_tensorflow():
    with _quiet_stderr():
        tensorflow = importlib.import_module("tensorflow")
        for gpu in tensorflow.config.list_physical_devices("GPU"):
            # Take GPU memory as it is needed, not all of it at the first operation.
            with contextlib.suppress(RuntimeError):  # the user has started the device already
                tensorflow.config.experimental.set_memory_growth(gpu, True)
    return tensorflow


def _import_keras():
    with _quiet_stderr():
        keras = importlib.import_module("keras")
    if keras.backend.backend() == "tensorflow":
        _import_tensorflow()
    return keras


def __getattr__(name: str) -> Any:
    if name == "tf":
        value = _import_tensorflow()
    elif name == "keras":
        value = _import_keras()
    else:
        raise AttributeError(f"module 'rnnzoo.platform' has no attribute {name!r}")
    globals()[name] = value
    return value
