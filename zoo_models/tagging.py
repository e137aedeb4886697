"""Taggers: an answer at each step, from the past alone or from past and future.

    words, by vector and spelling, or characters -> a recurrent layer in each direction -> tags

The network of Plank, Søgaard & Goldberg (2016), "Multilingual part-of-speech tagging with
bidirectional long short-term memory models and auxiliary loss" (without that loss), with the layers
of each name's own source.
"""

import os

from rnnzoo.registry import register_model
from zoo_models.options import check, check_rate, check_share, check_sizes, is_size, recurrent_kind

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
    crf=False,
    embedding_size=64,
    spelling_units=0,
    affix_size=16,
    dropout=0.3,
    word_dropout=0.25,
    vectors=None,
    tune_vectors=False,
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
        crf: whether a conditional random field chooses all tags together, which makes it a
            `rnnzoo.tasks.RandomFieldTagger`; else each is chosen by itself.
        embedding_size: length of a character's or a word's vector.
        spelling_units: of the LSTM that reads words' characters, in each direction; 0: none does.
        affix_size: length of the vector of each of a word's affixes and of its shape; 0: none.
        dropout: share dropped, in training, before and after the recurrent layer.
        word_dropout: in training a word that occurred n times is taken for unknown with probability
            word_dropout / (word_dropout + n).
        vectors: None, or a file of vectors of words that were learned elsewhere (word2vec, GloVe,
            fastText), which are read beside a word's own.
        tune_vectors: whether those are trained further.
        tags, characters, words: what it knows; None takes them from the first data fitted.
        dtype: dtype policy, such as "mixed_bfloat16"; None is Keras's global one.
        **cell_options: the cell's own (time_constants of leaky, delays of skip).

    Raises:
        ValueError: an option is none of these, or the cell doesn't have it.
    """
    from rnnzoo.layers import RecurrentStack
    from rnnzoo.tasks import RandomFieldTagger, SequenceTagger

    check_sizes(units=units)
    check("crf", crf, crf in (True, False), "True or False")
    given = vectors is None or isinstance(vectors, (str, os.PathLike))
    check("vectors", vectors, given, "a file of vectors of words")
    check("tune_vectors", tune_vectors, tune_vectors in (True, False), "True or False")
    if bidirectional:
        recurrent = _both_ways(cell, units, dtype, cell_options)
    else:
        recurrent = RecurrentStack([_layer(cell, units, dtype, cell_options)], dtype=dtype)
    shared = _shared(embedding_size, spelling_units, affix_size, dropout, word_dropout, dtype)
    known = {"tags": tags, "characters": characters, "words": words}
    kind = RandomFieldTagger if crf else SequenceTagger
    return kind(recurrent, vectors=vectors, tune_vectors=tune_vectors, **known, **shared)


def output_rnn(
    *,
    units=234,
    bidirectional=False,
    feedback_size=32,
    scheduled_sampling=0.0,
    embedding_size=64,
    spelling_units=0,
    affix_size=16,
    dropout=0.3,
    word_dropout=0.25,
    tags=None,
    characters=None,
    words=None,
    dtype=None,
):
    """A `rnnzoo.tasks.FeedbackTagger` that remembers its last tag, and nothing else.

    Args:
        units: hidden units, and of the encoder in each direction if there is one.
        bidirectional: whether an encoder of simple recurrent units sees past and future.
        feedback_size: length of a tag's vector.
        scheduled_sampling: share of the tags fed in training that the model draws itself.
        others: as for `tagger`.
    """
    from rnnzoo.tasks import FeedbackTagger, Memoryless

    _check_feedback(units, feedback_size, scheduled_sampling)
    return FeedbackTagger(
        Memoryless(units, dtype=dtype),
        _both_ways("rnn", units, dtype, {}) if bidirectional else None,
        feedback_size,
        scheduled_sampling,
        tags,
        characters,
        words,
        **_shared(embedding_size, spelling_units, affix_size, dropout, word_dropout, dtype),
    )


def feedback_tagger(
    *,
    cell="lstm",
    units=180,
    bidirectional=False,
    feedback_size=32,
    scheduled_sampling=0.0,
    embedding_size=64,
    spelling_units=0,
    affix_size=16,
    dropout=0.3,
    word_dropout=0.25,
    tags=None,
    characters=None,
    words=None,
    dtype=None,
    **cell_options,
):
    """A `rnnzoo.tasks.FeedbackTagger` with recurrent units, which are fed the last tag.

    Args:
        cell, cell_options: as for `tagger`.
        units: hidden units, and of the encoder in each direction if there is one.
        bidirectional: whether an encoder of such units sees past and future.
        feedback_size: length of a tag's vector.
        scheduled_sampling: share of the tags fed in training that the model draws itself.
        others: as for `tagger`.
    """
    from rnnzoo.layers import RecurrentStack
    from rnnzoo.tasks import FeedbackTagger

    _check_feedback(units, feedback_size, scheduled_sampling)
    return FeedbackTagger(
        RecurrentStack([_layer(cell, units, dtype, cell_options)], dtype=dtype),
        _both_ways(cell, units, dtype, cell_options) if bidirectional else None,
        feedback_size,
        scheduled_sampling,
        tags,
        characters,
        words,
        **_shared(embedding_size, spelling_units, affix_size, dropout, word_dropout, dtype),
    )


def _layer(cell, units, dtype, cell_options):
    kind = recurrent_kind(cell, cell_options)
    return kind(units, return_sequences=True, dtype=dtype, **cell_options)


def _both_ways(cell, units, dtype, cell_options):
    from rnnzoo.platform import keras

    return keras.layers.Bidirectional(_layer(cell, units, dtype, cell_options), dtype=dtype)


def _check_feedback(units, feedback_size, scheduled_sampling):
    check_sizes(units=units, feedback_size=feedback_size)
    check_share("scheduled_sampling", scheduled_sampling)


def _shared(embedding_size, spelling_units, affix_size, dropout, word_dropout, dtype):
    """What all taggers with a network take, checked."""
    check_sizes(embedding_size=embedding_size)
    if spelling_units != 0:
        check_sizes(spelling_units=spelling_units)
    fits = affix_size == 0 or is_size(affix_size)
    check("affix_size", affix_size, fits, "a positive integer, or 0 for none")
    check_rate("dropout", dropout)
    check_rate("word_dropout", word_dropout)
    return {
        "embedding_size": embedding_size,
        "spelling_units": spelling_units,
        "affix_size": affix_size,
        "dropout": dropout,
        "word_dropout": word_dropout,
        "dtype": dtype,
    }


_SHARED = {
    "units": 128,
    "embedding_size": 64,
    "spelling_units": 0,
    "affix_size": 16,
    "dropout": 0.3,
}


def _row(cell, description, paper, parameters, weights=(), **defaults):
    return {
        "task": "sequence-tagging",
        "description": description,
        "paper": paper,
        "dataset": "python_tokens",
        "metric": "accuracy",
        "defaults": {
            **({} if cell is None else {"cell": cell}),
            "bidirectional": True,
            **_SHARED,
            **defaults,
        },
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
    "tagger_bilstm_crf": _row(
        "lstm",
        "tagger that sees past and future and chooses all tags together, by a conditional random "
        "field",
        "Huang et al. 2015, Bidirectional LSTM-CRF models for sequence tagging",
        207_598,
        crf=True,
    ),
}

FEEDBACK = {
    "feedback_size": 32,
    "scheduled_sampling": 0.0,
}
MODELS_WITH_FEEDBACK = {
    "tagger_output_rnn": (
        output_rnn,
        _row(
            None,
            "tagger that remembers its last tag alone: trained without a loop over time",
            "Jordan 1986, Serial order: a parallel distributed processing approach",
            32_612,
            bidirectional=False,
            units=234,  # about as many weights as tagger_rnn
            **FEEDBACK,
        ),
    ),
    "tagger_feedback_lstm": (
        feedback_tagger,
        _row(
            "lstm",
            "tagger that is fed its tags, long short-term memory; greedy and beam decoding",
            "Bengio et al. 2015, Scheduled sampling for sequence prediction with recurrent "
            "neural networks",
            208_598,
            bidirectional=False,
            units=180,  # about as many weights as tagger_lstm
            **FEEDBACK,
        ),
    ),
}

for _name, _entry in MODELS.items():
    register_model(_name, **_entry, flagship=_name == "tagger_bilstm")(tagger)
for _name, (_builder, _entry) in MODELS_WITH_FEEDBACK.items():
    register_model(_name, **_entry)(_builder)
