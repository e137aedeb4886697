"""Units along a text."""

import re

import numpy as np
import pytest

import rnnzoo
from rnnzoo.analysis import text_activity
from rnnzoo.analysis.text import TextActivity
from rnnzoo.errors import WrongType, WrongValue

TEXT = 'say "hi (a)" \n<b>& "c"\n'


def test_states_are_those_behind_each_character():
    model = rnnzoo.create_model("char_lstm", units=5, vocabulary=TEXT)
    activity = text_activity(model, TEXT)
    state = model.initial_state(1)
    for at, i in enumerate(model.vocabulary.ids(TEXT)):
        _, state = model.step(np.array([i], np.int32), state)
        h = next(value for name, value in state.items() if name.endswith("_h"))
        np.testing.assert_allclose(activity.states[at], h[0], atol=1e-5)


def test_the_unit_that_follows_something_is_found():
    states = np.random.default_rng(0).normal(size=(len(TEXT), 6))
    inside = [TEXT[: i + 1].count('"') % 2 for i in range(len(TEXT))]
    states[:, 4] = -3.0 * np.array(inside) + 1
    unit, r = TextActivity(TEXT, "lstm", states).tracks["inside quotes"]
    assert unit == 4 and r == pytest.approx(-1)
    constant = TextActivity("aaa", "lstm", np.zeros((3, 2))).tracks
    assert constant["place in the line"] == (0, 0.0) and "inside quotes" not in constant


def test_page_and_terminal_show_the_text():
    activity = TextActivity(TEXT, "lstm", np.linspace(-1, 1, 2 * len(TEXT)).reshape(-1, 2))
    page = activity.html(1, "a <title>")
    assert "a &lt;title&gt;" in page and "<b>" not in page
    shown = re.sub(r"<[^>]*>", "", page.split("<pre")[1].split(">", 1)[1].split("</pre>")[0])
    assert shown.replace("\u21b5", "") == TEXT.replace("&", "&amp;").replace("<", "&lt;").replace(
        ">", "&gt;"
    ).replace('"', "&quot;")
    plain = re.sub(r"\x1b\[[0-9;]*m", "", activity.terminal(0))
    assert plain.replace("\u21b5", "") == TEXT
    steering = TextActivity("a\x1bb", "lstm", np.zeros((3, 1))).terminal(0)
    assert re.sub(r"\x1b\[[0-9;]*m", "", steering) == "a\u241bb"
    with pytest.raises(WrongValue, match="unit=2: lstm has units 0 to 1"):
        activity.html(2)


def test_wrong_calls():
    with pytest.raises(WrongType, match="expected a model of characters"):
        text_activity(rnnzoo.create_model("activity_lstm"), "a")
    with pytest.raises(WrongValue, match="a string of one character at least"):
        text_activity(rnnzoo.create_model("char_lstm", vocabulary="ab"), "")
    with pytest.raises(WrongValue, match="has no recurrent layer"):
        text_activity(rnnzoo.create_model("char_markov2", vocabulary="ab"), "ab")
