"""Generate text from an exported model with nothing but TensorFlow.

    python training_scripts/generate_from_saved_model.py runs/demo/saved_model --prompt "def "

A copy of this file and the SavedModel are all another machine needs: importing keras or rnnzoo is
made impossible below, to show it.
"""

import argparse
import os
import signal
import sys


def import_tensorflow() -> None:
    """Import it without its start-up lines, which it writes straight to file descriptor 2.

    serve_saved_model.py has this function, too: either script works without the other.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    stderr = os.dup(2)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
        try:
            import tensorflow as tf

            tf.config.list_physical_devices()  # the search for a GPU has lines of its own
        except ImportError as error:
            raise SystemExit(f"error: {error}; pip install tensorflow") from None
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)


def in_one_line(error: Exception) -> str:
    """What an error says, without the lines that TensorFlow puts around it."""
    lines = str(error).partition("\n\t [[")[0].strip().splitlines() or [type(error).__name__]
    return lines[-1 if lines[0] == "Graph execution error:" else 0]


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
    import_tensorflow()
    import tensorflow as tf

    try:
        signatures = tf.saved_model.load(arguments.saved_model).signatures
    except Exception as error:  # a damaged one raises nearly anything
        parser.error(f"{arguments.saved_model} can't be loaded: {in_one_line(error)}")
    generate = signatures.get("generate")
    specs = generate.structured_input_signature[1] if generate else {}
    if "prompts" not in specs:
        parser.error(f"{arguments.saved_model} writes no text: it has no `generate` from prompts")
    inputs = {}
    for name, spec in specs.items():
        value = [arguments.prompt] if name == "prompts" else getattr(arguments, name)
        try:
            inputs[name] = tf.constant(value, spec.dtype)
            if spec.dtype.is_integer and int(inputs[name]) != value:
                raise ValueError  # it does not fit, and was cut off without a word
        except ValueError:
            option = name.removesuffix("s").replace("_", "-")
            parser.error(f"--{option} {value}: expected {spec.dtype.name}")
    try:
        answer = generate(**inputs)
    except tf.errors.OpError as error:
        parser.error(in_one_line(error))
    print(arguments.prompt + answer["texts"][0].numpy().decode())


if __name__ == "__main__":
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # who reads may stop early: `| head`
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
