"""cuDNN's LSTM and GRU, which train on a GPU in place of the loop where they compute the same."""

from __future__ import annotations

from typing import Any

from rnnzoo import keras_internals
from rnnzoo.cells import GRUCell, LSTMCell
from rnnzoo.platform import keras, tf

ops = keras.ops


def serves(cell: Any) -> bool:
    """Whether a GPU is visible and cuDNN computes what the cell does.

    It knows the LSTM and GRU with their default activations and a bias. Not in 16 bits: it would
    keep the state in them too, which our loop keeps in 32.
    """
    return (
        type(cell) in (LSTMCell, GRUCell)
        and cell.use_bias
        and cell.activation is keras.activations.tanh
        and cell.recurrent_activation is keras.activations.sigmoid
        and cell.compute_dtype == "float32"
        and bool(tf.config.list_logical_devices("GPU"))
    )


def run(
    cell: LSTMCell | GRUCell, sequences: Any, initial_state: list[Any], reverse: bool = False
) -> tuple[Any, Any, list[Any]]:
    """Outputs, last output and final state: what `rnnzoo.loop.run.run` returns without a mask.

    Raises:
        NotImplementedError: cuDNN can't be called here, as on a CPU beside the GPU.
    """
    lstm = isinstance(cell, LSTMCell)
    call = keras_internals.cudnn_lstm() if lstm else keras_internals.cudnn_gru()
    last_output, outputs, state = call(
        sequences,
        *initial_state,
        None,
        *[ops.convert_to_tensor(w) for w in (cell.kernel, cell.recurrent_kernel, cell.bias)],
        cell.activation,
        cell.recurrent_activation,
        return_sequences=True,
        go_backwards=reverse,
    )
    return outputs, last_output, list(state)
