"""The recurrent part of a task: a stack that streams, or a layer that looks both ways."""

from rnnzoo.layers import RecurrentStack


def streams(recurrent) -> bool:
    """Whether it can go step by step, as only what reads in one direction can."""
    return isinstance(recurrent, RecurrentStack)


def output_size(recurrent, input_size: int) -> int:
    """The length of its output at each step."""
    if streams(recurrent):
        return recurrent.layers[-1].cell.output_size
    return recurrent.compute_output_shape((None, 1, input_size))[-1]


def outputs_of(recurrent, x, mask=None, training=False):
    """Its outputs for x (batch, time, input_size), from the zero state."""
    outputs = recurrent(x, mask=mask, training=training)
    return outputs[0] if streams(recurrent) else outputs
