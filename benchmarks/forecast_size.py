"""How long does a forecaster take to learn a thousand series of a thousand steps?

    python benchmarks/forecast_size.py
    python benchmarks/forecast_size.py --series 100 --steps 500

Makes a table of daily series with a week, a trend and noise of their own, in a CSV file in long
form, and runs `rnnzoo train forecast_gru --data FILE --horizon 28`, with its defaults, in a process
of its own: reading, training, validation, and the simple things beside it. Writes
benchmarks/results/forecast_size.json.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl
from record import write


def main() -> None:
    """Make the table, train, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--series", type=int, default=1000)
    parser.add_argument("--steps", type=int, default=1000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        table, run = Path(folder) / "series.csv", Path(folder) / "run"
        made(arguments.series, arguments.steps).write_csv(table)
        begin = time.perf_counter()
        told = ["--time", "date", "--target", "sales", "--id", "shop", "--horizon", "28"]
        command = ["train", "forecast_gru", "--data", table, *told, "--out", run]
        subprocess.run([sys.executable, "-m", "rnnzoo", *map(str, command)], check=True)
        seconds = time.perf_counter() - begin
        metrics = json.loads((run / "metrics.json").read_text())
        (score,) = metrics["scores"]
        results = {
            "series": arguments.series,
            "steps": arguments.steps,
            "megabytes_of_csv": round(table.stat().st_size / 1e6, 1),
            "minutes": round(seconds / 60, 2),
            "minutes_of_training": round(metrics["seconds"] / 60, 2),
            "peak_gigabytes": round(
                resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20, 2
            ),
            "validation": {
                name: {n: m["value"] for n, m in measures.items()}
                for name, measures in [
                    ("forecast_gru", score["measures"]),
                    *((one["name"], one["measures"]) for one in score["baselines"]),
                ]
            },
        }
    write("forecast_size", {"results": results})
    print(json.dumps(results, indent=2))


def made(series: int, steps: int) -> pl.DataFrame:
    """Series of days, a row for each and day, in a random order."""
    random = np.random.default_rng(0)
    day = np.arange(steps)
    week = 1 + 0.5 * random.normal(size=(series, 7)).clip(-1, 1)[:, day % 7]
    level = 100 * random.lognormal(size=(series, 1))
    trend = 1 + 0.3 * random.normal(size=(series, 1)) * day / steps
    sales = (level * week * trend * random.lognormal(sigma=0.1, size=(series, steps))).clip(0.01)
    stamps = np.datetime64("2021-01-01") + day
    return pl.DataFrame(
        {
            "date": np.tile(stamps, series),
            "shop": np.repeat([f"shop {i}" for i in range(series)], steps),
            "sales": sales.ravel().round(3),
        }
    ).sample(fraction=1.0, shuffle=True, seed=0)


if __name__ == "__main__":
    main()
