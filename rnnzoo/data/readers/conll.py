"""Tagged sequences: sentences from CoNLL files, and the role of each character of Python source."""

import ast
import builtins
import functools
import hashlib
import importlib.util
import io
import keyword
import os
import platform
import re
import tokenize
import types
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from rnnzoo.data.names import no_such_source
from rnnzoo.data.sets.prepare import import_tfds, prepared, read
from rnnzoo.data.sets.python_source import files

UNIVERSAL_DEPENDENCIES_URL = "https://raw.githubusercontent.com/UniversalDependencies/"
UNIVERSAL_DEPENDENCIES_URL += "UD_English-EWT/r2.10/en_ewt-ud-test.conllu"

# The columns of CoNLL-U that hold one tag a word, by the names the format gives them.
COLUMNS = {"upos": 3, "xpos": 4, "deprel": 7}

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

_SPLITS = {"train": "train", "dev": "validation", "test": "test"}
_SPLITS |= dict.fromkeys(("val", "valid", "validation"), "validation")
_SPLIT_NAME = re.compile(r"(?<![a-z])(train|dev|valid|validation|val|test)(?![a-z])")
_WORD_ID = re.compile(r"[1-9][0-9]*")
# Of several words written as one (1-2), and of words that are not written at all (8.1).
_OTHER_ID = re.compile(r"[1-9][0-9]*-[1-9][0-9]*|[0-9]+\.[1-9][0-9]*")


class Tagged(NamedTuple):
    """A sequence and its tags, one for each element.

    Attributes:
        tokens: a tuple of words, or a string, whose elements are its characters.
        tags: a tuple of as many strings.
    """

    tokens: tuple[str, ...] | str
    tags: tuple[str, ...]


@dataclass(frozen=True)
class TaggedData:
    """Tagged sequences in three parts that share nothing.

    Attributes:
        name: of the source, as `load_tagged` took it.
        train, validation, test: tuples of `Tagged`; what was not set aside is empty.
        metadata: plain data that belongs beside a result: ``source``, ``sha256`` of each part,
            ``files`` (count), and as known ``column``, ``license``, ``python`` (version).
    """

    name: str
    train: tuple[Tagged, ...]
    validation: tuple[Tagged, ...] = ()
    test: tuple[Tagged, ...] = ()
    metadata: dict[str, Any] = field(default_factory=dict)


def load_tagged(
    source: str | os.PathLike = "python_tokens",
    *,
    column: str = "upos",
    validation: float = 0.1,
    test: float = 0.0,
) -> TaggedData:
    """Load tagged sequences by name or path.

    Args:
        source: ``"python_tokens"``, each file of the running Python's standard library that
            ``python_source`` names, tagged by `python_tags`; nothing is downloaded;
            ``"universal_dependencies/en_ewt"``, English web text with its parts of speech, through
            TFDS, which downloads it once (pip install 'rnnzoo[tagging]'); or the path of a CoNLL
            file (see `read_conll`); or of a folder with files whose names hold the word
            train, dev (or valid, val, validation) or test, as treebanks come. Behind a path, a
            colon and a column say which, as on the command line: "UD_English-EWT:xpos".
        column: which tag of a CoNLL-U file: "upos", "xpos" or "deprel".
        validation, test: shares of a single file, from its end, that are held out.

    Raises:
        FileNotFoundError: no source of that name and no such path; a package is missing.
        ConnectionError: it must be downloaded, and the network does not answer.
        ValueError: a malformed line (with file and line number), no sentences, a folder without
            training data, a wrong share or column.

    Example:
        ``load_tagged("UD_English-EWT", column="upos").train[0].tags``
    """
    if isinstance(source, str) and source in _NAMED:
        return _NAMED[source]()
    if not os.fspath(source):
        raise ValueError(f"source='': expected a path or one of {', '.join(_NAMED)}")
    path = Path(source)
    before, _, behind = os.fspath(source).rpartition(":")
    if before and behind in COLUMNS and not path.exists():
        path, column = Path(before), behind
    if not (validation >= 0 and test >= 0 and validation + test < 1):
        raise ValueError(
            f"validation={validation}, test={test}: expected shares of at least 0 that leave "
            "something to train on"
        )
    if column not in COLUMNS:
        raise ValueError(f"column={column!r}: expected one of {', '.join(COLUMNS)}")
    parts = {"train": [], "validation": [], "test": []}
    if path.is_dir():
        found = _files_by_split(path)
        for file, split in found:
            parts[split] += read_conll(file, column)
    elif path.is_file():
        found = [(path, "train")]
        sentences = list(read_conll(path, column))
        first = int(len(sentences) * (1 - validation - test))
        second = int(len(sentences) * (1 - test))
        parts = {
            "train": sentences[:first],
            "validation": sentences[first:second],
            "test": sentences[second:],
        }
    else:
        raise no_such_source(source, "a CoNLL file, nor a folder", TAGGED)
    tags = {tag for sentence in parts["train"] for tag in sentence.tags}
    if tags == {"_"}:
        other = "xpos" if column == "upos" else "upos"
        raise ValueError(
            f"{path} has no {column} tags: each is _; choose another column, such as {path}:{other}"
        )
    if not parts["train"]:
        raise ValueError(f"{path} holds too few tagged sentences: none is left to train on")
    facts = {"source": path.absolute().name, "files": len(found)}
    if any(file[0].suffix.lower() == ".conllu" for file in found):
        facts["column"] = column
    return _data(os.fspath(source), parts, **facts)


def read_conll(path: str | os.PathLike, column: str = "upos") -> Iterator[Tagged]:
    """The sentences of one file, in order; a blank line ends a sentence.

    A file whose name ends in ``.conllu`` is CoNLL-U: ten columns separated by tabs; lines that
    begin with # are comments; the words of a multiword token are read, not its written form (1-2),
    and empty nodes (8.1) are left out. Any other file has two columns or more, separated by tabs or
    else by spaces: the word first and its tag last. There # is a word like others, and -DOCSTART-
    lines are left out.

    Args:
        path: a UTF-8 file.
        column: which tag of a CoNLL-U file, see `load_tagged`.

    Raises:
        ValueError: a malformed line, with file and line number.
    """
    path = Path(path)
    parse = _conllu_line(column) if path.suffix.lower() == ".conllu" else _two_column_line
    tokens, tags = [], []
    with path.open("rb") as lines:
        for number, data in enumerate(lines, 1):
            try:
                line = data.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
                if line.strip():
                    if pair := parse(line, len(tokens)):
                        tokens.append(pair[0])
                        tags.append(pair[1])
                    continue
            except UnicodeDecodeError as error:
                raise ValueError(f"{path}, line {number}: not UTF-8 ({error.reason})") from None
            except ValueError as error:
                raise ValueError(f"{path}, line {number}: {error}") from None
            if tokens:
                yield Tagged(tuple(tokens), tuple(tags))
                tokens, tags = [], []
    if tokens:
        yield Tagged(tuple(tokens), tuple(tags))


def _conllu_line(column):
    index = COLUMNS[column]

    def parse(line, words_before):
        if line.startswith("#"):
            return None
        columns = line.split("\t")
        if len(columns) != 10:
            raise ValueError(f"expected 10 columns separated by tabs, got {len(columns)}: {line!r}")
        if _OTHER_ID.fullmatch(columns[0]):
            return None
        if not _WORD_ID.fullmatch(columns[0]):
            raise ValueError(f"expected an ID such as 1, 1-2 or 1.1, got {columns[0]!r}")
        if int(columns[0]) != words_before + 1:
            raise ValueError(f"expected word {words_before + 1} of the sentence, got {columns[0]}")
        return _word(columns[1], columns[index])

    return parse


def _two_column_line(line, words_before):
    # At spaces alone: a word may hold others, which don't break it.
    columns = line.split("\t") if "\t" in line else re.split(" +", line.strip(" "))
    if columns[0] == "-DOCSTART-":
        return None
    if len(columns) < 2:
        raise ValueError(f"expected a word and a tag, got {line!r}")
    return _word(columns[0].strip(" "), columns[-1].strip(" "))


def _word(word, tag):
    if not word or not tag:
        raise ValueError(f"the {'tag' if word else 'word'} is empty")
    return word, tag


def _files_by_split(folder):
    """The files of a folder that are named after a split, sorted by name, each with its split."""
    found = []
    for file in sorted(folder.iterdir()):
        names = {_SPLITS[name] for name in _SPLIT_NAME.findall(file.stem.lower())}
        if file.is_file() and not file.name.startswith(".") and len(names) == 1:
            found.append((file, *names))
    # Beside a treebank's files lie others of the same names: plain text, word vectors.
    conllu = [pair for pair in found if pair[0].suffix.lower() == ".conllu"]
    found = conllu or found
    if "train" not in {split for _, split in found}:
        raise ValueError(
            f"the folder {folder} holds no file whose name has the word train in it; expected "
            "CoNLL files such as train.conllu, dev.conllu and test.conllu"
        )
    return found


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
        raise ValueError("the source holds a carriage return; expected lines that end in a newline")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the source's own mistakes
            tree = ast.parse(source)
        by_start, by_end = _roles_of_names(tree)
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (SyntaxError, tokenize.TokenError) as error:
        raise ValueError(f"the source is no Python that can be parsed: {error}") from None
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


def pieces(sequence: Tagged, length: int) -> list[Tagged]:
    r"""A sequence cut into pieces of at most ``length`` elements, in order, nothing lost.

    A text is cut behind the last end of a line that fits, if there is one.

    >>> [piece.tokens for piece in pieces(Tagged("ab\ncdef", ("x",) * 7), 4)]
    ['ab\n', 'cdef']
    """
    if length < 1:
        raise ValueError(f"length={length}: expected at least 1")
    tokens, tags = sequence
    found, begin = [], 0
    while begin < len(tags):
        end = begin + length
        if isinstance(tokens, str) and end < len(tags):
            end = tokens.rfind("\n", begin, end) + 1 or end
        found.append(Tagged(tokens[begin:end], tags[begin:end]))
        begin = end
    return found


def _python_tokens() -> TaggedData:
    parts = {
        split: [Tagged(text, python_tags(text)) for text in files.read_files(split).values()]
        for split in files.FILES
    }
    return _data(
        "python_tokens",
        parts,
        source="standard library of CPython",
        python=platform.python_version(),
        license=files.LICENSE,
        files=sum(map(len, parts.values())),
    )


def _english_ewt() -> TaggedData:
    if importlib.util.find_spec("conllu") is None:
        raise FileNotFoundError(
            "TensorFlow Datasets reads treebanks with the package conllu: pip install "
            "'rnnzoo[tagging]'"
        )
    tfds = import_tfds()
    builder = prepared(
        functools.partial(tfds.builder, "universal_dependencies/en_ewt"), UNIVERSAL_DEPENDENCIES_URL
    )
    features = {name: builder.info.features[name] for name in ("tokens", "upos", "head")}
    names = features["upos"].feature.names
    parts = {}
    for split, part in (("train", "train"), ("dev", "validation"), ("test", "test")):
        parts[part] = []
        for sentence in read(builder, split, tfds.decode.PartialDecoding(features)):
            # Multiword tokens and empty nodes are among them, and have no head.
            words = [
                (token.decode(), names[tag])
                for token, tag, head in zip(*map(sentence.get, features), strict=True)
                if head != b"None"
            ]
            tokens, tags = zip(*words, strict=True)
            parts[part].append(Tagged(tokens, tags))
    return _data(
        "universal_dependencies/en_ewt", parts, source=builder.info.homepage, column="upos"
    )


_NAMED = {"python_tokens": _python_tokens, "universal_dependencies/en_ewt": _english_ewt}
TAGGED = tuple(_NAMED)  # the names that `load_tagged` takes


def _data(name, parts, **metadata) -> TaggedData:
    sha256 = {split: _digest(part) for split, part in parts.items()}
    parts = {split: tuple(part) for split, part in parts.items()}
    return TaggedData(name, **parts, metadata={**metadata, "sha256": sha256})


def _digest(part):
    sha256 = hashlib.sha256()
    for tokens, tags in part:
        # A word holds no newline; where tokens are characters, the tags say where they end.
        sha256.update(("\n".join((*tokens, "", *tags)) + "\n\n").encode())
    return sha256.hexdigest()
