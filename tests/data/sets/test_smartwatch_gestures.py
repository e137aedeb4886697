"""Gestures through TFDS, with made-up recordings."""

import numpy as np

from rnnzoo.data import load_series
from rnnzoo.data.sets import prepare, smartwatch_gestures


def test_smartwatch_gestures_comes_through_tfds_split_by_participant(data_dir, monkeypatch):
    tfds = prepare.import_tfds()
    builder = tfds.builder("smartwatch_gestures")

    def examples(self, path):
        random = np.random.default_rng(0)
        for i in range(64):
            steps = int(random.integers(5, 9))
            times = {f"time_{name}": np.arange(steps) for name in ("millis", "nanos", "event")}
            axes = {f"accel_{axis}": random.normal(size=steps) for axis in "xyz"}
            yield (
                i,
                {
                    "features": {**times, **axes},
                    "participant": i % 8,
                    "attempt": 1,
                    "gesture": i // 8,
                },
            )

    asked = []
    monkeypatch.setattr(prepare, "check_reachable", lambda name, url: asked.append((name, url)))
    monkeypatch.setattr(
        tfds.download.DownloadManager, "download_and_extract", lambda self, url: data_dir
    )
    monkeypatch.setattr(type(builder), "_generate_examples", examples)
    loaded = load_series("smartwatch_gestures")
    assert asked == [("smartwatch_gestures", smartwatch_gestures.URL)]
    assert len(loaded.classes) == 20
    subjects = [set(getattr(loaded, split).subjects) for split in ("train", "validation", "test")]
    assert [len(s) for s in subjects] == [4, 2, 2]
    assert len(set.union(*subjects)) == 8
    assert loaded.train.x[0].shape[1] == 3
