"""One step of a character LSTM in Keras alone: what generation.py and streaming.py compare with."""

from rnnzoo.platform import keras, tf


def keras_steppers(model, head) -> dict:
    """By name, ways to take a step of a Keras model with the weights of ``model``.

    Args:
        model: a `TextGenerator` of one LSTM layer.
        head: what is wanted of the logits, a function of Keras operations.

    Returns:
        functions of ids and state (a list of two arrays or tensors) that return the head's output
        and the new state: ``predict`` of the Keras model, and the same model called in a
        `tf.function`, without and with XLA.
    """
    (layer,) = model.recurrent.layers
    ids = keras.Input((1,), dtype="int32")
    state = [keras.Input((layer.units,)) for _ in range(2)]
    embedding = keras.layers.Embedding(model.vocabulary.size, model.embedding_size)
    # Unrolled, as there is only one step: a loop around it takes longer.
    lstm = keras.layers.LSTM(layer.units, return_state=True, unroll=True)
    output = keras.layers.Dense(model.vocabulary.size)
    h, *new_state = lstm(embedding(ids), initial_state=state)
    stepper = keras.Model([ids, *state], [head(output(h)), *new_state])
    for ours, theirs in ((model.embedding, embedding), (layer, lstm), (model.output_layer, output)):
        theirs.set_weights(ours.get_weights())

    def call(ids, state):
        return stepper([ids[:, None], *state])

    return {
        "keras, predict": lambda ids, state: stepper.predict([ids[:, None], *state], verbose=0),
        "keras, tf.function": tf.function(call, autograph=False),
        "keras, XLA": tf.function(call, autograph=False, jit_compile=True),
    }
