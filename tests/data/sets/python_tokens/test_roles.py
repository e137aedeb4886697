"""The syntax roles of Python's characters."""

import itertools
import warnings

import pytest

from rnnzoo.data import load_tagged, python_tags
from rnnzoo.data.sets.python_tokens.roles import PYTHON_ROLES


def pieces(source):
    """(text, role) of each run of one role, without space."""
    pairs = zip(source, python_tags(source), strict=True)
    runs = itertools.groupby(pairs, key=lambda pair: pair[1])
    return [("".join(c for c, _ in run), role) for role, run in runs if role != "whitespace"]


def test_roles_of_names():
    source = (
        'class A(B):\n    def f(self, *a: int):  # é\n        return self.é.g(x=len(a), y="é")\n'
    )
    assert [piece for piece in pieces(source) if piece[1] != "operator"] == [
        ("class", "keyword"),
        ("A", "class"),
        ("B", "variable"),
        ("def", "keyword"),
        ("f", "function"),
        ("self", "parameter"),
        ("a", "parameter"),
        ("int", "builtin"),
        ("# é", "comment"),
        ("return", "keyword"),
        ("self", "variable"),
        ("é", "attribute"),
        ("g", "call"),
        ("x", "parameter"),
        ("len", "builtin"),
        ("a", "variable"),
        ("y", "parameter"),
        ('"é"', "string"),
    ]


def test_soft_keywords_imports_and_strings():
    assert pieces("import a.b as c; match = 1\n")[:3] == [
        ("import", "keyword"),
        ("a", "module"),
        (".", "operator"),
    ]
    assert ("match", "variable") in pieces("match = 1\n")
    assert ("match", "keyword") in pieces("match x:\n    case 1:\n        pass\n")
    assert ("match", "call") in pieces("match(x)\n")
    assert pieces("x = f'a{b!r:>{w}} {{' \\\n  'c'\n")[2:] == [
        ("f'a{b!r:>{w}} {{'", "string"),
        ("\\", "operator"),
        ("'c'", "string"),
    ]


def test_source_that_does_not_parse():
    with pytest.raises(ValueError, match="no Python that can be parsed"):
        python_tags("def f(:\n")
    with pytest.raises(ValueError, match="carriage return"):
        python_tags("a\r\n")


def test_imports_after_a_colon_and_over_lines():
    source = "try: import a.b as c\nexcept: from x import (y,\n  z); y\n"
    roles = python_tags(source)
    modules = {i for i, role in enumerate(roles) if role == "module"}
    assert "".join(source[i] for i in sorted(modules)) == "abcxyz"
    assert roles[source.rindex("y")] == "variable"


def test_builtins_are_those_of_every_python():
    source = "print(len(x), _, exit, __name__)"
    roles = dict(zip(source, python_tags(source), strict=True))
    assert roles["p"] == roles["l"] == "builtin"
    assert python_tags("_")[0] == python_tags("exit")[0] == "variable"


def test_a_source_s_own_mistakes_are_no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert python_tags('"\\d" is x')[0] == "string"


@pytest.mark.slow
def test_python_tokens_are_aligned():
    data = load_tagged("python_tokens")
    seen = set()
    for example in data.train + data.validation + data.test:
        assert len(example.tokens) == len(example.tags)
        seen.update(example.tags)
        for character, role in zip(example.tokens, example.tags, strict=True):
            assert (role == "whitespace") <= character.isspace()
    assert seen == set(PYTHON_ROLES)
