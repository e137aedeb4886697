"""Activity recognition: one answer for a whole sequence of measurements, or of video frames.

    sensor channels -> standardized -> one or more recurrent layers -> classes
    sensor channels -> standardized -> convolutions over time -> one recurrent layer -> classes
    frames -> a small CNN each -> one recurrent layer -> classes

The first comes with five cells, and one in both directions. The second is that of Ordonez and
Roggen (2016), in one direction and in both; the third the long-term recurrent convolutional network
of Donahue et al. (2015).
"""

from rnnzoo.registry import register_model
from zoo_models.options import (
    check,
    check_rate,
    check_sizes,
    frame_network,
    number_or_names,
    recurrent_kind,
)


def activity(
    *,
    cell="lstm",
    units=96,
    layers=1,
    dropout=0.0,
    bidirectional=False,
    filters=(),
    conv_filters=(),
    kernel_size=5,
    strides=2,
    normalization="batch",
    differences=True,
    answer=None,
    output_dropout=0.0,
    window=None,
    hop=None,
    whole=False,
    balanced=None,
    multi_label=None,
    classes=None,
    num_classes=None,
    features=None,
    dtype=None,
    **cell_options,
):
    """A `rnnzoo.tasks.SequenceClassifier`.

    Args:
        cell: "rnn", "leaky", "skip", "gru" or "lstm".
        units: hidden units of each layer, in each direction.
        layers: recurrent layers on top of each other; one if it is bidirectional.
        dropout: share dropped, in training, of each layer's input and, but for a layer in both
            directions, of the output.
        bidirectional: whether the layer reads the sequence in both directions; such a model can't
            stream.
        filters: of the convolutions on each frame of a video; none for measurements.
        conv_filters: of the convolutions over time before the recurrent layers; none without.
        kernel_size: time steps that each convolution reads; a number for all, or one for each.
        strides: time steps from one of its frames to the next; a number for all, or one for each.
        normalization: of each convolution, "batch", "layer" or None.
        differences: whether channels that hardly change from step to step are also read by their
            first and second differences, where the first data fitted has such channels.
        answer: "last", after the last step; "mean", of the answers at all steps; "pool", from mean
            and maximum of the outputs at all steps; or "each", at each step. None is "each" where
            the first labels fitted are by step, and else "pool".
        output_dropout: share dropped, in training, of what the output layer reads.
        window, hop: time steps of the windows whose mean is the answer to a longer sequence, and
            from one to the next, by default half a window; None takes what suits the lengths of
            the first data fitted.
        whole: whether sequences are read as a whole, however long, without windows.
        balanced: whether training draws each class equally often; the answer makes up for it.
            None: it does, unless examples have several labels.
        multi_label: whether an example has any number of the classes, and not one; None takes it
            from the first labels fitted.
        classes: their names; None takes them from the first labels fitted.
        num_classes: their number, where the names come with the first labels fitted.
        features: shape of one step, such as (6,); None takes it from the first data fitted.
        dtype: dtype policy, such as "mixed_bfloat16"; None is Keras's global one.
        **cell_options: the cell's own (time_constants of leaky, delays of skip).

    Raises:
        ValueError: an option is none of these, or the cell doesn't have it.
    """
    from rnnzoo.tasks import SequenceClassifier

    classes = number_or_names(classes, num_classes)
    recurrent, frame, front = layers_of(
        cell=cell,
        units=units,
        layers=layers,
        dropout=dropout,
        bidirectional=bidirectional,
        filters=filters,
        conv_filters=conv_filters,
        kernel_size=kernel_size,
        strides=strides,
        normalization=normalization,
        answer=answer,
        output_dropout=output_dropout,
        dtype=dtype,
        **cell_options,
    )
    return SequenceClassifier(
        recurrent,
        frame,
        answer,
        classes,
        balanced,
        features=features,
        multi_label=multi_label,
        differences=differences,
        front=front,
        output_dropout=output_dropout,
        window=window,
        hop=hop,
        whole=whole,
        dtype=dtype,
    )


def layers_of(
    *,
    cell,
    units,
    layers,
    dropout,
    bidirectional,
    filters,
    conv_filters,
    kernel_size,
    strides,
    normalization,
    answer,
    output_dropout,
    dtype,
    **cell_options,
):
    """The recurrent layers, the network of frames or None, the convolutions over time or None.

    Arguments and errors are those of `activity`.
    """
    from rnnzoo.layers import ConvStack, RecurrentStack
    from rnnzoo.platform import keras

    kind = recurrent_kind(cell, cell_options)
    check_sizes(units=units, layers=layers)
    check_rate("dropout", dropout)
    check_rate("output_dropout", output_dropout)
    if bidirectional:
        check("layers", layers, layers == 1, "1 where bidirectional")
        recurrent = keras.layers.Bidirectional(
            kind(
                units,
                dropout=dropout,
                return_sequences=answer != "last",
                dtype=dtype,
                **cell_options,
            ),
            dtype=dtype,
        )
    else:
        recurrent = RecurrentStack(
            [kind(units, dtype=dtype, **cell_options) for _ in range(layers)],
            dropout=dropout,
            dtype=dtype,
        )
    frame = frame_network(filters, dtype) if filters else None
    front = None
    if conv_filters:
        front = ConvStack(
            conv_filters, kernel_size, strides, normalization=normalization, dtype=dtype
        )
    return recurrent, frame, front


_SHARED = {"units": 96, "layers": 1, "dropout": 0.2, "answer": None}
_FRONT = {
    "conv_filters": (64, 64, 64),
    "kernel_size": 5,
    "strides": 2,
    "output_dropout": 0.5,
}
_CONVOLUTIONAL = (
    "Ordonez & Roggen 2016, Deep convolutional and LSTM recurrent neural networks for multimodal "
    "wearable activity recognition"
)


def _row(cell, description, paper, parameters, dataset="watch", weights=(), **defaults):
    return {
        "task": "sequence-classification",
        "description": description,
        "paper": paper,
        "dataset": dataset,
        "metric": "macro F1",
        "defaults": {"cell": cell, **_SHARED, **defaults},
        "parameters": parameters,
        "weights": weights,
    }


MODELS = {
    "activity_rnn": _row(
        "rnn",
        "activity from sensors, one layer of simple recurrent units",
        "Elman 1990, Finding structure in time",
        11_239,
    ),
    "activity_leaky": _row(
        "leaky",
        "activity from sensors, one layer of leaky units with time constants from 1 to 50",
        "Jaeger et al. 2007, Optimization and applications of echo state networks with "
        "leaky-integrator neurons",
        11_239,
        time_constants=(1.0, 50.0),
    ),
    "activity_skip": _row(
        "skip",
        "activity from sensors, one layer that sees its state 1 and 8 steps back",
        "El Hihi & Bengio 1995, Hierarchical recurrent neural networks for long-term dependencies",
        20_455,
        delays=(1, 8),
    ),
    "activity_gru": _row(
        "gru",
        "activity from sensors, one layer of gated recurrent units",
        "Cho et al. 2014, Learning phrase representations using RNN encoder-decoder",
        31_303,
    ),
    "activity_lstm": _row(
        "lstm",
        "activity from sensors, one layer of long short-term memory",
        "Hochreiter & Schmidhuber 1997, Long short-term memory",
        40_903,
        weights=("watch",),
    ),
    "activity_bilstm": _row(
        "lstm",
        "activity from sensors, one layer of long short-term memory in both directions",
        "Graves & Schmidhuber 2005, Framewise phoneme classification with bidirectional LSTM",
        81_799,
        bidirectional=True,
    ),
    "activity_conv_gru": _row(
        "gru",
        "activity from sensors, three strided convolutions and a layer of gated recurrent units",
        _CONVOLUTIONAL,
        91_271,
        weights=("watch",),
        **_FRONT,
    ),
    "activity_conv_bilstm": _row(
        "lstm",
        "activity from sensors, three strided convolutions and long short-term memory both ways",
        _CONVOLUTIONAL,
        169_607,
        bidirectional=True,
        **_FRONT,
    ),
    "activity_lrcn": _row(
        "lstm",
        "activity from video, a small CNN on each frame and long short-term memory over them",
        "Donahue et al. 2015, Long-term recurrent convolutional networks for visual recognition "
        "and description",
        248_871,
        dataset="moving_emoji",
        filters=(16, 32, 32),
        answer="last",
    ),
}

for _name, _entry in MODELS.items():
    register_model(_name, **_entry, flagship=_name == "activity_conv_gru")(activity)
