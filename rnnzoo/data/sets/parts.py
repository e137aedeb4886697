"""Splits of TFDS data sets, as what ours are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from rnnzoo.data.captions import CaptionData, Captions
from rnnzoo.data.pairs import PairData, Pairs
from rnnzoo.data.pipelines.splits import SPLITS
from rnnzoo.data.sets.openmoji import LICENSE, URL
from rnnzoo.data.sets.prepare import prepared, read


def texts(builder: Any) -> dict[str, str]:
    """The texts of each split, in their order and joined by newlines."""
    return {
        split: "\n".join(example["text"].decode() for example in read(builder, split))
        for split in SPLITS
    }


def captions(examples: Iterable[Mapping[str, Any]], media: str, said: str) -> Captions:
    """Examples with a name; `media` and `said` are the features of what is shown and said."""
    examples = list(examples)
    return Captions(
        [example[media] for example in examples],
        tuple(tuple(caption.decode() for caption in example[said]) for example in examples),
        tuple(example["name"].decode() for example in examples),
    )


def made_scenes(
    name: str, make_builder: Callable[[], Any], media: str, video: bool = False
) -> CaptionData:
    """A data set of scenes that are made, with their sentences.

    Args:
        name: of ours.
        make_builder: as `prepared` takes it.
        media: the feature of what is shown.
        video: whether that is a video.
    """
    builder = prepared(make_builder)
    parts = {
        split: captions(read(builder, split), media, "sentences") for split in builder.info.splits
    }
    return CaptionData.from_parts(name, parts, {"source": URL, "license": LICENSE}, video=video)


def pair_data(name: str, make_builder: Callable[[], Any], url: str | None = None) -> PairData:
    """A data set of translations; pairs of which a side is empty are left out.

    Args:
        name: of ours.
        make_builder, url: as `prepared` takes them.
    """
    builder = prepared(make_builder, url)
    languages = builder.info.supervised_keys
    parts = {}
    for split in SPLITS:
        sides = [tuple(e[key].decode().strip() for key in languages) for e in read(builder, split)]
        parts[split] = Pairs.of(pair for pair in sides if all(pair))
    metadata = {"source": builder.info.homepage, "dataset": builder.info.full_name}
    if license := builder.info.redistribution_info.license:
        metadata["license"] = license
    return PairData.from_parts(name, parts, metadata, languages=languages)
