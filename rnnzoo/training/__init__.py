"""Training: a run folder, from the command line, a script or a notebook.

Each name is imported when it is first used, so that settings and folders are checked without
TensorFlow.
"""

from typing import TYPE_CHECKING

from rnnzoo.lazy import lazy

if TYPE_CHECKING:
    from rnnzoo.training.loading import load_model
    from rnnzoo.training.settings import SCHEDULES, read_settings
    from rnnzoo.training.trainer import train

_EXPORTS = {
    "SCHEDULES": "rnnzoo.training.settings",
    "load_model": "rnnzoo.training.loading",
    "read_settings": "rnnzoo.training.settings",
    "train": "rnnzoo.training.trainer",
}

__all__ = ["SCHEDULES", "load_model", "read_settings", "train"]
__getattr__, __dir__ = lazy(__name__, _EXPORTS)
