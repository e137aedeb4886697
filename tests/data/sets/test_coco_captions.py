"""COCO's photographs, made small."""

import functools
import types

import numpy as np

from rnnzoo.data import load_captions
from rnnzoo.data.sets import prepare
from rnnzoo.data.sets.coco_captions import photographs


def test_coco_is_made_small_once(tmp_path, monkeypatch):
    sizes = [(300, 200), (100, 90), (129, 400)]
    random = np.random.default_rng(0)
    images = [random.integers(0, 256, (h, w, 3), np.uint8) for h, w in sizes]
    reads = []

    def read(builder, split):
        reads.append(split)
        for number, image in enumerate(images):
            said = np.array([b"a photo", "für".encode()], object)
            name = f"{split}{number}.jpg".encode()
            yield {"image": image, "captions": {"text": said}, "image/filename": name}

    info = types.SimpleNamespace(homepage="http://cocodataset.org")
    builder = types.SimpleNamespace(data_path=tmp_path, info=info)
    monkeypatch.setattr(photographs, "read", read)
    monkeypatch.setattr(prepare, "prepared", lambda make_builder, url: builder)
    one, two = load_captions("coco_captions"), load_captions("coco_captions")
    assert reads == ["train+restval", "val", "test"] and one.metadata == two.metadata
    for data in (one, two):
        shapes = [picture.shape for picture in data.train.media]
        assert shapes == [(192, 128, 3), (100, 90, 3), (128, 397, 3)]
        np.testing.assert_array_equal(data.validation.media[1], images[1])
        assert data.test.captions[2] == ("a photo", "für") and data.test.names[0] == "test0.jpg"
    mapped = functools.reduce(lambda x, _: x.base, range(2), one.train.media[0])
    assert isinstance(mapped, np.memmap)
