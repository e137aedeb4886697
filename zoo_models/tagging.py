"""Taggers: an answer at each step, from the past alone or from past and future.

    words, by vector and spelling, or characters -> a recurrent layer in each direction -> tags

The network of Plank, Søgaard & Goldberg (2016), "Multilingual part-of-speech tagging with
bidirectional long short-term memory models and auxiliary loss" (without that loss), with the layers
of each name's own source.
"""

from rnnzoo.registry import register_model
from zoo_models.options import check_rate, check_sizes, recurrent_kind

# What `parameters` counts with, as tags and characters come from the data: 14 of printable ASCII.
REFERENCE = {
    "tags": [f"tag{i}" for i in range(14)],
    "characters": "".join(map(chr, range(32, 127))),
}


def tagger(
    *,
    cell="lstm",
    units=128,
    bidirectional=True,
    embedding_size=64,
    spelling_units=64,
    dropout=0.3,
    word_dropout=0.25,
    tags=None,
    characters=None,
    words=None,
    dtype=None,
    **cell_options,
):
    """A `rnnzoo.tasks.SequenceTagger`, of characters or of words as its training data has them.

    Args:
        cell: "rnn", "leaky", "skip", "gru" or "lstm".
        units: hidden units, in each direction.
        bidirectional: whether it sees the future, too.
        embedding_size: length of a character's or a word's vector.
        spelling_units: of the LSTM that reads words' characters, in each direction; 0: none does.
        dropout: share dropped, in training, before and after the recurrent layer.
        word_dropout: in training a word that occurred n times is taken for unknown with probability
            word_dropout / (word_dropout + n).
        tags, characters, words: what it knows; None takes them from the first data fitted.
        dtype: dtype policy, such as "mixed_bfloat16"; None is Keras's global one.
        **cell_options: the cell's own (time_constants of leaky, delays of skip).

    Raises:
        ValueError: an option is none of these, or the cell doesn't have it.
    """
    from rnnzoo.layers import RecurrentStack
    from rnnzoo.platform import keras
    from rnnzoo.tasks import SequenceTagger

    kind = recurrent_kind(cell, cell_options)
    check_sizes(units=units, embedding_size=embedding_size)
    if spelling_units != 0:
        check_sizes(spelling_units=spelling_units)
    check_rate("dropout", dropout)
    check_rate("word_dropout", word_dropout)
    layer = kind(units, return_sequences=True, dtype=dtype, **cell_options)
    if bidirectional:
        recurrent = keras.layers.Bidirectional(layer, dtype=dtype)
    else:
        recurrent = RecurrentStack([layer], dtype=dtype)
    return SequenceTagger(
        recurrent,
        embedding_size,
        spelling_units,
        dropout,
        word_dropout,
        tags,
        characters,
        words,
        dtype=dtype,
    )


_SHARED = {"units": 128, "embedding_size": 64, "spelling_units": 64, "dropout": 0.3}


def _row(cell, description, paper, parameters, weights=(), **defaults):
    return {
        "task": "sequence-tagging",
        "description": description,
        "paper": paper,
        "dataset": "python_tokens",
        "metric": "accuracy",
        "defaults": {"cell": cell, "bidirectional": True, **_SHARED, **defaults},
        "parameters": parameters,
        "weights": weights,
    }


_BIDIRECTIONAL = "Schuster & Paliwal 1997, Bidirectional recurrent neural networks"

MODELS = {
    "tagger_rnn": _row(
        "rnn",
        "tagger that sees the past, simple recurrent units",
        "Elman 1990, Finding structure in time",
        32_654,
        bidirectional=False,
    ),
    "tagger_lstm": _row(
        "lstm",
        "tagger that sees the past, long short-term memory",
        "Hochreiter & Schmidhuber 1997, Long short-term memory",
        206_222,
        bidirectional=False,
        units=192,  # about as many weights as tagger_bilstm
    ),
    "tagger_birnn": _row(
        "rnn",
        "tagger that sees past and future, simple recurrent units",
        _BIDIRECTIONAL,
        59_150,
    ),
    "tagger_bileaky": _row(
        "leaky",
        "tagger that sees past and future, leaky units with time constants from 1 to 16",
        _BIDIRECTIONAL,
        59_150,
        time_constants=(1.0, 16.0),
    ),
    "tagger_bigru": _row(
        "gru",
        "tagger that sees past and future, gated recurrent units",
        "Cho et al. 2014, Learning phrase representations using RNN encoder-decoder",
        158_734,
    ),
    "tagger_bilstm": _row(
        "lstm",
        "tagger that sees past and future, long short-term memory",
        "Plank et al. 2016, Multilingual part-of-speech tagging with bidirectional long "
        "short-term memory models and auxiliary loss",
        207_374,
        weights=("python_tokens",),
    ),
}

for _name, _entry in MODELS.items():
    register_model(_name, **_entry, flagship=_name == "tagger_bilstm")(tagger)
