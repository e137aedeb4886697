"""Forecasters: what comes next in series in time, as a distribution; one architecture, five cells.

    newest values by their own scale, calendar, covariates -> recurrent layers -> a distribution of
    what comes at each step

Salinas et al. (2020), DeepAR, with the layers of each name's own source.
"""

from rnnzoo.registry import register_model
from zoo_models.options import check_rate, check_sizes, recurrent_kind

# What `parameters` counts with: a monthly series, alone.
REFERENCE = {
    "frequency": "MS",
    "season": 12,
    "horizon": 12,
    "context": 36,
    "ahead": 1,
    "calendar": ("months",),
    "lags": (1, 12, 13, 24),
}


def forecaster(
    *,
    cell="gru",
    units=32,
    layers=1,
    distribution="auto",
    ahead=1,
    horizon=None,
    context=None,
    names=False,
    embedding_size=4,
    dropout=0.1,
    known=None,
    dtype=None,
    **cell_options,
):
    """A `rnnzoo.tasks.Forecaster`.

    Args:
        cell: "rnn", "leaky", "skip", "gru" or "lstm".
        units: hidden units of each layer.
        layers: recurrent layers on top of each other.
        distribution: "gaussian", "student_t", "negative_binomial" (counts), "dry_or_wet" (zeros and
            amounts), or "auto": which suits the values.
        ahead: steps that are told at once: 1 draws a step and goes on from it, more have no such
            loop within them, and are right step by step.
        horizon: steps that are forecast; None: what suits the data.
        context: steps that are read before a forecast; None: by season and horizon.
        names: whether each series has a vector of its own, by its name.
        embedding_size: length of that vector, and of one of a word that stays.
        dropout: share dropped, in training, of what is made of the hidden state.
        known: what a trained model knows of its series; None takes it from the first ones fitted.
        dtype: dtype policy, such as "mixed_bfloat16"; None is Keras's global one.
        **cell_options: the cell's own (time_constants of leaky, delays of skip: "season" stands for
            a step and a season back).

    Raises:
        ValueError: an option is none of these, or the cell doesn't have it.
    """
    from rnnzoo.layers import RecurrentStack
    from rnnzoo.tasks import Forecaster

    seasonal = cell_options.get("delays") == "season"
    if seasonal:
        cell_options = {**cell_options, "delays": (1, 2)}
    kind = recurrent_kind(cell, cell_options)
    check_sizes(units=units, layers=layers, embedding_size=embedding_size)
    check_sizes(ahead=ahead)
    for name, value in (("horizon", horizon), ("context", context)):
        if value is not None:
            check_sizes(**{name: value})
    check_rate("dropout", dropout)
    stack = RecurrentStack(
        [kind(units, dtype=dtype, **cell_options) for _ in range(layers)], dtype=dtype
    )
    return Forecaster(
        stack,
        distribution,
        ahead,
        horizon,
        context,
        names,
        embedding_size,
        dropout,
        seasonal,
        known,
        dtype=dtype,
    )


_SHARED = {"units": 32, "layers": 1, "distribution": "auto", "ahead": 1, "dropout": 0.1}


def _row(cell, description, paper, parameters, weights=(), **defaults):
    return {
        "task": "forecasting",
        "description": description,
        "paper": paper,
        "dataset": "us_employment",
        "metric": "CRPS",
        "defaults": {"cell": cell, **_SHARED, **defaults},
        "parameters": parameters,
        "weights": weights,
    }


MODELS = {
    "forecast_rnn": _row(
        "rnn",
        "forecaster, one layer of simple recurrent units",
        "Elman 1990, Finding structure in time",
        3_335,
    ),
    "forecast_leaky": _row(
        "leaky",
        "forecaster, one layer of leaky units with time constants from 1 to 16",
        "Jaeger et al. 2007, Optimization and applications of echo state networks with "
        "leaky-integrator neurons",
        3_335,
        time_constants=(1.0, 16.0),
        learn_time_constants=False,
    ),
    "forecast_skip": _row(
        "skip",
        "forecaster, one layer that sees its state a step and a season back",
        "El Hihi & Bengio 1995, Hierarchical recurrent neural networks for long-term dependencies",
        4_359,
        delays="season",
    ),
    "forecast_gru": _row(
        "gru",
        "forecaster, one layer of gated recurrent units",
        "Salinas et al. 2020, DeepAR: probabilistic forecasting with autoregressive recurrent "
        "networks",
        6_951,
        weights=("us_employment",),
    ),
    "forecast_lstm": _row(
        "lstm",
        "forecaster, one layer of long short-term memory",
        "Salinas et al. 2020, DeepAR: probabilistic forecasting with autoregressive recurrent "
        "networks",
        8_615,
    ),
}

for _name, _entry in MODELS.items():
    register_model(_name, **_entry, flagship=_name == "forecast_gru")(forecaster)
