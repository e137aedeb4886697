"""Pretrained weights: their cards, and a package that brings a model with two of them."""

import importlib.metadata
import json
import sys
import types

import numpy as np
import pytest

import rnnzoo
from rnnzoo import cli, registry
from rnnzoo.weights import Weights, file_sha256

MODULE = "models_of_a_guest"
SOURCE = """
from rnnzoo import register_model


@register_model(
    "guest", task="text-generation", description="A guest.", dataset="x", weights=("small", "large")
)
def guest(*, units=8, delays=(1, 2), vocabulary=None, classes=None, dtype=None):
    from rnnzoo.layers import RecurrentStack, SkipDelayRNN
    from rnnzoo.tasks import TextGenerator

    layer = SkipDelayRNN(units, delays=delays, dtype=dtype)
    return TextGenerator(RecurrentStack([layer]), 3, vocabulary, dtype=dtype)
"""
UNITS = {"small": 4, "large": 6}  # neither as the defaults say


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The package's folder, made once."""
    from rnnzoo.layers import RecurrentStack, SkipDelayRNN
    from rnnzoo.tasks import TextGenerator

    folder = tmp_path_factory.mktemp("guest")
    (folder / f"{MODULE}.py").write_text(SOURCE)
    (folder / "weights").mkdir()
    for tag, units in UNITS.items():
        file = folder / "weights" / f"guest.{tag}.keras"
        stack = RecurrentStack([SkipDelayRNN(units, delays=(1, 3))])
        TextGenerator(stack, 3, "\n ab").save(file)
    return folder


@pytest.fixture
def guest(made, monkeypatch, write_card):
    """The folder of an installed package with one model; nothing else is installed."""
    for tag, units in UNITS.items():
        file = made / "weights" / f"guest.{tag}.keras"
        config = {"units": units, "delays": (1, 3)}
        write_card(file, config=config, sha256=file_sha256(file))
    monkeypatch.syspath_prepend(made)
    group = registry.ENTRY_POINT_GROUP
    package = types.SimpleNamespace(name="a-guest", version="1.0")
    of_guest = [importlib.metadata.EntryPoint("guest", MODULE, group)._for(package)]
    of = importlib.metadata.entry_points
    monkeypatch.setattr(
        importlib.metadata,
        "entry_points",
        lambda **asked: of_guest if asked == {"group": group} else of(**asked),
    )
    monkeypatch.setattr(registry, "_ENTRIES", {})
    monkeypatch.delitem(sys.modules, MODULE, raising=False)
    registry.discover.cache_clear()
    yield made
    sys.modules.pop(MODULE, None)
    registry.discover.cache_clear()


def units_of(model):
    return model.recurrent.layers[0].units


@pytest.mark.slow
def test_each_tag_has_its_own_weights_and_the_first_is_the_default(guest):
    assert rnnzoo.list_models(pretrained=True) == ["guest.small", "guest.large"]
    assert units_of(rnnzoo.create_model("guest")) == 8
    assert units_of(rnnzoo.create_model("guest", pretrained=True)) == UNITS["small"]
    assert units_of(rnnzoo.load_model("guest")) == UNITS["small"]
    from rnnzoo.platform import keras

    there = keras.models.load_model(guest / "weights" / "guest.large.keras").get_weights()
    for large in (
        rnnzoo.create_model("guest.large", pretrained=True),
        rnnzoo.load_model("guest.large"),
    ):
        for a, b in zip(large.get_weights(), there, strict=True):
            np.testing.assert_array_equal(a, b)
    untrained = rnnzoo.create_model("guest.large", vocabulary="\n ab")
    assert units_of(untrained) == UNITS["large"]
    assert any((a != b).any() for a, b in zip(untrained.get_weights(), there, strict=True))


def test_an_override_that_says_what_the_weights_have_is_accepted(guest):
    from rnnzoo.platform import keras

    for same in (
        {"units": 4},
        {"units": np.int64(4), "delays": [1, 3]},
        {"delays": np.array([1, 3])},
        {"vocabulary": "\n ab"},
        {"vocabulary": None, "classes": None, "dtype": None},
        {"dtype": "float32"},
        {"dtype": keras.DTypePolicy("float32")},
    ):
        assert units_of(rnnzoo.create_model("guest", pretrained=True, **same)) == 4


@pytest.mark.parametrize(
    ("overrides", "theirs", "given"),
    [
        ({"units": 8}, "units=4", "units=8"),  # as the architecture's defaults say
        ({"units": 6, "delays": (1, 2)}, r"units=4, delays=\(1, 3\)", r"units=6, delays=\(1, 2\)"),
        ({"vocabulary": "ab"}, r"vocabulary='\\n ab'", "vocabulary='ab'"),
        ({"dtype": "mixed_bfloat16"}, "dtype='float32'", "dtype='mixed_bfloat16'"),
        ({"classes": 3}, "classes of their own", "classes=3"),  # no classifier
    ],
)
def test_another_override_is_refused_with_both_values(guest, overrides, theirs, given):
    keys = ", ".join(overrides)
    message = f"weights guest.small were trained with {theirs}, not {given}: leave {keys} out"
    with pytest.raises(ValueError, match=message):
        rnnzoo.create_model("guest", pretrained=True, **overrides)


def test_an_override_that_is_no_option_is_a_type_error(guest):
    with pytest.raises(TypeError, match="guest has no option 'unit'; did you mean 'units'"):
        rnnzoo.create_model("guest.large", pretrained=True, unit=6)


def test_training_starts_from_a_tag_and_takes_its_configuration(guest, corpus, tmp_path, capsys):
    argv = f"train guest.large --pretrained --data {corpus} --out {tmp_path / 'run'} --epochs 1"
    argv += " --batch-size 8 --window 50"
    assert cli.main([*argv.split(), "--set", "units=8"]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "trained with units=6, not units=8" in error
    assert cli.main([*argv.split(), "--set", "units=6"]) == 0
    assert units_of(rnnzoo.load_model(tmp_path / "run")) == 6


def test_names_that_are_none_suggest_the_nearest(guest, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match="tag 'larg'; did you mean 'large'"):
        rnnzoo.load_model("guest.larg")
    with pytest.raises(FileNotFoundError, match=r"gest\.large: there is no .*mean 'guest\.large'"):
        rnnzoo.load_model("gest.large")
    with pytest.raises(FileNotFoundError, match=r"guest\.keras: there is no such run folder"):
        rnnzoo.load_model("guest.keras")


def test_a_file_that_is_not_the_card_s_is_refused(guest):
    file = guest / "weights" / "guest.large.keras"
    content = file.read_bytes()
    try:
        for damage in (content[:-10], content + b"\0", b""):
            file.write_bytes(damage)
            with pytest.raises(ValueError, match=r"guest\.large\.keras is damaged, or not the fil"):
                rnnzoo.create_model("guest.large", pretrained=True)
        file.unlink()
        with pytest.raises(FileNotFoundError, match=r"guest\.large are missing.*reinstall"):
            rnnzoo.load_model("guest.large")
    finally:
        file.write_bytes(content)
    assert units_of(rnnzoo.load_model("guest.large")) == 6


def test_a_card_that_is_none_costs_the_package_and_is_named(guest):
    card = guest / "weights" / "guest.large.json"
    card.write_text("{")
    with pytest.warns(UserWarning, match=r"a-guest 1.0 are left out.*large\.json is damaged"):
        assert rnnzoo.list_models() == []


def test_a_card_is_read_as_it_was_written(tmp_path, write_card):
    path = tmp_path / "toy.a.b.keras"
    write_card(path, config={"delays": (1, 4), "cell": "skip"}, value=3)
    weights = Weights.read(path)
    assert (weights.name, weights.model, weights.tag) == ("toy.a.b", "toy", "a.b")
    assert weights.config == {"delays": (1, 4), "cell": "skip"} and weights.value == 3
    assert "delays=(1, 4), cell='skip'\n" in str(weights)


def test_a_card_must_say_everything_and_nothing_else(tmp_path, write_card):
    path = tmp_path / "toy.letters.keras"
    write_card(path)
    card = path.with_suffix(".json")
    facts = json.loads(card.read_text())
    for fact in facts:
        card.write_text(json.dumps({key: facts[key] for key in facts if key != fact}))
        with pytest.raises(ValueError, match=f"missing {fact}, unknown none"):
            Weights.read(path)
        card.write_text(json.dumps(facts | {fact: [1]}))
        with pytest.raises(ValueError, match=rf"toy\.letters\.json: {fact}=\[1\], expected"):
            Weights.read(path)
    card.write_text(json.dumps(facts | {"file": "x"}))
    with pytest.raises(ValueError, match="missing none, unknown file"):
        Weights.read(path)
    card.write_text("[]")
    with pytest.raises(ValueError, match="is no card of weights"):
        Weights.read(path)
