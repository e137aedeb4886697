"""Translation: a sentence into a sentence.

    source -> recurrent layers, of which the final states are kept -> recurrent layers that write

The network of Sutskever et al. (2014), "Sequence to sequence learning with neural networks", with
the layers of each name's own source; with attention, that of Luong et al. (2015), "Effective
approaches to attention-based neural machine translation".
"""

from rnnzoo.errors import WrongValue
from rnnzoo.registry import register_model
from zoo_models.options import check, check_attention, check_rate, check_sizes, recurrent_kind

# What `parameters` counts with, as the words come from the data.
REFERENCE = {
    "words": {f"word{i}": 1 for i in range(1000)},
    "source_words": {f"word{i}": 1 for i in range(1000)},
}


def translator(
    *,
    cell="lstm",
    units=256,
    layers=2,
    embedding_size=128,
    dropout=0.3,
    condition="state",
    reverse_source=True,
    shared=False,
    min_count=2,
    cased=False,
    label_smoothing=0.1,
    attention=None,
    feeding=None,
    bidirectional=False,
    tied=True,
    pieces=None,
    copying=True,
    words=None,
    source_words=None,
    characters="",
    source_characters="",
    dtype=None,
    **cell_options,
):
    """A `rnnzoo.tasks.Translator`.

    Args:
        cell: "rnn", "leaky", "skip", "gru" or "lstm".
        units: hidden units of each layer.
        layers: recurrent layers on top of each other, as many to read as to write.
        embedding_size: length of a word's vector.
        dropout: share dropped, in training, of each recurrent layer's input and of the output.
        condition: "state": writing begins with the state that was read; "input": with zeros,
            and each step sees the encoder's last output, beside the word before; "both".
        reverse_source: whether the source is read from its end.
        shared: whether sources and targets have one vocabulary and one vector for a word.
        min_count: words that training meets less often are spelt, character by character; what it
            meets less often is no piece.
        cased: whether upper and lower case are told apart; if not, all is in lower case.
        label_smoothing: share of the target that is spread over all words.
        attention: "general", "scaled" or "additive": before each word the decoder looks at all
            words of the source, each of which is scored by h W h', that over the square root of
            h's length, or u tanh(h W + h' U); None: it doesn't.
        feeding: whether the decoder's lowest layer looks, and those above read what it found, after
            Wu et al. (2016), "Google's neural machine translation system", whose lowest layer
            looked a step before; else its highest looks.
            None: where there are attention and layers above.
        bidirectional: whether the encoder reads from both ends, each with half of the units.
        tied: whether a word of the targets has one vector, by which it is read and by which it is
            chosen, or two.
        pieces: how many pieces of words are learned at most, by WordPiece, of each language unless
            `shared`; all words are read and written by them. None: words.
        copying: whether placeholders such as %(name)s, and addresses, are copied from the source.
        words, source_words: dicts of words, or of pieces, with counts; None takes them from the
            first data fitted.
        characters, source_characters: what other words are spelt with.
        dtype: dtype policy, such as "mixed_bfloat16"; None is Keras's global one.
        **cell_options: the cell's own (time_constants of leaky, delays of skip).

    Raises:
        ValueError: an option is none of these, or the cell doesn't have it.
    """
    from rnnzoo.layers import BidirectionalStack, RecurrentStack
    from rnnzoo.tasks import Translator

    kind = recurrent_kind(cell, cell_options)
    check_sizes(units=units, layers=layers, embedding_size=embedding_size, min_count=min_count)
    check_rate("dropout", dropout)
    check_rate("label_smoothing", label_smoothing)
    flags = {
        "reverse_source": reverse_source,
        "shared": shared,
        "cased": cased,
        "bidirectional": bidirectional,
        "tied": tied,
        "copying": copying,
    }
    if pieces is not None:
        check_sizes(pieces=pieces)
    for name, value in flags.items():
        check(name, value, isinstance(value, bool), "True or False")
    check_attention(attention)
    can_feed = attention is not None and layers > 1
    check("feeding", feeding, isinstance(feeding, bool | None), "None, True or False")
    if feeding and not can_feed:
        raise WrongValue(
            f"feeding=True with attention={attention!r} and layers={layers}: expected attention, "
            "and two layers or more, as it is the upper ones that are fed"
        )
    feeding = can_feed if feeding is None else feeding
    check("units", units, not (bidirectional and units % 2), "an even number where bidirectional")

    def stack(kind_of_stack, units, name, **options):
        return kind_of_stack(
            [kind(units, dtype=dtype, **cell_options) for _ in range(layers)],
            dropout=dropout,
            name=name,
            dtype=dtype,
            **options,
        )

    if bidirectional:
        encoder = stack(BidirectionalStack, units // 2, "encoder")
    else:
        encoder = stack(RecurrentStack, units, "encoder")
    return Translator(
        encoder,
        stack(RecurrentStack, units, "decoder", between=units if feeding else 0),
        embedding_size,
        condition,
        reverse_source,
        shared,
        min_count,
        cased,
        label_smoothing,
        attention,
        tied,
        pieces,
        copying,
        words,
        source_words,
        characters,
        source_characters,
        dtype=dtype,
    )


_SHARED = {
    "units": 256,
    "layers": 2,
    "embedding_size": 128,
    "dropout": 0.3,
    "label_smoothing": 0.1,
    "min_count": 2,
}
_READING = {"reverse_source": True, "attention": None, "bidirectional": False}


def _row(cell, description, paper, parameters, weights=(), **defaults):
    return {
        "task": "translation",
        "description": description,
        "paper": paper,
        "dataset": "ui_messages",
        "metric": "BLEU",
        "defaults": {"cell": cell, **_SHARED, **_READING, **defaults},
        "parameters": parameters,
        "weights": weights,
    }


_SUTSKEVER = "Sutskever et al. 2014, Sequence to sequence learning with neural networks"

MODELS = {
    "translate_lstm": _row(
        "lstm",
        "sentences to sentences, two layers of LSTM that read backwards and two that write",
        _SUTSKEVER,
        2_129_771,
    ),
    "translate_lstm_forward": _row(
        "lstm",
        "as translate_lstm, but reads forwards",
        _SUTSKEVER,
        2_129_771,
        reverse_source=False,
    ),
    "translate_gru": _row(
        "gru",
        "as translate_lstm, with gated recurrent units",
        "Cho et al. 2014, Learning phrase representations using RNN encoder-decoder",
        1_673_067,
    ),
    "translate_attention_gru": _row(
        "gru",
        "reads pieces of words in both directions, and looks back at each while it writes",
        "Luong et al. 2015, Effective approaches to attention-based neural machine translation",
        1_402_603,
        weights=("ui_messages",),
        attention="scaled",
        bidirectional=True,
        reverse_source=False,
        layers=1,
        embedding_size=256,
        pieces=4000,
    ),
}

for _name, _entry in MODELS.items():
    register_model(_name, **_entry, flagship=_name == "translate_attention_gru")(translator)
