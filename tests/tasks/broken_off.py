"""Runs that are broken off, and what is compared of one that went on."""

import csv

from rnnzoo.platform import keras


class StopAt(keras.callbacks.Callback):
    """As a kill does, without a checkpoint."""

    def __init__(self, step):
        super().__init__()
        self.left = step

    def on_train_batch_end(self, batch, logs=None):
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt


def rows(folder):
    """Of a run's history, without the time that it took."""
    with open(folder / "history.csv", newline="") as file:
        return [{k: v for k, v in row.items() if k != "seconds"} for row in csv.DictReader(file)]
