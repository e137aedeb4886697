"""Human actions through TFDS, with made-up films."""

import numpy as np

from rnnzoo.data import load_series
from rnnzoo.data.sets import prepare


def test_ucf101_comes_through_tfds_as_a_few_small_frames(data_dir, monkeypatch):
    prepare.import_tfds()
    from tensorflow_datasets.core.download import DownloadManager
    from tensorflow_datasets.video.ucf101 import SPLITS_URL, Ucf101

    def examples(self, videos_dir, splits_dir, data_list):
        random = np.random.default_rng(len(data_list))
        for i in range(24 if "train" in data_list else 4):
            # A film that gets brighter, of a length of its own.
            light = np.linspace(0, 200, int(random.integers(5, 40))).astype(np.uint8)
            video = np.broadcast_to(light[:, None, None, None], (len(light), 64, 64, 3))
            yield str(i), {"video": list(video), "label": i % 2}

    asked = []
    monkeypatch.setattr(prepare, "check_reachable", lambda name, url: asked.append(url))
    monkeypatch.setattr(
        DownloadManager, "download_and_extract", lambda self, urls: dict.fromkeys(urls, data_dir)
    )
    monkeypatch.setattr(Ucf101, "_generate_examples", examples)
    for _ in range(2):  # made, and found again
        loaded = load_series("ucf101")
        assert asked == [SPLITS_URL]
        parts = {"train": loaded.train, "validation": loaded.validation, "test": loaded.test}
        sizes = {split: len(part) for split, part in parts.items()}
        assert sizes == {"train": 22, "validation": 2, "test": 4}
        for split, part in parts.items():
            for clip in part.x:
                assert clip.shape == (16, 64, 64, 3) and clip.dtype == np.uint8, split
                brightness = clip.reshape(16, -1).mean(axis=1)
                assert brightness[0] < 3 and brightness[-1] > 197
                assert (np.diff(brightness) >= 0).all()
    assert len(loaded.classes) == 101
    assert np.bincount(loaded.validation.labels).tolist() == [1, 1]
    assert isinstance(loaded.test.x, np.memmap)
