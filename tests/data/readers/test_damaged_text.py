"""Text, tagged sentences and pairs that were damaged in thousands of ways.

Whatever is wrong, a reader raises an error of ours that names the file, or reads what is there; it
warns of nothing and takes no more memory than a few times the file's size.
"""

import bz2
import gzip
import lzma
import random

import pytest

from rnnzoo.data import read_pairs, read_tagged, read_texts
from tests.data.readers.test_damaged_files import damaged, read_quietly
from tests.data.readers.test_opening import zipped
from tests.data.readers.test_pairs import PO, TMX
from tests.data.readers.test_tagged import CONLL_2003, CONLL_2012, SENTENCE

TEXT = "naïve words\nand 3 lines\n" * 20
TSV = "one two\teins zwei\nthree é\tdrei\n" * 10
CSV = 'en,fr\n"one, ""two""","un\ndeux"\nthree,trois\n' * 10
JSON = '{"translation": {"en": "one \\u00e9", "fr": "un"}}\n' * 10
JSON_TAGS = '{"tokens": ["a", "b"], "tags": ["X", "Y"]}\n' * 10
KAGGLE = "Sentence #,Word,POS,Tag\n" + "Sentence: 1,EU,NNP,B\n,x,VB,O\n" * 10

TEXTS = {
    "text": (TEXT, read_texts),
    "jsonl": ('{"text": "one"}\n' * 10, read_texts),
    "csv": ('text,label\n"one, two",1\n' * 10, read_texts),
    "conllu": (SENTENCE * 5, read_tagged),
    "conll2003": (CONLL_2003 * 5, read_tagged),
    "conll2012": ((CONLL_2012 + "\n") * 5, read_tagged),
    "word_tag": ("EU_B rejects_O\n" * 10, read_tagged),
    "json tags": (JSON_TAGS, read_tagged),
    "kaggle": (KAGGLE, read_tagged),
    "tsv": (TSV, read_pairs),
    "csv pairs": (CSV, read_pairs),
    "json pairs": (JSON, read_pairs),
    "po": (PO, read_pairs),
    "tmx": (TMX.replace("ISO-8859-1", "utf-8"), read_pairs),
}
PACKED = {
    "plain": bytes,
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zip": lambda content: zipped({"a.txt": content}),
}


def fuzz(tmp_path, kind, encoding, times, seed):
    text, read = TEXTS[kind]
    whole, rng = text.encode(encoding), random.Random(seed)
    path = tmp_path / "own.csv"
    read_whole = 0
    for packing, pack in PACKED.items():
        path.write_bytes(pack(whole))
        expected, _ = read(path)
        assert len(expected)
        for number in range(times if packing == "plain" else times // 5):
            # The damage is done to what is packed, or to the archive.
            broken = pack(damaged(whole, rng)) if number % 2 else damaged(pack(whole), rng)
            path.write_bytes(broken)
            read_whole += read_quietly(read, path) is not None
    assert read_whole  # what is damaged in one byte is mostly text yet


@pytest.mark.parametrize("kind", TEXTS)
def test_damage(tmp_path, kind):
    fuzz(tmp_path, kind, "utf-8", 40, seed=0)


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("kind", TEXTS)
def test_more_damage(tmp_path, kind, encoding):
    if kind == "tmx" and encoding not in ("utf-8", "utf-8-sig"):
        pytest.skip("a TMX file says its encoding itself")
    fuzz(tmp_path, kind, encoding, 300, seed=1)
