"""The table of data sets: ours, and those of made-up packages."""

import importlib.metadata
import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import rnnzoo
from rnnzoo.data import (
    dataset_info,
    list_datasets,
    load_dataset,
    load_series,
    load_text,
    register_dataset,
    registry,
)

ROW = dict(task="text-generation", description="Made up.", license="public domain")
POEMS = """
from rnnzoo import register_dataset

@register_dataset("poems", task="text-generation", description="Poems.", license="public domain",
                  variants=["de"])
def load(name):
    from rnnzoo.data import Text

    parts = {"train": f"a rose is a rose of {name} " * 20, "validation": "a rose is " * 20}
    return Text.from_parts(name, parts, {"source": "memory"})
"""


@pytest.fixture
def no_datasets(monkeypatch):
    """An empty table, and no package that brings data sets, ours neither."""
    registry.discover()
    monkeypatch.setattr(registry, "_ENTRIES", {})
    set_packages(monkeypatch)
    yield
    registry.discover.cache_clear()


def set_packages(monkeypatch, *packages):
    """The installed packages that bring data sets, each of which is a `Package`."""
    installed = importlib.metadata.entry_points

    def entry_points(group):
        if group != registry.ENTRY_POINT_GROUP:
            return installed(group=group)
        return [package.entry_point for package in packages]

    monkeypatch.setattr(importlib.metadata, "entry_points", entry_points)
    registry.discover.cache_clear()


class Package:
    """A distribution in `folder` whose module, with this source, registers data sets."""

    version = "1.0"

    def __init__(self, folder, name, source):
        self.name = name
        module = f"datasets_of_{name.replace('-', '_')}"
        (folder / f"{module}.py").write_text(source)
        entry_point = importlib.metadata.EntryPoint("x", module, registry.ENTRY_POINT_GROUP)
        self.entry_point = entry_point._for(self)


@pytest.fixture
def poems(no_datasets, monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "datasets_of_poetry", raising=False)
    set_packages(monkeypatch, Package(tmp_path, "poetry", POEMS))


def test_a_package_s_data_set_is_found_by_name(poems):
    assert list_datasets() == ["poems", "poems/de"]
    text = load_text("poems/de")
    assert text.train.startswith("a rose is a rose of poems/de") and text.test == ""
    assert text.name == "poems/de" and text.metadata["source"] == "memory"
    assert text.metadata["sha256"].keys() == {"train", "validation"}
    assert load_dataset("poems/de", "text-generation") == text
    with pytest.raises(FileNotFoundError, match="neither a text file, .* one of poems; .*'poems'"):
        load_text("poem")


def test_a_package_s_data_set_is_trained_on_by_name(poems, tmp_path):
    options = {"epochs": 1, "batch_size": 2, "window": 8, "overrides": {"units": 4}}
    rnnzoo.train("char_rnn", "poems", tmp_path / "run", **options)
    config = json.loads((tmp_path / "run" / "config.json").read_text())
    assert config["data"] == config["data_given"] == "poems"


def test_a_broken_package_is_named_once_and_costs_nothing_else(no_datasets, monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "datasets_of_poetry", raising=False)
    half = f"{POEMS.replace('poems', 'half')}\nimport no_such_module\n"
    packages = (Package(tmp_path, "broken", half), Package(tmp_path, "poetry", POEMS))
    set_packages(monkeypatch, *packages)
    with pytest.warns(UserWarning, match="data sets of broken 1.0 are left out.*no_such_module"):
        assert list_datasets() == ["poems", "poems/de"]
    assert list_datasets() == ["poems", "poems/de"]  # a second warning would be an error here


def test_a_taken_name_costs_a_package_no_other_name(no_datasets, monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "datasets_of_poetry", raising=False)
    other = POEMS.partition("@")[2].replace("poems", "songs")
    set_packages(monkeypatch, Package(tmp_path, "poetry", f"{POEMS}\n@{other}"))
    register_dataset("poems", **ROW)(lambda name: name.upper())
    with pytest.warns(UserWarning, match="'poems' for text-generation is already.*is left out"):
        assert list_datasets() == ["poems", "songs", "songs/de"]
    assert load_dataset("poems", "text-generation") == "POEMS"


def test_a_name_is_taken_once_a_task(no_datasets):
    def load(name):
        return name

    assert register_dataset("a", **ROW, variants=("b",))(load) is load
    with pytest.raises(ValueError, match=r"'a/b' for text-generation is already .* by .*registry"):
        register_dataset("a/b", **ROW)(load)
    with pytest.raises(ValueError, match="'c/d' for text-generation is already registered"):
        register_dataset("c/d", **ROW)(load)
        register_dataset("c", **ROW, variants=("e", "d"))(load)
    assert list_datasets() == ["a", "a/b", "c/d"]  # none of what was refused
    register_dataset("a", task="translation", description="Other.")(str.upper)
    assert load_dataset("a/b", "text-generation") == "a/b"
    assert load_dataset("a", "translation") == "A"
    assert dataset_info("a").task == "text-generation"
    assert dataset_info("a", "translation").description == "Other."


def test_names_are_in_natural_order_and_filtered(no_datasets):
    for name in ("set_10", "set_2"):
        register_dataset(name, **ROW)(str)
    register_dataset("media", task="captioning", description="Pictures.")(str)
    assert list_datasets() == ["media", "set_2", "set_10"]
    assert list_datasets("set_?") == ["set_2"]
    assert list_datasets(task="captioning") == ["media"]
    assert list_datasets("set*", task="captioning") == []


def test_a_data_set_of_another_task_is_told():
    words = "it is a data set of sequence-regression: `rnnzoo list --task sequence-regression`"
    with pytest.raises(FileNotFoundError, match=words):
        load_series("adding/20")


def test_an_unknown_name_suggests_the_nearest():
    words = r"No data set is named 'tiny_shakespear'; did you mean 'tiny_shakespeare'\?; rnnzoo.li"
    with pytest.raises(ValueError, match=words):
        dataset_info("tiny_shakespear")
    with pytest.raises(ValueError, match="No data set for captioning is named 'python_source'; rn"):
        load_dataset("python_source", "captioning")


def test_what_is_known_is_a_table():
    text = str(dataset_info("emoji_captions/de"))
    assert text.startswith("emoji_captions\n") and "emoji_captions/{ar, de, es" in text
    assert "pip install 'rnnzoo[captioning]'" in text and "CC BY-SA 4.0" in text
    assert "needs" not in str(dataset_info("python_source"))


def test_one_set_serves_several_tasks():
    assert "moving_emoji" in list_datasets(task="sequence-classification")
    assert "moving_emoji" in list_datasets(task="captioning")
    assert list_datasets("moving_emoji") == ["moving_emoji"]


def test_every_registered_set_says_what_it_is():
    project = tomllib.loads((Path(rnnzoo.__file__).parents[1] / "pyproject.toml").read_text())
    extras = project["project"]["optional-dependencies"].keys() | {None}
    tasks = {rnnzoo.model_info(name).task for name in rnnzoo.list_models()}
    names = set()
    for task in tasks:
        of_task = list_datasets(task=task)
        assert of_task
        names.update(of_task)
        for info in {dataset_info(name, task) for name in of_task}:
            assert info.task == task
            for fact in (info.description, info.license, info.size, info.url):
                assert fact, info
            assert info.extra in extras
            assert set(info.names) <= set(of_task)
    assert names == set(list_datasets())


HEAVY = ("tensorflow", "keras", "numpy", "tensorflow_datasets")


def test_listing_imports_no_tensorflow():
    code = (
        "import sys, rnnzoo\n"
        "assert rnnzoo.list_datasets() and str(rnnzoo.dataset_info('watch'))\n"
        f"print([m for m in {HEAVY} if m in sys.modules])\n"
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (process.returncode, process.stdout, process.stderr) == (0, "[]\n", "")


def test_public_names():
    assert rnnzoo.list_datasets is list_datasets
    assert rnnzoo.dataset_info is dataset_info
    assert rnnzoo.register_dataset is register_dataset
    assert {"load_text", "registry", "Text"} <= set(dir(rnnzoo.data))
