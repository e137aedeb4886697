"""Fan charts, as a person sees them."""

import contextlib
from dataclasses import dataclass

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from rnnzoo.tasks.forecasting import chart


@dataclass
class Observed:
    stamps: np.ndarray
    target: np.ndarray
    id: str = "a"

    def __len__(self):
        return len(self.target)


@pytest.mark.parametrize("unit", ["m", "h", "D", "M", "Y"])
def test_dates_are_not_written_over_each_other(tmp_path, unit, monkeypatch):
    stamps = (np.datetime64("1900-09-13", unit) + np.arange(138)).astype("datetime64[s]")
    line = Observed(stamps[:110], np.arange(110.0))
    fan = chart.Fan(line, stamps[110:], np.arange(28.0)[:, None] + np.arange(5.0))
    figures = []

    @contextlib.contextmanager
    def kept(path, **how):
        figures.append(Figure(**how, layout="constrained"))
        yield figures[0]

    monkeypatch.setattr(chart, "picture", kept)
    chart.draw(tmp_path / "own.png", [fan], "y", 110)
    FigureCanvasAgg(figures[0]).draw()
    labels = figures[0].axes[0].get_xticklabels()
    boxes = [of_one.get_window_extent() for of_one in labels if of_one.get_text()]
    assert len(boxes) > 2
    assert all(left.x1 < right.x0 for left, right in zip(boxes, boxes[1:], strict=False))
