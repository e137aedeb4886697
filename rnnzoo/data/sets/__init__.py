"""The named data sets, one folder or file each; to import this package registers them all.

A set's ``__init__`` registers it with all that is known of it, and imports nothing heavy: what it
takes to make the data lies beside, and so does its TFDS builder, if TFDS has none.
"""

from rnnzoo.data.sets import (  # noqa: F401
    coco_captions,
    digits,
    emoji_captions,
    emoji_names,
    emoji_scenes,
    emoji_things,
    euro_rates,
    forecasting_competitions,
    humidity,
    memory,
    moving_emoji,
    moving_scenes,
    openmoji_outlines,
    python_lines,
    python_names,
    python_source,
    python_tokens,
    smartwatch_gestures,
    statsmodels_series,
    ted_hrlr_translate,
    tiny_shakespeare,
    ucf101,
    ui_messages,
    universal_dependencies,
    vega_series,
    watch,
)
