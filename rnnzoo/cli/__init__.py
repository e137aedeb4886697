"""The command line: one file a verb."""

from rnnzoo.cli.main import main

__all__ = ["main"]
