"""Do forecasters with their defaults beat the simple things, and ETS fitted to each series?

    pip install "rnnzoo[bench,forecasting]"
    python benchmarks/forecast_sets.py
    python benchmarks/forecast_sets.py --sets tourism us_employment --models forecast_gru --seeds 0
    python benchmarks/forecast_sets.py --models naive ETS
    python benchmarks/forecast_sets.py --sets us_employment --models "forecast_gru ahead=horizon"

For each set `rnnzoo.train` with nothing but a model's name, the data and a seed: one model for all
its series. Options of the model may stand behind its name; "horizon" is that of the set. Beside it
the naive forecasts that rnnzoo compares with; and ETS (statsforecast), whose form is chosen by AICc
and which is fitted anew at each origin to the series up to it, its last 1,000 steps at most; what
is missing in them lies on straight lines. Of a season of more than 24 steps, for which ETS is not
made, it forecasts what STL leaves (MSTL). All forecast the same steps from the same origins, a
horizon apart, of the test split, which is read once; the model's epoch was chosen on validation.
Writes benchmarks/results/forecast_sets.json after each model; what is there already of other sets
and models stays.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
import warnings
from collections.abc import Sequence
from statistics import mean, stdev

import numpy as np
from recipes import options
from record import RESULTS, write

import rnnzoo
from rnnzoo.baselines.forecasting import baselines_of
from rnnzoo.data import Panel, load_panel
from rnnzoo.evaluation.forecasts import Questions, measures
from rnnzoo.evaluation.measure import Measure

SETS = (
    "us_employment", "tourism", "tourism/quarterly", "m3", "m3/quarterly", "us_macro",
    "city_temperatures", "euro_rates", "seattle_rain", "air_passengers", "electrical_equipment",
    "electricity_demand", "elnino", "co2", "sunspots", "nile",
)  # fmt: skip
MODELS = ("forecast_gru",)
MOST = 1000  # steps of a series that ETS is fitted to
LONGEST_SEASON = 24  # of ETS
QUANTILES = 50  # of ETS


def main() -> None:
    """Train, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", nargs="+", default=SETS)
    parser.add_argument(
        "--models", nargs="+", default=["naive", "ETS", *MODELS], help="naive: all simple things"
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    arguments = parser.parse_args()
    path = RESULTS / "forecast_sets.json"
    results = json.loads(path.read_text())["results"] if path.exists() else {}
    for name in arguments.sets:
        panel = load_panel(name)
        questions = Questions.of(panel, "test")
        row = results.setdefault(name, {})
        row |= facts(panel, questions)
        simple: dict[str, list[Measure]] = {}
        answering = {"ETS": ets} | {each.name: each.answers for each in baselines_of(panel)}
        wanted = [
            each for each in answering if ("ETS" if each == "ETS" else "naive") in arguments.models
        ]
        for each in wanted:
            begin = time.perf_counter()
            simple[each] = measures(questions, answering[each](questions))
            row[each] = {measure.name: plain(measure) for measure in simple[each]}
            row[each]["seconds"] = round(time.perf_counter() - begin, 2)
        for model in arguments.models:
            if model not in ("ETS", "naive"):
                row[model] = trained(model, panel, questions, arguments.seeds, simple)
            write("forecast_sets", {"results": results})


def facts(panel: Panel, questions: Questions) -> dict:
    """What was forecast."""
    return {
        "frequency": panel.frequency,
        "season": panel.season,
        "horizon": panel.horizon,
        "kind": panel.kind,
        "series": len(panel.lines),
        "steps": sum(map(len, panel.lines)),
        "forecasts": len(questions),
    }


def plain(measure: Measure) -> dict:
    """A measure and its interval."""
    low, high = measure.interval()
    return {"value": round(measure.value, 4), "interval": [round(low, 4), round(high, 4)]}


def trained(
    model: str,
    panel: Panel,
    questions: Questions,
    seeds: Sequence[int],
    simple: dict[str, list[Measure]],
) -> dict:
    """Runs with defaults only: mean and deviation over seeds, and how the first beats the rest."""
    runs, found = [], []
    name, _, setting = model.partition(" ")
    given = options(setting.replace("=horizon", f"={panel.horizon}"))
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            metrics = rnnzoo.train(name, panel.name, folder, seed=seed, verbose=0, **given)
            best = rnnzoo.load_model(folder)
        begin = time.perf_counter()
        samples = best.samples([questions.line(i) for i in range(len(questions))])
        seconds = time.perf_counter() - begin
        found.append(measures(questions, samples))
        runs.append(
            {each.name: each.value for each in found[-1]}
            | {
                "training_seconds": metrics["seconds"],
                "milliseconds_a_forecast": 1000 * seconds / len(questions),
            }
        )
    row: dict = {"seeds": list(seeds)}
    for figure in runs[0]:
        values = [run[figure] for run in runs]
        row[figure] = round(mean(values), 4)
        row[f"{figure}_sd"] = round(stdev(values), 4) if len(values) > 1 else 0.0
    row["better_by"] = {
        name: {
            ours.name: apart(ours, other) for ours, other in zip(found[0][:2], its, strict=False)
        }
        for name, its in simple.items()
    }
    return row


def apart(ours: Measure, theirs: Measure) -> dict:
    """By how much a measure is better, and the interval of that."""
    by, (low, high) = ours.better_than(theirs)
    return {"value": round(by, 4), "interval": [round(low, 4), round(high, 4)]}


# --- ETS ------------------------------------------------------------------------------------------


def ets(questions: Questions) -> np.ndarray:
    """Samples (forecasts, samples, horizon) at equally likely places, fitted to each series."""
    from statsforecast.models import MSTL, AutoETS

    season = questions.season
    if season > LONGEST_SEASON:
        model = MSTL(season_length=season, trend_forecaster=AutoETS(model="ZZN"))
    else:
        model = AutoETS(season_length=season)
    levels = [100 * (2 * place + 1) // QUANTILES for place in range(QUANTILES // 2)]
    found = np.empty((len(questions), QUANTILES, questions.horizon))
    for i in range(len(questions)):
        y = filled(questions.line(i).target)[-MOST:]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            answer = model.forecast(y=y, h=questions.horizon, level=levels)
        low = [answer[f"lo-{level}"] for level in reversed(levels)]
        found[i] = [*low, *(answer[f"hi-{level}"] for level in levels)]
    return found if questions.kind == "real" else np.maximum(found, 0)


def filled(y: np.ndarray) -> np.ndarray:
    """Missing values on straight lines between those that are there."""
    there = np.flatnonzero(np.isfinite(y))
    return np.interp(np.arange(there[0], len(y)), there, y[there])


if __name__ == "__main__":
    main()
