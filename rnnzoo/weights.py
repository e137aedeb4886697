"""Pretrained weights as data: a ``.keras`` file, and beside it a card that says what it holds.

The weights of a model lie in the folder ``weights`` beside the module of its builder, as
``NAME.TAG.keras`` and ``NAME.TAG.json``. The model and the tag are said by the files' name alone,
so that a card can't say another one. What weights were trained with is read from their card and
their file, never from the defaults of their architecture, which may be others or change.
"""

import hashlib
import json
import reprlib
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, get_origin

from rnnzoo.errors import WrongValue
from rnnzoo.files import write_json
from rnnzoo.plugins import table


@dataclass(frozen=True, kw_only=True)
class Weights:
    """Pretrained weights of a model, and where they come from; ``print(weights)`` shows a table.

    Attributes:
        path: the ``.keras`` file, named ``NAME.TAG.keras``. All else is on the card beside it.
        config: the options that the model was built with. Those that its data filled in, such as a
            vocabulary, are in the file.
        parameters: number of trainable weights.
        metric: what was measured, such as ``"bits per character"``.
        value: what it came to.
        dataset: the data trained on and measured on.
        split: the part of it measured on.
        seed: of the training.
        recipe: how it was trained.
        licence: of the weights.
        command: what makes them again.
        sha256: of the file, in hexadecimal.

    Example:
        >>> from rnnzoo.registry import model_info
        >>> model_info("char_lstm").weights[0].tag
        'python_source'
    """

    path: Path
    config: dict[str, Any]
    parameters: int
    metric: str
    value: float
    dataset: str
    split: str
    seed: int
    recipe: str
    licence: str
    command: str
    sha256: str

    @property
    def name(self) -> str:
        """What `create_model` and `load_model` take: ``NAME.TAG``."""
        return self.path.stem

    @property
    def model(self) -> str:
        """The model's name."""
        return self.name.partition(".")[0]

    @property
    def tag(self) -> str:
        """What tells these weights from the model's other ones."""
        return self.name.partition(".")[2]

    def __str__(self) -> str:
        return self.against({})

    def against(self, defaults: Mapping[str, Any]) -> str:
        """The table, its configuration without what is as these defaults say."""
        changed = differing(self.config, defaults)
        rest = ["the defaults"] if len(changed) < len(self.config) else []
        rows = {
            "configuration": ", else ".join([*filter(None, [_said(changed)]), *rest]),
            "parameters": f"{self.parameters:,}",
            self.metric: f"{self.value:g}",
            "data set": f"{self.dataset}, {self.split} split",
            "seed": str(self.seed),
            "recipe": self.recipe,
            "licence": self.licence,
            "command": self.command,
            "sha256": self.sha256,
        }
        return table(self.name, rows)

    @classmethod
    def read(cls, path: Path) -> "Weights":
        """Those in a file, by the card beside it.

        Raises:
            FileNotFoundError: there is no card.
            ValueError: it does not say all that it must, or says something else.
        """
        card = path.with_suffix(".json")
        if not card.is_file():
            raise FileNotFoundError(
                f"The weights {path.stem} have no card: {card} is missing; ship it beside them."
            )
        try:
            facts = json.loads(card.read_text(encoding="utf-8"))
        except ValueError as error:
            raise WrongValue(f"{card} is damaged: {error}") from None
        facts = facts if isinstance(facts, dict) else {}
        if facts.keys() != _FACTS.keys():
            raise WrongValue(
                f"{card} is no card of weights: expected {', '.join(_FACTS)}; "
                f"missing {_listed(_FACTS.keys() - facts.keys())}, "
                f"unknown {_listed(facts.keys() - _FACTS.keys())}."
            )
        for key, kind in _FACTS.items():
            if not isinstance(facts[key], (int, float) if kind is float else kind):
                raise WrongValue(f"{card}: {key}={facts[key]!r}, expected {kind.__name__}.")
        facts["config"] = {key: _plain(value) for key, value in facts["config"].items()}
        return cls(path=path, **facts)

    def write_card(self) -> None:
        """Write the card beside the file."""
        write_json(self.path.with_suffix(".json"), {key: getattr(self, key) for key in _FACTS})

    def check_file(self) -> None:
        """Look whether the file is the one that the card tells of.

        Raises:
            FileNotFoundError: it is missing.
            ValueError: it is damaged, or another one.
        """
        if not self.path.is_file():
            raise FileNotFoundError(
                f"The weights {self.name} are missing: {self.path}; reinstall the package that "
                "ships them."
            )
        found = file_sha256(self.path)
        if found != self.sha256:
            raise WrongValue(
                f"{self.path} is damaged, or not the file of its card: its sha256 is "
                f"{found[:12]}..., expected {self.sha256[:12]}...; reinstall the package that "
                "ships it, or write a card of the new file."
            )

    def check(self, overrides: Mapping[str, Any]) -> dict[str, Any]:
        """Look at the file, and whether it has the options that `load` is to have.

        Returns:
            Those of the output, where they are to be other than the file's.

        Raises:
            FileNotFoundError, ValueError: as `check_file` says; or another option is another one.
        """
        self.check_file()
        own = {**self._of_file(), **self.config}
        changed = differing(overrides, own)
        of_output = {key: changed.pop(key) for key in OF_OUTPUT if key in changed}
        self._refuse(changed, own)
        return of_output

    def load(self, **overrides: Any) -> Any:
        """The keras.Model with these weights.

        Args:
            **overrides: options of the model, which must be as the weights have them, but for
                ``classes`` and ``num_classes`` of a model that has ``reset_classes``: it gets a new
                output layer for them.

        Raises:
            FileNotFoundError, ValueError: as `check` says.
        """
        of_output = self.check(overrides)
        import rnnzoo.tasks  # noqa: F401  makes its models known to keras' loader
        from rnnzoo.platform import keras

        model = keras.models.load_model(self.path)
        if not hasattr(model, "reset_classes"):
            self._refuse(of_output, {**self._of_file(), **self.config})
        for classes in of_output.values():
            model.reset_classes(classes)
        return model

    def _of_file(self) -> dict[str, Any]:
        """The configuration in the file, which knows what the data filled in."""
        with zipfile.ZipFile(self.path) as file:
            config = json.loads(file.read("config.json"))["config"]
        if config.get("classes"):
            config["num_classes"] = len(config["classes"])
        if isinstance(config.get("dtype"), dict):  # a policy
            config["dtype"] = config["dtype"]["config"].get("name")
        return config

    def _refuse(self, overrides: Mapping[str, Any], own: Mapping[str, Any]) -> None:
        """Raise a ValueError if there are any."""
        if not overrides:
            return
        trained_with = [
            _said({key: own[key]}) if key in own else f"{key} of their own" for key in overrides
        ]
        raise WrongValue(
            f"The weights {self.name} were trained with {', '.join(trained_with)}, not "
            f"{_said(overrides)}: leave {', '.join(overrides)} out, or take {self.model} without "
            "weights (pretrained=False)."
        )


# What a card says: the type of each fact.
_FACTS: dict[str, Any] = {
    each.name: get_origin(each.type) or each.type for each in fields(Weights)[1:]
}

# What pretrained weights take nevertheless: these concern the last layer only.
OF_OUTPUT = ("classes", "num_classes")


def differing(options: Mapping[str, Any], others: Mapping[str, Any]) -> dict[str, Any]:
    """The options that others don't have, or have with another value.

    >>> differing({"units": 8, "delays": (1, 4), "layers": 2}, {"units": 9, "delays": [1, 4]})
    {'units': 8, 'layers': 2}
    """
    return {
        key: value
        for key, value in options.items()
        if key not in others or _plain(value) != _plain(others[key])
    }


def file_sha256(path: Path) -> str:
    """Of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _plain(value: Any) -> Any:
    """A value to compare: sequences as tuples (JSON makes lists of them), a dtype policy's name."""
    if type(value).__name__.endswith("DTypePolicy"):
        return value.name
    if hasattr(value, "tolist"):  # NumPy's
        value = value.tolist()
    return tuple(map(_plain, value)) if isinstance(value, list | tuple) else value


def _said(options: Mapping[str, Any]) -> str:
    return ", ".join(f"{key}={reprlib.repr(value)}" for key, value in options.items())


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"
