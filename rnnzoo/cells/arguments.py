"""The arguments that cells share, each said once, and shown wherever a cell takes them.

A cell's `__init__` names its own arguments and hands the others on to its base. Editors and type
checkers learn those from a `TypedDict` (PEP 692)::

    def __init__(self, units: int, ..., **kwargs: Unpack[WeightArguments]): ...

`help` and `inspect.signature` learn them, with their defaults, from the base: see
`show_all_arguments`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict

if TYPE_CHECKING:
    from rnnzoo.platform import keras

# A name, a function, or what Keras serializes one to.
Activation: TypeAlias = "str | Callable[[Any], Any] | dict[str, Any] | None"
Initializer: TypeAlias = "str | Callable[..., Any] | dict[str, Any]"
Regularizer: TypeAlias = "str | Callable[[Any], Any] | dict[str, Any] | None"
Constraint: TypeAlias = "str | Callable[[Any], Any] | dict[str, Any] | None"
DType: TypeAlias = "str | keras.DTypePolicy | dict[str, Any] | None"


class CellArguments(TypedDict, total=False):
    """What every cell takes, as every Keras layer does."""

    name: str | None
    dtype: DType
    trainable: bool


class WeightArguments(CellArguments, total=False):
    """What `rnnzoo.cells.DenseCell` takes for the weights of its two products."""

    kernel_initializer: Initializer
    recurrent_initializer: Initializer
    bias_initializer: Initializer
    kernel_regularizer: Regularizer
    recurrent_regularizer: Regularizer
    bias_regularizer: Regularizer
    kernel_constraint: Constraint
    recurrent_constraint: Constraint
    bias_constraint: Constraint


def show_all_arguments(cls: type, *takers: Callable, made_here: tuple[str, ...] = ()) -> None:
    """Let `help` and `inspect.signature` show what a class hands on in its ``**kwargs``.

    Args:
        cls: the class; its own `__init__`, if it has one with ``**kwargs``, gets a `__signature__`
            in which the takers' arguments stand in their place, by name only.
        *takers: the functions that get what is in ``**kwargs``.
        made_here: names of arguments of theirs that are not taken from outside.
    """
    init = cls.__dict__.get("__init__")
    if init is None:
        return
    own = inspect.signature(init)
    shown = {name: p for name, p in own.parameters.items() if p.kind is not p.VAR_KEYWORD}
    if len(shown) == len(own.parameters):
        return
    for taker in takers:
        for name, p in inspect.signature(taker).parameters.items():
            has_name = p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)
            if has_name and name not in shown and name not in made_here:
                shown[name] = p.replace(kind=p.KEYWORD_ONLY)
    init.__signature__ = own.replace(parameters=list(shown.values()))
