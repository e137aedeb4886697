"""Training: a run folder, from the command line, a script or a notebook."""

from rnnzoo.training.loading import load_model
from rnnzoo.training.settings import SCHEDULES, read_settings
from rnnzoo.training.trainer import train

__all__ = ["SCHEDULES", "load_model", "read_settings", "train"]
