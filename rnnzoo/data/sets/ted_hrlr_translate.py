"""`ted_hrlr_translate`: talks cut into sentences and these into words, through TFDS.

Each pair of languages is a data set of its own, in its own splits.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from rnnzoo.data.registry import register_dataset

if TYPE_CHECKING:
    from rnnzoo.data import PairData

URL = "http://www.phontron.com/data/qi18naacl-dataset.tar.gz"
# As TFDS names them: source_to_target.
LANGUAGES = (
    "az_to_en", "aztr_to_en", "be_to_en", "beru_to_en", "es_to_pt", "fr_to_pt", "gl_to_en",
    "glpt_to_en", "he_to_pt", "it_to_pt", "pt_to_en", "ru_to_en", "ru_to_pt", "tr_to_en",
)  # fmt: skip


def load(name: str) -> PairData:
    """Load one as pairs; TFDS downloads all of them once."""
    from rnnzoo.data.sets.parts import pair_data
    from rnnzoo.data.sets.prepare import import_tfds

    return pair_data(name, functools.partial(import_tfds().builder, name), URL)


for languages in LANGUAGES:
    register_dataset(
        f"ted_hrlr_translate/{languages}",
        task="translation",
        description=f"sentences of TED talks, cut into words, {languages.replace('_', ' ')}",
        license="CC BY-NC-ND 4.0 (TED's talks)",
        size="131 MB",
        url="https://github.com/neulab/word-embeddings-for-nmt",
        citation="Qi et al. 2018, When and Why Are Pre-Trained Word Embeddings Useful for Neural "
        "Machine Translation?",
    )(load)
