"""Do models with their defaults beat the simple thing on recordings they have never seen?

    pip install "rnnzoo[bench]"
    python benchmarks/series_sets.py
    python benchmarks/series_sets.py --sets watch BasicMotions --models activity_gru --seeds 0

For each set `rnnzoo.train` with nothing but a model's name, the data and a seed; beside it the
logistic regression that it prints as a baseline, and MiniRocket with ridge (sktime). All see the
same windows, are measured by whole recordings (windows' answers averaged), and read the test split
once; the regression's strength is chosen on validation. `watch` holds subjects back; the
others, of the package sktime, have their own splits, of whose training part a fifth of each class
validates. Writes benchmarks/results/series_sets.json after each set; what is there already of
other sets and models stays.
"""

from __future__ import annotations

import argparse
import functools
import json
import tempfile
import time
from pathlib import Path

import numpy as np
from record import RESULTS, deviations, write

import rnnzoo
from rnnzoo.baselines.series import Statistics
from rnnzoo.data import Examples, Series, load_series, register_dataset
from rnnzoo.data.pipelines import splits
from rnnzoo.evaluation.classes import of_probabilities
from rnnzoo.tasks.recipes import of_series

OF_SKTIME = (
    "BasicMotions", "JapaneseVowels", "PLAID", "GunPoint", "ArrowHead", "ItalyPowerDemand",
    "OSULeaf", "ACSF1",
)  # fmt: skip
SIMPLE = ("logistic regression", "MiniRocket")
MODELS = ("activity_gru", "activity_conv_gru", "activity_conv_bilstm")


def main() -> None:
    """Train, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", nargs="+", default=["watch", *OF_SKTIME])
    parser.add_argument("--models", nargs="+", default=[*SIMPLE, *MODELS])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    arguments = parser.parse_args()
    for name in OF_SKTIME:
        register_dataset(name, task="sequence-classification", description="of the package sktime")(
            of_sktime
        )
    path = RESULTS / "series_sets.json"
    results = json.loads(path.read_text())["results"] if path.exists() else {}
    for name in arguments.sets:
        series = load_series(name)
        row = results.setdefault(name, {})
        row |= {split: len(getattr(series, split)) for split in splits.SPLITS}
        row["classes"] = len(series.classes)
        for model in arguments.models:
            if model == "logistic regression":
                row[model] = regression(series)
                continue
            once = rocket if model == "MiniRocket" else functools.partial(trained, model)
            row[model] = deviations([once(series, seed) for seed in arguments.seeds], 4)
        write("series_sets", {"results": results})


def of_sktime(name: str) -> Series:
    """A set that sktime carries, in its own split."""
    import sktime.datasets

    folder = Path(sktime.datasets.__file__).parent / "data" / name
    parts = {}
    for split in ("TRAIN", "TEST"):
        frame, labels = sktime.datasets.load_from_tsfile(str(folder / f"{name}_{split}.ts"))
        x = [np.stack([c.to_numpy() for c in row], -1) for row in frame.itertuples(index=False)]
        parts[split] = [steps.astype(np.float32) for steps in x], np.asarray(labels)
    x, labels = parts["TRAIN"]
    classes = np.unique(labels)
    rows = splits.by_class(labels, name, validation=0.2, test=0)
    ids = {split: np.searchsorted(classes, of[1]).astype(np.int32) for split, of in parts.items()}
    train = Examples(x, ids["TRAIN"])
    return Series.from_parts(
        name,
        {
            "train": train.at(rows["train"]),
            "validation": train.at(rows["validation"]),
            "test": Examples(parts["TEST"][0], ids["TEST"]),
        },
        {"source": "sktime"},
        classes=tuple(classes.tolist()),
    )


def trained(model: str, series: Series, seed: int) -> dict:
    """A run with defaults only: how many test recordings it gets right, how calibrated, in time."""
    with tempfile.TemporaryDirectory() as folder:
        metrics = rnnzoo.train(model, series.name, folder, seed=seed)
        best = rnnzoo.load_model(folder)
    labels = np.array([best.classes.index(series.classes[i]) for i in series.test.labels])
    test = measured(best.probabilities(series.test.x), labels)
    return {
        "validation": metrics["validation"]["accuracy"],
        "test": test["accuracy"],
        "calibration_error": test["calibration error"],
        "seconds": metrics["seconds"],
    }


def measured(probabilities: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """What `rnnzoo evaluate` measures, by its name."""
    return {measure.name: measure.value for measure in of_probabilities(probabilities, labels)}


# --- the simple things ----------------------------------------------------------------------------


def windows_of(series: Series) -> dict[str, tuple[list[np.ndarray], np.ndarray, np.ndarray]]:
    """By split the windows that a model reads, the recording of each, and recordings' labels."""
    window = of_series([len(x) for x in series.train.x], window=series.window).window
    cut = {}
    for split in splits.SPLITS:
        examples = getattr(series, split)
        places = rnnzoo.data.Windows(examples, window)
        x = [
            np.asarray(examples.x[row])[begin : begin + length]
            for row, begin, length in zip(places.rows, places.begins, places.lengths, strict=True)
        ]
        cut[split] = x, places.rows, examples.labels
    return cut


def by_recording(scores: np.ndarray, rows: np.ndarray, labels: np.ndarray) -> float:
    """The share of recordings whose class has the highest sum of scores over its windows."""
    sums = np.zeros((len(labels), scores.shape[1]))
    np.add.at(sums, rows, scores)
    return float(np.mean(sums.argmax(axis=1) == labels))


def regression(series: Series) -> dict:
    """The baseline of `rnnzoo train`."""
    begin = time.perf_counter()
    fitted = Statistics().fit(series)
    scores = {}
    for split in ("validation", "test"):
        part = getattr(series, split)
        scores[split] = measured(fitted.answers(part), part.labels)["accuracy"]
    return {**scores, "seconds": time.perf_counter() - begin}


def rocket(series: Series, seed: int) -> dict:
    """MiniRocket's features (Dempster et al. 2021) and a ridge; short windows hold their end."""
    from sklearn.linear_model import RidgeClassifierCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sktime.transformations.panel.rocket import MiniRocketMultivariate

    begin = time.perf_counter()
    cut = windows_of(series)
    steps = max(9, *(len(x) for x in cut["train"][0]))

    def filled(split):
        places = np.arange(steps)
        return np.stack([x[np.minimum(places, len(x) - 1)].T for x in cut[split][0]])

    _, rows, labels = cut["train"]
    transform = MiniRocketMultivariate(random_state=seed).fit(filled("train"))
    ridge = make_pipeline(
        StandardScaler(with_mean=False), RidgeClassifierCV(alphas=np.logspace(-3, 3, 10))
    ).fit(transform.transform(filled("train")), labels[rows])

    def right(split):
        _, rows, labels = cut[split]
        margins = ridge.decision_function(transform.transform(filled(split)))
        margins = np.stack([-margins, margins], axis=1) if margins.ndim == 1 else margins
        scores = np.full((len(margins), len(series.classes)), margins.min())
        scores[:, ridge.classes_] = margins
        return by_recording(scores, rows, labels)

    scores = {split: right(split) for split in ("validation", "test")}
    return {**scores, "seconds": time.perf_counter() - begin}


if __name__ == "__main__":
    main()
