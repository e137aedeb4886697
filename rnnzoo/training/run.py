"""A training run: its folder, where it stands, its checkpoints, and how it is stopped."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from rnnzoo.platform import keras, tf
from rnnzoo.replicas import local_values, set_local_values


class Run(tf.train.experimental.PythonState):
    """Where a run stands, and its checkpoints.

    A killed run goes on bit for bit, because what a step does depends on two things only: on
    variables (weights, optimizer, dropout's seeds, carried state, metric sums of the running
    epoch), which a checkpoint holds, and on the batch, a function of the seed and the step's
    number. A checkpoint counts as the latest once its files are complete, and the one before is
    kept until then: a kill loses neither.

    Args:
        model: a compiled model whose variables all exist; `model.carry` names those that are not
            its weights.
        folder: if it holds checkpoints, the run is where the latest of them is.
        monitor: the metric by which the best epoch is chosen.
        mode: "min" or "max", which is better of `monitor`.
        steps_per_epoch: training steps in an epoch.
        epochs: after which the run is finished.
        patience: finished after so many epochs without improvement, too, unless None.
        checkpoint_every: steps between checkpoints.
        again: what to do to go on after an interruption, in words.
        verbose: 0: `say` prints nothing.

    Attributes:
        step: training steps taken, over all epochs.
        history: a dict of numbers for each finished epoch.
        seconds, cpu_seconds: spent so far, over all processes.
        interrupted: set it, and the run stops after the running step with KeyboardInterrupt.
        stopped: set it, and the run is finished with the running epoch, until it is resumed.
    """

    def __init__(
        self,
        model: keras.Model,
        folder: Path,
        monitor: str,
        mode: str,
        *,
        steps_per_epoch: int,
        epochs: int,
        patience: int | None,
        checkpoint_every: int,
        again: str,
        verbose: int = 1,
    ) -> None:
        self.model = model
        self.folder = folder
        self.monitor = monitor
        self.mode = mode
        self.steps_per_epoch = steps_per_epoch
        self.epochs = epochs
        self.patience = patience
        self.checkpoint_every = checkpoint_every
        self.again = again
        self.verbose = verbose
        self.interrupted = False
        self.stopped = False
        self._set(step=0, history=[], clock=[0.0, 0.0])
        variables = {
            id(variable): variable.value
            for variable in [
                *model.variables,
                *getattr(model, "carry", ()),
                *model.metrics_variables,
                *model.optimizer.variables,
            ]
        }
        checkpoint = tf.train.Checkpoint(run=self, variables=list(variables.values()))
        self._manager = tf.train.CheckpointManager(
            checkpoint, str(folder / "checkpoints"), max_to_keep=2
        )
        self.restore()

    def _set(
        self,
        step: int,
        history: list[dict[str, Any]],
        clock: list[float],
        metrics: list[list[Any]] | None = None,
    ) -> None:
        self.step = step
        self.history = history
        self._metrics = metrics or []
        # What the clocks would show at the start of the run, had it never been interrupted.
        self._zero = time.perf_counter() - clock[0], time.process_time() - clock[1]

    def serialize(self) -> str:
        clock = self.seconds, self.cpu_seconds
        metrics = local_values(self.model.distribute_strategy, self.model.metrics_variables)
        state = {"step": self.step, "history": self.history, "clock": clock, "metrics": metrics}
        return json.dumps(state)

    def deserialize(self, value: str) -> None:
        self._set(**json.loads(value))

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self._zero[0]

    @property
    def cpu_seconds(self) -> float:
        return time.process_time() - self._zero[1]

    @property
    def best(self) -> dict[str, Any]:
        """The row of the best epoch so far; of equal ones that with the least loss."""
        sign = {"min": 1, "max": -1}[self.mode]
        return min(
            self.history, key=lambda row: (sign * row[f"val_{self.monitor}"], row["val_loss"])
        )

    @property
    def finished(self) -> bool:
        done = len(self.history)
        if self.stopped and done:
            return True
        if done and self.patience is not None and done - self.best["epoch"] >= self.patience:
            return done >= self.epochs or not self.model.waits
        return done >= self.epochs

    def say(self, *lines: str) -> None:
        """Print lines, unless the run is to be quiet."""
        if self.verbose and lines:
            print(*lines, sep="\n", flush=True)

    def save(self) -> None:
        """Write a checkpoint; there is none of weights that are no numbers."""
        if not all(np.isfinite(weight).all() for weight in self.model.get_weights()):
            raise FloatingPointError(
                f"the weights are no longer numbers after step {self.step:,}; "
                "begin anew with a smaller learning rate"
            )
        try:
            self._manager.save(checkpoint_number=self.step)
        except tf.errors.OpError as error:
            # "{{node ...}} /path; No space left on device [Op:SaveV2]"
            reason = error.message.rpartition("; ")[2].partition(" [Op:")[0]
            raise OSError(f"cannot write a checkpoint in {self.folder}: {reason}") from error

    def restore(self) -> None:
        """Go back to the latest checkpoint, if there is one."""
        if latest := self._manager.latest_checkpoint:
            self._manager.checkpoint.restore(latest).assert_existing_objects_matched()
            set_local_values(
                self.model.distribute_strategy, self.model.metrics_variables, self._metrics
            )

    def stop_if_interrupted(self) -> None:
        """Raise KeyboardInterrupt after a Ctrl-C; to be called when a checkpoint is written."""
        if self.interrupted:
            raise KeyboardInterrupt(
                f"stopped after step {self.step:,} of {self.epochs * self.steps_per_epoch:,}; "
                f"to go on from there: {self.again}"
            )

    @contextlib.contextmanager
    def deferring_interrupts(self) -> Iterator[None]:
        """The first Ctrl-C ends the run after its step and a checkpoint, the second one at once."""
        if threading.current_thread() is not threading.main_thread():
            yield  # signals belong to the main thread
            return

        def note(signal_number, frame):
            self.interrupted = True
            signal.signal(signal.SIGINT, before)
            # Not print: the signal may have come in the middle of one.
            os.write(2, b"\nsaving a checkpoint; Ctrl-C again stops at once\n")

        before = signal.signal(signal.SIGINT, note)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)
