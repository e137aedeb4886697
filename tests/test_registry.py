"""The registry, with made-up models and packages in place of real ones."""

import importlib
import importlib.metadata
import sys

import pytest

import rnnzoo
from rnnzoo import registry
from rnnzoo.registry import create_model, list_models, model_info, register_model


class Built(dict):
    """Stands for a model: the hyperparameters its builder was called with."""


def build(*, units, cell="rnn", dropout=0.0):
    return Built(units=units, cell=cell, dropout=dropout)


ROW = dict(task="text-generation", description="A made-up model.", defaults={"units": 8})


@pytest.fixture(autouse=True)
def empty_registry(monkeypatch):
    """No models and no packages that bring some, whatever is installed."""
    monkeypatch.setattr(registry, "_ENTRIES", {})
    set_entry_points(monkeypatch)
    yield
    registry.discover.cache_clear()


@pytest.fixture
def family(monkeypatch, tmp_path, write_card):
    monkeypatch.setattr(registry, "_folder_of", lambda builder: tmp_path)
    for tag, units in (("letters", 8), ("digits", 9)):
        write_card(tmp_path / f"toy_10.{tag}.keras", config={"units": units, "cell": "gru"})
    for name in ("toy_10", "toy_2", "toy_1"):
        weights = ("letters", "digits") if name == "toy_10" else ()
        register_model(name, **ROW, weights=weights, parameters=1234)(build)
    register_model("tagger", task="tagging", description="Tags.")(lambda: Built())


def set_entry_points(monkeypatch, *entry_points):
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: entry_points)
    registry.discover.cache_clear()


class Package:
    """A distribution in `folder` whose module, with this source, is a plug-in of the zoo."""

    def __init__(self, folder, name, source):
        self.name, self.version = name, "1.0"
        self.module = f"models_of_{name.replace('-', '_')}"
        (folder / f"{self.module}.py").write_text(source)

    @property
    def entry_point(self):
        entry_point = importlib.metadata.EntryPoint("x", self.module, registry.ENTRY_POINT_GROUP)
        return entry_point._for(self)


def test_create_model_takes_defaults_then_overrides(family):
    assert create_model("toy_1") == Built(units=8, cell="rnn", dropout=0.0)
    assert create_model("toy_1", units=16, dropout=0.1) == Built(units=16, cell="rnn", dropout=0.1)


def test_one_builder_many_names():
    for cell in ("gru", "lstm"):
        register_model(f"char_{cell}", **{**ROW, "defaults": {"units": 8, "cell": cell}})(build)
    assert [create_model(name)["cell"] for name in list_models()] == ["gru", "lstm"]


def test_decorator_returns_the_builder_itself():
    assert register_model("toy", **ROW)(build) is build


def test_list_models_is_in_natural_order_and_filters(family):
    assert list_models() == ["tagger", "toy_1", "toy_2", "toy_10"]
    assert list_models("toy_?") == ["toy_1", "toy_2"]
    assert list_models("*_1*") == ["toy_1", "toy_10"]
    assert list_models(task="tagging") == ["tagger"]
    assert list_models(pretrained=True) == ["toy_10.letters", "toy_10.digits"]
    assert list_models("toy_10", pretrained=True) == ["toy_10.letters", "toy_10.digits"]
    assert list_models("*.digits", pretrained=True) == ["toy_10.digits"]
    assert list_models("tagger", pretrained=True) == list_models("*.digits") == []
    assert list_models("toy*", pretrained=False) == ["toy_1", "toy_2"]
    assert list_models("nothing") == []


def test_natural_order_where_digits_meet_letters():
    names = ["a10b", "a2b", "a", "2a", "a2", "b1"]
    for name in names:
        register_model(name, **ROW)(build)
    assert list_models() == ["2a", "a", "a2", "a2b", "a10b", "b1"]


def test_model_info_is_a_table_and_a_copy(family):
    info = model_info("toy_10")
    assert info.defaults == {"units": 8, "cell": "rnn", "dropout": 0.0}
    assert info.parameters == 1234
    text = str(info)
    assert text.startswith("toy_10\n")
    for part in ("text-generation", "1,234", "units=8", "A made-up model.", "letters, digits"):
        assert part in text
    info.defaults["units"] = 9
    info.weights[0].config.clear()
    assert model_info("toy_10").defaults["units"] == 8
    assert model_info("toy_10").weights[0].config == {"units": 8, "cell": "gru"}


def test_model_info_shows_what_each_weights_have_other_than_the_defaults(family):
    _, letters, digits = str(model_info("toy_10")).split("\n\n")
    assert letters.startswith("toy_10.letters\n") and digits.startswith("toy_10.digits\n")
    assert "configuration       cell='gru', else the defaults\n" in letters
    assert "configuration       units=9, cell='gru'\n" in digits
    for part in ("1,234", "bits per character  2.5", "letters, test", "CC0-1.0", "0" * 64):
        assert part in digits
    of_digits = model_info("toy_10.digits")
    assert of_digits.name == "toy_10" and [w.tag for w in of_digits.weights] == ["digits"]


def test_a_tag_names_a_configuration(family):
    assert create_model("toy_10") == Built(units=8, cell="rnn", dropout=0.0)
    assert create_model("toy_10.digits") == Built(units=9, cell="gru", dropout=0.0)
    assert create_model("toy_10.digits", units=3) == Built(units=3, cell="gru", dropout=0.0)


def test_an_unknown_tag_names_the_others(family):
    for call in (create_model, model_info):
        with pytest.raises(ValueError, match=r"tag 'digit'; did you mean 'digits'.*letters, digi"):
            call("toy_10.digit")
        with pytest.raises(ValueError, match="its tags are: none"):
            call("toy_1.digits")
        with pytest.raises(ValueError, match=r"'toy_11'; did you mean 'toy_10.digits'"):
            call("toy_11.digits")


def test_a_name_with_a_point_is_refused():
    with pytest.raises(ValueError, match="name='toy.10': expected no point"):
        register_model("toy.10", **ROW)


def test_duplicate_name_raises(family):
    with pytest.raises(ValueError, match=r"'toy_1' is already registered by .*test_registry"):
        register_model("toy_1", **ROW)(build)


def test_defaults_the_builder_does_not_take_raise():
    with pytest.raises(TypeError, match=r"'toy' does not take its own defaults.*layers"):
        register_model("toy", **{**ROW, "defaults": {"layers": 3}})(build)


@pytest.mark.parametrize("call", [create_model, model_info])
def test_unknown_name_suggests_the_nearest(family, call):
    with pytest.raises(ValueError, match=r"No model is named 'toy_l'; did you mean .*'toy_1'"):
        call("toy_l")
    with pytest.raises(ValueError, match=r"'qqq'; rnnzoo.list_models\(\)"):
        call("qqq")


def test_unknown_override_lists_the_allowed_ones(family):
    with pytest.raises(
        TypeError, match=r"toy_1 has no option 'unit'; did you mean 'units'.*: units, cell, dropout"
    ):
        create_model("toy_1", unit=3)
    with pytest.raises(TypeError, match="its options are: none"):
        create_model("tagger", units=3)


def test_pretrained_without_weights_names_those_with(family):
    with pytest.raises(
        ValueError, match=r"toy_1 has no pretrained weights; these are: toy_10.letters, toy_10.dig"
    ):
        create_model("toy_1", pretrained=True)


def test_weights_without_a_card_and_cards_of_another_builder_raise(family, tmp_path, write_card):
    with pytest.raises(TypeError, match=r"weights='words': expected a sequence.*\('words',\)"):
        register_model("toy", **ROW, weights="words")
    with pytest.raises(FileNotFoundError, match=r"toy.words have no card.*toy\.words\.json"):
        register_model("toy", **ROW, weights=("words",))(build)
    write_card(tmp_path / "toy.words.keras", config={"layers": 3})
    with pytest.raises(TypeError, match=r"does not take the configuration of toy.words \(layers"):
        register_model("toy", **ROW, weights=("words",))(build)
    assert "toy" not in list_models()


def test_packages_bring_models(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(tmp_path)
    source = (
        "from rnnzoo import register_model\n"
        "@register_model('guest', task='greeting', description='Says hello.')\n"
        "def guest():\n    return 'hello'\n"
    )
    set_entry_points(monkeypatch, Package(tmp_path, "guest-models", source).entry_point)
    assert list_models() == ["guest"]
    assert create_model("guest") == "hello"


def test_broken_package_is_named_once_and_costs_nothing_else(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(tmp_path)
    source = (
        "import rnnzoo\n"
        "rnnzoo.register_model('good', task='t', description='d')(lambda: __name__)\n"
    )
    broken = Package(tmp_path, "broken-models", "import no_such_module\n")
    thief = Package(tmp_path, "a-thief", source)
    zoo = Package(tmp_path, "rnnzoo", source)
    set_entry_points(monkeypatch, broken.entry_point, thief.entry_point, zoo.entry_point)
    with pytest.warns(UserWarning) as caught:
        assert list_models() == ["good"]
    assert create_model("good") == zoo.module
    messages = [str(warning.message) for warning in caught]
    assert len(messages) == 2
    assert (
        f"'good' is already registered by {zoo.module}; that of {thief.module} is left out"
        in (messages[0])
    )
    assert "broken-models 1.0" in messages[1] and "no_such_module" in messages[1]
    assert list_models() == ["good"]  # and no second warning: it would be an error here


def test_a_taken_name_costs_a_package_no_other_name(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(tmp_path)
    source = "import rnnzoo\n" + "".join(
        f"rnnzoo.register_model('{name}', task='t', description='d')(lambda: __name__)\n"
        for name in ("kin_1", "kin_2", "kin_3")
    )
    package = Package(tmp_path, "kin", source)
    set_entry_points(monkeypatch, package.entry_point)
    register_model("kin_2", **ROW)(build)  # before anything is discovered
    said = f"'kin_2' is already registered by {__name__}; that of {package.module} is left out"
    with pytest.warns(UserWarning, match=said):
        assert list_models() == ["kin_1", "kin_2", "kin_3"]
    assert create_model("kin_2") == Built(units=8, cell="rnn", dropout=0.0)
    with pytest.raises(ValueError, match="'kin_2' is already registered"):  # no plug-in's
        register_model("kin_2", **ROW)(build)


def test_a_builder_that_fails_without_overrides_too_is_at_fault_itself():
    def broken(*, units=8):
        return "a" + units

    def choosy(*, letters="ab"):
        return {len(letters): 2}[3] if letters == "abc" else int(letters, 16)

    register_model("broken", task="t", description="d")(broken)
    with pytest.raises(TypeError, match="can only concatenate") as caught:
        create_model("broken", units=9)
    assert not isinstance(caught.value, rnnzoo.RnnzooError)
    register_model("choosy", task="t", description="d")(choosy)
    with pytest.raises(rnnzoo.RnnzooError, match="choosy with letters='zzzz.*: invalid") as caught:
        create_model("choosy", letters="z" * 1000)
    assert len(str(caught.value).partition(": invalid")[0]) < 60


def test_a_package_that_fails_half_way_leaves_no_names(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(tmp_path)
    source = (
        "import rnnzoo\n"
        "rnnzoo.register_model('half', task='t', description='d')(lambda: None)\n"
        "import no_such_module\n"
    )
    set_entry_points(monkeypatch, Package(tmp_path, "half-models", source).entry_point)
    register_model("mine", **ROW)(build)
    with pytest.warns(UserWarning, match="half-models 1.0 are left out"):
        assert list_models() == ["mine"]


def test_load_model_knows_the_tasks_of_packages(monkeypatch, tmp_path):
    from rnnzoo.platform import keras

    monkeypatch.syspath_prepend(tmp_path)
    source = (
        "import keras\n"
        "@keras.saving.register_keras_serializable('guest')\n"
        "class Doubled(keras.layers.Layer):\n    def call(self, x):\n        return 2 * x\n"
    )
    package = Package(tmp_path, "guest-tasks", source)
    module = importlib.import_module(package.module)
    keras.Sequential([keras.Input((2,)), module.Doubled()]).save(tmp_path / "guest.keras")
    # As in a process that has not imported the package yet.
    del sys.modules[package.module], keras.saving.get_custom_objects()["guest>Doubled"]
    with pytest.raises(ValueError, match="guest.keras holds the class 'Doubled'") as error:
        rnnzoo.load_model(tmp_path / "guest.keras")
    assert len(str(error.value)) < 300  # and not the model's whole configuration
    set_entry_points(monkeypatch, package.entry_point)
    assert rnnzoo.load_model(tmp_path / "guest.keras")(keras.ops.ones((1, 2)))[0, 0] == 2


@pytest.mark.parametrize("task", ["a task", "another"])
def test_a_task_has_the_flagship_that_is_registered_first(family, task):
    assert registry.flagship(task) is None
    for name, of_task in (("first", "a task"), ("second", "a task"), ("third", "another")):
        register_model(name, task=of_task, description="made up", flagship=True)(lambda: None)
    assert registry.flagship(task) == {"a task": "first", "another": "third"}[task]
    assert model_info("second").flagship and not model_info("toy_1").flagship
