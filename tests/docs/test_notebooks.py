"""docs/notebooks: each runs as a script, anywhere, and is made of cells."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.py"))
# Pictures that a notebook shows are counted, and closed.
COUNTED = """
import runpy, sys
import matplotlib.pyplot as plt
shown = []
plt.show = lambda: (shown.extend(plt.get_fignums()), plt.close("all"))
runpy.run_path(sys.argv[1], run_name="__main__")
print("pictures:", len(shown))
"""


def test_there_are_four():
    assert [path.name[:2] for path in NOTEBOOKS] == ["1_", "2_", "3_", "4_"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_cells_are_in_percent_format(path):
    cells = re.split(r"^# %%", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert cells[0] == ""
    for cell in cells[1:]:
        heading, *lines = cell.split("\n")
        assert heading in ("", " [markdown]")
        if heading:
            assert all(line.startswith("#") or not line for line in lines), lines


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_runs_as_a_script(path, tmp_path):
    env = {**os.environ, "MPLBACKEND": "Agg", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", COUNTED, str(path)]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    *told, pictures = done.stdout.splitlines()
    assert told
    assert int(pictures.removeprefix("pictures: ")) >= 2
