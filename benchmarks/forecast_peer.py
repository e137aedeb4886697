"""Is a forecaster better than a public peer of the same kind that trains as long?

    pip install "rnnzoo[bench,forecasting]" neuralforecast
    python benchmarks/forecast_peer.py

The peer is DeepAR of neuralforecast (PyTorch) with one layer of 32 units and 32 windows a step, as
`forecast_gru` has, and its own defaults else (LSTM, Student's t, a learning rate of 0.001); but it
scales each window ("standard"), as series of different sizes want. It reads as many steps and
trains for as many seconds. One after the other they train and forecast the last horizon of each
series, the test split, once. The peer trains on the validation split, too, as it chooses no epoch.
Writes benchmarks/results/forecast_peer.csv.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from record import RESULTS, write_csv

import rnnzoo
from rnnzoo.data import Panel, load_panel
from rnnzoo.evaluation.forecasts import Questions, measures

SETS = ("us_employment", "tourism/quarterly", "m3/quarterly")


def main() -> None:
    """Train both, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", nargs="+", default=SETS)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--python", default=sys.executable, help="which has neuralforecast")
    arguments = parser.parse_args()
    rows = []
    for name in arguments.sets:
        panel = load_panel(name)
        questions = Questions.of(panel, "test")
        if len(questions) != len(panel.test):
            raise SystemExit(f"{name}: expected one forecast a series, got {len(questions)}")
        for seed in arguments.seeds:
            ours, seconds, context = trained(name, questions, seed)
            theirs = peer(arguments.python, panel, questions, seed, seconds, context)
            for model, found in (("forecast_gru", ours), ("DeepAR of neuralforecast", theirs)):
                samples = found.pop("samples")
                scores = {m.name: round(m.value, 4) for m in measures(questions, samples)}
                rows.append({"data": name, "model": model, "seed": seed, **found, **scores})
                print(rows[-1], flush=True)
            write_csv(RESULTS / "forecast_peer.csv", rows)


def trained(name: str, questions: Questions, seed: int) -> tuple[dict, float, int]:
    """Ours: what it took and what it says; its seconds; the steps that it reads."""
    with tempfile.TemporaryDirectory() as folder:
        metrics = rnnzoo.train("forecast_gru", name, folder, seed=seed, baseline=False, verbose=0)
        model = rnnzoo.load_model(folder)
        steps = int(rnnzoo.training.read_settings(folder)["validate_every"]) * metrics["epochs"]
    samples = model.samples([questions.line(i) for i in range(len(questions))])
    seconds = metrics["seconds"]
    found = {
        "parameters": metrics["parameters"],
        "steps": steps,
        "seconds": round(seconds, 1),
        "samples": samples,
    }
    return found, seconds, model.preprocessor.context


def peer(
    python: str, panel: Panel, questions: Questions, seed: int, seconds: float, context: int
) -> dict:
    """The peer's, in a process of its own: PyTorch and TensorFlow don't get on in one."""
    lines = [questions.line(i) for i in range(len(questions))]
    lengths = [len(line) for line in lines]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "series.npz"
        np.savez(
            path,
            series=np.repeat(np.arange(len(lines)), lengths),
            stamps=np.concatenate([line.stamps[: len(line)] for line in lines]),
            y=np.concatenate([line.target for line in lines]),
            frequency=panel.frequency,
            horizon=panel.horizon,
            context=context,
            seed=seed,
            seconds=seconds,
        )
        script = Path(__file__).with_name("deepar.py")
        subprocess.run([python, str(script), str(path)], check=True, stdout=subprocess.DEVNULL)
        found = dict(np.load(path))
    return {
        "parameters": int(found["parameters"]),
        "steps": int(found["steps"]),
        "seconds": round(float(found["seconds"]), 1),
        "samples": found["samples"],
    }


if __name__ == "__main__":
    main()
