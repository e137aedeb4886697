"""Every argument of a cell is shown: to `help` with its default, to editors with its type."""

import inspect

import pytest

from rnnzoo import cells
from rnnzoo.cells.arguments import CellArguments, WeightArguments

CELLS = [
    cells.SimpleRNNCell,
    cells.LeakyRNNCell,
    cells.SkipDelayRNNCell,
    cells.GRUCell,
    cells.LSTMCell,
]


@pytest.mark.parametrize("kind", CELLS)
def test_no_argument_is_hidden(kind):
    parameters = inspect.signature(kind).parameters
    assert all(p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY) for p in parameters.values())
    assert parameters.keys() == kind(4).get_config().keys()
    assert not [name for name, p in parameters.items() if p.annotation is p.empty]


@pytest.mark.parametrize("kind", CELLS)
def test_a_default_that_is_shown_is_the_one_in_force(kind):
    shown = inspect.signature(kind).parameters.values()
    explicit = {p.name: p.default for p in shown if p.name not in ("units", "name")}
    assert kind(4, **explicit, name="a").get_config() == kind(4, name="a").get_config()


def test_what_editors_are_told_is_what_the_base_takes():
    assert CellArguments.__annotations__.keys() == named(cells.Cell)
    of_dense = named(cells.DenseCell) | {"units", "activation", "use_bias"}
    assert WeightArguments.__annotations__.keys() | {"units", "activation", "use_bias"} == of_dense


def named(kind):
    parameters = inspect.signature(kind).parameters
    return set(parameters) - {"units"}


def test_a_cell_of_ones_own_shows_what_it_hands_on():
    class SlopedCell(cells.GRUCell):
        def __init__(self, units, slope=1.0, **kwargs):
            super().__init__(units, **kwargs)

    class Bare(cells.Cell):
        def __init__(self, units):
            super().__init__(units)

    shown = inspect.signature(SlopedCell).parameters
    assert list(shown)[:2] == ["units", "slope"]
    assert shown.keys() == {"slope", *inspect.signature(cells.GRUCell).parameters}
    assert list(inspect.signature(Bare).parameters) == ["units"]
