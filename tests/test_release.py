"""What is released says the same version everywhere."""

import re
from pathlib import Path

import rnnzoo

ROOT = Path(__file__).parents[1]


def test_changelog_and_citation_are_of_this_version():
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    version, date = re.search(r"^## (\d+\.\d+\.\d+) - (\S+)$", changelog, re.MULTILINE).groups()
    assert version == rnnzoo.__version__
    assert f"\nversion: {version}\n" in citation and f"\ndate-released: {date}\n" in citation
