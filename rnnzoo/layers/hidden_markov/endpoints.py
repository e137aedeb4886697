"""What a hidden Markov model answers, as compiled functions that an export holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rnnzoo.platform import tf

if TYPE_CHECKING:
    from rnnzoo.layers.hidden_markov.model import HiddenMarkovModel


def hidden_markov_endpoints(model: HiddenMarkovModel) -> dict[str, Any]:
    """Functions by name; each returns a dict of named tensors.

    ========================  ====================================================================
    serve(x)                  log_prob (batch,), posterior (batch, time, states) and path
                              (batch, time): what `log_prob`, `posterior` and `viterbi` answer
    serve_padded(x, mask)     the same, of the steps where a mask (batch, time) is True
    init(batch_size)          the state before the first step, "h" and "begun"
    step(x, state)            log_probs (batch, states), what `HiddenMarkovModel.call` says of one
                              step x (batch, ...), and the state after it
    ========================  ====================================================================

    Example:
        >>> from rnnzoo.layers import HiddenMarkovModel
        >>> serve = hidden_markov_endpoints(HiddenMarkovModel(states=2, size=3))["serve"]
        >>> serve(tf.constant([[0, 1, 2]]))["path"].shape
        TensorShape([1, 3])
    """
    kind, of_one = model.emissions.entry
    sequences = tf.TensorSpec([None, None, *of_one], kind, "x")
    state_spec = {
        name: tf.TensorSpec([None, *value.shape[1:]], value.dtype, name)
        for name, value in model.initial_state(1).items()
    }

    @tf.function(input_signature=[sequences], autograph=False)
    def serve(x):
        return model.answers(x)

    @tf.function(
        input_signature=[sequences, tf.TensorSpec([None, None], tf.bool, "mask")], autograph=False
    )
    def serve_padded(x, mask):
        return model.answers(x, mask)

    @tf.function(input_signature=[tf.TensorSpec([], tf.int32, "batch_size")], autograph=False)
    def init(batch_size):
        return model.initial_state(batch_size)

    @tf.function(
        input_signature=[tf.TensorSpec([None, *of_one], kind, "x"), state_spec], autograph=False
    )
    def step(x, state):
        log_probs, state = model.step(x, state)
        return {"log_probs": log_probs, **state}

    return {"serve": serve, "serve_padded": serve_padded, "init": init, "step": step}
