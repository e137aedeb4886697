"""Measures of sentences, against sacrebleu on the whole."""

import pytest
from sacrebleu.metrics import BLEU, CHRF

from rnnzoo.evaluation.sentences import of_sentences, scores

ANSWERS = ["the cat sat on a mat", "a dog", "no such thing", "it rains all day long today"]
REFERENCES = [
    ["the cat sat on the mat", "a cat sat on a mat"],
    ["a dog"],
    ["something else"],
    ["it rains all day long"],
]


def test_scores_are_those_of_sacrebleu():
    found = {m.name: m for m in of_sentences(ANSWERS, REFERENCES, tokenize="13a")}
    streams = [[r[0] for r in REFERENCES], [r[1] if len(r) > 1 else None for r in REFERENCES]]
    assert found["BLEU"].value == pytest.approx(BLEU().corpus_score(ANSWERS, streams).score)
    assert found["chrF"].value == pytest.approx(CHRF().corpus_score(ANSWERS, streams).score)
    assert found["exact"].value == 25
    low, high = found["exact"].interval()
    assert low == 0 and 50 <= high <= 75


def test_scores_are_the_same_measures_as_plain_data():
    found = {m.name: m for m in of_sentences(ANSWERS, REFERENCES, tokenize="13a")}
    plain = scores(ANSWERS, REFERENCES, tokenize="13a")
    for name, measure in (("bleu_4", "BLEU"), ("chrf", "chrF"), ("exact", "exact")):
        assert plain[name] == pytest.approx(found[measure].value, abs=0.01)
        assert plain[f"{name}_interval"] == pytest.approx(found[measure].interval(), abs=0.01)
    streams = [[r[0] for r in REFERENCES], [r[1] if len(r) > 1 else None for r in REFERENCES]]
    for order in (1, 2, 3):
        bleu = BLEU(max_ngram_order=order).corpus_score(ANSWERS, streams).score
        assert plain[f"bleu_{order}"] == pytest.approx(bleu, abs=0.01)
