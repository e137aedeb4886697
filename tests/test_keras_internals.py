"""Each private name of Keras does what we use it for, and stands in one file only."""

from pathlib import Path

import numpy as np

import rnnzoo
from rnnzoo import keras_internals
from rnnzoo.platform import keras

ROOT = Path(rnnzoo.__file__).parents[1]


def test_private_names_stand_in_one_file():
    for package in ("rnnzoo", "zoo_models"):
        for path in (ROOT / package).rglob("*.py"):
            if path.name != "keras_internals.py":
                text = path.read_text(encoding="utf-8")
                for private in ("keras.src", "._tracker"):
                    assert private not in text, path


def test_weights_read_in_the_dtype_of_the_scope():
    variable = keras.Variable(np.ones(3), dtype="float32")
    with keras_internals.autocast_scope("bfloat16"):
        assert keras.backend.standardize_dtype(variable.value.dtype) == "bfloat16"
    assert keras.backend.standardize_dtype(variable.value.dtype) == "float32"


def test_an_untracked_layer_counts_no_more():
    model = keras.Model()
    model.old = keras.layers.Dense(2)
    model.old.build((None, 3))
    assert len(model.weights) == 2
    keras_internals.untrack(model, model.old)
    assert not model.weights and not model.layers
