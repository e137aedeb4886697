"""Regression: a number for a whole sequence of measurements, or one at each step.

    channels -> standardized -> one or more recurrent layers -> the quantiles of a number
    channels -> standardized -> convolutions over time -> one recurrent layer -> the same

The layers are those of activity recognition, and so is what answers a long recording.
"""

from rnnzoo.registry import register_model
from zoo_models.activity import layers_of


def regression(
    *,
    cell="gru",
    units=96,
    layers=1,
    dropout=0.0,
    bidirectional=False,
    conv_filters=(),
    kernel_size=5,
    strides=2,
    normalization="batch",
    differences=True,
    answer=None,
    output_dropout=0.0,
    distribution="quantiles",
    window=None,
    hop=None,
    whole=False,
    target="",
    center=None,
    scale=None,
    features=None,
    dtype=None,
    **cell_options,
):
    """A `rnnzoo.tasks.SequenceRegressor`.

    Args:
        cell, units, layers, dropout, bidirectional, conv_filters, kernel_size, strides,
            normalization, differences, output_dropout, window, hop, whole, features, dtype,
            **cell_options: as for `zoo_models.activity.activity`.
        answer: as there; None is "each" where the first targets fitted are by step, and else
            "pool".
        distribution: what is answered, "quantiles", of 0.1 to 0.9, or "normal", a mean and a
            standard deviation.
        target: what the number is called; "" takes it from the first table fitted.
        center, scale: mean and standard deviation of the training targets; None takes them from
            the first data fitted.

    Raises:
        ValueError: an option is none of these, or the cell doesn't have it.
    """
    from rnnzoo.tasks import SequenceRegressor

    recurrent, _, front = layers_of(
        cell=cell,
        units=units,
        layers=layers,
        dropout=dropout,
        bidirectional=bidirectional,
        filters=(),
        conv_filters=conv_filters,
        kernel_size=kernel_size,
        strides=strides,
        normalization=normalization,
        answer=answer,
        output_dropout=output_dropout,
        dtype=dtype,
        **cell_options,
    )
    return SequenceRegressor(
        recurrent,
        None,
        answer,
        distribution=distribution,
        target=target,
        center=center,
        scale=scale,
        features=features,
        differences=differences,
        front=front,
        output_dropout=output_dropout,
        window=window,
        hop=hop,
        whole=whole,
        dtype=dtype,
    )


def _row(description, paper, parameters, **defaults):
    return {
        "task": "sequence-regression",
        "description": description,
        "paper": paper,
        "dataset": "humidity",
        "metric": "mean absolute error",
        "defaults": {"cell": "gru", "units": 96, "layers": 1, "answer": None, **defaults},
        "parameters": parameters,
    }


MODELS = {
    "regress_gru": _row(
        "a number from sensors, by quantiles, one layer of gated recurrent units",
        "Cho et al. 2014, Learning phrase representations using RNN encoder-decoder",
        31_689,
        dropout=0.2,
    ),
    "regress_conv_gru": _row(
        "a number from sensors, by quantiles, three convolutions and gated recurrent units",
        "Ordonez & Roggen 2016, Deep convolutional and LSTM recurrent neural networks for "
        "multimodal wearable activity recognition",
        91_657,
        dropout=0.2,
        conv_filters=(64, 64, 64),
        kernel_size=5,
        strides=1,
        output_dropout=0.2,
    ),
}

for _name, _entry in MODELS.items():
    register_model(_name, **_entry, flagship=_name == "regress_gru")(regression)
