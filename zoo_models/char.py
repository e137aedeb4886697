"""Character language models: one architecture, five cells.

    characters -> embedding -> one or more recurrent layers -> logits of the next character

The network of Karpathy (2015), "The unreasonable effectiveness of recurrent neural networks", with
the layers of each name's own source.
"""

import string

from rnnzoo.registry import register_model
from zoo_models.options import check_rate, check_sizes, recurrent_kind

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
    from rnnzoo.layers import RecurrentStack
    from rnnzoo.tasks import TextGenerator

    kind = recurrent_kind(cell, cell_options)
    check_sizes(units=units, layers=layers, embedding_size=embedding_size)
    check_rate("dropout", dropout)
    stack = RecurrentStack(
        [kind(units, dtype=dtype, **cell_options) for _ in range(layers)],
        dropout=dropout,
        dtype=dtype,
    )
    return TextGenerator(stack, embedding_size, vocabulary, dtype=dtype)


_SHARED = {"units": 256, "layers": 1, "embedding_size": 64, "dropout": 0.0}


def _row(cell, description, paper, parameters, weights=(), **defaults):
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
        dropout=0.3,
    ),
    "char_lstm": _row(
        "lstm",
        "character model, one layer of long short-term memory",
        "Hochreiter & Schmidhuber 1997, Long short-term memory",
        360_162,
        dropout=0.3,
        weights=("python_source",),
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
    register_model(_name, **_entry, flagship=_name == "char_lstm")(char)
