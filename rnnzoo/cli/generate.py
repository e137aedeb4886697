"""`rnnzoo generate`: text from a trained model."""

from __future__ import annotations

import argparse

from rnnzoo.cli.models import add_model, load_with


def add(commands: argparse._SubParsersAction) -> None:
    """The arguments of `rnnzoo generate`."""
    parser = commands.add_parser("generate", help="write text with a trained model")
    add_model(parser)
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


def run(arguments: argparse.Namespace) -> None:
    """Print a text for each prompt."""
    texts = load_with("generate", arguments.model).generate(
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
