"""Training: a run folder, from the command line, a script or a notebook."""

from rnnzoo.training.train import SCHEDULES, load_model, read_settings, train

__all__ = ["SCHEDULES", "load_model", "read_settings", "train"]
