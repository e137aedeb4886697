"""Character language models: one architecture, five cells, and four ways to make it deep.

    characters -> embedding -> one or more recurrent layers -> logits of the next character

The network of Karpathy (2015), "The unreasonable effectiveness of recurrent neural networks", with
the layers of each name's own source; by itself, or pooled with a Markov chain.
"""

import string

from rnnzoo.registry import register_model
from rnnzoo.sizes import is_size
from zoo_models.options import check, check_rate, check_sizes, recurrent_kind

# What `parameters` counts with: the vocabulary comes from the text, here printable ASCII.
REFERENCE_VOCABULARY = "\t\n" + string.printable[:95]


def char(
    *,
    cell="lstm",
    units=256,
    layers=1,
    embedding_size=64,
    dropout=0.0,
    transition_layers=0,
    transition_skip=False,
    layer_skip=False,
    hidden_units=None,
    chain_order=None,
    condition=None,
    labels=None,
    label_size=None,
    vocabulary=None,
    dtype=None,
    **cell_options,
):
    """A `rnnzoo.tasks.TextGenerator`, `PooledGenerator` or `ConditionedGenerator`.

    Args:
        cell: "rnn", "leaky", "skip", "gru" or "lstm".
        units: hidden units of each layer.
        layers: recurrent layers on top of each other.
        embedding_size: length of a character's vector.
        dropout: share dropped, in training, of each layer's input and of the output.
        transition_layers: further layers between one hidden state and the next, see
            `rnnzoo.cells.DeepTransitionCell`.
        transition_skip: whether a connection skips over them.
        layer_skip: whether each recurrent layer sees the character's vector too, and the output
            sees each, see `rnnzoo.layers.RecurrentStack`.
        hidden_units: of a layer between the recurrent ones and the logits; None is none.
        chain_order: characters of the context of a Markov chain that answers with the network, see
            `rnnzoo.tasks.PooledGenerator`; None: there is none.
        condition: how each text's label is told: "input", one more input at each step, "state", by
            the state before the text, or "both"; "none" reads texts with labels, and is told none;
            None reads a text without.
        labels: the labels to know; None takes them from the first texts fitted.
        label_size: length of a label's vector; None is 16.
        vocabulary: the characters to know; None takes them from the first text fitted.
        dtype: dtype policy, such as "mixed_bfloat16"; None is Keras's global one.
        **cell_options: the cell's own (time_constants of leaky, delays of skip).

    Raises:
        ValueError: an option is none of these, or the cell doesn't have it.
    """
    from rnnzoo.cells import DeepTransitionCell
    from rnnzoo.layers import Recurrent, RecurrentStack
    from rnnzoo.tasks import ConditionedGenerator, PooledGenerator, TextGenerator

    kind = recurrent_kind(cell, cell_options)
    check_sizes(units=units, layers=layers, embedding_size=embedding_size)
    check_rate("dropout", dropout)
    if hidden_units is not None:
        check_sizes(hidden_units=hidden_units)
    if transition_layers:
        check_sizes(transition_layers=transition_layers)
    fits = bool(transition_layers) or not transition_skip
    check("transition_skip", transition_skip, fits, "False where transition_layers is 0")

    def layer():
        plain = kind(units, dtype=dtype, **cell_options)
        if not transition_layers:
            return plain
        deep = DeepTransitionCell(plain.cell, transition_layers, transition_skip)
        return Recurrent(deep, dtype=dtype)

    stack = RecurrentStack(
        [layer() for _ in range(layers)], dropout=dropout, skip=layer_skip, dtype=dtype
    )
    network = stack, embedding_size, vocabulary, hidden_units
    if condition is None:
        for name, given in (("labels", labels), ("label_size", label_size)):
            check(name, given, given is None, "None where condition is None")
        if chain_order is None:
            return TextGenerator(*network, dtype=dtype)
        fits = is_size(chain_order)
        check("chain_order", chain_order, fits, "a positive integer, or None for no chain")
        return PooledGenerator(*network, order=chain_order, dtype=dtype)
    alone = "None, as a chain is told no label: choose char_lstm, which has no chain"
    check("chain_order", chain_order, chain_order is None, alone)
    label_size = 16 if label_size is None else label_size
    check_sizes(label_size=label_size)
    return ConditionedGenerator(*network, condition, labels, label_size, dtype=dtype)


_SHARED = {"units": 256, "layers": 1, "embedding_size": 64, "dropout": 0.0}


_PASCANU = "Pascanu et al. 2014, How to construct deep recurrent neural networks"


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
    "char_lstm_markov": _row(
        "lstm",
        "character model, long short-term memory and a Markov chain of order 7, pooled",
        "Genest & Zidek 1986, Combining probability distributions: a critique and an annotated "
        "bibliography",
        360_162,
        dropout=0.3,
        chain_order=7,
    ),
    "char_lstm2": _row(
        "lstm",
        "character model, two layers of long short-term memory with dropout",
        "Graves 2013, Generating sequences with recurrent neural networks",
        885_474,
        layers=2,
        dropout=0.3,
    ),
    # As many parameters as char_rnn, each deep in another place.
    "char_deep_transition": _row(
        "rnn",
        "character model with one more layer between a hidden state and the next",
        _PASCANU,
        113_458,
        units=194,
        transition_layers=1,
    ),
    "char_deep_skip": _row(
        "rnn",
        "character model with one more layer between a hidden state and the next, and a skip "
        "connection over it",
        _PASCANU,
        113_954,
        units=164,
        transition_layers=1,
        transition_skip=True,
    ),
    "char_deep_output": _row(
        "rnn",
        "character model with one more layer between the hidden state and the output",
        _PASCANU,
        113_458,
        units=194,
        hidden_units=194,
    ),
    "char_stacked": _row(
        "rnn",
        "character model, two layers that both see the character and both are seen by the output",
        "Graves 2013, Generating sequences with recurrent neural networks",
        113_154,
        units=142,
        layers=2,
        layer_skip=True,
    ),
}

for _name, _entry in MODELS.items():
    register_model(_name, **_entry, flagship=_name == "char_lstm_markov")(char)
