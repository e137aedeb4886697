"""Packages that data is read from and that are never imported for it."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from rnnzoo.errors import MissingPackage


def folder_of(package: str) -> Path:
    """The folder of an installed package.

    Raises:
        ModuleNotFoundError: it is not installed, or is no folder.
    """
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"there is no package {package!r}", name=package)
    return Path(spec.submodule_search_locations[0])


def carried_by(package: str, name: str, extra: str) -> Path:
    """The folder of the package that carries a data set.

    Args:
        package: that is imported under this name.
        name: of the data set, for the error.
        extra: of rnnzoo's, that installs it.

    Raises:
        MissingPackage: it is not installed.
    """
    try:
        return folder_of(package)
    except ModuleNotFoundError:
        raise MissingPackage(
            f"the series of {name!r} come with a package ({package} missing; or give the path of a "
            "table of your own)",
            extra,
        ) from None
