"""Tasks that ask how long a network remembers, and what it forgets; all of them are made here.

    adding                          the sum of two marked numbers, some hundred steps later
    copy_memory                     ten symbols, once more after a long pause
    digits_pixels, ..._permuted     a digit, pixel by pixel
    parity, counting                the number of ones modulo 2 and 3, of more bits than in training
    borders                         one recording after another: at a border the past means nothing

A length that a name ends with, as ``adding/200``, is the time that must be bridged. In Python, the
modules beside make any other: ``adding.series(length=300, seed=1)``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnzoo.data.registry import register_dataset
from rnnzoo.data.sets.digits import URL as DIGITS
from rnnzoo.data.sets.watch import LICENSE as WATCH_LICENSE
from rnnzoo.data.sets.watch import URL as WATCH

if TYPE_CHECKING:
    from rnnzoo.data import Series

LENGTHS = (20, 50, 100, 200, 400)
LENGTH = 100  # unless the name says another
RANDOM = "public domain (random numbers)"
IRNN = "https://arxiv.org/abs/1504.00941"


@register_dataset(
    "adding",
    task="sequence-regression",
    description="the sum of the two numbers that are marked among 100, or among 20 to 400",
    license=RANDOM,
    size="made here",
    url="https://doi.org/10.1162/neco.1997.9.8.1735",
    citation="Hochreiter & Schmidhuber 1997, Long short-term memory",
    variants=map(str, LENGTHS),
)
def load_adding(name: str) -> Series:
    """Load 10,000 sequences to train on, 1,000 to validate and 1,000 to test on."""
    from rnnzoo.data.sets.memory import adding

    return adding.series(_length(name), name=name)


@register_dataset(
    "copy_memory",
    task="sequence-classification",
    description="ten symbols to be repeated after 100 blanks, or after 20 to 400",
    license=RANDOM,
    size="made here",
    url="https://arxiv.org/abs/1511.06464",
    citation="Arjovsky, Shah & Bengio 2016, Unitary evolution recurrent neural networks",
    variants=map(str, LENGTHS),
)
def load_copy_memory(name: str) -> Series:
    """Load 5,000 sequences to train on, 500 to validate and 500 to test on."""
    from rnnzoo.data.sets.memory import copying

    return copying.series(_length(name), name=name)


@register_dataset(
    "digits_pixels",
    task="sequence-classification",
    description="the pictures of 'digits', read as 64 steps of a pixel each",
    license="CC BY 4.0",
    size="in scikit-learn",
    url=DIGITS,
    citation="Le, Jaitly & Hinton 2015, A simple way to initialize recurrent networks of rectified "
    "linear units",
)
def load_digits_pixels(name: str) -> Series:
    """Load them, row by row, in the splits of `digits`."""
    from rnnzoo.data.sets.memory import pixels

    return pixels.series(name)


@register_dataset(
    "digits_pixels_permuted",
    task="sequence-classification",
    description="the same pixels in another order, one for all pictures",
    license="CC BY 4.0",
    size="in scikit-learn",
    url=IRNN,
    citation="Le, Jaitly & Hinton 2015, A simple way to initialize recurrent networks of rectified "
    "linear units",
)
def load_digits_pixels_permuted(name: str) -> Series:
    """Load them, so that pixels that lie side by side are read far apart."""
    from rnnzoo.data.sets.memory import pixels

    return pixels.series(name, permuted=True)


@register_dataset(
    "parity",
    task="sequence-classification",
    description="whether the ones among some bits are even: trained on up to 40, tested on 256",
    license=RANDOM,
    size="made here",
    url="https://doi.org/10.1162/neco.1997.9.8.1735",
    citation="Hochreiter & Schmidhuber 1997, Long short-term memory",
    variants=["40"],
)
def load_parity(name: str) -> Series:
    """Load 10,000 sequences to train on, 1,000 to validate and 1,000 to test on.

    Those of ``parity/40`` that are tested on are as long as the longest that are trained on.
    """
    from rnnzoo.data.sets.memory import bits

    return bits.series(2, test_length=_length(name, bits.LONGER), name=name)


@register_dataset(
    "counting",
    task="sequence-classification",
    description="the ones among some bits, modulo 3: trained on up to 40, tested on 256",
    license=RANDOM,
    size="made here",
    url="https://arxiv.org/abs/2207.02098",
    citation="Deletang et al. 2023, Neural networks and the Chomsky hierarchy",
    variants=["40"],
)
def load_counting(name: str) -> Series:
    """Load as many as of `parity`, whose variant this has, too."""
    from rnnzoo.data.sets.memory import bits

    return bits.series(3, test_length=_length(name, bits.LONGER), name=name)


@register_dataset(
    "borders",
    task="sequence-classification",
    description="exercises of 'watch' one after the other, each step with its class",
    extra="activity",
    license=WATCH_LICENSE,
    size="made here",
    url=WATCH,
    citation="Gers, Schmidhuber & Cummins 2000, Learning to forget: continual prediction with LSTM",
)
def load_borders(name: str) -> Series:
    """Load 1,000 sequences to train on, 200 to validate and 200 to test on, split by subject."""
    from rnnzoo.data.sets.memory import borders

    return borders.series(name)


def _length(name: str, default: int = LENGTH) -> int:
    """The length that a name ends with."""
    return int(name.partition("/")[2] or default)
