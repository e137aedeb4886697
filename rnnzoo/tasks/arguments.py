"""Checks of the arguments that several tasks take."""

from __future__ import annotations

import operator
import os
from typing import Any

import numpy as np

from rnnzoo.errors import WrongType, WrongValue


def whole_number(value: Any, name: str, minimum: int, maximum: int = 2**31 - 1) -> int:
    """An integer in a range.

    Raises:
        TypeError: it is none.
        ValueError: it is out of range.
    """
    wrong = f"{name}={value!r}: expected a whole number of at least {minimum}"
    if isinstance(value, bool):
        raise WrongType(wrong)
    try:
        value = operator.index(value)
    except TypeError:
        raise WrongType(wrong) from None
    if value < minimum:
        raise WrongValue(wrong)
    if value > maximum:
        raise WrongValue(f"{name}={value}: expected at most {maximum}")
    return value


def at_most(limit: int, given: int, what: str) -> None:
    """Raise a ValueError if there are more of something than fit."""
    if given > limit:
        raise WrongValue(f"Expected at most {limit:,} {what}, got {given:,}.")


def number(value: Any, name: str) -> float:
    """A number as a float; TypeError if it is none."""
    try:
        return float(value)
    except (TypeError, ValueError):
        raise WrongType(f"{name}={value!r}: expected a number.") from None


def sampling(temperature: Any, top_k: Any, top_p: Any, seed: Any) -> dict[str, np.generic]:
    """What `rnnzoo.decoding.choose` and `uniforms` take, checked, by name.

    Raises:
        TypeError, ValueError: an argument is not as there.
    """
    top_k = whole_number(top_k, "top_k", minimum=0)
    seed = whole_number(seed, "seed", minimum=-(2**63), maximum=2**63 - 1)
    temperature, top_p = number(temperature, "temperature"), number(top_p, "top_p")
    if not 0 <= temperature < float("inf"):
        raise WrongValue(f"temperature={temperature!r}: expected a number of at least 0.")
    if not 0 < top_p <= 1:
        raise WrongValue(f"top_p={top_p!r}: expected 0 < top_p <= 1.")
    return {
        "temperature": np.float32(temperature),
        "top_k": np.int32(top_k),
        "top_p": np.float32(top_p),
        "seed": np.int64(seed),
    }


def no_path(given: Any, reader: str) -> None:
    """Raise a TypeError for a path, or a list of paths, where what is in files is expected.

    Args:
        given: what may be one.
        reader: the call that reads one, with {!r} in its place.

    >>> no_path("a.csv", "rnnzoo.data.read_recordings({!r})")
    Traceback (most recent call last):
    rnnzoo.errors.WrongType: 'a.csv' is a path or a text, where arrays are expected: to read a \
file, rnnzoo.data.read_recordings('a.csv')
    """
    for each in given if isinstance(given, (list, tuple)) else [given]:
        if isinstance(each, (str, os.PathLike)):
            raise WrongType(
                f"{each!r} is a path or a text, where arrays are expected: to read a file, "
                f"{reader.format(os.fspath(each))}"
            )


def strings(texts: Any, name: str) -> list[str]:
    """A string or a sequence of strings, as a list.

    Raises:
        TypeError: it is something else.
        ValueError: UTF-8 has no encoding for one of them.
    """
    from rnnzoo.tasks.vocabulary import check_encodable

    if isinstance(texts, str):
        texts = [texts]
    elif not isinstance(texts, (list, tuple, np.ndarray)):
        raise WrongType(f"{name}: expected a string or a list of them, got {texts!r}.")
    for text in texts:
        if not isinstance(text, str):
            raise WrongType(f"{name}: expected strings, got {text!r} among them.")
        check_encodable(text)
    return [str(text) for text in texts]
