"""The package's names: fetched when they are used, the same for Python and for type checkers."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import rnnzoo

HEAVY = ("tensorflow", "keras", "numpy", "matplotlib", "tensorflow_datasets")


@pytest.mark.parametrize(
    "code",
    [
        "import rnnzoo",
        "import rnnzoo; rnnzoo.list_models()",
        "import rnnzoo; rnnzoo.list_datasets()",
        "from rnnzoo.cli import main; assert main(['list', 'char_*']) == 0",
        "from rnnzoo.cli import main; assert main(['list', '--data']) == 0",
        "from rnnzoo.cli import main; assert main(['info', 'char_lstm']) == 0",
        "from rnnzoo.cli import main; assert main(['info', 'python_source']) == 0",
    ],
)
def test_import_list_and_info_import_no_tensorflow(code):
    report = f"; import sys; print([m for m in {HEAVY} if m in sys.modules], file=sys.stderr)"
    process = subprocess.run([sys.executable, "-c", code + report], capture_output=True, text=True)
    assert (process.returncode, process.stderr) == (0, "[]\n")


@pytest.mark.parametrize("name", rnnzoo.__all__)
def test_every_public_name_is_what_its_module_holds(name):
    value = getattr(rnnzoo, name)
    if name in rnnzoo._EXPORTS:
        assert value is getattr(importlib.import_module(rnnzoo._EXPORTS[name]), name)
        assert value.__module__.startswith(rnnzoo._EXPORTS[name])
    else:
        assert value is importlib.import_module(f"rnnzoo.{name}")


def test_type_checkers_see_the_same_names():
    tree = ast.parse(Path(rnnzoo.__file__).read_text(encoding="utf-8"))
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    seen = {alias.name: node.module for node in block.body for alias in node.names}
    assert sorted(seen) == sorted(rnnzoo.__all__) == sorted(set(rnnzoo.__all__))
    assert {name: seen[name] for name in rnnzoo._EXPORTS} == rnnzoo._EXPORTS
    assert {module for name, module in seen.items() if name not in rnnzoo._EXPORTS} == {"rnnzoo"}


def test_an_unknown_name():
    with pytest.raises(AttributeError, match="module 'rnnzoo' has no attribute 'nothing'"):
        rnnzoo.nothing  # noqa: B018
    assert "train" in dir(rnnzoo)


# Rooms of the package, each of which imports from those after it; and the calls that look back.
ROOMS = (("cli",), ("training", "exporting"), ("tasks",), ("decoding", "data"), ("layers",),
         ("loop",), ("cells",))  # fmt: skip
LOOKING_BACK = {
    ("tasks/task.py", "rnnzoo.exporting"),
    ("layers/hidden_markov/model.py", "rnnzoo.exporting"),  # a layer that is a model by itself
    ("cells/check.py", "rnnzoo.loop.run"),
}


def test_imports_run_one_way():
    root = Path(rnnzoo.__file__).parent
    place = {room: i for i, rooms in enumerate(ROOMS) for room in rooms}
    found = set()
    for path in root.rglob("*.py"):
        here = path.relative_to(root)
        for module in _imported(ast.parse(path.read_text(encoding="utf-8"))):
            room, other = here.parts[0], module.split(".")[1]
            if {room, other} <= place.keys() and room != other and place[room] >= place[other]:
                found.add((here.as_posix(), module))
    assert found == LOOKING_BACK


def _imported(tree):
    """The modules of rnnzoo that are imported in a file, in whatever line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            one = node.module != "rnnzoo"
            names = [node.module] if one else [f"rnnzoo.{alias.name}" for alias in node.names]
        else:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        yield from (name for name in names if name.startswith("rnnzoo."))
