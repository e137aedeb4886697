"""A cell's name in saved models."""

import numpy as np
import pytest

import rnnzoo
from rnnzoo import cells
from rnnzoo.platform import keras


def names_of(cell_class):
    table = keras.saving.get_custom_objects()
    return [name for name, there in table.items() if there is cell_class]


def defined(module, qualname=None, base=cells.SimpleRNNCell, **keywords):
    """What a class statement does in a module of that name."""
    name = (qualname or "NamedCell").rpartition(".")[-1]
    namespace = {"__module__": module, "__qualname__": qualname or name}
    return type(base)(name, (base,), namespace, **keywords)


def test_our_cells_have_one_name_each():
    for name in cells.__all__:
        kind = getattr(cells, name)
        if isinstance(kind, type) and kind is not cells.Cell:
            assert names_of(kind) == [f"rnnzoo>{name}"]


def test_a_cell_is_named_by_its_package():
    assert names_of(defined("one_package.part")) == ["one_package>NamedCell"]
    assert names_of(defined("two_package.part", package="mine")) == ["mine>NamedCell"]
    assert names_of(defined("mine_too", base=defined("a", package="b"))) == ["mine_too>NamedCell"]


def test_a_notebook_that_defines_its_cell_again_replaces_it():
    first, second = defined("notebook"), defined("notebook")
    assert names_of(first) == [] and names_of(second) == ["notebook>NamedCell"]


@pytest.mark.parametrize(
    "other",
    [{"module": "clash.b"}, {"module": "clash.a", "qualname": "f.<locals>.NamedCell"}],
)
def test_two_cells_of_one_name_are_refused_and_the_first_stays(other):
    first = defined("clash.a")
    with pytest.raises(ValueError, match="'clash>NamedCell'.* package='clash"):
        defined(**other)
    assert names_of(first) == ["clash>NamedCell"]
    other_package = f"other.{len(other)}"
    assert names_of(defined(**other, package=other_package)) == [f"{other_package}>NamedCell"]


def test_a_model_finds_the_cell_that_it_was_saved_with(tmp_path):
    kinds = [defined("here.a", package="here.a"), defined("here.b", package="here.b")]
    model = keras.Sequential([keras.Input((5, 3))])
    for kind in kinds:
        model.add(rnnzoo.Recurrent(kind(4), return_sequences=True))
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert [type(layer.cell) for layer in again.layers] == kinds
    x = np.ones((2, 5, 3), "float32")
    np.testing.assert_array_equal(model(x), again(x))
