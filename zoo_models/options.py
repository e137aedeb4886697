"""What the builders of the zoo share: recurrent layers by name, and checks of options."""

import inspect
import numbers

from rnnzoo.errors import WrongValue
from rnnzoo.sizes import is_size

CELLS = ("rnn", "leaky", "skip", "gru", "lstm")


def recurrent_kind(cell, cell_options):
    """The layer class of a cell's name.

    Raises:
        ValueError: there is none, or the cell doesn't have one of the options.
    """
    from rnnzoo import layers

    kinds = dict(
        zip(
            CELLS,
            (layers.SimpleRNN, layers.LeakyRNN, layers.SkipDelayRNN, layers.GRU, layers.LSTM),
            strict=True,
        )
    )
    able = [name for name, kind in kinds.items() if _takes(kind.cell_class, cell_options)]
    with_options = f" (with {', '.join(cell_options)})" if cell_options else ""
    check("cell", cell, cell in able, f"one of {', '.join(able)}{with_options}")
    return kinds[cell]


def check_sizes(**sizes):
    """Raise a ValueError if one is no positive integer."""
    for name, size in sizes.items():
        fits = is_size(size) and size < 2**31
        check(name, size, fits, "a positive integer below 2**31")


def check_rate(name, rate):
    """Raise a ValueError if it is no rate of dropout."""
    drops = isinstance(rate, numbers.Real) and 0 <= rate < 1
    check(name, rate, drops, "a number of at least 0 and below 1")


def check_share(name, share):
    """Raise a ValueError if it is no share."""
    fits = isinstance(share, numbers.Real) and 0 <= share <= 1
    check(name, share, fits, "a number of at least 0 and at most 1")


def check_attention(score):
    """Raise a ValueError if attention has no such score."""
    fits = score in (None, "general", "scaled", "additive")
    check("attention", score, fits, "None, 'general', 'scaled' or 'additive'")


def check(name, value, fits, expected):
    """Raise a ValueError that says what was expected, unless it fits."""
    if not fits:
        raise WrongValue(f"{name}={value!r}: expected {expected}.")


def number_or_names(classes, num_classes):
    """What is known of a model's classes: their names, their number, or None.

    Raises:
        ValueError: there are both, or fewer than two.
    """
    if num_classes is None:
        return classes
    counts = is_size(num_classes) and num_classes >= 2
    check("num_classes", num_classes, counts and classes is None, "at least 2, or classes")
    return int(num_classes)


def frame_network(filters, dtype, normalize=False, flatten=True):
    """A CNN from pictures (n, height, width, 3) of uint8 to features (n, size).

    Args:
        filters: of each convolution, each followed by a pooling that halves height and width.
        dtype: dtype policy.
        normalize: whether each convolution's output is batch-normalized (Ioffe & Szegedy 2015).
        flatten: whether features are in a row; if not, they are (n, rows, columns, size).
    """
    from rnnzoo.platform import keras

    network = [keras.layers.Rescaling(1 / 127.5, offset=-1, dtype=dtype)]
    for count in filters:
        check_sizes(filters=count)
        network.append(keras.layers.Conv2D(count, 3, padding="same", dtype=dtype))
        if normalize:
            network.append(keras.layers.BatchNormalization(momentum=0.9, dtype=dtype))
        network += [
            keras.layers.Activation("relu", dtype=dtype),
            keras.layers.MaxPooling2D(2, dtype=dtype),
        ]
    if flatten:
        network.append(keras.layers.Flatten(dtype=dtype))
    return keras.Sequential(network, name="frame")


def _takes(cell_class, options):
    return options.keys() <= inspect.signature(cell_class).parameters.keys()
