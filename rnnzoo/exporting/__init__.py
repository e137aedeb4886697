"""A task as something that runs without rnnzoo."""

from rnnzoo.exporting.saved_model import export

__all__ = ["export"]
