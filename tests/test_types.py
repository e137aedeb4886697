"""What type checkers and editors are told is what there is."""

import ast
import functools
import inspect
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import rnnzoo
import rnnzoo.tasks

PUBLIC = {name: getattr(rnnzoo, name) for name in rnnzoo.__all__}
PUBLIC = {name: it for name, it in PUBLIC.items() if not isinstance(it, types.ModuleType)}
PUBLIC |= {name: getattr(rnnzoo.tasks, name) for name in rnnzoo.tasks.__all__}


def test_type_checkers_find_every_name_that_the_package_exports():
    path = Path(rnnzoo.__file__)
    (block,) = [
        node
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.If) and getattr(node.test, "id", None) == "TYPE_CHECKING"
    ]
    names = [alias.name for statement in block.body for alias in statement.names]
    assert sorted(names) == rnnzoo.__all__


def test_the_package_says_that_it_has_annotations():
    assert (Path(rnnzoo.__file__).parent / "py.typed").exists()


@pytest.mark.parametrize("name", PUBLIC)
def test_every_argument_of_what_is_public_has_a_type(name):
    untyped = {
        f"{place}({argument})"
        for place, function in _functions(PUBLIC[name])
        for argument in _untyped(function)
    }
    assert untyped == set()


def test_an_argument_without_a_type_is_found():
    class Public:
        def __init__(self, a: int, b=None, **kwargs): ...

        @property
        def of_no_argument(self): ...

        @staticmethod
        def static(c): ...

        @classmethod
        def of_class(cls, d, e: int): ...

        def _private(self, f): ...

    Public.__module__ = "rnnzoo"
    found = {place.rpartition(".")[2]: _untyped(function) for place, function in _functions(Public)}
    assert found == {"__init__": ["b"], "of_no_argument": [], "static": ["c"], "of_class": ["d"]}


def _functions(of: Any) -> Iterator[tuple[str, Callable]]:
    """A function, or of a class each public method that rnnzoo defines; with where it is."""
    if not inspect.isclass(of):
        yield f"{of.__module__}.{of.__name__}", of
        return
    for cls in of.__mro__:
        if cls.__module__.partition(".")[0] == "rnnzoo":
            for name, value in vars(cls).items():
                function = _function(value)
                if function and (name == "__init__" or not name.startswith("_")):
                    yield f"{cls.__module__}.{cls.__qualname__}.{name}", function


def _function(value: Any) -> Callable | None:
    """What is called when an entry of a class is; None if it is no function of the class's own."""
    if isinstance(value, property):
        value = value.fget
    elif isinstance(value, functools.cached_property):
        value = value.func
    elif isinstance(value, (classmethod, staticmethod)):
        value = value.__func__
    value = inspect.unwrap(value) if callable(value) else value  # Keras wraps some
    return value if inspect.isfunction(value) else None


def _untyped(function: Callable) -> list[str]:
    return [
        name
        for i, (name, p) in enumerate(inspect.signature(function).parameters.items())
        if p.annotation is p.empty
        and p.kind is not p.VAR_KEYWORD
        and not (i == 0 and name in ("self", "cls"))
    ]
