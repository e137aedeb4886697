"""Talks through TFDS."""

import types

from rnnzoo.data import list_datasets, load_pairs
from rnnzoo.data.sets import parts, ted_hrlr_translate


def test_ted(monkeypatch):
    name = "ted_hrlr_translate/pt_to_en"
    info = types.SimpleNamespace(
        supervised_keys=("pt", "en"),
        homepage="https://github.com/neulab/word-embeddings-for-nmt",
        full_name=f"{name}/1.0.0",
        redistribution_info=types.SimpleNamespace(license=""),
    )

    def read(builder, split):
        for number in range(3):
            yield {"en": f"{split} {number} .".encode(), "pt": f" são {number} .".encode()}
        yield {"en": b" ", "pt": b"nada"}

    def prepared(make_builder, url):
        assert url == ted_hrlr_translate.URL
        return types.SimpleNamespace(info=info)

    monkeypatch.setattr(parts, "read", read)
    monkeypatch.setattr(parts, "prepared", prepared)
    data = load_pairs(name)
    assert data.languages == ("pt", "en") and len(data.train) == len(data.test) == 3
    assert data.train.sources[1] == "são 1 ." and data.test.targets[2] == "test 2 ."
    assert data.metadata["dataset"] == f"{name}/1.0.0" and "license" not in data.metadata


def test_names_of_ted_are_those_of_tfds():
    from tensorflow_datasets.datasets.ted_hrlr_translate import ted_hrlr_translate_dataset_builder

    theirs = ted_hrlr_translate_dataset_builder.Builder.BUILDER_CONFIGS
    ours = set(list_datasets("ted*", task="translation"))
    assert ours == {f"ted_hrlr_translate/{config.name}" for config in theirs}
