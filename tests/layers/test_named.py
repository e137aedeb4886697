"""A named layer takes its cell's arguments and `Recurrent`'s, and shows them all."""

import inspect
import pydoc

import pytest

from rnnzoo import layers
from rnnzoo.cells.arguments import CellArguments
from rnnzoo.layers.named import LayerArguments
from rnnzoo.platform import keras

LAYERS = [layers.SimpleRNN, layers.LeakyRNN, layers.SkipDelayRNN, layers.GRU, layers.LSTM]
PROMISED = [
    "units",
    "activation",
    "use_bias",
    "kernel_initializer",
    "recurrent_initializer",
    "bias_initializer",
    "kernel_regularizer",
    "recurrent_regularizer",
    "bias_regularizer",
    "kernel_constraint",
    "recurrent_constraint",
    "bias_constraint",
    "return_sequences",
    "return_state",
    "go_backwards",
    "stateful",
    "zero_output_for_mask",
    "dropout",
    "recurrent_dropout",
    "seed",
    "jit_compile",
    "use_cudnn",
    "checkpoint_every",
    "learn_initial_state",
    "name",
    "dtype",
    "trainable",
    "activity_regularizer",
]
OWN = {
    layers.SimpleRNN: [],
    layers.LeakyRNN: ["time_constants", "learn_time_constants"],
    layers.SkipDelayRNN: ["delays"],
    layers.GRU: ["recurrent_activation"],
    layers.LSTM: ["recurrent_activation", "unit_forget_bias"],
}


@pytest.mark.parametrize("kind", LAYERS)
def test_no_argument_is_hidden(kind):
    parameters = inspect.signature(kind).parameters
    assert all(p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY) for p in parameters.values())
    assert parameters.keys() == {*PROMISED, *OWN[kind]}
    assert not [name for name, p in parameters.items() if p.annotation is p.empty]
    assert kind(4, activity_regularizer="l2").get_config().keys() == parameters.keys()
    assert "checkpoint_every: 'int | None' = None" in pydoc.render_doc(kind)


@pytest.mark.parametrize("kind", LAYERS)
def test_a_default_that_is_shown_is_the_one_in_force(kind):
    shown = inspect.signature(kind).parameters.values()
    explicit = {p.name: p.default for p in shown if p.name not in ("units", "name")}
    assert kind(4, **explicit, name="a").get_config() == kind(4, name="a").get_config()
    cell = inspect.signature(kind.cell_class).parameters
    assert {name: cell[name].default for name in explicit if name in cell} == {
        name: default for name, default in explicit.items() if name in cell
    }


@pytest.mark.parametrize("kind", LAYERS)
def test_every_argument_arrives(kind):
    given = {
        "use_bias": False,
        "activation": "relu",
        "return_sequences": True,
        "return_state": True,
        "go_backwards": True,
        "stateful": True,
        "zero_output_for_mask": True,
        "dropout": 0.25,
        "recurrent_dropout": 0.5,
        "seed": 3,
        "jit_compile": False,
        "use_cudnn": False,
        "checkpoint_every": 5,
        "name": "mine",
        "trainable": False,
    }
    layer = kind(4, **given, dtype="float64", kernel_constraint="max_norm")
    config = layer.get_config()
    assert {name: config[name] for name in given} == given
    assert layer.compute_dtype == layer.cell.compute_dtype == "float64"
    assert isinstance(layer.cell.kernel_constraint, keras.constraints.MaxNorm)
    assert kind(4).name.startswith(kind.__name__.lower()[:3])


@pytest.mark.parametrize("kind", LAYERS)
def test_arguments_by_position_come_in_the_cell_s_order(kind):
    positional = [
        p.name
        for p in inspect.signature(kind).parameters.values()
        if p.kind is p.POSITIONAL_OR_KEYWORD
    ]
    assert positional == list(inspect.signature(kind.cell_class).parameters)[: len(positional)]
    if twin := getattr(keras.layers, kind.__name__, None):
        assert positional == list(inspect.signature(twin).parameters)[: len(positional)]


def test_what_editors_are_told_is_what_recurrent_takes():
    of_recurrent = inspect.signature(layers.Recurrent).parameters.keys() - {"cell", "kwargs"}
    of_cell = inspect.signature(layers.SimpleRNN.cell_class).parameters.keys()
    told = LayerArguments.__annotations__.keys() | {"units", "activation", "use_bias"}
    assert told == of_recurrent | of_cell
    assert of_recurrent & of_cell == CellArguments.__annotations__.keys()
