"""rnnzoo: recurrent networks, from the vanilla RNN to captioning, fast and exportable in Keras.

Importing the package imports neither TensorFlow nor Keras; each name below is fetched when it is
first used.
"""

import os
from typing import TYPE_CHECKING

from rnnzoo.lazy import lazy

if TYPE_CHECKING:  # what editors and type checkers read in place of _EXPORTS
    from rnnzoo import (
        analysis,
        cells,
        data,
        decoding,
        errors,
        exporting,
        layers,
        loop,
        registry,
        tasks,
        training,
    )
    from rnnzoo.cells import Cell, check_cell
    from rnnzoo.data import (
        describe,
        load_captions,
        load_names,
        load_pairs,
        load_panel,
        load_pictures,
        load_regression,
        load_series,
        load_tagged,
        load_text,
    )
    from rnnzoo.data.registry import dataset_info, list_datasets, register_dataset
    from rnnzoo.errors import DataError, MissingPackage, RnnzooError
    from rnnzoo.evaluation.evaluate import evaluate
    from rnnzoo.exporting import export
    from rnnzoo.layers import Recurrent
    from rnnzoo.registry import create_model, list_models, model_info, register_model
    from rnnzoo.training import load_model, train

# TensorFlow's log lines below errors, unless asked for; it reads this when it is imported.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

__version__ = "0.2.0"

__all__ = [
    "Cell",
    "DataError",
    "MissingPackage",
    "Recurrent",
    "RnnzooError",
    "analysis",
    "cells",
    "check_cell",
    "create_model",
    "data",
    "dataset_info",
    "decoding",
    "describe",
    "errors",
    "evaluate",
    "export",
    "exporting",
    "layers",
    "list_datasets",
    "list_models",
    "load_captions",
    "load_model",
    "load_names",
    "load_pairs",
    "load_panel",
    "load_pictures",
    "load_regression",
    "load_series",
    "load_tagged",
    "load_text",
    "loop",
    "model_info",
    "register_dataset",
    "register_model",
    "registry",
    "tasks",
    "train",
    "training",
]

# Where each name is found; the others of __all__ are modules.
_EXPORTS = {
    "register_model": "rnnzoo.registry",
    "create_model": "rnnzoo.registry",
    "list_models": "rnnzoo.registry",
    "model_info": "rnnzoo.registry",
    "register_dataset": "rnnzoo.data.registry",
    "list_datasets": "rnnzoo.data.registry",
    "dataset_info": "rnnzoo.data.registry",
    "RnnzooError": "rnnzoo.errors",
    "DataError": "rnnzoo.errors",
    "MissingPackage": "rnnzoo.errors",
    "Cell": "rnnzoo.cells",
    "check_cell": "rnnzoo.cells",
    "Recurrent": "rnnzoo.layers",
    "export": "rnnzoo.exporting",
    "evaluate": "rnnzoo.evaluation.evaluate",
    "load_model": "rnnzoo.training",
    "describe": "rnnzoo.data",
    "load_captions": "rnnzoo.data",
    "load_pairs": "rnnzoo.data",
    "load_panel": "rnnzoo.data",
    "load_regression": "rnnzoo.data",
    "load_pictures": "rnnzoo.data",
    "load_series": "rnnzoo.data",
    "load_tagged": "rnnzoo.data",
    "load_names": "rnnzoo.data",
    "load_text": "rnnzoo.data",
    "train": "rnnzoo.training",
}

__getattr__, __dir__ = lazy(
    __name__, _EXPORTS, submodules=tuple(name for name in __all__ if name not in _EXPORTS)
)
