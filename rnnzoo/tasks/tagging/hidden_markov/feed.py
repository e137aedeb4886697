"""Tagged sequences that are counted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rnnzoo import data
from rnnzoo.errors import WrongValue
from rnnzoo.tasks.tagging.feed import TaggedFeed
from rnnzoo.tasks.tagging.hidden_markov.preprocessor import CountingPreprocessor


class CountedFeed(TaggedFeed):
    """What a tagger counts; weights are for what is measured, as each element is counted once.

    Raises:
        ValueError: there are weights in training.
    """

    def __init__(
        self,
        tagged: data.TaggedData,
        preprocessor: CountingPreprocessor,
        *sizes: Any,
        sample_weight: Mapping[str, Any] | None = None,
        class_weight: Any = None,
        **how: Any,
    ):
        weighs = {"class_weight": class_weight, "sample_weight": (sample_weight or {}).get("train")}
        if given := [name for name, weights in weighs.items() if weights is not None]:
            raise WrongValue(
                f"{' and '.join(given)}: this tagger counts each element of training once; leave "
                "it out, or take a tagger that is trained in steps, such as tagger_bilstm"
            )
        super().__init__(tagged, preprocessor, *sizes, sample_weight=sample_weight, **how)
