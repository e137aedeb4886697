"""`universal_dependencies/en_ewt`: English web text with its parts of speech, through TFDS."""

from __future__ import annotations

import functools
import importlib.util
from typing import TYPE_CHECKING

from rnnzoo.data.registry import register_dataset
from rnnzoo.errors import MissingPackage

if TYPE_CHECKING:
    from rnnzoo.data import TaggedData

URL = "https://raw.githubusercontent.com/UniversalDependencies/"
URL += "UD_English-EWT/r2.10/en_ewt-ud-test.conllu"


@register_dataset(
    "universal_dependencies/en_ewt",
    task="sequence-tagging",
    description="English web text, each word with its part of speech",
    extra="tagging",
    license="CC BY-SA 4.0",
    size="17 MB",
    url="https://universaldependencies.org",
    citation="Silveira et al. 2014, A Gold Standard Dependency Corpus for English",
)
def load(name: str) -> TaggedData:
    """Load it as tagged sentences; TFDS downloads it once."""
    from rnnzoo.data.sets.prepare import import_tfds, prepared, read
    from rnnzoo.data.tagged import Tagged, TaggedData

    if importlib.util.find_spec("conllu") is None:
        raise MissingPackage(
            "TensorFlow Datasets reads treebanks with the package conllu", "tagging"
        )
    tfds = import_tfds()
    builder = prepared(functools.partial(tfds.builder, name), URL)
    features = {key: builder.info.features[key] for key in ("tokens", "upos", "head")}
    tag_names = features["upos"].feature.names
    parts = {}
    for split, part in (("train", "train"), ("dev", "validation"), ("test", "test")):
        sentences = []
        for sentence in read(builder, split, tfds.decode.PartialDecoding(features)):
            # Multiword tokens and empty nodes are among them, and have no head.
            words = [
                (token.decode(), tag_names[tag])
                for token, tag, head in zip(*map(sentence.get, features), strict=True)
                if head != b"None"
            ]
            sentences.append(Tagged(*zip(*words, strict=True)))
        parts[part] = tuple(sentences)
    metadata = {"source": builder.info.homepage, "column": "upos"}
    return TaggedData.from_parts(name, parts, metadata)
