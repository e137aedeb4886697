"""From sources to batches: data sets by name or path, and tf.data pipelines over them.

`registry` is the table of data sets, `sets` holds ours, and `readers` read a user's files. What
`load_text` and its likes return, `pipelines` make batches of. Each name below is imported when it
is first used, so that listing data sets imports no TensorFlow.
"""

from rnnzoo.lazy import lazy

_EXPORTS = {
    "DatasetInfo": "rnnzoo.data.registry",
    "dataset_info": "rnnzoo.data.registry",
    "list_datasets": "rnnzoo.data.registry",
    "load_dataset": "rnnzoo.data.registry",
    "register_dataset": "rnnzoo.data.registry",
    "Data": "rnnzoo.data.base",
    "Reading": "rnnzoo.data.reading",
    "describe": "rnnzoo.data.describing",
    "task_of": "rnnzoo.data.sniffing",
    "Documents": "rnnzoo.data.documents",
    "Text": "rnnzoo.data.text",
    "load_text": "rnnzoo.data.text",
    "Names": "rnnzoo.data.names",
    "load_names": "rnnzoo.data.names",
    "Examples": "rnnzoo.data.series",
    "Series": "rnnzoo.data.series",
    "load_series": "rnnzoo.data.series",
    "load_regression": "rnnzoo.data.regression",
    "Tagged": "rnnzoo.data.tagged",
    "TaggedData": "rnnzoo.data.tagged",
    "load_tagged": "rnnzoo.data.tagged",
    "pieces": "rnnzoo.data.tagged",
    "Line": "rnnzoo.data.forecasting.panel",
    "Panel": "rnnzoo.data.forecasting.panel",
    "load_panel": "rnnzoo.data.forecasting.loading",
    "PairData": "rnnzoo.data.pairs",
    "Pairs": "rnnzoo.data.pairs",
    "load_pairs": "rnnzoo.data.pairs",
    "CaptionData": "rnnzoo.data.captions",
    "Captions": "rnnzoo.data.captions",
    "load_captions": "rnnzoo.data.captions",
    "PictureData": "rnnzoo.data.pictures",
    "load_pictures": "rnnzoo.data.pictures",
    "read_given": "rnnzoo.data.readers.given",
    "given_words": "rnnzoo.data.readers.given",
    "given_sources": "rnnzoo.data.readers.given",
    "read_tagged": "rnnzoo.data.readers.tagged",
    "Lines": "rnnzoo.data.readers.opening",
    "read_text": "rnnzoo.data.readers.opening",
    "read_texts": "rnnzoo.data.readers.text",
    "read_media": "rnnzoo.data.readers.media",
    "read_pairs": "rnnzoo.data.readers.pairs",
    "Recordings": "rnnzoo.data.readers.tables.recordings",
    "read_recordings": "rnnzoo.data.readers.series",
    "python_tags": "rnnzoo.data.sets.python_tokens.roles",
    "DocumentWindows": "rnnzoo.data.pipelines.documents",
    "contiguous": "rnnzoo.data.pipelines.text",
    "in_order": "rnnzoo.data.pipelines.text",
    "shuffled_windows": "rnnzoo.data.pipelines.text",
    "steps_per_epoch": "rnnzoo.data.pipelines.text",
    "sequences_per_epoch": "rnnzoo.data.pipelines.sequences",
    "shuffled_rows": "rnnzoo.data.pipelines.sequences",
    "Windows": "rnnzoo.data.pipelines.windows",
    "examples_in_order": "rnnzoo.data.pipelines.windows",
    "examples_per_epoch": "rnnzoo.data.pipelines.windows",
    "ChannelStatistics": "rnnzoo.data.pipelines.windows",
    "channel_statistics": "rnnzoo.data.pipelines.windows",
    "Past": "rnnzoo.data.pipelines.windows",
    "shuffled_examples": "rnnzoo.data.pipelines.windows",
}

__all__ = sorted(_EXPORTS)
__getattr__, __dir__ = lazy(__name__, _EXPORTS)
