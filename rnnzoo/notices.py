"""Warnings that point at the user's line, however deep in rnnzoo they come from."""

import sys
import warnings


def warn(message: str) -> None:
    """Warn at the nearest line outside rnnzoo, or at the outermost one if all are inside."""
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("rnnzoo."):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, stacklevel=level)
