"""The command line: ``rnnzoo list | info | train | generate | predict | states | export``.

A command is two functions: ``_add_NAME`` declares its arguments and ``_run_NAME`` carries it out,
raising what the library raises. Heavy imports stay inside ``_run_NAME``, so that ``list``, ``info``
and ``--help`` answer at once.
"""

import argparse
import ast
import os
import sys
import warnings
from collections.abc import Sequence

import rnnzoo
from rnnzoo import registry

# What the library raises for a user's mistake; FloatingPointError where a loss diverges.
MISTAKES = (ValueError, TypeError, OSError, FloatingPointError, MemoryError)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code.

    0 on success, 2 after a user's mistake (one line on stderr says which), 130 after Ctrl-C.

    Example:
        >>> main(["list", "no_such_*"])
        2
    """
    parser = _build_parser()
    arguments = parser.parse_args(argv)
    if arguments.command is None:
        parser.print_help(sys.stderr)
        return 2
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _show_warning
            arguments.run(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt as stop:
        if stop.args:
            print(f"rnnzoo {arguments.command}: {_one_line(stop)}", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader (`| head`) has left: nothing more to say, also not at the interpreter's exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except MISTAKES as error:
        if arguments.traceback:
            raise
        print(f"rnnzoo {arguments.command}: error: {_one_line(error)}", file=sys.stderr)
        return 2
    return 0


def _build_parser() -> argparse.ArgumentParser:
    """The parser of all commands; an unusable argument exits with code 2 after one line."""
    parser = _Parser(prog="rnnzoo", description="Recurrent networks: trained, measured, exported.")
    parser.add_argument("--version", action="version", version=f"%(prog)s {rnnzoo.__version__}")
    parser.add_argument(
        "--traceback", action="store_true", help="show where an error was raised (for a bug report)"
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for add_command in (
        _add_list,
        _add_info,
        _add_train,
        _add_generate,
        _add_predict,
        _add_states,
        _add_export,
    ):
        add_command(commands)
    return parser


# --- list -----------------------------------------------------------------------------------------


def _add_list(commands) -> None:
    parser = commands.add_parser("list", help="list the models")
    parser.add_argument("pattern", nargs="?", default="*", help="such as 'char_*' (default: all)")
    parser.add_argument("--task", help="only models of this task, such as text-generation")
    parser.add_argument("--pretrained", action="store_true", help="only those with weights")
    parser.set_defaults(run=_run_list)


def _run_list(arguments: argparse.Namespace) -> None:
    names = registry.list_models(arguments.pattern, arguments.task, arguments.pretrained or None)
    if not names:
        if not registry.list_models():
            raise ValueError(
                "no model is registered, as rnnzoo is not installed: "
                "pip install -e . in its folder brings the zoo"
            )
        task = f" of task {arguments.task!r}" if arguments.task else ""
        weights = " with pretrained weights" if arguments.pretrained else ""
        raise ValueError(
            f"no model{task}{weights} matches {arguments.pattern!r}; `rnnzoo list` shows all"
        )
    rows = [("NAME", "TASK", "PARAMETERS", "PRETRAINED", "DESCRIPTION")]
    for info in map(registry.model_info, names):
        parameters = "" if info.parameters is None else f"{info.parameters:,}"
        pretrained = "yes" if info.weights else ""
        rows.append((info.name, info.task, parameters, pretrained, info.description))
    name, task, size, pretrained, _ = (max(map(len, column)) for column in zip(*rows, strict=True))
    line = f"{{:{name}}}  {{:{task}}}  {{:>{size}}}  {{:{pretrained}}}  {{}}"
    for row in rows:
        print(line.format(*row))


# --- info -----------------------------------------------------------------------------------------


def _add_info(commands) -> None:
    parser = commands.add_parser("info", help="show what is known about a model")
    parser.add_argument("name", metavar="NAME", help="a model's name, as `rnnzoo list` shows it")
    parser.set_defaults(run=_run_info)


def _run_info(arguments: argparse.Namespace) -> None:
    print(registry.model_info(arguments.name))


# --- train ----------------------------------------------------------------------------------------


def _add_train(commands) -> None:
    # Only what is given is passed on: the rest is up to `rnnzoo.train`, or to the run to resume.
    parser = commands.add_parser(
        "train", help="train a model into a run folder", argument_default=argparse.SUPPRESS
    )
    parser.add_argument("model", metavar="NAME", nargs="?", help="the model; see `rnnzoo list`")
    parser.add_argument(
        "--data",
        help="a data set's name, or a path, as the README tells for each task: of a treebank with "
        "its column (bank:xpos), of pairs of sentences pairs.tsv, a.en,a.de or folder:en-de; else "
        "the model's own, see `rnnzoo info NAME`",
    )
    parser.add_argument("--out", help="the run folder (default: runs/NAME)")
    parser.add_argument(
        "--resume", action="store_true", help="go on with the run in --out, or begin it there"
    )
    parser.add_argument("--pretrained", action="store_true", help="start from pretrained weights")
    parser.add_argument(
        "--init-from",
        metavar="MODEL",
        help="start with what another one learned, as far as it fits: a run folder, a .keras file",
    )
    parser.add_argument(
        "--set",
        dest="overrides",
        metavar="KEY=VALUE",
        action="append",
        type=_key_and_value,
        help="a hyperparameter of the model, such as units=512; see `rnnzoo info NAME`",
    )
    for option, kind, text in (
        ("--epochs", int, "passes over the training data (default: 10)"),
        ("--batch-size", int, "examples, or places of a text, side by side (default: 32)"),
        ("--window", int, "time steps a batch is cut to; else the task's, which is 64 for text"),
        ("--learning-rate", float, "AdamW's (default: 0.002)"),
        ("--schedule", str, "of the learning rate, cosine or constant (default: cosine)"),
        ("--warmup", int, "steps in which the learning rate rises (default: 100)"),
        ("--weight-decay", float, "AdamW's, for matrices (default: 0.01)"),
        ("--ema", float, "momentum of averaged weights, such as 0.999 (default: 0.0, off)"),
        ("--seed", int, "of weights, dropout and the order of the data (default: 0)"),
        ("--patience", int, "stop after so many epochs without improvement (default: None)"),
        ("--checkpoint-every", int, "steps between checkpoints (default: 200)"),
    ):
        parser.add_argument(option, type=kind, metavar="X" if kind is float else "N", help=text)
    parser.add_argument("--export", action="store_true", help="write the SavedModel, too")
    parser.add_argument("--tensorboard", action="store_true", help="write TensorBoard logs, too")
    parser.set_defaults(run=_run_train)


def _run_train(arguments: argparse.Namespace) -> None:
    given = vars(arguments)
    given = {key: given[key] for key in given.keys() - {"command", "run", "traceback"}}
    if "overrides" in given:
        given["overrides"] = dict(given["overrides"])
    if "model" in given:
        registry.model_info(given["model"])  # a wrong name is told before TensorFlow is imported
        given.setdefault("out", os.path.join("runs", given["model"]))
    elif not given.get("resume"):
        raise ValueError("NAME is missing: which model? `rnnzoo list` shows all")
    elif "out" not in given:
        raise ValueError("which run is to be resumed? give its folder with --out")

    from rnnzoo import training

    if given.get("resume"):
        begun_with = training.read_settings(given["out"])
        if not begun_with and "model" not in given:
            raise FileNotFoundError(f"{given['out']} holds no run to resume; begin one with a NAME")
        given = {**begun_with, **given}
        if given["model"] is None:
            raise ValueError(
                f"{given['out']} was begun with a model made in Python: resume it there, with "
                "rnnzoo.train(model, ..., resume=True)"
            )
    training.train(**given)


def _key_and_value(text: str) -> tuple:
    key, equals, value = text.partition("=")
    if not (key.isidentifier() and equals):
        raise argparse.ArgumentTypeError(f"{text!r}: expected KEY=VALUE, such as units=512")
    try:
        return key, ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return key, value  # a plain word


# --- generate -------------------------------------------------------------------------------------


def _add_generate(commands) -> None:
    parser = commands.add_parser("generate", help="write text with a trained model")
    _add_model(parser)
    parser.add_argument("--prompt", action="append", help="the text to go on from; may be repeated")
    parser.add_argument("--length", type=int, default=200, help="characters to write (200)")
    parser.add_argument(
        "--temperature", type=float, default=1.0, help="below 1 is safer, 0 takes the likeliest (1)"
    )
    parser.add_argument(
        "--top-k", type=int, default=0, help="draw from the k likeliest characters; 0: all (0)"
    )
    parser.add_argument(
        "--top-p", type=float, default=1.0, help="draw from the likeliest with p in all (1)"
    )
    parser.add_argument("--seed", type=int, default=0, help="same seed, same text (0)")
    parser.add_argument("--stop", action="append", help="end before this text; may be repeated")
    parser.set_defaults(run=_run_generate)


def _run_generate(arguments: argparse.Namespace) -> None:
    texts = _load(arguments.model, "generate").generate(
        arguments.prompt or [""],
        length=arguments.length,
        temperature=arguments.temperature,
        top_k=arguments.top_k,
        top_p=arguments.top_p,
        seed=arguments.seed,
        stop=arguments.stop,
        include_prompt=True,
    )
    print("\n\n".join(texts))


# --- predict --------------------------------------------------------------------------------------


def _add_predict(commands) -> None:
    parser = commands.add_parser(
        "predict", help="classify recordings, tag or translate text, caption pictures or videos"
    )
    _add_model(parser)
    parser.add_argument(
        "files",
        metavar="FILE",
        nargs="+",
        help="to classify: .npz, .npy or .csv; to tag: text, a sentence a line where words are "
        "tagged, - for the standard input; to caption: a picture, a video, a folder of frames; to "
        "translate: text, a sentence a line, - for the standard input, or a sentence itself",
    )
    parser.set_defaults(run=_run_predict)


def _run_predict(arguments: argparse.Namespace) -> None:
    model = _load(arguments.model, "answer_lines")
    for file in arguments.files:
        for line in model.answer_lines(file, color=sys.stdout.isatty()):
            print(line)


# --- states ---------------------------------------------------------------------------------------


def _add_states(commands) -> None:
    parser = commands.add_parser(
        "states", help="draw what a translator keeps of sentences, in two dimensions"
    )
    _add_model(parser)
    parser.add_argument(
        "file", metavar="FILE", help="a sentence a line, or GROUP<TAB>sentence to colour them"
    )
    parser.add_argument("--out", default="states.png", help="the picture (states.png)")
    parser.set_defaults(run=_run_states)


def _run_states(arguments: argparse.Namespace) -> None:
    from pathlib import Path

    from rnnzoo.tasks.encoder_decoder.translation.states import draw_states, read_groups

    sentences, groups = read_groups(Path(arguments.file))
    model = _load(arguments.model, "states")
    Path(arguments.out).absolute().parent.mkdir(parents=True, exist_ok=True)
    _, shares = draw_states(model, sentences, Path(arguments.out), groups)
    print(f"{arguments.out}: {len(sentences)} states, {sum(shares):.0%} of their variance is seen")


# --- export ---------------------------------------------------------------------------------------


def _add_export(commands) -> None:
    parser = commands.add_parser("export", help="write a trained model as a SavedModel")
    _add_model(parser)
    parser.add_argument("folder", metavar="FOLDER", help="where the SavedModel is written")
    parser.add_argument(
        "--no-xla",
        dest="xla",
        action="store_false",
        help="write plain graphs, which TensorFlow Serving takes as it comes: slower generation",
    )
    parser.set_defaults(run=_run_export)


def _run_export(arguments: argparse.Namespace) -> None:
    print(_load(arguments.model, "make_endpoints").export(arguments.folder, xla=arguments.xla))


def _add_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "model", metavar="MODEL", help="a run folder, a .keras file, or a pretrained model's name"
    )


def _load(where: str, method: str):
    """A model that has a method."""
    from rnnzoo.training import load_model

    model = load_model(where)
    if not hasattr(model, method):
        kind = type(model).__name__
        others = {
            "generate": "writes no text",
            "answer_lines": "classifies, tags, captions and translates nothing",
            "states": "translates nothing",
        }
        raise ValueError(
            f"{where} holds a {kind}, which {others.get(method, 'is no task of rnnzoo')}"
        )
    return model


# --- how things are said --------------------------------------------------------------------------


class _Parser(argparse.ArgumentParser):
    """Says a mistake in one line, without the usage before it."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, allow_abbrev=False, **kwargs)

    def error(self, message):
        self.exit(2, f"{self.prog}: error: {message} (see {self.prog} --help)\n")


def _one_line(error: BaseException) -> str:
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.filename}: {error.strerror}"
    return " ".join(str(error).split()) or type(error).__name__


def _show_warning(message, category, filename, lineno, file=None, line=None) -> None:
    print(f"rnnzoo: warning: {_one_line(message)}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
