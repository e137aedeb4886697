"""A run's folder: whether it holds a run, and who trains in it."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path


def holds_run(folder: Path, resume: bool) -> bool:
    """Whether a folder holds a run to go on with.

    Raises:
        FileExistsError: it holds something else, or a run that is not to be resumed.
    """
    if resume and (folder / "config.json").is_file():
        return True
    # A hidden file is what a kill may leave of a file that was being written.
    if folder.exists() and any(not path.name.startswith(".") for path in folder.iterdir()):
        advice = "it holds no run to resume" if resume else "resume its run (--resume)"
        raise FileExistsError(f"{folder} is not empty: {advice}, or choose another folder (--out)")
    return False


def holds_checkpoint(folder: Path) -> bool:
    """Whether the run in a folder has written one yet."""
    return (folder / "checkpoints" / "checkpoint").is_file()


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other processes from training in a folder; a lock of the system, gone with the process.

    Raises:
        BlockingIOError: there is one that does.
    """
    if sys.platform == "win32":  # it has no such locks
        yield
        return
    import fcntl

    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BlockingIOError(f"another process is training in {folder}") from None
        except OSError:
            pass  # a file system that has no locks
        yield
    finally:
        os.close(descriptor)
