"""cuDNN's LSTM and GRU, which train on a GPU in place of the loop where they compute the same."""

# Keras has no public name for its call of cuDNN, which brings the weights into cuDNN's order.
from keras.src import backend as keras_backend

from rnnzoo.cells import GRUCell, LSTMCell
from rnnzoo.platform import keras, tf

ops = keras.ops


def serves(cell) -> bool:
    """Whether a GPU is visible and cuDNN computes what the cell does.

    It knows the LSTM and GRU with their default activations and a bias, in 16 or 32 bits.
    """
    return (
        type(cell) in (LSTMCell, GRUCell)
        and cell.use_bias
        and cell.activation is keras.activations.tanh
        and cell.recurrent_activation is keras.activations.sigmoid
        and cell.compute_dtype in ("float16", "float32")
        and bool(tf.config.list_logical_devices("GPU"))
    )


def run(cell, sequences, initial_state, reverse=False):
    """Outputs, last output and final state: what `rnnzoo.recurrence.run` returns without a mask."""
    dtype = cell.compute_dtype
    of_cell = [ops.cast(w, dtype) for w in (cell.kernel, cell.recurrent_kernel, cell.bias)]
    call = keras_backend.lstm if isinstance(cell, LSTMCell) else keras_backend.gru
    last_output, outputs, state = call(
        ops.cast(sequences, dtype),
        *[ops.cast(s, dtype) for s in initial_state],
        None,
        *of_cell,
        cell.activation,
        cell.recurrent_activation,
        return_sequences=True,
        go_backwards=reverse,
    )
    return outputs, last_output, [ops.cast(s, cell.state_dtype) for s in state]
