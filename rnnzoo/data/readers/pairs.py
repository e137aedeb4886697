"""Sentences in one language, each with what it is in another: by name, or the user's own."""

import functools
import hashlib
import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rnnzoo.data.names import no_such_source
from rnnzoo.data.pipelines.splits import SPLITS, held_out, plain, shared_out
from rnnzoo.data.readers.text import lines_of
from rnnzoo.data.sets.emoji_names import names
from rnnzoo.data.sets.prepare import import_tfds, prepared, read
from rnnzoo.data.sets.ui_messages import catalogues

DEFAULT = "ui_messages"
TED_URL = "http://www.phontron.com/data/qi18naacl-dataset.tar.gz"

_SPLITS = {"train": "train", "test": "test"}
_SPLITS |= dict.fromkeys(("val", "valid", "validation", "dev"), "validation")
_SPLIT_NAME = re.compile(rf"({'|'.join(_SPLITS)})(?![a-z])")
_LANGUAGES = re.compile(r"([\w.]+)-([\w.]+)")


@dataclass(frozen=True)
class Pairs:
    """Sentences and their translations.

    Attributes:
        sources, targets: as many of one as of the other; each target translates the source at its
            place. None is empty.
    """

    sources: tuple[str, ...]
    targets: tuple[str, ...]

    def __len__(self):
        return len(self.sources)


@dataclass(frozen=True)
class PairData:
    """Pairs to train on, to validate on and to test on.

    Attributes:
        name: of the source, as `load_pairs` took it.
        train, validation, test: `Pairs`; test may be empty. What `load_pairs` splits shares no
            source, no matter its case and the punctuation at its end.
        languages: of sources and targets, such as ("en", "de"); None if that is not known.
        metadata: plain data that belongs beside a result: ``source``, ``sha256`` of each part, and
            as known ``license`` and ``dataset`` (with the versions of what it is made from).
    """

    name: str
    train: Pairs
    validation: Pairs
    test: Pairs
    languages: tuple[str, str] | None = None
    metadata: dict[str, Any] = field(default_factory=dict)


def load_pairs(
    source: str | os.PathLike = DEFAULT, *, validation: float = 0.1, test: float = 0.1
) -> PairData:
    """Load pairs of sentences by name or path.

    Args:
        source: one of
            ``"ui_messages"``, what programs say to their users, in English and French (pip install
            'rnnzoo[translation]'), or ``"ui_messages/de"`` and so on, see PAIRS, in German;
            ``"emoji_names"``, what emoji are called in English and German, ``"emoji_names/fr"`` and
            so on, split by what they show (pip install 'rnnzoo[translation]');
            ``"ted_hrlr_translate/pt_to_en"`` and so on, talks cut into sentences and these into
            words, through TFDS, which downloads them once (130 MB), in their own splits;
            the path of a file of lines ``source<TAB>target``;
            two files with a comma between, ``"news.en,news.de"``, of which each line of one
            translates that of the other;
            a folder with files train.tsv, validation.tsv (or val, valid, dev) and test.tsv, or with
            one such file of any name;
            ``"FOLDER:en-de"``, a folder with files train.en, train.de and so on in that way.
            A name may go on, as in test_2016_flickr.en, where no other of that split does. Without
            files to validate on, some pairs to train on are set aside. Files are UTF-8, and have
            neither quotes nor empty lines.
        validation, test: shares of own sources that are held out, the same ones each time, where no
            file says which.

    Raises:
        FileNotFoundError: no source of that name and no such path; a package is missing.
        ValueError: the data is not as above (with file and line number), or too little to split.
        ConnectionError: it must be downloaded, and the network does not answer.

    Example:
        ``load_pairs("multi30k:en-de").train.sources[0]``
    """
    name = os.fspath(source)
    if name in _NAMED:
        return _NAMED[name](name)
    if not (validation > 0 and test >= 0 and validation + test < 1):
        raise ValueError(
            f"validation={validation}, test={test}: expected shares that leave something to train "
            "on, and to validate on"
        )
    path, found, languages = _found(name)
    parts = {split: read_pairs(*files) for split, files in found.items()}
    if None in parts:
        parts = _split(parts[None], path, validation, test)
    elif "validation" not in parts:
        parts = _split(parts.pop("train"), path, validation, 0) | parts
    parts = {split: parts.get(split, []) for split in SPLITS}
    source = ",".join(file.name for file in found.get(None, ())) or path.absolute().name
    return _data(name, parts, languages, source=source)


def read_pairs(
    path: str | os.PathLike, targets: str | os.PathLike | None = None
) -> list[tuple[str, str]]:
    """The pairs of one file, or of two, in order, without space around them.

    Args:
        path: a UTF-8 file of lines ``source<TAB>target``, or of sources alone.
        targets: a file of their targets, if they are alone.

    Raises:
        ValueError: what is not as above, with file and line number.

    Example:
        ``read_pairs("train.en", "train.de")[0]``
    """
    if targets is None:
        lines = _lines(path)
        for number, line in enumerate(lines, 1):
            if (tabs := line.count("\t")) != 1:
                raise ValueError(
                    f"{path}, line {number}: {line[:40]!r} has {tabs or 'no'} tab"
                    f"{'s' * (tabs > 1)}; expected source<TAB>target"
                )
        sides = zip(*(line.split("\t") for line in lines), strict=True)
    else:
        sides = _lines(path), _lines(targets)
        if len(sides[0]) != len(sides[1]):
            raise ValueError(
                f"{path} has {len(sides[0]):,} lines and {targets} {len(sides[1]):,}; expected as "
                "many, each a translation of the other's at its place"
            )
    sides = [[sentence.strip() for sentence in side] for side in sides]
    for file, side, what in zip((path, targets or path), sides, ("source", "target"), strict=True):
        if "" in side:
            raise ValueError(
                f"{file}, line {side.index('') + 1}: the {what} is empty; fill it, or delete the "
                "pair"
            )
    return list(zip(*sides, strict=True))


# --- by name --------------------------------------------------------------------------------------


def _ui_messages(name) -> PairData:
    catalogues.check_packages()
    import_tfds()
    from rnnzoo.data.sets.ui_messages.builder import UiMessages

    language = name.partition("/")[2] or catalogues.LANGUAGES[0]
    return _of_tfds(name, functools.partial(UiMessages, config=catalogues.config(language)))


def _emoji_names(name) -> PairData:
    names.check_packages()
    import_tfds()
    from rnnzoo.data.sets.emoji_names.builder import EmojiNames

    language = name.partition("/")[2] or names.LANGUAGES[0]
    return _of_tfds(name, functools.partial(EmojiNames, config=names.config(language)))


def _ted(name) -> PairData:
    return _of_tfds(name, functools.partial(import_tfds().builder, name), TED_URL)


def _of_tfds(name, make_builder, url=None) -> PairData:
    builder = prepared(make_builder, url)
    languages = builder.info.supervised_keys
    parts = {}
    for split in SPLITS:
        sides = [tuple(e[key].decode().strip() for key in languages) for e in read(builder, split)]
        parts[split] = [pair for pair in sides if all(pair)]
    metadata = {"source": builder.info.homepage, "dataset": builder.info.full_name}
    if license := builder.info.redistribution_info.license:
        metadata["license"] = license
    return _data(name, parts, languages, **metadata)


_TED = "az_to_en aztr_to_en be_to_en beru_to_en es_to_pt fr_to_pt gl_to_en glpt_to_en he_to_pt"
_TED += " it_to_pt pt_to_en ru_to_en ru_to_pt tr_to_en"
_NAMED = {
    "ui_messages": _ui_messages,
    **{f"ui_messages/{language}": _ui_messages for language in catalogues.LANGUAGES[1:]},
    "emoji_names": _emoji_names,
    **{f"emoji_names/{language}": _emoji_names for language in names.LANGUAGES[1:]},
    **{f"ted_hrlr_translate/{config}": _ted for config in _TED.split()},
}
PAIRS = tuple(_NAMED)  # the names that `load_pairs` takes


# --- the user's own -------------------------------------------------------------------------------


def _found(name):
    """A path, its files by split (None: yet to be split), and languages if they are said."""
    path, (folder, _, behind) = Path(name), name.rpartition(":")
    if name and path.is_dir():
        return path, _files_by_split(path, [".tsv"]), None
    if path.is_file():
        return path, {None: [path]}, None
    if (said := _LANGUAGES.fullmatch(behind)) and folder and Path(folder).is_dir():
        endings = [f".{language}" for language in said.groups()]
        return Path(folder), _files_by_split(Path(folder), endings), said.groups()
    two = [Path(part) for part in name.split(",", 1)]
    if any(file.is_file() for file in two):
        return path, {None: two}, None
    raise no_such_source(
        name,
        "a file of lines source<TAB>target, nor two files with a comma between, nor a folder of "
        "such files, with a colon and the languages behind it if they are named by these "
        "(FOLDER:en-de)",
        PAIRS,
    )


def _lines(file):
    lines = lines_of(Path(file).read_bytes(), file)
    if not any(map(str.strip, lines)):
        raise ValueError(f"{file} holds nothing; expected a pair, or one side of it, in each line")
    return lines


def _files_by_split(folder, endings):
    """By split its file of each ending; None stands for a split yet to be made."""
    names = {
        file.name.removesuffix(ending)
        for file in folder.iterdir()
        for ending in endings
        if file.name.endswith(ending) and not file.name.startswith(".")
    }
    files = {name: [folder / f"{name}{ending}" for ending in endings] for name in sorted(names)}
    lone = [file.name for pair in files.values() for file in pair if not file.is_file()]
    if lone:
        raise ValueError(f"{folder} lacks {lone[0]}, of which it holds the other side")
    expected = " and ".join(f"train{ending}" for ending in endings)
    found = {}
    for split in dict.fromkeys(_SPLITS.values()):
        begin = [n for n in files if (m := _SPLIT_NAME.match(n.lower())) and _SPLITS[m[1]] == split]
        chosen = [name for name in begin if name.lower() in _SPLITS] or begin
        if len(chosen) > 1:
            raise ValueError(
                f"{folder} holds several files of the {split} split: {', '.join(chosen)}; expected "
                "one, or one whose name is that alone"
            )
        if chosen:
            found[split] = files[chosen[0]]
    if "train" in found:
        return found
    if len(files) == 1:
        return {None: next(iter(files.values()))}
    raise ValueError(
        f"{folder} holds {', '.join(files) or 'no files'} of the kind {' and '.join(endings)}; "
        f"expected {expected}, or one alone to be split. Languages that files are named by stand "
        f"behind the folder: {folder}:en-de"
    )


def _split(pairs, path, validation, test):
    """By split its pairs, in their order; those of one source are in one of them."""
    splits = shared_out({plain(source) for source, _ in pairs}, validation, test)
    if "train" not in splits.values():
        raise ValueError(
            f"{path} holds too few pairs to split: {len(pairs)}, of {len(splits)} different "
            f"sources, of which {sum(held_out(len(splits), validation, test))} are held out; "
            "expected some to train on"
        )
    parts = {"train": [], "validation": [], "test": []}
    for pair in pairs:
        parts[splits[plain(pair[0])]].append(pair)
    return parts


def _data(name, parts, languages, **metadata) -> PairData:
    parts = {
        split: Pairs(*zip(*pairs, strict=True)) if pairs else Pairs((), ())
        for split, pairs in parts.items()
    }
    metadata["sha256"] = {
        split: hashlib.sha256(json.dumps([part.sources, part.targets]).encode()).hexdigest()
        for split, part in parts.items()
    }
    return PairData(name, **parts, languages=languages, metadata=metadata)
