"""What type checkers and editors are told is what there is."""

import ast
from pathlib import Path

import rnnzoo


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
