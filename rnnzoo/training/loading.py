"""Trained models, by the names that a user has for them."""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rnnzoo.errors import WrongValue
from rnnzoo.plugins import did_you_mean
from rnnzoo.registry import check_arguments, create_model, discover, list_models

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
        if len(path.parts) > 1 or (path.suffix and not is_registered(name)):
            raise FileNotFoundError(
                f"{where}: there is no such run folder or .keras file"
                f"{did_you_mean(name, list_models(pretrained=True))}."
            )
        return None
    if not zipfile.is_zipfile(path):
        raise WrongValue(_damaged(path))
    return path


def is_registered(name: str | os.PathLike[str]) -> bool:
    """Whether something is a registered model's name, with the tag of weights or without."""
    name = os.fspath(name)
    return not name.endswith(".keras") and name.partition(".")[0] in list_models()


def check_model(
    model: Any, pretrained: bool = False, overrides: Mapping[str, Any] | None = None
) -> str | None:
    """Refuse what `train` can't begin with, before TensorFlow is imported.

    Returns:
        The model's registered name, or the absolute path of a trained one; None if it is neither,
        but a model itself.

    Raises:
        ValueError: an option that only a model given by its registered name has; or what
            `load_model` and `create_model` raise.
        FileNotFoundError: as `load_model` does.
    """
    where = os.fspath(model) if isinstance(model, (str, os.PathLike)) else None
    if where is not None and (is_registered(where) or saved_model_file(where) is None):
        check_arguments(where, pretrained, overrides or {})
        return where
    for name, given in (("pretrained", pretrained), ("overrides", overrides)):
        if given:
            raise WrongValue(
                f"{name}={given!r}: only a model that is made by its registered name has this; the "
                f"one given{f' ({where})' if where else ''} is made already, leave {name} out"
            )
    return where and os.path.abspath(where)


def check_has_data(model: str | None) -> None:
    """Raise a ValueError if no data set is known to go with a model, a name or a path."""
    if model is not None and not is_registered(model):
        raise WrongValue(f"data is missing: on what is {model} to be trained? (--data)")


def _damaged(path: Path) -> str:
    return f"{path} is not a .keras file, or a damaged one."
