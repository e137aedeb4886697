"""How figures are written."""


def test_one_figure_has_no_range(benchmark):
    record = benchmark("record")
    assert record.shown(record.spread([2.5])) == "2.50"
    assert record.shown(record.spread([3.0, 2.5, 2.0])) == "2.50 (2.00 to 3.00)"
