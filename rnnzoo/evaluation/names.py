"""Measures of models of names."""

from __future__ import annotations

import keyword
import math
from collections.abc import Sequence

import numpy as np

from rnnzoo.evaluation.measure import Measure


def of_names(
    nats: np.ndarray, written: Sequence[str], train: Sequence[str], alike: Sequence[str]
) -> list[Measure]:
    """Bits a character and nats a name; and of names that a model wrote, which are new and valid.

    New is what is none of the training names. Valid is an identifier of Python that is no keyword:
    that is measured where all names that the model should write alike are.

    Args:
        nats: (names, 2): of each the negative log-likelihood in nats, its end included, and how
            many characters it has, its end among them.
        written: by the model.
        train: what it was trained on; empty if that is not known.
        alike: what names there are like.

    Example:
        >>> nats = np.array([[4 * math.log(2), 4.0], [0.0, 2.0]])
        >>> measures = of_names(nats, ["get", "3"], train=["get", "set"], alike=["get"])
        >>> {measure.name: round(measure.value, 3) for measure in measures}
        {'bits per character': 0.667, 'nats per name': 1.386, 'new': 0.5, 'valid': 0.5}
    """
    bits = Measure(
        "bits per character",
        nats,
        lambda sums: sums[0] / sums[1] / math.log(2),
        higher_is_better=False,
    )
    each = np.stack([nats[:, 0], np.ones(len(nats))], axis=1)
    found = [bits, Measure("nats per name", each, _mean, higher_is_better=False)]
    if train:
        known = {*train}
        found.append(_share("new", [name not in known for name in written]))
    if all(map(_is_identifier, alike)):
        found.append(_share("valid", [_is_identifier(name) for name in written]))
    return found


def _is_identifier(name):
    return name.isidentifier() and not keyword.iskeyword(name)


def _share(name, those):
    return Measure(name, np.stack([those, np.ones(len(those))], axis=1), _mean, share=True)


def _mean(sums):
    return sums[0] / sums[1]
