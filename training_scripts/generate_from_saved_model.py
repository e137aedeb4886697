"""Generate text from an exported model with nothing but TensorFlow.

    python training_scripts/generate_from_saved_model.py runs/demo/saved_model --prompt "def "

A copy of this file and the SavedModel are all another machine needs: importing keras or rnnzoo is
made impossible below, to show it.
"""

import argparse
import os
import sys
from types import ModuleType


def import_tensorflow() -> ModuleType:
    """TensorFlow without its start-up lines, which it writes straight to file descriptor 2."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    stderr = os.dup(2)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
        try:
            import tensorflow as tf

            tf.config.list_physical_devices()  # the search for a GPU has lines of its own
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
    return tf


def main() -> None:
    """Load the SavedModel, call its `generate` endpoint, print the prompt and what follows it."""
    parser = argparse.ArgumentParser(description="Generate text from an exported model.")
    parser.add_argument("saved_model", help="the folder that `rnnzoo export` wrote")
    parser.add_argument("--prompt", default="", help="the text to go on from")
    parser.add_argument("--length", type=int, default=200, help="characters to write")
    parser.add_argument("--temperature", type=float, default=1.0, help="0 takes the likeliest")
    parser.add_argument("--top-k", type=int, default=0, help="draw from the k likeliest; 0: all")
    parser.add_argument(
        "--top-p", type=float, default=1.0, help="draw from the likeliest with p in all"
    )
    parser.add_argument("--seed", type=int, default=0, help="same seed, same text")
    arguments = parser.parse_args()
    if not os.path.isfile(os.path.join(arguments.saved_model, "saved_model.pb")):
        parser.error(f"{arguments.saved_model} is not a SavedModel: it holds no saved_model.pb")

    sys.modules["keras"] = sys.modules["rnnzoo"] = None  # from here on, importing either fails
    tf = import_tensorflow()
    generate = tf.saved_model.load(arguments.saved_model).signatures["generate"]
    answer = generate(
        prompts=tf.constant([arguments.prompt]),
        length=tf.constant(arguments.length),
        temperature=tf.constant(arguments.temperature),
        top_k=tf.constant(arguments.top_k),
        top_p=tf.constant(arguments.top_p),
        seed=tf.constant(arguments.seed, tf.int64),
    )
    print(arguments.prompt + answer["texts"][0].numpy().decode())


if __name__ == "__main__":
    main()
