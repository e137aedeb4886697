"""Generative models of names, short sequences that end by themselves: one architecture, four cells.

    characters -> embedding -> recurrent layer -> logits of the next character, or of the end

The end of a sequence as a symbol, or as a length that is drawn first and counted down: Goodfellow,
Bengio & Courville (2016), "Deep learning", section 10.2.3.
"""

from typing import Any

from rnnzoo.registry import register_model
from zoo_models.options import check, check_rate, check_sizes, recurrent_kind

# What `parameters` counts with: the vocabulary comes from the names, here those of identifiers.
REFERENCE_VOCABULARY = "_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def names(
    *,
    cell="gru",
    length="stop",
    units=384,
    layers=1,
    embedding_size=128,
    dropout=0.2,
    recurrent_dropout=0.3,
    vocabulary=None,
    counts=None,
    dtype=None,
    **cell_options,
):
    """A `rnnzoo.tasks.NameGenerator`.

    Args:
        cell: "rnn", "leaky", "skip", "gru" or "lstm".
        length: "stop", a stop symbol ends a name; or "model", its length is drawn first, and the
            network told the time that is left.
        units: hidden units of each layer.
        layers: recurrent layers on top of each other.
        embedding_size: length of a character's vector.
        dropout: share dropped, in training, of each layer's input and of the output.
        recurrent_dropout: the same of the state on its way into the recurrent product. A few
            thousand names are learned by heart before they are learned: this holds against it.
        vocabulary: the characters to know; None takes them from the first names fitted.
        counts: for a model of the length, how many names have 1, 2, ... characters; None takes them
            from the names fitted.
        dtype: dtype policy, such as "mixed_bfloat16"; None is Keras's global one.
        **cell_options: the cell's own (time_constants of leaky, delays of skip).

    Raises:
        ValueError: an option is none of these, or the cell doesn't have it.
    """
    from rnnzoo.layers import RecurrentStack
    from rnnzoo.tasks import NameGenerator

    kind = recurrent_kind(cell, cell_options)
    check("length", length, length in ("stop", "model"), "'stop' or 'model'")
    check_sizes(units=units, layers=layers, embedding_size=embedding_size)
    check_rate("dropout", dropout)
    check_rate("recurrent_dropout", recurrent_dropout)
    cell_options = {**cell_options, "recurrent_dropout": recurrent_dropout, "dtype": dtype}
    stack = RecurrentStack(
        [kind(units, **cell_options) for _ in range(layers)], dropout=dropout, dtype=dtype
    )
    return NameGenerator(stack, embedding_size, vocabulary, length, counts, dtype=dtype)


_CELLS: dict[str, tuple[str, str, int, dict[str, Any]]] = {
    "rnn": (
        "simple recurrent units",
        "Elman 1990, Finding structure in time",
        230_850,
        {"recurrent_dropout": 0.1},  # 0.3 leaves such a cell too little to learn with
    ),
    "leaky": (
        "leaky units with time constants from 1 to 8",
        "Jaeger et al. 2007, Optimization and applications of echo state networks with "
        "leaky-integrator neurons",
        230_850,
        {
            "time_constants": (1.0, 8.0),
            "learn_time_constants": False,
            "recurrent_dropout": 0.1,
        },
    ),
    "gru": (
        "gated recurrent units",
        "Cho et al. 2014, Learning phrase representations using RNN encoder-decoder",
        625_986,
        {},
    ),
    "lstm": (
        "long short-term memory",
        "Hochreiter & Schmidhuber 1997, Long short-term memory",
        821_826,
        {},
    ),
}

for _cell, (_units, _paper, _parameters, _options) in _CELLS.items():
    register_model(
        f"name_{_cell}",
        task="name-generation",
        description=f"model of names that end by themselves, one layer of {_units}",
        paper=_paper,
        dataset="python_names",
        metric="bits per character",
        defaults={
            "cell": _cell,
            "length": "stop",
            "units": 384,
            "layers": 1,
            "embedding_size": 128,
            "dropout": 0.2,
            "recurrent_dropout": 0.3,
            **_options,
        },
        parameters=_parameters,
        flagship=_cell == "gru",
        weights=("python_names",) if _cell == "lstm" else (),
    )(names)
