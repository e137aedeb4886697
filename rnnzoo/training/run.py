"""A training run: where it stands, its checkpoints, and what it leaves in its folder."""

import contextlib
import csv
import io
import json
import math
import os
import signal
import sys
import threading
import time

import numpy as np

from rnnzoo.files import picture, readable, write_text, written_beside
from rnnzoo.platform import keras, tf

try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None


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
        folder: a pathlib.Path. If it holds checkpoints, the run is where the latest of them is.
        monitor: the metric by which the best epoch is chosen.
        mode: "min" or "max", which is better of `monitor`.
        steps_per_epoch: training steps in an epoch.
        epochs: after which the run is finished.
        patience: finished after so many epochs without improvement, too, unless None.
        checkpoint_every: steps between checkpoints.
        again: what to do to go on after an interruption, in words.

    Attributes:
        step: training steps taken, over all epochs.
        history: a dict of numbers for each finished epoch.
        seconds, cpu_seconds: spent so far, over all processes.
        interrupted: set it, and the run stops after the running step with KeyboardInterrupt.
    """

    def __init__(
        self,
        model,
        folder,
        monitor,
        mode,
        *,
        steps_per_epoch,
        epochs,
        patience,
        checkpoint_every,
        again,
    ):
        self.model = model
        self.folder = folder
        self.monitor = monitor
        self.mode = mode
        self.steps_per_epoch = steps_per_epoch
        self.epochs = epochs
        self.patience = patience
        self.checkpoint_every = checkpoint_every
        self.again = again
        self.interrupted = False
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

    def _set(self, step, history, clock):
        self.step = step
        self.history = history
        # What the clocks would show at the start of the run, had it never been interrupted.
        self._zero = time.perf_counter() - clock[0], time.process_time() - clock[1]

    def serialize(self):
        clock = self.seconds, self.cpu_seconds
        return json.dumps({"step": self.step, "history": self.history, "clock": clock})

    def deserialize(self, value):
        self._set(**json.loads(value))

    @property
    def seconds(self):
        return time.perf_counter() - self._zero[0]

    @property
    def cpu_seconds(self):
        return time.process_time() - self._zero[1]

    @property
    def best(self):
        """The row of the best epoch so far; of equal ones that with the least loss."""
        sign = {"min": 1, "max": -1}[self.mode]
        return min(
            self.history, key=lambda row: (sign * row[f"val_{self.monitor}"], row["val_loss"])
        )

    @property
    def finished(self):
        done = len(self.history)
        if done and self.patience is not None and done - self.best["epoch"] >= self.patience:
            return True
        return done >= self.epochs

    def save(self):
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

    def restore(self):
        """Go back to the latest checkpoint, if there is one."""
        if latest := self._manager.latest_checkpoint:
            self._manager.checkpoint.restore(latest).assert_existing_objects_matched()

    def stop_if_interrupted(self):
        """Raise KeyboardInterrupt after a Ctrl-C; to be called when a checkpoint is written."""
        if self.interrupted:
            raise KeyboardInterrupt(
                f"stopped after step {self.step:,} of {self.epochs * self.steps_per_epoch:,}; "
                f"to go on from there: {self.again}"
            )

    @contextlib.contextmanager
    def deferring_interrupts(self):
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

    def callbacks(self):
        """What `fit` needs to keep this run; new ones for each call of `fit`."""
        callbacks = [_Record(self), _Checkpoint(self)]
        optimizer = self.model.optimizer
        if getattr(optimizer, "inner_optimizer", optimizer).use_ema:  # inner: of loss scaling
            callbacks.insert(0, _EvaluateAverages())
        if sys.stdout.isatty():
            callbacks.insert(0, _ProgressBar(self))
        return callbacks


@contextlib.contextmanager
def locked(folder):
    """Keep other processes from training in a folder; a lock of the system, gone with the process.

    Raises:
        BlockingIOError: there is one that does.
    """
    if fcntl is None:
        yield
        return
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


class _Checkpoint(keras.callbacks.Callback):
    """Counts steps and writes checkpoints; comes after all that changes the run's state."""

    def __init__(self, run):
        super().__init__()
        self.run = run
        self.begun = False

    def on_epoch_begin(self, epoch, logs=None):
        # Keras has just set the metrics to zero: bring back the sums of an epoch broken off. After
        # a whole epoch a checkpoint holds the sums of its evaluation, which nobody needs.
        if not self.begun and self.run.step % self.run.steps_per_epoch:
            self.run.restore()
        self.begun = True

    def on_train_batch_end(self, batch, logs=None):
        run = self.run
        run.step += 1
        # After the last step of an epoch comes its evaluation, and then the checkpoint.
        if run.step % run.steps_per_epoch:
            if run.interrupted or run.step % run.checkpoint_every == 0:
                run.save()
            run.stop_if_interrupted()

    def on_epoch_end(self, epoch, logs=None):
        self.run.save()
        self.run.stop_if_interrupted()
        self.model.stop_training = self.run.finished


class _Record(keras.callbacks.Callback):
    """After each epoch: its row, the curves, the best weights, and a line on the screen."""

    def __init__(self, run):
        super().__init__()
        self.run = run

    def on_epoch_end(self, epoch, logs=None):
        run = self.run
        if not all(math.isfinite(logs[key]) for key in ("loss", "val_loss")):
            raise FloatingPointError(
                f"the loss is {logs['loss']} in training and {logs['val_loss']} in validation "
                f"after epoch {epoch + 1}; begin anew with a smaller learning rate"
            )
        row = {"epoch": epoch + 1, "step": run.step}
        row |= {key: float(value) for key, value in sorted(logs.items())}
        row["learning_rate"] = float(self.model.optimizer.learning_rate)
        row["seconds"] = round(run.seconds, 1)
        run.history.append(row)
        best = run.best is row
        if best:
            _save_bare(self.model, run.folder / "best.keras")
        write_text(run.folder / "history.csv", _csv(run.history))
        _draw(run.history, run.monitor, run.best, run.folder / "curves.png")
        print(
            f"epoch {epoch + 1}/{run.epochs}: held-out {readable(run.monitor)} "
            f"{row[f'val_{run.monitor}']:.4f}, in training {row[run.monitor]:.4f}, "
            f"{row['seconds']:.0f} s in all{' (best so far)' if best else ''}",
            flush=True,
        )


class _EvaluateAverages(keras.callbacks.Callback):
    """Evaluates with the averaged weights, then puts the weights back as they were, bit for bit.

    (keras.callbacks.SwapEMAWeights swaps by adding and subtracting, which rounds the weights.)
    """

    def on_test_begin(self, logs=None):
        variables = self.model.trainable_variables
        self._weights = [tf.identity(variable.value) for variable in variables]
        self.model.optimizer.finalize_variable_values(variables)

    def on_test_end(self, logs=None):
        for variable, weight in zip(self.model.trainable_variables, self._weights, strict=True):
            variable.assign(weight)
        del self._weights


class _ProgressBar(keras.callbacks.Callback):
    """Keras's bar, going on from where an epoch was broken off."""

    def __init__(self, run):
        super().__init__()
        self.run = run

    def on_epoch_begin(self, epoch, logs=None):
        self.bar = keras.utils.Progbar(self.run.steps_per_epoch, stateless_metrics=())

    def on_train_batch_end(self, batch, logs=None):
        # Comes before the callback that counts this step.
        position = self.run.step % self.run.steps_per_epoch + 1
        self.bar.update(position, [(readable(self.run.monitor), logs[self.run.monitor])])


def _save_bare(model, path):
    """Save a model without its optimizer, and with averaged weights if the optimizer has them."""
    config = keras.saving.serialize_keras_object(model)
    del config["compile_config"]
    bare = keras.saving.deserialize_keras_object(config)
    bare.set_weights(model.get_weights())
    model.optimizer.finalize_variable_values(bare.trainable_variables)
    with written_beside(path) as beside:
        bare.save(beside)


def _csv(rows):
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0].keys(), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _draw(history, monitor, best, path):
    with picture(path) as figure:
        _draw_curves(figure.add_subplot(), history, monitor, best)


def _draw_curves(axes, history, monitor, best):
    steps = [row["step"] for row in history]
    axes.plot(steps, [row[monitor] for row in history], marker=".", label="training")
    held_out = [row[f"val_{monitor}"] for row in history]
    axes.plot(steps, held_out, marker=".", label=f"held out, best {best[f'val_{monitor}']:.4f}")
    axes.set(xlabel="step", ylabel=readable(monitor))
    axes.grid(alpha=0.3)
    axes.legend()
