"""Text to train on: the embedded corpus, one from TFDS, or the user's own files."""

import functools
import hashlib
import os
import platform
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rnnzoo.data.names import no_such_source
from rnnzoo.data.sets.prepare import import_tfds, prepared, read
from rnnzoo.data.sets.python_source import files

TINY_SHAKESPEARE_URL = (
    "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt"
)


@dataclass(frozen=True)
class Text:
    """A text in three parts that share nothing.

    Attributes:
        name: of the source, as `load_text` took it.
        train: what is trained on.
        validation: what decides (early stopping, the best checkpoint).
        test: what is measured in the end; empty where nothing was set aside for it.
        metadata: plain data that belongs beside a result: ``source`` (of an own text its file's
            name), ``sha256`` of each part's UTF-8 bytes, and as known ``license``, ``python``
            (version), ``files`` (count).
    """

    name: str
    train: str
    validation: str = ""
    test: str = ""
    metadata: dict[str, Any] = field(default_factory=dict)


def load_text(
    source: str | os.PathLike = "python_source", *, validation: float = 0.1, test: float = 0.0
) -> Text:
    """Load a text by name or path.

    Args:
        source: one of
            ``"python_source"``, real Python code out of the running Python's standard library,
            split by file; nothing is downloaded;
            ``"tiny_shakespeare"``, through TFDS, which downloads it once (1.1 MB);
            the path of a UTF-8 text file, or of a folder: then all files in it and below, sorted by
            path, joined by newlines, without those whose name begins with a dot.
        validation: share of an own text, from its end, that is held out for validation. The named
            sources come with their own splits.
        test: share of an own text after that, for testing.

    Raises:
        FileNotFoundError: no source of that name and no such path; or the standard library's
            source is not installed.
        ValueError: the text is empty, not UTF-8, or the shares leave nothing to train on.
        ConnectionError: ``tiny_shakespeare`` must be downloaded and the network does not answer, or
            with something else.

    >>> text = load_text()
    >>> len(text.train) > 10 * len(text.validation)
    True
    """
    if isinstance(source, str) and source in _NAMED:
        return _NAMED[source]()
    return _own_text(source, validation, test)


def _python_source() -> Text:
    import_tfds()
    from rnnzoo.data.sets.python_source.builder import PythonSource

    return _text(
        "python_source",
        _read_splits(prepared(PythonSource)),
        source="standard library of CPython",
        python=platform.python_version(),
        license=files.LICENSE,
        files=sum(len(names) for names in files.FILES.values()),
    )


def _tiny_shakespeare() -> Text:
    make_builder = functools.partial(import_tfds().builder, "tiny_shakespeare")
    parts = _read_splits(prepared(make_builder, TINY_SHAKESPEARE_URL))
    return _text("tiny_shakespeare", parts, source=TINY_SHAKESPEARE_URL, license="public domain")


_NAMED = {"python_source": _python_source, "tiny_shakespeare": _tiny_shakespeare}
TEXTS = tuple(_NAMED)  # the names that `load_text` takes


def _own_text(source, validation, test) -> Text:
    if not (validation >= 0 and test >= 0 and validation + test < 1):
        raise ValueError(
            f"validation={validation}, test={test}: expected shares of at least 0 that leave "
            "something to train on"
        )
    if not os.fspath(source):
        raise ValueError(f"source='': expected a path or one of {', '.join(_NAMED)}")
    path = Path(source)
    paths = _files_of(path)
    text = "\n".join(_read_utf8(file) for file in paths)
    if not text.strip():
        raise ValueError(f"{path} holds no text; expected UTF-8 text")
    first = int(len(text) * (1 - validation - test))
    second = int(len(text) * (1 - test))
    parts = {"train": text[:first], "validation": text[first:second], "test": text[second:]}
    return _text(str(source), parts, source=path.absolute().name, files=len(paths))


def _files_of(path: Path) -> list[Path]:
    if path.exists() and not path.is_dir():
        return [path]
    if not path.is_dir():
        raise no_such_source(path, "a text file, nor a folder", TEXTS)
    found = [
        file
        for file in path.rglob("*")
        if file.is_file() and not any(p.startswith(".") for p in file.relative_to(path).parts)
    ]
    if not found:
        raise ValueError(f"the folder {path} holds no files; expected UTF-8 text files")
    return sorted(found, key=lambda file: file.relative_to(path).parts)


def _read_utf8(path: Path) -> str:
    data = path.read_bytes()
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{path} is not UTF-8 text: byte {data[error.start]:#04x} at offset {error.start} "
            f"({error.reason}); convert it to UTF-8 or leave it out"
        ) from None
    # As Python's text mode has it: one kind of line end; and no mark of the byte order.
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _read_splits(builder) -> dict[str, str]:
    """The texts of each split of a TFDS data set, in their order and joined by newlines."""
    return {
        split: "\n".join(example["text"].decode() for example in read(builder, split))
        for split in ("train", "validation", "test")
    }


def _text(name, parts, **metadata) -> Text:
    sha256 = {split: hashlib.sha256(part.encode()).hexdigest() for split, part in parts.items()}
    return Text(name, **parts, metadata={**metadata, "sha256": sha256})
