import platform

import tensorflow_datasets as tfds

from rnnzoo.data.sets.python_source import files
from rnnzoo.data.sets.python_source.builder import PythonSource
from rnnzoo.platform import tf


def test_it_is_a_tfds_data_set_in_list_order(data_dir):
    tfds.disable_progress_bar()
    dataset, info = tfds.load("python_source", split="test", with_info=True)
    assert dataset.element_spec == {
        "name": tf.TensorSpec((), tf.string),
        "text": tf.TensorSpec((), tf.string),
    }
    rows = [(row["name"].decode(), row["text"].decode()) for row in tfds.as_numpy(dataset)]
    assert rows == list(files.read_files("test").items())
    assert {split: part.num_examples for split, part in info.splits.items()} == {
        split: len(names) for split, names in files.FILES.items()
    }


def test_another_python_s_text_is_never_taken_for_this_one_s(data_dir):
    path = PythonSource().data_path.as_posix()
    assert f"/{platform.python_version()}-{files.digest()[:12]}/" in path
