"""Character language models: one architecture, five cells.

    characters -> embedding -> one or more recurrent layers -> logits of the next character

The network of Karpathy (2015), "The unreasonable effectiveness of recurrent neural networks", with
the layers of each name's own source.
"""

import inspect
import json
import numbers
import string
from pathlib import Path

from rnnzoo.registry import register_model

# What `parameters` counts with: the vocabulary comes from the text, here printable ASCII.
REFERENCE_VOCABULARY = "\t\n" + string.printable[:95]


def char(
    *,
    cell="lstm",
    units=256,
    layers=1,
    embedding_size=64,
    dropout=0.0,
    vocabulary=None,
    dtype=None,
    **cell_options,
):
    """A `rnnzoo.tasks.TextGenerator`.

    Args:
        cell: "rnn", "leaky", "skip", "gru" or "lstm".
        units: hidden units of each layer.
        layers: recurrent layers on top of each other.
        embedding_size: length of a character's vector.
        dropout: share dropped, in training, of each layer's input and of the output.
        vocabulary: the characters to know; None takes them from the first text fitted.
        dtype: dtype policy, such as "mixed_bfloat16"; None is Keras's global one.
        **cell_options: the cell's own (time_constants of leaky, delays of skip).

    Raises:
        ValueError: an option is none of these, or the cell doesn't have it.
    """
    from rnnzoo import layers as recurrent
    from rnnzoo.tasks import TextGenerator

    kinds = {
        "rnn": recurrent.SimpleRNN,
        "leaky": recurrent.LeakyRNN,
        "skip": recurrent.SkipDelayRNN,
        "gru": recurrent.GRU,
        "lstm": recurrent.LSTM,
    }
    able = [name for name, kind in kinds.items() if _takes(kind.cell_class, cell_options)]
    with_options = f" (with {', '.join(cell_options)})" if cell_options else ""
    _check("cell", cell, cell in able, f"one of {', '.join(able)}{with_options}")
    for name, size in (("units", units), ("layers", layers), ("embedding_size", embedding_size)):
        _check(name, size, isinstance(size, numbers.Integral) and size >= 1, "a positive integer")
    drops = isinstance(dropout, numbers.Real) and 0 <= dropout < 1
    _check("dropout", dropout, drops, "a number of at least 0 and below 1")
    stack = recurrent.RecurrentStack(
        [kinds[cell](units, dtype=dtype, **cell_options) for _ in range(layers)],
        dropout=dropout,
        dtype=dtype,
    )
    return TextGenerator(stack, embedding_size, vocabulary, dtype=dtype)


def _takes(cell_class, options):
    return options.keys() <= inspect.signature(cell_class).parameters.keys()


def _check(name, value, fits, expected):
    if not fits:
        raise ValueError(f"{name}={value!r}: expected {expected}.")


_SHARED = {"units": 256, "layers": 1, "embedding_size": 64, "dropout": 0.0}


def _weights(name):
    """The facts of the weights that benchmarks/pretrain.py wrote; None if there are none."""
    facts = Path(__file__).with_name("weights") / f"{name}.json"
    return json.loads(facts.read_text()) if facts.is_file() else None


def _row(cell, description, paper, parameters, weights=None, **defaults):
    return {
        "task": "text-generation",
        "description": description,
        "paper": paper,
        "dataset": "python_source",
        "metric": "bits per character",
        "defaults": {"cell": cell, **_SHARED, **defaults},
        "parameters": parameters,
        "weights": weights,
    }


MODELS = {
    "char_rnn": _row(
        "rnn",
        "character model, one layer of simple recurrent units",
        "Elman 1990, Finding structure in time",
        113_634,
    ),
    "char_leaky": _row(
        "leaky",
        "character model, one layer of leaky units with time constants from 1 to 16",
        "Jaeger et al. 2007, Optimization and applications of echo state networks with "
        "leaky-integrator neurons",
        113_634,
        time_constants=(1.0, 16.0),
        learn_time_constants=False,
    ),
    "char_skip": _row(
        "skip",
        "character model, one layer that sees its state 1 and 4 characters back",
        "El Hihi & Bengio 1995, Hierarchical recurrent neural networks for long-term dependencies",
        179_170,
        delays=(1, 4),
    ),
    "char_gru": _row(
        "gru",
        "character model, one layer of gated recurrent units",
        "Cho et al. 2014, Learning phrase representations using RNN encoder-decoder",
        278_754,
    ),
    "char_lstm": _row(
        "lstm",
        "character model, one layer of long short-term memory",
        "Hochreiter & Schmidhuber 1997, Long short-term memory",
        360_162,
        weights=_weights("char_lstm"),
    ),
    "char_lstm2": _row(
        "lstm",
        "character model, two layers of long short-term memory with dropout",
        "Graves 2013, Generating sequences with recurrent neural networks",
        885_474,
        layers=2,
        dropout=0.3,
    ),
}

for _name, _entry in MODELS.items():
    register_model(_name, **_entry)(char)
