"""Trained models, by the names that a user has for them."""

from __future__ import annotations

import os
import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from rnnzoo.errors import WrongValue
from rnnzoo.plugins import did_you_mean
from rnnzoo.registry import create_model, discover, list_models

if TYPE_CHECKING:
    from rnnzoo.platform import keras


def load_model(where: str | os.PathLike[str]) -> keras.Model:
    """The best model of a run folder, that of a ``.keras`` file, or a pretrained one by its name.

    A model that has several pretrained weights is meant with the first of them; ``NAME.TAG`` names
    any. The tasks and layers that packages of the entry point group ``rnnzoo.models`` register with
    Keras on import are known, too.

    Raises:
        ValueError: no such name, or no such weights for it; a file that Keras can't load.
        FileNotFoundError: no such path, or a run folder in which no epoch is finished.

    Example:
        ``load_model("runs/mine").generate("To be", length=100)``
    """
    path = saved_model_file(where)
    if path is None:
        return create_model(os.fspath(where), pretrained=True)
    import rnnzoo.tasks  # noqa: F401  makes its models known to Keras's loader
    from rnnzoo.platform import keras

    discover()
    try:
        return keras.models.load_model(path)
    except (ValueError, TypeError, KeyError, zipfile.BadZipFile) as error:
        # Keras's own messages hold the whole configuration of the model.
        if unknown := re.search(r"Could not locate (\w+ '[^']+')", str(error)):
            raise WrongValue(
                f"{path} holds the {unknown[1]}, which nothing here registers with Keras: import "
                "the module that does so before."
            ) from error
        raise WrongValue(_damaged(path)) from error


def saved_model_file(where: str | os.PathLike[str]) -> Path | None:
    """The file that `load_model` reads; None where it takes a pretrained model's name.

    Raises:
        ValueError: it is no such file.
        FileNotFoundError: as `load_model` does.
    """
    path = Path(where)
    if path.is_dir():
        path = path / "best.keras"
        if not path.is_file():
            raise FileNotFoundError(
                f"{where} holds no best.keras: it is no run folder, or no epoch is finished in it."
            )
    elif not path.exists():
        name = os.fspath(where)
        of_a_model = path.suffix != ".keras" and name.partition(".")[0] in list_models()
        if len(path.parts) > 1 or (path.suffix and not of_a_model):
            raise FileNotFoundError(
                f"{where}: there is no such run folder or .keras file"
                f"{did_you_mean(name, list_models(pretrained=True))}."
            )
        return None
    if not zipfile.is_zipfile(path):
        raise WrongValue(_damaged(path))
    return path


def _damaged(path: Path) -> str:
    return f"{path} is not a .keras file, or a damaged one."
