"""Every private name of Keras that rnnzoo uses, each behind a small function.

All were checked with Keras 3.15.1. A next version may move or drop any of them: then this file
alone has to change, and each function says how. `make test-nightly` tries them with the Keras of
last night.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from rnnzoo.platform import keras


def autocast_scope(dtype: str) -> AbstractContextManager:
    """The scope in which a layer's weights read as this dtype, as within the layer's ``__call__``.

    Why: the loop reads weights, and its gradient function runs, outside of any ``__call__``.
    Private: ``keras.src.backend.common.variables.AutocastScope``.
    When it goes: cast in `rnnzoo.loop.weights.cell_weights` instead, each variable but those made
    with ``autocast=False``.
    """
    return keras.src.backend.common.variables.AutocastScope(dtype)


def cudnn_lstm() -> Callable:
    """Keras's call of cuDNN's LSTM, which brings the weights into cuDNN's order.

    Why: `rnnzoo.layers.cudnn` trains through it on a GPU, with the weights of our own layer.
    Private: ``lstm`` in ``keras.src.backend.tensorflow.rnn``.
    When it goes: write the weights into one vector by ``tf.raw_ops.CudnnRNNV3``'s rules, which
    tests/layers/test_cudnn.py spells out; or let `rnnzoo.layers.cudnn.serves` return False, and all
    training runs in the loop.
    """
    from keras.src.backend.tensorflow.rnn import lstm

    return lstm


def cudnn_gru() -> Callable:
    """Keras's call of cuDNN's GRU; all that is said of `cudnn_lstm` holds for it."""
    from keras.src.backend.tensorflow.rnn import gru

    return gru


def untrack(layer: keras.layers.Layer, value: Any) -> None:
    """Let a layer or model forget a sublayer or variable that it had as an attribute.

    Why: a built model whose vocabulary or classes change makes some layers anew, and would go on
    counting, saving and training the weights of the old ones.
    Private: ``layer._tracker``, a ``keras.src.utils.tracking.Tracker``.
    When it goes: make a new model from the old one's config, and carry over the weights of the
    layers that stay.
    """
    layer._tracker.untrack(value)


def all_layers(layer: keras.layers.Layer) -> list[keras.layers.Layer]:
    """A layer or model, and the layers in it, at every depth.

    Why: batch normalization may be anywhere in an encoder, and must know of several replicas.
    Private: ``layer._flatten_layers``.
    When it goes: walk through ``layer.layers`` and the layers among each one's attributes.
    """
    return list(layer._flatten_layers())


def mask_of(tensor: Any) -> Any:
    """The mask (batch, time) that Keras's layers handed on with a tensor; None without one.

    Why: what a model answers at padding has no part in Keras's own loss, nor in `rnnzoo.analysis`.
    Private: ``keras.src.backend.common.masking.get_keras_mask``.
    When it goes: give the analysis weights that are 0 at padding.
    """
    return keras.src.backend.common.masking.get_keras_mask(tensor)


class MadeBefore:
    """A model of which all is made before Keras's fit and evaluate, which then try no batch.

    Why: under a distribution strategy Keras takes the mean of the replicas' batches, to build the
    model by it, and fails where they are of different shapes.
    Private: ``Trainer._maybe_symbolic_build``.
    When it goes: it is no longer called, or no longer needed; drop this class.
    """

    def _maybe_symbolic_build(self, *args: Any, **kwargs: Any) -> None:
        """Build nothing."""
