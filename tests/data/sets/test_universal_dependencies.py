"""An English treebank through TFDS, with a made-up sentence."""

import importlib.util

import pytest

from rnnzoo import MissingPackage
from rnnzoo.data import load_tagged
from rnnzoo.data.sets import prepare, universal_dependencies

# As the format has it, multiword tokens and empty nodes have no head.
ROWS = (
    ("1-2", "du", "_", "_", "_"),
    ("1", "de", "ADP", "0", "root"),
    ("2", "le", "DET", "0", "root"),
    ("2.1", "ghost", "VERB", "_", "_"),
    ("3", "sol", "NOUN", "0", "root"),
)
SENTENCE = "# sent_id = 1\n# text = du sol\n" + "".join(
    "\t".join([number, word, word, upos, "x", "_", head, relation, "_", "_"]) + "\n"
    for number, word, upos, head, relation in ROWS
)


def test_english_ewt_comes_through_tfds(data_dir, tmp_path, monkeypatch):
    pytest.importorskip("conllu")
    tfds = prepare.import_tfds()
    path = tmp_path / "a.conllu"
    path.write_text(SENTENCE + "\n")
    asked = []
    monkeypatch.setattr(prepare, "check_reachable", lambda name, url: asked.append(url))
    monkeypatch.setattr(
        tfds.download.DownloadManager,
        "download_and_extract",
        lambda self, urls: {k: [path] if isinstance(v, list) else path for k, v in urls.items()},
    )
    loaded = load_tagged("universal_dependencies/en_ewt")
    assert asked == [universal_dependencies.URL]
    expected = (("de", "le", "sol"), ("ADP", "DET", "NOUN"))
    assert loaded.train == loaded.validation == loaded.test == (expected,)


def test_what_to_install_is_said(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingPackage, match=r"conllu: pip install 'rnnzoo\[tagging\]'"):
        load_tagged("universal_dependencies/en_ewt")
