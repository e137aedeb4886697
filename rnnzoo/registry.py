"""Models by name: what exists, what is known about it, and how to build it.

The registry holds plain data and one builder a name. It imports no TensorFlow: that happens when
a builder is called. Packages add their models through the entry point group ``rnnzoo.models``,
whose values are modules that register on import; rnnzoo's own zoo comes in the same way.

A model may have several pretrained weights, each with a tag: ``char_lstm`` names the model, and
``char_lstm.python_source`` one of its weights. The first are meant where no tag is given.
"""

import copy
import fnmatch
import functools
import inspect
import reprlib
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rnnzoo.errors import WrongType, WrongValue, caused_by
from rnnzoo.plugins import did_you_mean, load_plugins, natural_key, refuse_taken, table
from rnnzoo.weights import OF_OUTPUT, Weights

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
        defaults: hyperparameters that `create_model` takes as overrides, with the values that the
            architecture has without any; pretrained weights may have others, see their ``config``.
        parameters: number of trainable weights with these defaults; None if undeclared.
        weights: the pretrained weights, the default ones first; empty if there are none.
        flagship: whether it is the one to begin with, of all models of the task.
    """

    name: str
    task: str
    description: str
    paper: str = ""
    dataset: str = ""
    metric: str = ""
    defaults: dict[str, Any] = field(default_factory=dict)
    parameters: int | None = None
    weights: tuple[Weights, ...] = ()
    flagship: bool = False

    def __str__(self) -> str:
        rows = {
            "task": self.task,
            "description": self.description,
            "paper": self.paper,
            "data set": self.dataset,
            "metric": self.metric,
            "parameters": "" if self.parameters is None else f"{self.parameters:,}",
            "defaults": ", ".join(f"{key}={value!r}" for key, value in self.defaults.items()),
            "pretrained": ", ".join(weights.tag for weights in self.weights) or "no",
        }
        weights = (each.against(self.defaults) for each in self.weights)
        return "\n\n".join([table(self.name, rows), *weights])


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
    weights: Sequence[str] = (),
    flagship: bool = False,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorator: register ``builder(**hyperparameters) -> keras.Model`` under a name.

    The arguments are the fields of `ModelInfo`, but `weights`: these are the tags of the pretrained
    weights, the default ones first. Each lies in the folder ``weights`` beside the builder's module
    as ``NAME.TAG.keras``, with its card ``NAME.TAG.json``, see `rnnzoo.weights.Weights`. The
    builder imports keras inside its body, so that listing models stays quick. One builder may carry
    many names from a table of rows::

        for name, row in TABLE.items():
            register_model(name, **row)(char)

    Raises:
        ValueError: the name is taken, or holds a point; a card is none. (Where a package's models
            are being discovered, a taken name is left out with a warning.)
        TypeError: the builder doesn't take one of `defaults`, or of a card's configuration;
            `weights` is a string.
        FileNotFoundError: weights have no card.

    Example:
        >>> @register_model("ewma", task="forecasting", description="a moving average",
        ...                 defaults={"decay": 0.9})
        ... def ewma(decay):
        ...     return f"a model with decay {decay}"
        >>> create_model("ewma", decay=0.5)
        'a model with decay 0.5'
    """
    if "." in name:
        raise WrongValue(f"name={name!r}: expected no point, which begins the tag of weights.")
    if isinstance(weights, str):
        raise WrongType(
            f"weights={weights!r}: expected a sequence of tags, such as ({weights!r},)."
        )

    def register(builder: Callable[..., Any]) -> Callable[..., Any]:
        if name in _ENTRIES:
            refuse_taken(f"A model named {name!r}", _ENTRIES[name].builder, builder)
            return builder
        own = dict(defaults or {})
        _check_options(builder, own, f"The builder of {name!r} does not take its own defaults")
        info = ModelInfo(
            name=name,
            task=task,
            description=description,
            paper=paper,
            dataset=dataset,
            metric=metric,
            defaults={**own, **_other_defaults(builder, own)},
            parameters=parameters,
            weights=tuple(
                Weights.read(_folder_of(builder) / f"{name}.{tag}.keras") for tag in weights
            ),
            flagship=flagship,
        )
        for each in info.weights:
            said = f"The builder of {name!r} does not take the configuration of {each.name}"
            _check_options(builder, each.config, said)
        _ENTRIES[name] = _Entry(info, builder)
        return builder

    return register


def create_model(name: str, pretrained: bool = False, **overrides: Any) -> Any:
    """Build a registered model.

    Args:
        name: one of `list_models`. With the tag of weights, ``NAME.TAG``, the model has the
            configuration that these were trained with, and not its defaults.
        pretrained: load the weights of the tag, or the first ones of the model. The configuration
            is then theirs. Of the overrides, only ``classes`` and ``num_classes`` of a classifier
            may be other than theirs: it gets a new output layer for them, to be trained on what the
            others have learned.
        **overrides: hyperparameters in place of the model's defaults; see ``model_info(name)``.

    Returns:
        The keras.Model.

    Raises:
        ValueError: no such model; no such weights; their file is damaged; an override that is not
            what they were trained with.
        TypeError: an override that the model doesn't have.
        FileNotFoundError: the file of the weights is missing.

    Example:
        >>> model = create_model("char_lstm", units=8)
        >>> history = model.fit("some long text " * 9, batch_size=2, window=16, verbose=0)
    """
    weights = _to_load(name, pretrained, overrides)
    entry, meant = _find(name)
    info = entry.info
    named = weights or meant
    config = {**info.defaults, **(named.config if named else {})}
    if weights is None:
        return _built(entry, config, overrides)
    chosen = _chosen(info, overrides)
    of_output = {key: chosen[key] for key in OF_OUTPUT if key in chosen}
    if of_output:
        _built(entry, config, of_output)  # which checks them
    return weights.load(**chosen)


def _built(entry: _Entry, config: Mapping[str, Any], overrides: Mapping[str, Any]) -> Any:
    """A model with this configuration, some of it overridden by the user."""
    if not overrides:
        return entry.builder(**config)
    given = ", ".join(f"{key}={reprlib.repr(value)}" for key, value in overrides.items())
    with caused_by(f"{entry.info.name} with {given}", lambda: entry.builder(**config)):
        return entry.builder(**{**config, **overrides})


def check_arguments(name: str, pretrained: bool, overrides: Mapping[str, Any]) -> None:
    """Raise what `create_model` refuses before it builds; this imports no TensorFlow."""
    if weights := _to_load(name, pretrained, overrides):
        weights.check(_chosen(_find(name)[0].info, overrides))


def _to_load(name: str, pretrained: bool, overrides: Mapping[str, Any]) -> Weights | None:
    """The weights that are asked for, if any, beside options that the model has."""
    entry, weights = _find(name)
    info = entry.info
    allowed = [*info.defaults, *(k for k in _keyword_only(entry.builder) if k not in info.defaults)]
    for key in overrides:
        if key not in allowed:
            raise WrongType(
                f"{info.name} has no option {key!r}{did_you_mean(key, allowed)}; "
                f"its options are: {', '.join(allowed) or 'none'}."
            )
    if not pretrained:
        return None
    if weights is None:
        if not info.weights:
            names = ", ".join(list_models(pretrained=True)) or "no model"
            raise WrongValue(f"{info.name} has no pretrained weights; these are: {names}.")
        weights = info.weights[0]
    return weights


def _chosen(info: ModelInfo, overrides: Mapping[str, Any]) -> dict[str, Any]:
    """The overrides but those that leave to the data what the defaults leave to it, too."""
    return {
        key: value
        for key, value in overrides.items()
        if not (_is_open(value) and _is_open(info.defaults.get(key)))
    }


def list_models(
    pattern: str = "*", task: str | None = None, pretrained: bool | None = None
) -> list[str]:
    """Names of the registered models in natural order (``char_2`` before ``char_10``).

    Args:
        pattern: with the wildcards ``*``, ``?`` and ``[...]``.
        task: only models of this task.
        pretrained: True for the names of all pretrained weights, ``NAME.TAG``, each model's default
            ones first; False for only the models without any.

    Example:
        >>> list_models("char_lstm*", task="text-generation")
        ['char_lstm', 'char_lstm2', 'char_lstm_markov']
        >>> list_models("char_*", pretrained=True)
        ['char_lstm.python_source']
    """
    discover()
    names = []
    for model in sorted(_ENTRIES, key=natural_key):
        info = _ENTRIES[model].info
        if task not in (None, info.task) or (pretrained is False and info.weights):
            continue
        of_model = [each.name for each in info.weights] if pretrained else [model]
        whole = fnmatch.fnmatchcase(model, pattern)
        names += [name for name in of_model if whole or fnmatch.fnmatchcase(name, pattern)]
    return names


def flagship(task: str, pretrained: bool = False) -> str | None:
    """The name of the model to begin with, of all of a task; None if none is said to be.

    Of several, as other packages may bring, it is the one that is registered first: rnnzoo's own.

    Args:
        task: as `list_models` takes it.
        pretrained: whether it must have weights; where the flagship has none, it is the first that
            has.

    Example:
        >>> flagship("text-generation"), flagship("text-generation", pretrained=True)
        ('char_lstm_markov', 'char_lstm')
    """
    discover()
    infos = [entry.info for entry in _ENTRIES.values() if entry.info.task == task]
    if pretrained:
        infos = sorted((info for info in infos if info.weights), key=lambda info: not info.flagship)
        return infos[0].name if infos else None
    return next((info.name for info in infos if info.flagship), None)


def model_info(name: str) -> ModelInfo:
    """What is known about a model, without building it; a copy, the caller's to change.

    Args:
        name: one of `list_models`; with the tag of weights, ``NAME.TAG``, these are the only ones
            in it.

    Raises:
        ValueError: no such model, or weights.

    Example:
        >>> model_info("char_lstm").defaults["dropout"]
        0.3
        >>> model_info("char_lstm.python_source").weights[0].config["dropout"]
        0.1
    """
    entry, weights = _find(name)
    info = replace(entry.info, weights=(weights,)) if weights else entry.info
    return copy.deepcopy(info)


def _find(name: str) -> tuple[_Entry, Weights | None]:
    """A model, and the weights that the name has a tag of."""
    discover()
    model, point, tag = str(name).partition(".")
    if model not in _ENTRIES:
        choices = list_models(pretrained=True) if point else list_models()
        raise WrongValue(
            f"No model is named {model!r}{did_you_mean(name, choices)}; "
            "rnnzoo.list_models() or `rnnzoo list` shows all."
        )
    entry = _ENTRIES[model]
    if not point:
        return entry, None
    tagged = {weights.tag: weights for weights in entry.info.weights}
    if tag not in tagged:
        raise WrongValue(
            f"{model} has no pretrained weights with the tag {tag!r}{did_you_mean(tag, tagged)}; "
            f"its tags are: {', '.join(tagged) or 'none'}."
        )
    return entry, tagged[tag]


@functools.cache
def discover() -> None:
    """Import every package's models, once; a broken one costs a warning and not the zoo.

    All other functions do it first.
    """
    load_plugins(ENTRY_POINT_GROUP, _ENTRIES, "models")


def _folder_of(builder: Callable[..., Any]) -> Path:
    """Where the weights of a builder's models lie."""
    return Path(inspect.getfile(sys.modules[builder.__module__])).with_name("weights")


def _is_open(value: Any) -> bool:
    """Whether an option leaves to the data what it is, such as a vocabulary."""
    return value is None or (isinstance(value, str) and not value)


def _check_options(builder: Callable[..., Any], options: Mapping[str, Any], said: str) -> None:
    """Raise a TypeError, and what is said, if the builder doesn't take an option."""
    try:
        inspect.signature(builder).bind_partial(**options)
    except TypeError as error:
        raise WrongType(f"{said} ({', '.join(options)}): {error}.") from None


def _other_defaults(builder: Callable[..., Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """What the builder takes for its other keyword-only arguments."""
    others = {name: p.default for name, p in _keyword_only(builder).items() if name not in options}
    return {name: value for name, value in others.items() if value is not inspect.Parameter.empty}


def _keyword_only(function: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    parameters = inspect.signature(function).parameters
    return {name: p for name, p in parameters.items() if p.kind is p.KEYWORD_ONLY}
