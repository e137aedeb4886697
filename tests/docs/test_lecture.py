"""docs/lecture.md: every model has its place, and every figure is one that was measured."""

import fnmatch
import json
import re
from pathlib import Path

import pytest

import rnnzoo

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "lecture.md").read_text(encoding="utf-8")


def test_every_model_has_its_place():
    table = PAGE.split("## Where each family is")[1].split("\n## ")[0]
    places = re.findall(r"`([a-z_0-9*]+)`", table)
    lost = [
        name
        for name in rnnzoo.list_models()
        if not any(fnmatch.fnmatchcase(name, place) for place in places)
    ]
    assert not lost


def test_every_place_has_a_model():
    names = re.findall(r"`((?:[a-z]+_)+[a-z_0-9]*\*?)`", PAGE.split("## Where each family is")[1])
    for place in names:
        assert any(fnmatch.fnmatchcase(name, place) for name in rnnzoo.list_models()), place


def paragraphs():
    return re.findall(r"^\*\*Measured\.\*\* (.*?)\n\n", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("paragraph", paragraphs(), ids=lambda p: p[:30])
def test_figures_are_those_that_were_measured(paragraph):
    tables = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    cards = [json.loads(p.read_text()) for p in (ROOT / "zoo_models" / "weights").glob("*.json")]
    measured = tables + readme + json.dumps(cards)
    figures = re.findall(r"(?<![\w.,])\d[\d,]*\.\d+(?![\w])", paragraph)
    assert figures or "46,623" in paragraph
    assert "](" in paragraph  # says where
    for figure in figures:
        assert re.search(rf"(?<![\d.]){re.escape(figure)}(?!\d)", measured), figure
