"""The README, CONTRIBUTING.md and docs/: examples run, links lead somewhere, paths exist."""

import importlib
import json
import re
from pathlib import Path

import pytest

import rnnzoo
from rnnzoo.tasks.task import Task

ROOT = Path(__file__).parents[2]
PAGES = ["README.md", "CONTRIBUTING.md", *(f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md"))]
PAGES += [f"docs/tasks/{p.name}" for p in (ROOT / "docs" / "tasks").glob("*.md")]
PAGES.sort()
NOTEBOOKS = sorted(str(p.relative_to(ROOT)) for p in (ROOT / "docs").rglob("*.ipynb"))
ROOMS = "rnnzoo|zoo_models|benchmarks|tests|docs|training_scripts"


def text_of(page):
    return (ROOT / page).read_text(encoding="utf-8")


def blocks_of(page):
    if page.endswith(".ipynb"):
        cells = json.loads(text_of(page))["cells"]
        return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    return re.findall(r"```python\n(.*?)```", text_of(page), re.DOTALL)


def anchors_of(page):
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", text_of(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


# Those of a task's page take up to a minute; what those of cells, of the lecture and of analysis
# show is tried by tests of layers, of the loop and of analysis.
# Those of the README run always, but without the training.
SLOW = {page for page in (*PAGES, *NOTEBOOKS) if "/tasks/" in page}
SLOW |= {"README.md", "docs/cells.md", "docs/lecture.md", "docs/analysis.md"}


def test_examples_of_the_readme_fit_together(tmp_path, monkeypatch):
    fit, fitted = Task.fit, []

    def adapted(self, *data, **how):
        fitted.append(type(self).__name__)
        return fit(self, *data, **{**how, "epochs": 0})

    monkeypatch.setattr(Task, "fit", adapted)
    test_examples_run_one_after_the_other("README.md", tmp_path, monkeypatch)
    assert len(fitted) == 3


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, marks=pytest.mark.slow if page in SLOW else ())
        for page in (*PAGES, *NOTEBOOKS)
        if blocks_of(page)
    ],
)
def test_examples_run_one_after_the_other(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("matplotlib.pyplot.show", lambda: None)
    # An example may register a model or a data set, for itself.
    rnnzoo.list_models(), rnnzoo.list_datasets()
    for name in ("rnnzoo.registry", "rnnzoo.data.registry"):
        registry = importlib.import_module(name)
        monkeypatch.setattr(registry, "_ENTRIES", dict(registry._ENTRIES))
    names = {"__name__": "__main__"}
    for block in blocks_of(page):
        exec(compile(block, page, "exec"), names)


def test_readme_shows_five_tasks():
    assert len(blocks_of("README.md")) == 5


@pytest.mark.parametrize("page", NOTEBOOKS)
def test_notebooks_hold_what_their_cells_gave(page):
    cells = [c for c in json.loads(text_of(page))["cells"] if c["cell_type"] == "code"]
    kinds = [[output["output_type"] for output in cell["outputs"]] for cell in cells]
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    assert any("display_data" in each for each in kinds)
    assert not any("error" in each for each in kinds)


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    for path, anchor in re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", text_of(page)):
        target = (ROOT / page).parent / path if path else ROOT / page
        assert target.exists(), path
        if anchor:
            assert anchor in anchors_of(target.relative_to(ROOT) if path else page), anchor


@pytest.mark.parametrize("page", PAGES)
def test_paths_of_this_repository_exist(page):
    for path in re.findall(rf"`((?:{ROOMS})/[\w./*-]*)`", text_of(page)):
        assert any(ROOT.glob(path.rstrip("/"))), path
