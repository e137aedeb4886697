import types

import numpy as np
import pytest

from rnnzoo.tasks.encoder_decoder.translation.states import draw_states, read_groups


def test_paths_may_be_strings(tmp_path):
    pytest.importorskip("sklearn")
    file, out = str(tmp_path / "voices.tsv"), str(tmp_path / "states.png")
    (tmp_path / "voices.tsv").write_text("a\tone\na\ttwo\nb\tthree\n", encoding="utf-8")
    sentences, groups = read_groups(file)
    assert (sentences, groups) == (["one", "two", "three"], ["a", "a", "b"])

    model = types.SimpleNamespace(states=lambda sentences: np.eye(len(sentences)))
    points, shares = draw_states(model, sentences, out, groups)
    assert points.shape == (3, 2) and np.isclose(shares.sum(), 1)
    assert (tmp_path / "states.png").stat().st_size > 0
