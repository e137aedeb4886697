"""How long do networks remember? Five cells of as many weights, and nothing but the cell.

    channels, standardized -> one recurrent layer -> h_T -> a class, or a number
                                                  -> h_1 ... h_T -> a class each, with answer="each"

No convolution shortens the way from a step to the answer, no difference between steps is read, no
mean over steps stands in for memory, and a sequence of any length is read as a whole. The layers
are those of activity recognition and of regression.
"""

from rnnzoo.registry import register_model
from zoo_models.activity import activity
from zoo_models.regression import regression

# With these, cells have as many weights within 3 %, whatever the task's channels and classes.
UNITS = {"rnn": 193, "leaky": 193, "skip": 138, "gru": 111, "lstm": 96}
# What a cell has beside its units, and its source.
CELLS = {
    "rnn": ("simple recurrent units", {}, "Elman 1990, Finding structure in time"),
    "leaky": (
        "leaky units with time constants from 1 to 100",
        {"time_constants": (1.0, 100.0)},
        "Jaeger et al. 2007, Optimization and applications of echo state networks with "
        "leaky-integrator neurons",
    ),
    "skip": (
        "units that see their state 1 and 8 steps back",
        {"delays": (1, 8)},
        "El Hihi & Bengio 1995, Hierarchical recurrent neural networks for long-term dependencies",
    ),
    "gru": (
        "gated recurrent units",
        {},
        "Cho et al. 2014, Learning phrase representations using RNN encoder-decoder",
    ),
    "lstm": (
        "long short-term memory",
        {},
        "Hochreiter & Schmidhuber 1997, Long short-term memory",
    ),
}
PLAIN = {"layers": 1, "answer": "last", "differences": False, "whole": True}
# Of weights to train: with one channel and ten classes, and with two channels and a normal
# distribution of a number.
PARAMETERS = {
    "rnn": (39_575, 38_216),
    "leaky": (39_575, 38_216),
    "skip": (39_754, 38_780),
    "gru": (39_082, 38_519),
    "lstm": (38_602, 38_210),
}


def _row(cell, task, dataset, metric, parameters, **defaults):
    units, options, paper = CELLS[cell]
    what = "a class" if task == "sequence-classification" else "a number"
    return {
        "task": task,
        "description": f"{what} from the memory of one layer of {units}",
        "paper": paper,
        "dataset": dataset,
        "metric": metric,
        "defaults": {"cell": cell, "units": UNITS[cell], **PLAIN, **defaults, **options},
        "parameters": parameters,
    }


MODELS = {}
for _cell, (_of_classes, _of_numbers) in PARAMETERS.items():
    _classes = ("sequence-classification", "digits_pixels", "macro F1", _of_classes)
    _numbers = ("sequence-regression", "adding", "mean absolute error", _of_numbers)
    MODELS[f"memory_{_cell}"] = activity, _row(_cell, *_classes, balanced=False)
    MODELS[f"memory_{_cell}_regressor"] = (
        regression,
        _row(_cell, *_numbers, distribution="normal"),
    )

for _name, (_builder, _entry) in MODELS.items():
    register_model(_name, **_entry)(_builder)
