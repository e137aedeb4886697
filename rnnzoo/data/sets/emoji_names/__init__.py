"""`emoji_names`: what emoji are called, in English and one of 13 other languages.

Split by what they show. Nothing is downloaded. `names` has them from the package emoji, which has
them from Unicode's CLDR; `builder` is the TFDS builder.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from rnnzoo.data.registry import register_dataset
from rnnzoo.data.sets import emoji_captions

if TYPE_CHECKING:
    from rnnzoo.data import PairData

# The first one unless another is asked for.
LANGUAGES = ("de", *(code for code in emoji_captions.LANGUAGES if code not in ("en", "de")))
LICENSE = "Unicode-3.0 (CLDR's names of emoji)"
URL = "https://cldr.unicode.org"


@register_dataset(
    "emoji_names",
    task="translation",
    description="what emoji are called, in English and in German or another language",
    extra="translation",
    license=LICENSE,
    size="made here",
    url=URL,
    variants=LANGUAGES[1:],
)
def load(name: str) -> PairData:
    """Load it as pairs of names."""
    from rnnzoo.data.sets.emoji_names import names
    from rnnzoo.data.sets.parts import pair_data
    from rnnzoo.data.sets.prepare import import_tfds

    names.check_packages()
    import_tfds()
    from rnnzoo.data.sets.emoji_names.builder import EmojiNames

    language = name.partition("/")[2] or LANGUAGES[0]
    return pair_data(name, functools.partial(EmojiNames, config=names.config(language)))
