"""`digits`: pictures of digits written by hand, 8 x 8 pixels, from scikit-learn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnzoo.data.registry import register_dataset

if TYPE_CHECKING:
    from rnnzoo.data import PictureData

URL = "https://archive.ics.uci.edu/dataset/80"


@register_dataset(
    "digits",
    task="picture-classification",
    description="1,797 drawings of digits, by hand, 8 x 8 pixels, a class each",
    license="CC BY 4.0",
    size="in scikit-learn",
    url=URL,
    citation="Alpaydin & Kaynak 1998, Optical recognition of handwritten digits",
)
def load(name: str) -> PictureData:
    """Load them: ink is light, of 17 shades.

    Who wrote which is not known, so that writers are in several splits; they hold the same share of
    each digit.
    """
    import numpy as np
    from sklearn.datasets import load_digits

    from rnnzoo.data.pictures import PictureData
    from rnnzoo.data.pipelines.splits import by_class
    from rnnzoo.data.series import Examples

    found = load_digits()
    pictures = np.round(found.images * (255 / 16)).astype(np.uint8)[..., None]
    examples = Examples([*pictures], found.target.astype(np.int32))
    rows = by_class(examples.labels, name, validation=0.15, test=0.15)
    parts = {split: examples.at(of_split) for split, of_split in rows.items()}
    return PictureData.from_parts(
        name,
        parts,
        {"source": URL, "license": "CC BY 4.0"},
        classes=tuple(range(10)),
        drawings=True,
    )
