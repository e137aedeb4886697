"""A task as a SavedModel: everything it needs to answer is inside, no Python package of ours."""

import os
import shutil
import tempfile
from pathlib import Path

from rnnzoo.platform import tf


def export(model, folder):
    """Write a task's endpoints and weights as a SavedModel.

    What is written loads with plain `tf.saved_model.load`, where neither keras nor rnnzoo is
    installed, and with TensorFlow Serving. Each endpoint is there twice: as a function,
    ``loaded.generate(...)``, and as a signature of named tensors,
    ``loaded.signatures["generate"]``; ``serving_default`` is `serve`. The weights are stored once.

    Args:
        model: a task with a dict `endpoints` of functions, such as `TextGenerator.endpoints`.
        folder: where to write; what an earlier export left there is replaced.

    Returns:
        The folder as a Path.

    Raises:
        TypeError: the model has no endpoints.
        FileExistsError: the folder holds something else than a SavedModel.

    Example::

        rnnzoo.export(model, "saved_model")
        loaded = tf.saved_model.load("saved_model")
        loaded.generate(tf.constant(["def "]), length=80, temperature=0.8)["texts"]
    """
    endpoints = getattr(model, "endpoints", None)
    if not isinstance(endpoints, dict):
        raise TypeError(
            f"{type(model).__name__} has no endpoints to export; expected a task such as a "
            "TextGenerator (a plain Keras model has model.export)."
        )
    folder = Path(folder)
    replaceable = folder.is_dir() and (
        (folder / "saved_model.pb").is_file() or not any(folder.iterdir())
    )
    if folder.exists() and not replaceable:
        raise FileExistsError(
            f"{folder} exists and is no SavedModel; choose another folder or remove it."
        )
    module = tf.Module()
    module.weights = model.weights
    for name, function in endpoints.items():
        setattr(module, name, function)
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Written beside and renamed: a reader sees the old export or the new one, never half of one.
    beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        tf.saved_model.save(
            module,
            beside / "new",
            signatures={**endpoints, "serving_default": endpoints["serve"]},
        )
        if folder.exists():
            os.replace(folder, beside / "old")
        os.replace(beside / "new", folder)
    finally:
        shutil.rmtree(beside)
    return folder
