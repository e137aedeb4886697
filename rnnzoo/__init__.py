"""rnnzoo: recurrent networks, from the vanilla RNN to captioning, fast and exportable in Keras.

Importing the package imports neither TensorFlow nor Keras; each name below is fetched when it is
first used.
"""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # what editors and type checkers find; at run time __getattr__ imports it
    from rnnzoo import cells, data, decoding, layers, loop, registry, tasks, training
    from rnnzoo.cells import Cell, check_cell
    from rnnzoo.data import load_captions, load_pairs, load_series, load_tagged, load_text
    from rnnzoo.exporting import export
    from rnnzoo.layers import Recurrent
    from rnnzoo.registry import create_model, list_models, model_info, register_model
    from rnnzoo.training.train import load_model, train

# TensorFlow's log lines below errors, unless asked for; it reads this when it is imported.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

__version__ = "0.1.0"

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


def __getattr__(name: str) -> Any:
    if name in _SUBMODULES:
        return importlib.import_module(f"rnnzoo.{name}")
    if name in _EXPORTS:
        return getattr(importlib.import_module(_EXPORTS[name]), name)
    raise AttributeError(f"module 'rnnzoo' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
