"""Captioned pictures and videos to train on: a data set by its name, or the user's own files."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rnnzoo.data.base import Counted, Data, Joined
from rnnzoo.data.pipelines import splits
from rnnzoo.data.readers import rows
from rnnzoo.data.readers.captions import read_captions
from rnnzoo.data.readers.media import MediaFiles, file_digest
from rnnzoo.data.registry import list_datasets, load_dataset, no_such_source
from rnnzoo.data.sniffing import check_task
from rnnzoo.errors import DataError

TASK = "captioning"


@dataclass(frozen=True, repr=False)
class Captions(Counted):
    """Media with what is said of each.

    Attributes:
        media: of arrays: pictures uint8 (height, width, 3) of any size, videos uint8 (frames,
            height, width, 3), or features float32 (size,) or (frames, size); may read each only
            when it is asked for.
        captions: one or more of each.
        names: of each, to show.
    """

    media: Sequence[np.ndarray]
    captions: tuple[tuple[str, ...], ...]
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.captions)

    def digest(self, contents: Iterable) -> str:
        """SHA-256 of names, captions and contents, each something with bytes, in hexadecimal."""
        sha256 = hashlib.sha256(json.dumps([self.names, self.captions]).encode())
        for content in contents:
            sha256.update(content)
        return sha256.hexdigest()


@dataclass(frozen=True, kw_only=True, repr=False)
class CaptionData(Data[Captions]):
    """Captioned media in parts that share none; ``test`` may be empty.

    The other attributes are those of `rnnzoo.data.Data`.

    Attributes:
        composition: words that train has, in combinations it has not; None if that is not known.
        video: whether the media are sequences of frames.
    """

    composition: Captions | None = None
    video: bool = False

    @staticmethod
    def joined(parts: Sequence[Captions]) -> Captions:
        captions = tuple(of_one for part in parts for of_one in part.captions)
        names = tuple(name for part in parts for name in part.names)
        return Captions(Joined([part.media for part in parts]), captions, names)

    @staticmethod
    def digest(part: Captions) -> str:
        return part.digest(np.ascontiguousarray(x) for x in part.media)


def load_captions(
    source: str | os.PathLike = "emoji_captions",
    *,
    validation: float = 0.1,
    test: float = 0.1,
    encoding: str | None = None,
    columns: str | Sequence[str | int] | None = None,
) -> CaptionData:
    """Load captioned pictures or videos by name or path.

    Args:
        source: one of ``rnnzoo.list_datasets(task="captioning")``, such as ``"emoji_captions/de"``;
            the path of a folder with pictures, in it or in folders in it, and a file that says what
            they show, or of that file. It may be lines ``name.jpg<TAB>caption``,
            ``name.jpg#0<TAB>caption`` (Flickr8k's, with its lists of the splits),
            ``name.jpg|caption`` or ``name.jpg|0|caption``; CSV under a line of names such as
            ``image,caption`` or ``image,caption,split`` (train, validation or test); JSON as COCO
            or Karpathy have it; ``metadata.csv`` or ``metadata.jsonl`` with file_name and text; a
            file of these for each split; or a .txt file beside each picture.
            Several captions of one picture are several lines. In place of pictures it may name
            videos, folders of frames, or files of features, as `read_media` reads them.
        validation, test: shares of own media that are held out, the same ones each time, where the
            files don't say which; of those to train on, where they name none to validate on. Media
            whose captions, taken together, hardly differ are on one side.
        encoding: of the file of captions, such as ``"cp1252"``; else found out.
        columns: of a table those of picture and caption, such as ``"file,title"`` or ``"1,3"``;
            else found out.

    Raises:
        FileNotFoundError: no data set of that name and no such path.
        MissingPackage: it needs a package that is not installed.
        ValueError: the data is not as above (with file and line number), or nothing can be read.
        ConnectionError: it must be downloaded, and the network does not answer.

    Warns:
        UserWarning: media that are missing or unreadable, which are left out.

    Example:
        ``load_captions("Flickr8k").train.captions[0]``
    """
    if source in list_datasets(task=TASK):
        return load_dataset(source, TASK)
    splits.check_shares(validation, test)
    path = Path(source)
    if not os.fspath(source) or not path.exists():
        raise no_such_source(source, "a folder with pictures and a file of captions", TASK)
    if columns is None:
        insist = "--columns 1,2, in Python columns=(1, 2), says which are picture and caption"
        check_task(path, TASK, encoding, insist)
    media, video, reading = read_captions(path, encoding, columns)
    parts: dict[str, Any] = {}
    sha256 = {}
    by_split, told = _split(media, path, validation, test)
    reading = rows.with_more(reading, **told)
    for split, of_split in by_split.items():
        paths = [medium.path for medium in of_split]
        parts[split] = Captions(
            MediaFiles(paths),
            tuple(tuple(medium.captions) for medium in of_split),
            tuple(medium.name for medium in of_split),
        )
        sha256[split] = parts[split].digest(map(file_digest, paths))  # not of pixels: none is read
    metadata = {"source": path.absolute().name, "sha256": sha256}
    return CaptionData(
        name=os.fspath(source), **parts, video=video, metadata=metadata, reading=reading
    )


def _split(media, source, validation, test):
    """By split its media, in the order of the files, with what to say of it.

    What all that is said of them hardly differs is in one split.
    """
    split_of = {medium.name: medium.split for medium in media}
    text_of = {medium.name: "\n".join(medium.captions) for medium in media}
    to_train = [name for name, split in split_of.items() if split in (None, "train")]
    given = {split for split in split_of.values() if split}
    told: dict[str, Any] = {}
    unsaid = [name for name, split in split_of.items() if split is None]
    if given and unsaid:
        raise DataError(f"{source}: no split is said of {unsaid[0]}; expected one of each", source)
    if "validation" not in given:
        own = {name: text_of[name] for name in to_train}
        apart = splits.by_text(own, validation, 0 if given else test)
        split_of |= apart.split_of
        told = apart.told(to_train)
    parts = splits.parted(media, [split_of[medium.name] for medium in media])
    if not parts["train"] or not parts["validation"]:
        raise DataError(
            f"{source}: {len(parts['train'])} media to train on and {len(parts['validation'])} to "
            f"validate on, of {len(media)}; expected some of each",
            source,
        )
    texts = {split: [text_of[medium.name] for medium in part] for split, part in parts.items()}
    seen = splits.seen_in_training(texts, given)
    return parts, {**told, "warnings": [*told.get("warnings", ()), *seen]}
