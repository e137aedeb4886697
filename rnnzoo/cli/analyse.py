"""`rnnzoo analyse`: what a trained model's recurrent layers remember, as pictures."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from rnnzoo.cli.checks import must_exist, number
from rnnzoo.cli.models import add_model
from rnnzoo.cli.reader_options import add_reader_options, take_reader_options
from rnnzoo.errors import WrongValue

# More than these characters make a page too long to look at.
CHARACTERS = 4000


def add(commands: argparse._SubParsersAction) -> None:
    """The arguments of `rnnzoo analyse`."""
    parser = commands.add_parser(
        "analyse", help="draw what a model's recurrent layers remember, and how far back"
    )
    add_model(parser)
    what = parser.add_argument_group("what to draw", "default: the gradients")
    what.add_argument(
        "--gradient-flow",
        action="store_true",
        help="how the loss of the last step depends on each step before, and how far back the "
        "gradient of the weights comes from",
    )
    what.add_argument("--gates", action="store_true", help="what gates let through")
    what.add_argument(
        "--states", action="store_true", help="all states in two dimensions, and one example's"
    )
    what.add_argument(
        "--text",
        metavar="FILE",
        help="of a model of characters: a unit along this text, in colours, as a page (HTML) and "
        f"in the terminal; its first {CHARACTERS:,} characters",
    )
    whole = number(int, "a whole number of at least 0", lambda n: n >= 0)
    several = number(int, "a whole number of at least 1", lambda n: n >= 1)
    parser.add_argument(
        "--unit", type=whole, metavar="N", help="for --text (default: the one that tracks best)"
    )
    parser.add_argument(
        "--data", help="as `rnnzoo train` takes it (default: what the model was trained on)"
    )
    parser.add_argument(
        "--split", choices=("train", "validation", "test", "all"), help="default: as for evaluate"
    )
    parser.add_argument("--layer", metavar="NAME", help="one layer (default: all recurrent ones)")
    parser.add_argument(
        "--rows", type=several, default=32, metavar="N", help="examples for --gates and --states"
    )
    parser.add_argument(
        "--window", type=several, metavar="N", help="time steps that examples are cut to"
    )
    parser.add_argument(
        "--out", default="analysis", metavar="FOLDER", help="for the pictures (analysis)"
    )
    add_reader_options(parser, otherwise="what isn't given is read as the run was, or found out")


def run(arguments: argparse.Namespace) -> None:
    """Draw, and say what is to be seen."""
    if arguments.text is not None:
        must_exist(arguments.text)
    if arguments.unit is not None and arguments.text is None:
        raise WrongValue("--unit is the one to be drawn along a text: give --text FILE, too")
    from rnnzoo.analysis import recurrent_layers
    from rnnzoo.evaluation.evaluate import asked, feed_of, held_out_of

    out = Path(arguments.out)
    of_data = arguments.gates or arguments.states or arguments.gradient_flow
    reading = take_reader_options(vars(arguments))
    question = asked(
        arguments.model,
        arguments.data or ("" if arguments.text and not of_data else None),
        reading,
    )
    task, data = question.task, question.data
    recurrent_layers(task, arguments.layer)  # which there must be
    out.mkdir(parents=True, exist_ok=True)
    if arguments.text is not None:
        _along_text(arguments, task, out, reading.get("encoding"))
        if not of_data:
            return
    split = question.split(arguments.split)
    feed = feed_of(task, data, split, question.reading, arguments.window)
    of_split = held_out_of(feed, split)
    batches, where = feed.evaluation(of_split), f"{arguments.model} on {data}, {of_split}"
    if arguments.gradient_flow or not of_data:
        _gradients(arguments, task, batches, out, where)
    if arguments.gates or arguments.states:
        _states(arguments, task, batches, out, where)


def _gradients(arguments, task, batches, out, where):
    """How far back gradients reach."""
    from rnnzoo.analysis import gradient_by_span, gradient_flow
    from rnnzoo.analysis.pictures import draw_gradient_by_span, draw_gradient_flow

    flows = gradient_flow(task, batches, arguments.layer)
    for name, flow in flows.items():
        if not len(flow.norms):
            print(f"{name}: the loss doesn't depend on its states")
            continue
        typical = flow.typical
        back = sorted({d for d in (1, 10, 100, 1000, len(typical) - 1) if 0 < d < len(typical)})
        left = [f"{typical[d]:.2g} after {d:,} step{'s' * (d > 1)}" for d in back]
        direct = "; what is above reads earlier outputs, too" if flow.direct else ""
        print(f"{name}: of the gradient by the last state there is left {', '.join(left)}{direct}")
    draw_gradient_flow(flows, out / "gradient_flow.png", where)
    draw_gradient_by_span(
        gradient_by_span(task, batches, arguments.layer), out / "gradient_by_span.png", where
    )
    print(out / "gradient_flow.png", out / "gradient_by_span.png", sep="\n")


def _states(arguments, task, batches, out, where):
    """What states and gates do."""
    from rnnzoo.analysis import hidden_states
    from rnnzoo.analysis.pictures import draw_gates, draw_states

    found = hidden_states(task, batches, arguments.layer, rows=arguments.rows)
    for name, of_layer in found.items():
        file = name.replace("/", "_").replace(" #", "_")
        heading = f"{name} of {where}"
        if arguments.gates and not of_layer.gates:
            print(f"{name}: the cell has no gates, or says nothing of them")
        elif arguments.gates:
            print(_drawn(draw_gates, of_layer, out / f"gates_{file}.png", heading))
        if arguments.states:
            print(_drawn(draw_states, of_layer, out / f"states_{file}.png", heading))


def _drawn(draw: Any, of_layer: Any, path: Path, heading: str) -> Path:
    draw(of_layer, path, heading)
    return path


def _along_text(arguments, task, out, encoding):
    """A unit along a text, and what it tracks."""
    from rnnzoo.analysis import text_activity
    from rnnzoo.data.readers.text import read_texts

    text, _ = read_texts(arguments.text, encoding, plain=True)
    if len(text) > CHARACTERS:
        print(f"{arguments.text}: the first {CHARACTERS:,} of {len(text):,} characters")
    activity = text_activity(task, text[:CHARACTERS], arguments.layer)
    tracks, unit = activity.tracks, arguments.unit
    if unit is None:
        unit = max(tracks.values(), key=lambda found: abs(found[1]))[0] if tracks else 0
    shown = activity.html(unit, f"{activity.layer}, unit {unit}: {arguments.text}")
    for what, (best, r) in sorted(tracks.items(), key=lambda item: -abs(item[1][1])):
        print(f"{what}: unit {best} of {activity.layer}, correlation {r:+.2f}")
    page = out / f"unit_{unit}.html"
    page.write_text(shown, encoding="utf-8")
    if sys.stdout.isatty():
        print(activity.terminal(unit))
    print(page)
