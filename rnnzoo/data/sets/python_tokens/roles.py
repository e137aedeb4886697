"""The syntax role of each character of Python source."""

from __future__ import annotations

import ast
import builtins
import io
import keyword
import tokenize
import types
import warnings

from rnnzoo.errors import WrongValue

PYTHON_ROLES = (
    "attribute",
    "builtin",
    "call",
    "class",
    "comment",
    "function",
    "keyword",
    "module",
    "number",
    "operator",
    "parameter",
    "string",
    "variable",
    "whitespace",
)

# Not all that is there: `exit` or `_` depend on how Python was started.
_BUILTINS = frozenset(
    name
    for name, value in vars(builtins).items()
    if isinstance(value, type | types.BuiltinFunctionType) and not name.startswith("_")
)


def python_tags(source: str) -> tuple[str, ...]:
    """The syntax role of each character of Python source, one of `PYTHON_ROLES`.

    The tokenizer says where tokens are, the syntax tree what names are: ``function`` and ``class``
    where they are defined, ``parameter`` there and as the name of an argument, ``call`` for what is
    called, ``builtin`` for a builtin that is read or called, ``module`` for all names in imports.
    An f-string is a string as a whole.

    Args:
        source: a module's text, with line ends of one newline.

    Returns:
        A tuple of ``len(source)`` strings.

    Raises:
        ValueError: the source doesn't parse, or holds a carriage return.

    Example:
        >>> source = "f(x)  # y"
        >>> [role for role in python_tags(source)][:4]
        ['call', 'operator', 'variable', 'operator']
    """
    if "\r" in source:
        raise WrongValue("the source holds a carriage return; expected lines that end in a newline")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the source's own mistakes
            tree = ast.parse(source)
        by_start, by_end = _roles_of_names(tree)
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (SyntaxError, tokenize.TokenError) as error:
        raise WrongValue(f"the source is no Python that can be parsed: {error}") from None
    lines = source.split("\n")
    offsets = [0]
    for line in lines:
        offsets.append(offsets[-1] + len(line) + 1)
    # Between tokens there is space, and a backslash where a line goes on.
    roles = ["operator" if character == "\\" else "whitespace" for character in source]

    def in_bytes(place):  # as the syntax tree counts columns
        row, at = place
        return row, len(lines[row - 1][:at].encode())

    imports = sorted(
        ((node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset))
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
    )
    previous, first, open_strings = "", True, []
    for token in tokens:
        kind, text = tokenize.tok_name[token.type], token.string
        begin = offsets[token.start[0] - 1] + token.start[1]
        end = offsets[min(token.end[0], len(offsets)) - 1] + token.end[1]
        if kind == "FSTRING_START":
            open_strings.append(begin)
        elif kind == "FSTRING_END":
            begin, role = open_strings.pop(), "string"
            roles[begin:end] = [role] * (end - begin)
        if open_strings or kind.startswith("FSTRING"):
            continue
        if kind in ("NEWLINE", "NL", "INDENT", "DEDENT", "ENDMARKER"):
            if kind == "NEWLINE":
                previous, first = "", True
            continue
        if kind == "NAME":
            if keyword.iskeyword(text):
                role = "keyword"
            elif previous in ("def", "class"):
                role = "function" if previous == "def" else "class"
            elif _is_within(in_bytes(token.start), imports):
                role = "module"
            else:
                role = by_start.get(in_bytes(token.start)) or by_end.get(in_bytes(token.end))
                if role is None:  # match, case and type are keywords where they open a statement
                    role = "keyword" if first and keyword.issoftkeyword(text) else "variable"
        else:
            role = {"COMMENT": "comment", "STRING": "string", "NUMBER": "number"}.get(
                kind, "operator"
            )
        roles[begin:end] = [role] * (end - begin)
        if kind != "COMMENT":
            previous, first = text, text == ";"
    return tuple(roles)


def _is_within(place, spans):
    """Whether a place lies in one of the sorted spans; those that end before it are dropped."""
    while spans and spans[0][1] <= place:
        del spans[0]
    return bool(spans) and spans[0][0] <= place


def _roles_of_names(tree):
    """What names are: by where they begin, and, of attributes, by where they end (row, byte)."""
    by_start, by_end = {}, {}
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            role = "call" if id(node) in called else "variable"
            if isinstance(node.ctx, ast.Load) and node.id in _BUILTINS:
                role = "builtin"
            by_start[node.lineno, node.col_offset] = role
        elif isinstance(node, ast.arg) or (isinstance(node, ast.keyword) and node.arg):
            by_start[node.lineno, node.col_offset] = "parameter"
        elif isinstance(node, ast.Attribute):
            role = "call" if id(node) in called else "attribute"
            by_end[node.end_lineno, node.end_col_offset] = role
    return by_start, by_end
