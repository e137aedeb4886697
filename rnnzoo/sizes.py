"""Whether something is a size: of layers, of counts, of steps."""

from __future__ import annotations

import numbers
from typing import Any


def is_size(value: Any) -> bool:
    """Whether it is a positive whole number, NumPy's too, and no bool.

    Example:
        >>> [is_size(value) for value in (3, 0, 2.0, True, "3", None)]
        [True, False, False, False, False, False]
    """
    return isinstance(value, numbers.Integral) and not isinstance(value, bool) and int(value) >= 1
