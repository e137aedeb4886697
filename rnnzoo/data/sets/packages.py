"""Packages that data is read from and that are never imported for it."""

from __future__ import annotations

import importlib.util
from pathlib import Path


def folder_of(package: str) -> Path:
    """The folder of an installed package.

    Raises:
        ModuleNotFoundError: it is not installed, or is no folder.
    """
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"there is no package {package!r}", name=package)
    return Path(spec.submodule_search_locations[0])
