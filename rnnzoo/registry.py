"""Models by name: what exists, what is known about it, and how to build it.

The registry holds plain data and one builder a name. It imports no TensorFlow: that happens when
a builder is called. Packages add their models through the entry point group ``rnnzoo.models``,
whose values are modules that register on import; rnnzoo's own zoo comes in the same way.
"""

import copy
import fnmatch
import functools
import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rnnzoo.errors import WrongType, WrongValue, caused_by
from rnnzoo.plugins import did_you_mean, load_plugins, natural_key, table

ENTRY_POINT_GROUP = "rnnzoo.models"


@dataclass(frozen=True)
class ModelInfo:
    """What is known about a model without building it; ``print(info)`` shows a table.

    Attributes:
        name: what `create_model` takes.
        task: what it does, such as ``"text-generation"``.
        description: one line.
        paper: authors, year and title of the source.
        dataset: the data set it is trained on unless another is given.
        metric: how it is measured, such as ``"bits per character"``.
        defaults: hyperparameters that `create_model` takes as overrides, with their values.
        parameters: number of trainable weights with these defaults; None if undeclared.
        weights: the provenance of the pretrained weights (file, metric, value, dataset, split,
            seed, recipe, licence, command); None if there are none.
    """

    name: str
    task: str
    description: str
    paper: str = ""
    dataset: str = ""
    metric: str = ""
    defaults: dict[str, Any] = field(default_factory=dict)
    parameters: int | None = None
    weights: dict[str, Any] | None = None

    def __str__(self) -> str:
        rows = {
            "task": self.task,
            "description": self.description,
            "paper": self.paper,
            "data set": self.dataset,
            "metric": self.metric,
            "parameters": "" if self.parameters is None else f"{self.parameters:,}",
            "defaults": ", ".join(f"{key}={value!r}" for key, value in self.defaults.items()),
            "pretrained": "no" if self.weights is None else "yes",
            **{f"  {key}": str(value) for key, value in (self.weights or {}).items()},
        }
        return table(self.name, rows)


@dataclass(frozen=True)
class _Entry:
    info: ModelInfo
    builder: Callable[..., Any]


_ENTRIES: dict[str, _Entry] = {}


def register_model(
    name: str,
    *,
    task: str,
    description: str,
    paper: str = "",
    dataset: str = "",
    metric: str = "",
    defaults: Mapping[str, Any] | None = None,
    parameters: int | None = None,
    weights: Mapping[str, Any] | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorator: register ``builder(**hyperparameters) -> keras.Model`` under a name.

    The arguments are the fields of `ModelInfo`. The builder imports keras inside its body, so that
    listing models stays quick. Pretrained weights lie in a folder ``weights`` beside the builder's
    module. One builder may carry many names from a table of rows::

        for name, row in TABLE.items():
            register_model(name, **row)(char)

    Raises:
        ValueError: the name is taken.
        TypeError: the builder doesn't take one of `defaults`.

    Example:
        >>> @register_model("ewma", task="forecasting", description="a moving average",
        ...                 defaults={"decay": 0.9})
        ... def ewma(decay):
        ...     return f"a model with decay {decay}"
        >>> create_model("ewma", decay=0.5)
        'a model with decay 0.5'
    """
    info = ModelInfo(
        name=name,
        task=task,
        description=description,
        paper=paper,
        dataset=dataset,
        metric=metric,
        defaults=dict(defaults or {}),
        parameters=parameters,
        weights=None if weights is None else dict(weights),
    )

    def register(builder: Callable[..., Any]) -> Callable[..., Any]:
        if name in _ENTRIES:
            owner = _ENTRIES[name].builder.__module__
            raise WrongValue(
                f"A model named {name!r} is already registered by {owner}; "
                f"{builder.__module__} must choose another name."
            )
        try:
            inspect.signature(builder).bind_partial(**info.defaults)
        except TypeError as error:
            raise WrongType(
                f"The builder of {name!r} does not take its own defaults "
                f"({', '.join(info.defaults)}): {error}."
            ) from None
        _ENTRIES[name] = _Entry(info, builder)
        return builder

    return register


def create_model(name: str, pretrained: bool = False, **overrides: Any) -> Any:
    """Build a registered model.

    Args:
        name: one of `list_models`.
        pretrained: load the weights that ship with the model. Its hyperparameters are then those
            the weights were trained with, but for ``classes`` and ``num_classes`` of a classifier:
            it gets a new output layer for them, to be trained on what the others have learned.
        **overrides: hyperparameters in place of the model's defaults; see ``model_info(name)``.

    Returns:
        The keras.Model.

    Raises:
        ValueError: no such model; no pretrained weights; pretrained weights of other
            hyperparameters.
        TypeError: an override that the model doesn't have.

    Example:
        >>> model = create_model("char_lstm", units=8)
        >>> history = model.fit("some long text " * 9, batch_size=2, window=16, verbose=0)
    """
    check_arguments(name, pretrained, overrides)
    entry = _find(name)
    defaults = entry.info.defaults
    if pretrained:
        return _load_pretrained(entry, overrides)
    if not overrides:
        return entry.builder(**defaults)
    given = ", ".join(f"{key}={value!r}" for key, value in overrides.items())
    with caused_by(f"{name} with {given}"):  # its defaults are known to work
        return entry.builder(**{**defaults, **overrides})


def check_arguments(name: str, pretrained: bool, overrides: Mapping[str, Any]) -> None:
    """Raise what `create_model` refuses before it builds; this imports no TensorFlow."""
    entry = _find(name)
    info = entry.info
    allowed = [
        *info.defaults,
        *(key for key in _keyword_only(entry.builder) if key not in info.defaults),
    ]
    for key in overrides:
        if key not in allowed:
            raise WrongType(
                f"{name} has no option {key!r}{did_you_mean(key, allowed)}; "
                f"its options are: {', '.join(allowed) or 'none'}."
            )
    if not pretrained:
        return
    if info.weights is None:
        names = ", ".join(list_models(pretrained=True)) or "no model"
        raise WrongValue(f"{info.name} has no pretrained weights; these have: {names}.")
    changed = [
        key
        for key, value in overrides.items()
        if key not in _OF_OUTPUT and info.defaults.get(key) != value
    ]
    if changed:
        trained_with = ", ".join(f"{key}={info.defaults.get(key)!r}" for key in changed)
        raise WrongValue(
            f"The pretrained weights of {info.name} were trained with {trained_with}; "
            f"leave {', '.join(changed)} out, or use pretrained=False."
        )


def list_models(
    pattern: str = "*", task: str | None = None, pretrained: bool | None = None
) -> list[str]:
    """Names of the registered models in natural order (``char_2`` before ``char_10``).

    Args:
        pattern: with the wildcards ``*``, ``?`` and ``[...]``.
        task: only models of this task.
        pretrained: True for only those with pretrained weights, False for only those without.

    Example:
        >>> list_models("char_lstm*", task="text-generation")
        ['char_lstm', 'char_lstm2']
    """
    discover()
    return sorted(
        (
            name
            for name, entry in _ENTRIES.items()
            if fnmatch.fnmatchcase(name, pattern)
            and task in (None, entry.info.task)
            and pretrained in (None, entry.info.weights is not None)
        ),
        key=natural_key,
    )


def model_info(name: str) -> ModelInfo:
    """What is known about a model, without building it; a copy, the caller's to change.

    Raises:
        ValueError: no such model.

    Example:
        >>> model_info("char_lstm").defaults["units"]
        256
    """
    return copy.deepcopy(_find(name).info)


def _find(name: str) -> _Entry:
    discover()
    if name not in _ENTRIES:
        raise WrongValue(
            f"No model is named {name!r}{did_you_mean(name, _ENTRIES)}; "
            "rnnzoo.list_models() or `rnnzoo list` shows all."
        )
    return _ENTRIES[name]


@functools.cache
def discover() -> None:
    """Import every package's models, once; a broken one costs a warning and not the zoo.

    All other functions do it first.
    """
    load_plugins(ENTRY_POINT_GROUP, _ENTRIES, "models")


# What a pretrained classifier takes nevertheless: these concern its last layer only.
_OF_OUTPUT = ("classes", "num_classes")


def _load_pretrained(entry: _Entry, overrides: Mapping[str, Any]) -> Any:
    info = entry.info
    classes = [overrides[key] for key in _OF_OUTPUT if overrides.get(key) is not None]
    module = sys.modules[entry.builder.__module__]
    path = Path(inspect.getfile(module)).with_name("weights") / (info.weights or {})["file"]
    if not path.is_file():
        raise FileNotFoundError(
            f"The pretrained weights of {info.name} are missing: {path}; "
            "reinstall the package that ships them."
        )
    import rnnzoo.tasks  # noqa: F401  makes its models known to keras' loader
    from rnnzoo.platform import keras

    model = keras.models.load_model(path)
    for of_output in classes:
        model.reset_classes(of_output)
    return model


def _keyword_only(function: Callable[..., Any]) -> list[str]:
    parameters = inspect.signature(function).parameters.values()
    return [p.name for p in parameters if p.kind is p.KEYWORD_ONLY]
