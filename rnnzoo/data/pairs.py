"""Sentences and their translations to train on: a data set by its name, or the user's own files."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rnnzoo.data.base import Counted, Data
from rnnzoo.data.pipelines import splits
from rnnzoo.data.readers import rows
from rnnzoo.data.readers.pair_files import find_pairs
from rnnzoo.data.readers.pairs import read_dialogue_files, read_with_languages
from rnnzoo.data.registry import list_datasets, load_dataset, no_such_source
from rnnzoo.data.sniffing import check_task
from rnnzoo.errors import DataError

TASK = "translation"


@dataclass(frozen=True, repr=False)
class Pairs(Counted):
    """Sentences and their translations.

    Attributes:
        sources, targets: as many of one as of the other; each target translates the source at its
            place. None is empty.
    """

    sources: tuple[str, ...]
    targets: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.sources)

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> Pairs:
        """Of sources each with its target.

        >>> Pairs.of([("one", "eins"), ("two", "zwei")]).targets
        ('eins', 'zwei')
        """
        pairs = list(pairs)
        return cls(*zip(*pairs, strict=True)) if pairs else cls((), ())


@dataclass(frozen=True, kw_only=True, repr=False)
class PairData(Data[Pairs]):
    """Pairs to train on, to validate on and to test on; the last may be empty.

    What `load_pairs` splits shares no source, nor one that hardly differs, see
    `rnnzoo.data.pipelines.duplicates`.
    The other attributes are those of `rnnzoo.data.Data`; ``metadata`` may hold ``dataset`` (with
    the versions of what it is made from), too.

    Attributes:
        languages: of sources and targets, such as ("en", "de"); None if that is not known.
    """

    languages: tuple[str, str] | None = None

    @staticmethod
    def joined(parts: Sequence[Pairs]) -> Pairs:
        sources = tuple(source for part in parts for source in part.sources)
        return Pairs(sources, tuple(target for part in parts for target in part.targets))

    @staticmethod
    def digest(part: Pairs) -> str:
        return hashlib.sha256(json.dumps([part.sources, part.targets]).encode()).hexdigest()


def load_pairs(
    source: str | os.PathLike = "ui_messages",
    *,
    columns: str | Sequence[str | int] | None = None,
    encoding: str | None = None,
    validation: float = 0.1,
    test: float = 0.1,
) -> PairData:
    """Load pairs of sentences by name or path.

    Args:
        source: one of ``rnnzoo.list_datasets(task="translation")``, such as ``"ui_messages/de"``;
            the path of a file of lines ``source<TAB>target``, or of another layout that
            `rnnzoo.data.read_pairs` knows: Tatoeba's and Anki's, CSV, JSON lines, .po, .tmx, XLIFF;
            two files with a comma between, ``"news.en,news.de"``, of which each line of one
            translates that of the other;
            a folder with files train.tsv, validation.tsv (or val, valid, dev) and test.tsv, or with
            one such file of any name, or such files of another kind (.csv, .jsonl and so on);
            ``"FOLDER:en-de"``, a folder with files train.en, train.de and so on in that way.
            A name may go on, as in test_2016_flickr.en, where no other of that split does. Without
            files to validate on, some pairs to train on are set aside. Files may be packed. Lines
            that lack a half are left out, which the reading tells.
        columns: of source and target, by names, languages or numbers from 1, such as
            ``("en", "fr")``, where they can't be told or are to be others.
        encoding: of the files, see `rnnzoo.load_text`.
        validation, test: shares of own sources that are held out, the same ones each time, where no
            file says which. Those that hardly differ are on one side.

    Raises:
        FileNotFoundError: no data set of that name and no such path.
        MissingPackage: it needs a package that is not installed.
        ValueError: the data is not as above (with file and line number), for another task, or too
            little to split.
        ConnectionError: it must be downloaded, and the network does not answer.

    Example:
        ``load_pairs("multi30k:en-de").train.sources[0]``
    """
    name = os.fspath(source)
    if name in list_datasets(task=TASK):
        return load_dataset(name, TASK)
    splits.check_shares(validation, test)
    found = find_pairs(name)
    if found is None:
        raise no_such_source(
            name,
            "a file of lines source<TAB>target, nor two files with a comma between, nor a folder "
            "of such files, with a colon and the languages behind it if they are named by these "
            "(FOLDER:en-de)",
            TASK,
        )
    path, files, languages, others = found
    odd = []
    if columns is None:
        insist = "--columns 1,2, in Python columns=(1, 2), says which are source and target"
        odd = check_task(name, TASK, encoding, insist)
    pairs, readings = {}, {}
    for split, of_split in files.items():
        if of_split[0].suffix == ".lua" and languages:
            read = read_dialogue_files(of_split, encoding, languages)
        else:
            read = read_with_languages(*of_split, columns=columns, encoding=encoding)
        pairs[split], readings[of_split[0].name] = read.pairs, read.reading
        languages = languages or read.languages
    reading = rows.with_more(rows.merged(readings), left_out=others, warnings=odd)
    if languages:
        reading = rows.with_more(reading, facts={"direction": f"{languages[0]} to {languages[1]}"})
    given = [split for split in pairs if split]
    told: dict[str, Any] = {}
    if None in pairs:
        pairs, told = _split(pairs[None], path, validation, test)
    elif "validation" not in pairs:
        of_train, told = _split(pairs.pop("train"), path, validation, 0)
        pairs = of_train | pairs
        said = f"{len(pairs['validation']):,} pairs of train, as no file is for it"
        reading = rows.with_more(reading, facts={"validation": said})
    reading = rows.with_more(reading, **told)
    parts = {split: Pairs.of(pairs.get(split, ())) for split in splits.SPLITS}
    sources = {split: part.sources for split, part in parts.items()}
    reading = rows.with_more(reading, warnings=splits.seen_in_training(sources, given))
    source = ",".join(file.name for file in files.get(None, ())) or path.absolute().name
    metadata = {"source": source}
    return PairData.from_parts(name, parts, metadata, languages=languages, reading=reading)


def _split(pairs, path, validation, test):
    """By split its pairs, in their order, those of like sources in one; and what to say of it."""
    keys = [splits.plain(source) for source, _ in pairs]
    apart = splits.by_text({key: key for key in keys}, validation, test)
    split_of = apart.split_of
    if "train" not in split_of.values():
        raise DataError(
            f"{path} holds too few pairs to split: {len(pairs)}, of {len(split_of)} different "
            f"sources, of which {sum(splits.held_out(len(split_of), validation, test))} are held "
            "out; expected some to train on",
            path,
        )
    return splits.parted(pairs, [split_of[key] for key in keys]), apart.told(keys)
