"""Pictures: a class for the whole of one, or for each of its pixels.

    pixels -> recurrent layers in two dimensions, from all four corners -> classes
    pixels -> convolutions -> classes

The first is the network of Graves, Fernandez and Schmidhuber (2007), whose every output sees the
whole picture. The second has about as many weights, and is there to compare it with.
"""

from rnnzoo.registry import register_model
from zoo_models.options import check, check_rate, check_sizes, number_or_names

CELLS = ("rnn2d", "lstm2d")


def pictures(
    *,
    cell=None,
    units=None,
    layers=None,
    filters=(),
    kernel_size=None,
    dilations=None,
    labels=None,
    drawings=None,
    dropout=0.0,
    classes=None,
    num_classes=None,
    colours=None,
    dtype=None,
):
    """A `rnnzoo.tasks.PictureClassifier`.

    Args:
        cell: "rnn2d" or "lstm2d", which is the default.
        units: hidden units of each recurrent layer, in each of the four directions; default 16.
        layers: recurrent layers on top of each other; default 1.
        filters: of convolutions in place of recurrent layers; of one, a number.
        kernel_size: pixels that each convolution reads, in either direction; odd; default 3.
        dilations: pixels from one of these to the next; a number for all, or one for each;
            default 1.
        labels: "picture", a class each; or "pixel", a class at each of its pixels; None takes it
            from the first labels fitted, or is "picture" where classes are given.
        drawings: whether pictures are strokes on a plain ground, as for the task; None takes it
            from the first data set fitted.
        dropout: share dropped, in training, of what the output layer reads.
        classes: their names; None takes them from the first labels fitted.
        num_classes: their number, where the names come with the first labels fitted.
        colours: 1 or 3; None takes it from the first pictures fitted.
        dtype: dtype policy, such as "mixed_bfloat16"; None is Keras's global one.

    Raises:
        ValueError: an option is none of these, or is of recurrent layers beside filters, or of
            convolutions without.
    """
    from rnnzoo.cells import LSTM2DCell, SimpleRNN2DCell
    from rnnzoo.layers import FourDirections2D
    from rnnzoo.tasks import PictureClassifier

    recurrent = {"cell": cell, "units": units, "layers": layers}
    convolutional = {"kernel_size": kernel_size, "dilations": dilations}
    for name, value in (recurrent if filters else convolutional).items():
        check(name, value, value is None, f"nothing {'beside' if filters else 'without'} filters")
    check_rate("dropout", dropout)
    classes = number_or_names(classes, num_classes)
    if filters:
        body = _convolutions(
            [filters] if isinstance(filters, int) else filters,
            3 if kernel_size is None else kernel_size,
            1 if dilations is None else dilations,
            dtype,
        )
    else:
        units, layers = 16 if units is None else units, 1 if layers is None else layers
        cell = "lstm2d" if cell is None else cell
        check("cell", cell, cell in CELLS, f"one of {', '.join(CELLS)}")
        check_sizes(units=units, layers=layers)
        kind = {"rnn2d": SimpleRNN2DCell, "lstm2d": LSTM2DCell}[cell]
        body = [
            FourDirections2D(kind(units, dtype=dtype), name=f"four_directions_{i}")
            for i in range(layers)
        ]
    return PictureClassifier(
        body,
        labels,
        classes,
        colours,
        drawings=drawings,
        dropout=dropout,
        dtype=dtype,
    )


def _convolutions(filters, kernel_size, dilations, dtype):
    """One for each number of filters, on top of each other."""
    from rnnzoo.layers import Convolution2D

    check_sizes(kernel_size=kernel_size)
    steps = [dilations] * len(filters) if isinstance(dilations, int) else dilations
    check("dilations", dilations, len(steps) == len(filters), "a number, or one for each filter")
    for filters_of_one, dilation in zip(filters, steps, strict=True):
        check_sizes(filters=filters_of_one, dilations=dilation)
    return [
        Convolution2D(n, kernel_size, dilation, dtype=dtype)
        for n, dilation in zip(filters, steps, strict=True)
    ]


_RECURRENT = "Graves, Fernandez & Schmidhuber 2007, Multi-dimensional recurrent neural networks"
_DILATED = "Yu & Koltun 2016, Multi-scale context aggregation by dilated convolutions"


def _row(description, paper, dataset, parameters, weights=(), **defaults):
    return {
        "task": "picture-classification",
        "description": description,
        "paper": paper,
        "dataset": dataset,
        "metric": "accuracy",
        "defaults": defaults,
        "parameters": parameters,
        "weights": weights,
    }


MODELS = {
    "digits_rnn2d": _row(
        "a digit from its picture, a two-dimensional recurrent layer from four corners",
        _RECURRENT,
        "digits",
        11_018,
        # After 600 steps (one seed, validation) 0.974; "lstm2d" of 16 units, as large, had 0.941.
        cell="rnn2d",
        units=32,
        layers=1,
        dropout=0.2,
        weights=("digits",),
    ),
    "digits_cnn": _row(
        "a digit from its picture, three convolutions, about as large as digits_rnn2d",
        "LeCun et al. 1998, Gradient-based learning applied to document recognition",
        "digits",
        10_918,
        filters=(16, 28, 24),
        dropout=0.2,
    ),
    "outline_rnn2d": _row(
        "inside or outside of an outline, at each pixel, two two-dimensional recurrent layers",
        _RECURRENT,
        "openmoji_outlines",
        4_850,
        cell="rnn2d",
        units=12,
        layers=2,
        labels="pixel",
        weights=("openmoji_outlines",),
    ),
    "outline_cnn": _row(
        "inside or outside of an outline, at each pixel, dilated convolutions that see all of it",
        _DILATED,
        "openmoji_outlines",
        4_792,
        filters=(10, 10, 10, 10, 10, 10),
        dilations=(1, 2, 4, 8, 4, 1),
        labels="pixel",
    ),
}

for _name, _entry in MODELS.items():
    register_model(_name, **_entry, flagship=_name == "digits_rnn2d")(pictures)
