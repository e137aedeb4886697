"""The tables of the README and docs/ are those of the results."""

import pytest


def test_pages_hold_the_results(benchmark):
    tables = benchmark("tables")
    for page in tables.pages():
        text = page.read_text(encoding="utf-8")
        assert tables.filled(text) == text, f"{page}: run python benchmarks/tables.py"


def test_each_table_stands_on_one_page(benchmark):
    tables = benchmark("tables")
    found = [
        name
        for page in tables.pages()
        for _, name, _ in tables.MARKED.findall(page.read_text(encoding="utf-8"))
    ]
    assert sorted(found) == sorted(tables.TABLES)


def test_an_unusable_marker_is_told(benchmark):
    filled = benchmark("tables").filled
    with pytest.raises(ValueError, match="no table is named 'no_such'"):
        filled("<!-- begin no_such -->\n<!-- end no_such -->\n")
    with pytest.raises(ValueError, match="no <!-- end NAME -->"):
        filled("<!-- begin layers -->\n<!-- end pipeline -->\n")
