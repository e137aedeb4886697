"""The settings of a run: checked, kept in its config.json, and compared when it goes on."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import math
import os
import platform
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from rnnzoo.data.base import VOCABULARIES
from rnnzoo.errors import MissingPackage, WrongType, WrongValue
from rnnzoo.files import write_json

SCHEDULES = ("cosine", "constant")
_FOUND_OUT = {"data_given", "sha256", "recipe", "versions"}


def _setting(
    expected: str = "",
    holds: Callable[[Any], bool] | None = None,
    *,
    changeable: bool = False,
    **default: Any,
) -> Any:
    """A field of `Settings`: what is expected of it, and whether a resumed run may change it."""
    metadata = {"expected": expected, "holds": holds, "changeable": changeable}
    return field(metadata=metadata, **default)


def _whole(
    minimum: int, maximum: int = 2**31 - 1, *, optional: bool = False, changeable: bool = False
) -> Any:
    def holds(value: Any) -> bool:
        if value is None:
            return optional
        return isinstance(value, int) and value is not True and minimum <= value <= maximum

    expected = f"a whole number of at least {minimum} and at most {maximum}"
    return _setting(expected, holds, changeable=changeable)


def _versions() -> dict[str, str]:
    """Of what decides the last digits of a run's numbers."""
    packages = ("tensorflow", "keras", "rnnzoo")
    versions = {package: importlib.metadata.version(package) for package in packages}
    return {"python": platform.python_version(), **versions}


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What config.json of a run holds: the arguments of `train`, and what was found out for them.

    The arguments are described at `train`. A resumed run may change what decides nothing that a
    step learns.

    Attributes:
        model: a registered name or the absolute path of a trained model; None if it was neither.
        data: a data set's name or an absolute path.
        data_given: the same as the user called it.
        sha256: of the data, by split; by it the data is known, wherever it lies.
        recipe: why what was not given was chosen as it was.
        versions: of Python and packages.
    """

    model: str | None
    data: Any = _setting(changeable=True)
    reading: dict[str, Any]
    epochs: int | Any = _whole(1, optional=True)
    steps: int | Any = _whole(1, optional=True)
    batch_size: int | Any = _whole(1, optional=True)
    window: int | None = _whole(1, optional=True)
    learning_rate: float | Any = _setting(
        "more than 0", lambda rate: rate is None or 0 < rate < math.inf
    )
    schedule: str = _setting(" or ".join(map(repr, SCHEDULES)), lambda name: name in SCHEDULES)
    warmup: int = _whole(0)
    weight_decay: float | Any = _setting(
        "at least 0", lambda decay: decay is None or 0 <= decay < math.inf
    )
    ema: float = _setting("at least 0 and less than 1", lambda momentum: 0 <= momentum < 1)
    seed: int = _whole(0, 2**32 - 1)
    overrides: dict[str, Any]
    pretrained: bool
    init_from: str | None
    vocabulary: str = _setting(" or ".join(map(repr, VOCABULARIES)), lambda v: v in VOCABULARIES)
    augment: float | None = _setting(
        "at least 0", lambda strength: strength is None or 0 <= strength < math.inf
    )
    validate_every: int | Any = _whole(1, optional=True)
    patience: int | None = _whole(0, optional=True, changeable=True)
    checkpoint_every: int = _whole(1, changeable=True)
    export: bool = _setting(changeable=True)
    tensorboard: bool = _setting(changeable=True)
    baseline: bool = _setting(changeable=True)
    test: bool = _setting(changeable=True)

    data_given: str = _setting(changeable=True, default="")
    sha256: Any = None
    recipe: str = _setting(changeable=True, default="")
    versions: dict[str, str] = _setting(changeable=True, default_factory=_versions)

    @classmethod
    def of(cls, arguments: Mapping[str, Any]) -> Settings:
        """Those among the arguments of `train`, checked.

        Raises:
            TypeError, ValueError, MissingPackage: as `check_settings` does.
        """
        among = {each.name: arguments[each.name] for each in fields(cls) if each.name in arguments}
        init_from = among["init_from"]
        if not isinstance(init_from, (str, os.PathLike, type(None))):
            raise WrongType(
                f"init_from: expected a run folder, a .keras file or a name, got {init_from!r}"
            )
        among["overrides"] = dict(among["overrides"] or {})
        # As JSON gives it back, which knows no tuples.
        reading = (among["reading"] or {}).items()
        among["reading"] = {k: list(v) if isinstance(v, tuple) else v for k, v in reading}
        among["init_from"] = init_from and os.fspath(init_from)
        settings = cls(**among)
        check_settings(vars(settings))
        return settings

    @classmethod
    def read(cls, folder: Path) -> Settings:
        """Those of the run in a folder.

        Raises:
            ValueError: config.json is none of a run, or of another version's.
        """
        path = folder / "config.json"
        try:
            config = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise WrongValue(f"{path} is damaged: {error}") from None
        if not isinstance(config, dict) or config.keys() != {each.name for each in fields(cls)}:
            raise WrongValue(
                f"{path} is not of a run of this version of rnnzoo: choose another folder (--out)"
            )
        return cls(**config)

    def write(self, folder: Path) -> None:
        """Write them to the config.json of a folder."""
        write_json(folder / "config.json", vars(self))

    def check_same(self, begun_with: Settings, folder: Path) -> None:
        """Refuse to go on with settings that would make the run in a folder another one.

        Raises:
            ValueError: one that no resumed run may change is not as it was.
        """
        if begun_with.versions != self.versions:
            warnings.warn(
                f"{folder} was begun with {_say(begun_with.versions)} and goes on with "
                f"{_say(self.versions)}: results may differ in their last digits",
                stacklevel=3,
            )
        # As they would be read again: JSON makes lists of tuples.
        then, now = vars(begun_with), json.loads(json.dumps(vars(self)))
        for key in sorted(now.keys() - _CHANGEABLE):
            if then[key] == now[key]:
                continue
            if key == "sha256":
                raise WrongValue(f"the data of {self.data} is not what {folder} was begun with")
            hint = ""
            if key in ("epochs", "steps"):
                more = None not in (now[key], then[key]) and now[key] > then[key]
                if self.schedule == "constant" and more:
                    continue
                hint = f" (only a constant schedule can go on, and only to more {key})"
            raise WrongValue(
                f"{folder} was begun with {key}={then[key]!r}, not {now[key]!r}{hint}: "
                "leave it as it was, or choose another folder (--out)"
            )


def check_settings(given: Mapping[str, Any]) -> None:
    """Check those of the arguments of `train` that are given; this imports no TensorFlow.

    Raises:
        TypeError: one is of another kind than is expected, or nothing that JSON can hold.
        ValueError: one is out of range.
        MissingPackage: TensorBoard is asked for and not installed.
    """
    for each in fields(Settings):
        if each.name not in given:
            continue
        value, holds = given[each.name], each.metadata.get("holds")
        try:
            fits = holds is None or holds(value)
        except TypeError:  # "0.1" < 1
            raise WrongType(_wrong(each, value)) from None
        if not fits:
            raise WrongValue(_wrong(each, value))
        if each.name != "data":  # whose absolute path is kept
            _check_plain(each.name, value)
    if given.get("epochs") is not None and given.get("steps") is not None:
        raise WrongValue(
            f"epochs={given['epochs']} and steps={given['steps']}: expected one of them at most"
        )
    if given.get("tensorboard") and not importlib.util.find_spec("tensorboard"):
        raise MissingPackage("TensorBoard is not installed", "tensorboard")


def _wrong(setting, value):
    return f"{setting.name}={value!r}: expected {setting.metadata['expected']}."


def _check_plain(name, value):
    """Raise a TypeError unless config.json can hold a value."""
    try:
        json.dumps(value)
    except TypeError:
        if isinstance(value, Mapping):
            for key, of_key in value.items():
                _check_plain(f"{name}: {key}", of_key)
        raise WrongType(
            f"{name}={value!r}: expected numbers, strings, lists and the like, as a run keeps its "
            "settings; for other things make the model yourself, with rnnzoo.create_model, and "
            "give it to rnnzoo.train"
        ) from None


_CHANGEABLE = {each.name for each in fields(Settings) if each.metadata.get("changeable")}


def read_settings(out: str | os.PathLike[str]) -> dict[str, Any]:
    """The arguments with which `train` began the run in a folder; empty if none is there.

    Paths are absolute; a model that was neither a registered name nor a path is None.

    Raises:
        ValueError: the folder's config.json is none of a run, or of another version's.

    Example:
        ``train(**read_settings("runs/mine"), out="runs/mine", resume=True)``
    """
    folder = Path(out)
    config = vars(Settings.read(folder)) if (folder / "config.json").is_file() else {}
    return {name: value for name, value in config.items() if name not in _FOUND_OUT}


def _say(versions: dict[str, str]) -> str:
    return ", ".join(f"{package} {version}" for package, version in versions.items())
