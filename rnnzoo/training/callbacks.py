"""What Keras calls after steps and epochs of a run: counting, checkpoints, curves, a bar."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rnnzoo.files import picture, readable, write_table, written_beside
from rnnzoo.platform import keras, tf

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from rnnzoo.training.run import Run


# Times the loss of equal chances for all answers: what trains at all is far below, in training.
DIVERGED = 10


def make_callbacks(run: Run, tensorboard: bool = False) -> list[keras.callbacks.Callback]:
    """What `fit` needs to keep a run; new ones for each call of `fit`.

    Their order counts: the weights are averaged before, and the bar drawn before the step is
    counted; a checkpoint is written after all that changes the run.
    """
    callbacks = [Record(run), Checkpoint(run)]
    optimizer = run.model.optimizer
    if getattr(optimizer, "inner_optimizer", optimizer).use_ema:  # inner: of loss scaling
        callbacks.insert(0, EvaluateAverages())
    if run.verbose and sys.stdout.isatty():
        callbacks.insert(0, ProgressBar(run))
    if not run.step:
        callbacks.append(Estimate(run))
    if tensorboard:
        logs = str(run.folder / "tensorboard")
        callbacks.append(keras.callbacks.TensorBoard(logs, write_graph=False))
    return callbacks


class Checkpoint(keras.callbacks.Callback):
    """Counts steps and writes checkpoints; comes after all that changes the run's state."""

    def __init__(self, run: Run) -> None:
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
        if self.model.stop_training:  # by a callback of the user's: after the epoch, which counts
            run.stopped, self.model.stop_training = True, False
        # After the last step of an epoch comes its evaluation, and then the checkpoint.
        if run.step % run.steps_per_epoch:
            if run.interrupted or run.step % run.checkpoint_every == 0:
                run.save()
            run.stop_if_interrupted()

    def on_epoch_end(self, epoch, logs=None):
        self.run.save()
        self.run.stop_if_interrupted()
        self.run.stopped |= self.model.stop_training
        self.model.stop_training = self.run.finished


class Record(keras.callbacks.Callback):
    """After each epoch: its row, the curves, the best weights, and a line on the screen."""

    def __init__(self, run: Run) -> None:
        super().__init__()
        self.run = run

    def on_epoch_end(self, epoch, logs=None):
        run = self.run
        losses = logs["loss"], logs["val_loss"]
        if not all(map(math.isfinite, losses)) or losses[0] > DIVERGED * run.model.chance_loss:
            raise FloatingPointError(
                f"training diverges: the loss is {losses[0]:.3g} in training and {losses[1]:.3g} "
                f"in validation after epoch {epoch + 1}, where equal chances for all answers give "
                f"{run.model.chance_loss:.3g}; begin anew with a smaller learning rate"
            )
        row = {"epoch": epoch + 1, "step": run.step}
        row |= {key: float(value) for key, value in sorted(logs.items())}
        row["learning_rate"] = float(self.model.optimizer.learning_rate)
        row["seconds"] = round(run.seconds, 1)
        run.history.append(row)
        best = run.best is row
        if best:
            _save_bare(self.model, run.folder / "best.keras")
        write_table(run.folder / "history.csv", row, (each.values() for each in run.history))
        with picture(run.folder / "curves.png") as figure:
            _draw_curves(figure.add_subplot(), run)
        learned = run.model.learned_of_validation
        run.say(
            f"step {run.step:,}/{run.epochs * run.steps_per_epoch:,}: "
            f"held-out {readable(run.monitor)} {row[f'val_{run.monitor}']:.4f}, "
            f"in training {row[run.monitor]:.4f}, {f'{learned}, ' if learned else ''}"
            f"{row['seconds']:.0f} s in all{' (best so far)' if best else ''}"
        )


class Estimate(keras.callbacks.Callback):
    """Says after some steps how long all of them will take; later, if all else takes as long.

    What is between two steps counts, but for what lies between two epochs: validation, and files.
    The second epoch shows how long that takes, as the first one traces it.
    """

    STEPS = range(3, 13)  # after the first ones, which are traced
    MORE = 1.5  # times as long as what was said

    def __init__(self, run: Run) -> None:
        super().__init__()
        self.run = run
        self.total = run.epochs * run.steps_per_epoch
        self.of_steps = 0.0  # seconds; of those that count, and then of all

    def on_epoch_begin(self, epoch, logs=None):
        self.before = self.run.seconds

    def on_train_batch_end(self, batch, logs=None):
        run, begun = self.run, self.before
        self.before = run.seconds
        if self.STEPS.start < run.step <= self.STEPS.stop:
            self.of_steps += self.before - begun
        if run.step == self.STEPS.stop:
            self.of_steps *= self.total / len(self.STEPS)
            if self.total > 10 * self.STEPS.stop:
                said = duration(self.of_steps)
                run.say(f"about {said} for all {self.total:,} steps, without validation")

    def on_epoch_end(self, epoch, logs=None):
        run = self.run
        if epoch == 1 and run.step >= self.STEPS.stop and self.total > 10 * self.STEPS.stop:
            in_all = run.seconds + (run.seconds - self.ended) * (run.epochs - 2)
            if in_all > self.MORE * self.of_steps:
                run.say(f"about {duration(in_all)} in all, with what each validation takes")
        self.ended = run.seconds


class EvaluateAverages(keras.callbacks.Callback):
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


class ProgressBar(keras.callbacks.Callback):
    """Keras's bar, going on from where an epoch was broken off."""

    def __init__(self, run: Run) -> None:
        super().__init__()
        self.run = run

    def on_epoch_begin(self, epoch, logs=None):
        self.bar = keras.utils.Progbar(self.run.steps_per_epoch, stateless_metrics=())

    def on_train_batch_end(self, batch, logs=None):
        # Comes before the callback that counts this step.
        position = self.run.step % self.run.steps_per_epoch + 1
        self.bar.update(position, [(readable(self.run.monitor), logs[self.run.monitor])])


def duration(seconds: float) -> str:
    """Words for a time.

    >>> duration(44.2), duration(431)
    ('50 seconds', '8 minutes')
    """
    if seconds < 100:
        return f"{10 * max(1, math.ceil(seconds / 10))} seconds"
    return f"{math.ceil(seconds / 60)} minutes"


def _save_bare(model: keras.Model, path: Path) -> None:
    """Save a model without its optimizer, and with averaged weights if the optimizer has them."""
    config = keras.saving.serialize_keras_object(model)
    del config["compile_config"]
    with model.distribute_strategy.scope():  # where the optimizer reaches its weights
        bare = keras.saving.deserialize_keras_object(config)
    bare.set_weights(model.get_weights())
    model.optimizer.finalize_variable_values(bare.trainable_variables)
    with written_beside(path) as beside:
        bare.save(beside)


def _draw_curves(axes: Axes, run: Run) -> None:
    steps = [row["step"] for row in run.history]
    axes.plot(steps, [row[run.monitor] for row in run.history], marker=".", label="training")
    held_out = f"val_{run.monitor}"
    label = f"held out, best {run.best[held_out]:.4f}"
    axes.plot(steps, [row[held_out] for row in run.history], marker=".", label=label)
    axes.set(xlabel="step", ylabel=readable(run.monitor))
    axes.grid(alpha=0.3)
    axes.legend()
