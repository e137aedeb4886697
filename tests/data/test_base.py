"""What all data has in common."""

import importlib
import pkgutil

import pytest

import rnnzoo.data
from rnnzoo.data.base import Counted, Data


def kinds_of(base):
    for module in pkgutil.walk_packages(rnnzoo.data.__path__, "rnnzoo.data."):
        if ".sets" not in module.name:
            importlib.import_module(module.name)
    return [kind for kind in base.__subclasses__() if kind.__module__.startswith("rnnzoo.")]


@pytest.mark.parametrize("base", [Data, Counted])
def test_all_of_it_is_never_written_out(base):
    assert len(kinds_of(base)) >= 6
    for kind in kinds_of(base):
        assert kind.__repr__ is base.__repr__, kind


def test_it_is_shown_by_how_much_it_holds(tmp_path):
    (tmp_path / "names.txt").write_text("\n".join(f"name {i}" for i in range(100)))
    names = rnnzoo.load_names(tmp_path / "names.txt")
    assert repr(names) == f"<Names {tmp_path / 'names.txt'}: train 80, validation 10, test 10>"
    documents = rnnzoo.data.Documents(("a", "b"), ("x", "y"))
    assert str(documents) == "<Documents of 2>"
