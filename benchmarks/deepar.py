"""The peer of forecast_peer.py, in a process without TensorFlow: python benchmarks/deepar.py FILE.

FILE.npz holds the series and how to train; what was forecast is written to it.
"""

import logging
import sys
import time
import warnings

import numpy as np
import pandas as pd
from neuralforecast import NeuralForecast
from neuralforecast.losses.pytorch import DistributionLoss
from neuralforecast.models import DeepAR
from pytorch_lightning import Callback

LEVELS = (np.arange(50) + 0.5) / 50  # equally likely places, which stand for samples
AS_OURS = {"lstm_n_layers": 1, "lstm_hidden_size": 32, "windows_batch_size": 32}


class Steps(Callback):
    """Counts the training steps, of all its copies: neuralforecast trains a copy of a model."""

    steps = 0

    def on_train_batch_end(self, *_):
        Steps.steps += 1


def main(path: str) -> None:
    """Train, forecast, write."""
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    given = dict(np.load(path))
    horizon = int(given["horizon"])
    frame = pd.DataFrame({"unique_id": given["series"], "ds": given["stamps"], "y": given["y"]})
    frame["y"] = frame.groupby("unique_id")["y"].transform(lambda y: y.interpolate().bfill())
    model = DeepAR(
        h=horizon,
        input_size=int(given["context"]),
        loss=DistributionLoss("StudentT", quantiles=LEVELS.tolist(), return_params=False),
        scaler_type="standard",
        start_padding_enabled=True,
        max_steps=1_000_000,  # the time ends it
        **AS_OURS,
        random_seed=int(given["seed"]) + 1,
        accelerator="cpu",
        max_time={"seconds": max(1, round(float(given["seconds"])))},
        enable_progress_bar=False,
        enable_checkpointing=False,
        logger=False,
        callbacks=[Steps()],
    )
    forecaster = NeuralForecast(models=[model], freq=str(given["frequency"]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        begin = time.perf_counter()
        forecaster.fit(frame)
        taken = time.perf_counter() - begin
        said = forecaster.predict(frame).sort_values(["unique_id", "ds"])
    columns = [c for c in said if c not in ("unique_id", "ds", "DeepAR")]
    if len(columns) != len(LEVELS):
        raise SystemExit(f"expected {len(LEVELS)} quantiles, got {list(said)}")
    samples = np.sort(said[columns].to_numpy(float), axis=1)
    np.savez(
        path,
        parameters=sum(p.numel() for p in model.parameters() if p.requires_grad),
        steps=Steps.steps,
        seconds=taken,
        samples=samples.reshape(-1, horizon, len(LEVELS)).transpose(0, 2, 1),
    )


if __name__ == "__main__":
    main(sys.argv[1])
