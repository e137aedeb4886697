from pathlib import Path

import pytest

import rnnzoo
from rnnzoo.data.sets.packages import folder_of


def test_a_package_has_a_folder():
    assert folder_of("rnnzoo") == Path(rnnzoo.__file__).parent


@pytest.mark.parametrize("name", ["no_such_package", "abc"])  # abc is a file
def test_what_has_no_folder_is_named(name):
    with pytest.raises(ModuleNotFoundError, match=f"there is no package '{name}'"):
        folder_of(name)
