"""`rnnzoo generate`: text from a trained model."""

from __future__ import annotations

import argparse
import math

from rnnzoo.cli.checks import number
from rnnzoo.cli.models import add_model, load_with, use_endpoints

# Characters, those of prompts too, up to which a plain graph has read and written them before XLA
# has compiled its loop. (By this number alone, so that the same command always does the same.)
_WITHOUT_XLA = 8192


def add(commands: argparse._SubParsersAction) -> None:
    """The arguments of `rnnzoo generate`."""
    parser = commands.add_parser("generate", help="write text with a trained model")
    add_model(parser)
    parser.add_argument("--prompt", action="append", help="the text to go on from; may be repeated")
    count = number(int, "a whole number of at least 0", lambda n: n >= 0)
    positive = number(float, "a number of at least 0", lambda x: 0 <= x < math.inf)
    share = number(float, "more than 0 and at most 1", lambda p: 0 < p <= 1)
    parser.add_argument("--length", type=count, default=200, help="characters to write (200)")
    parser.add_argument(
        "--temperature",
        type=positive,
        default=1.0,
        help="below 1 is safer, 0 takes the likeliest (1)",
    )
    parser.add_argument(
        "--top-k", type=count, default=0, help="draw from the k likeliest characters; 0: all (0)"
    )
    parser.add_argument(
        "--top-p", type=share, default=1.0, help="draw from the likeliest with p in all (1)"
    )
    parser.add_argument("--seed", type=int, default=0, help="same seed, same text (0)")
    parser.add_argument("--stop", action="append", help="end before this text; may be repeated")


def run(arguments: argparse.Namespace) -> None:
    """Print a text for each prompt."""
    model, prompts = load_with("generate", arguments.model), arguments.prompt or [""]
    if len(prompts) * (arguments.length + max(map(len, prompts))) <= _WITHOUT_XLA:
        use_endpoints(model, xla=False)
    texts = model.generate(
        prompts,
        length=arguments.length,
        temperature=arguments.temperature,
        top_k=arguments.top_k,
        top_p=arguments.top_p,
        seed=arguments.seed,
        stop=arguments.stop,
        include_prompt=True,
    )
    print("\n\n".join(texts))
