"""What a text is to `rnnzoo.train`."""

import pytest

from rnnzoo import registry


def test_unknown_characters_are_said_and_counted(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("to be " * 30 + "!?! to be")
    model = registry.create_model("char_rnn", units=2)
    with pytest.warns(UserWarning, match=r"validation text holds 2 .* know.*: '!' '\?'"):
        feed = model.feed(path, 2, 8, 0)
    assert feed.details == {"unknown_characters": {"validation": 3, "test": 0}}
