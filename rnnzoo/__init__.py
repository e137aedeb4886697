"""rnnzoo: recurrent networks, from the vanilla RNN to captioning, fast and exportable in Keras.

Importing the package imports neither TensorFlow nor Keras; each name below is fetched when it is
first used.
"""

import importlib
import os

# TensorFlow's log lines below errors, unless asked for; it reads this when it is imported.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

__version__ = "0.2.0"

_EXPORTS = {
    "register_model": "rnnzoo.registry",
    "create_model": "rnnzoo.registry",
    "list_models": "rnnzoo.registry",
    "model_info": "rnnzoo.registry",
    "Cell": "rnnzoo.cells",
    "check_cell": "rnnzoo.cells",
    "Recurrent": "rnnzoo.layers",
    "export": "rnnzoo.exporting",
    "load_model": "rnnzoo.training",
    "load_captions": "rnnzoo.data",
    "load_pairs": "rnnzoo.data",
    "load_series": "rnnzoo.data",
    "load_tagged": "rnnzoo.data",
    "load_text": "rnnzoo.data",
    "train": "rnnzoo.training",
}
_SUBMODULES = ("cells", "data", "decoding", "layers", "loop", "registry", "tasks", "training")

__all__ = sorted([*_EXPORTS, *_SUBMODULES])


def __getattr__(name):
    if name in _SUBMODULES:
        return importlib.import_module(f"rnnzoo.{name}")
    if name in _EXPORTS:
        return getattr(importlib.import_module(_EXPORTS[name]), name)
    raise AttributeError(f"module 'rnnzoo' has no attribute {name!r}")


def __dir__():
    return sorted([*globals(), *__all__])
