"""Keras and TensorFlow, imported without their start-up lines.

Every module of rnnzoo takes them from here::

    from rnnzoo.platform import keras, tf

TensorFlow's native code writes its first lines straight to file descriptor 2, before any log level
is read, so the descriptor itself is turned away while the import runs. If the import fails, all
that was caught is written out again; and so is what was said of GPUs where one is there that
TensorFlow doesn't find.

Python's garbage collector rests meanwhile: what both make stays, and to look through it again and
again takes a quarter of the time.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # how type checkers know them; at run time __getattr__ imports them
    import logging

    import keras
    import tensorflow as tf

__all__ = ["keras", "spare_start_up", "tf"]

# What Keras would import, if it is installed, and is kept from.
_left_out: tuple[str, ...] = ()

_DRIVER = Path("/proc/driver/nvidia/version")


def spare_start_up() -> None:
    """Have this process, the command line, start and end sooner; before the first use of `keras`.

    Keras is imported without what only its scikit-learn wrappers and its plots need: scikit-learn,
    matplotlib and all that these import, almost a third of the time. So Keras's wrappers and plots
    refuse to work; other modules import both packages as ever. And what there is after the import
    is never taken for garbage.
    """
    global _left_out
    _left_out = ("sklearn", "matplotlib")


@contextlib.contextmanager
def _quick():
    """Import without collecting garbage, and without what is left out."""
    was_enabled = gc.isenabled()
    gc.disable()
    left_out = [name for name in _left_out if name not in sys.modules]
    sys.modules.update(dict.fromkeys(left_out))  # None: an import raises ImportError
    try:
        yield
    finally:
        for name in left_out:
            del sys.modules[name]
        if _left_out:
            gc.freeze()  # nor is it looked through when the program ends
        if was_enabled:
            gc.enable()


@contextlib.contextmanager
def _quiet_stderr():
    """Within, nothing reaches descriptor 2; gives a function to what was caught, in lines."""
    import tempfile  # here, as `rnnzoo list` needs none

    sys.stderr.flush()
    try:
        saved = os.dup(2)
    except OSError:  # no descriptor 2 at all (a daemon): nothing to silence
        yield list
        return
    with tempfile.TemporaryFile() as caught:

        def lines():
            caught.seek(0)
            return caught.read().decode(errors="replace").splitlines()

        os.dup2(caught.fileno(), 2)
        try:
            yield lines
        except BaseException:
            caught.seek(0)
            os.write(saved, caught.read())
            raise
        finally:
            os.dup2(saved, 2)
            os.close(saved)


def _has_gpu() -> bool:
    """Whether NVIDIA's driver is loaded, and its devices not hidden."""
    hidden = os.environ.get("CUDA_VISIBLE_DEVICES", "all") in ("", "-1")
    return _DRIVER.exists() and not hidden


def _is_news(record: logging.LogRecord) -> bool:
    """Whether TensorFlow's log should say this.

    Each model's endpoints are traced once, as their signatures say, and so is each vocabulary. But
    TensorFlow counts by their code, and takes several for one that is traced again and again.
    """
    message = record.getMessage()
    ours = any(name in message for name in ("_endpoints.<locals>.", "Vocabulary._ids of"))
    return not (ours and "tf.function retracing" in message)


def _import_tensorflow():
    with _quiet_stderr() as said, _quick():
        tensorflow = importlib.import_module("tensorflow")
        gpus = tensorflow.config.list_physical_devices("GPU")
        for gpu in gpus:
            # Take GPU memory as it is needed, not all of it at the first operation.
            with contextlib.suppress(RuntimeError):  # the user has started the device already
                tensorflow.config.experimental.set_memory_growth(gpu, True)
        if _left_out:  # the command line, in which nobody sets devices after this
            # On some processors the first of such operations writes a line, once.
            with tensorflow.device("CPU:0"):
                tensorflow.transpose(tensorflow.zeros((1, 1), tensorflow.int64))
        lines = said()
    if not gpus and _has_gpu():
        about = [line for line in lines if any(word in line.lower() for word in ("gpu", "cuda"))]
        print(
            "rnnzoo: TensorFlow finds no GPU on a machine with one, and says:", *about,
            "(to train on the CPU and see this no more, set CUDA_VISIBLE_DEVICES=-1)",
            sep="\n", file=sys.stderr,
        )  # fmt: skip
    tensorflow.get_logger().addFilter(_is_news)
    return tensorflow


def _import_keras():
    with _quiet_stderr(), _quick():
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
