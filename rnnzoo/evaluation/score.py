"""A model's answers to a split, measured beside the simple things."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rnnzoo.evaluation.measure import Measure

if TYPE_CHECKING:
    from rnnzoo.baselines.base import Baseline
    from rnnzoo.tasks.feed import Feed


def score(
    feed: Feed, split: str, replies: Any, baselines: Sequence[Baseline] = ()
) -> dict[str, Any]:
    """How good a model's answers are, with intervals of 95 %, and those of baselines.

    Args:
        feed: the data, with the model's preprocessor.
        split: of the feed's data, "train", "validation" or "test".
        replies: of the model, as `Feed.replies` gives them.
        baselines: fitted; they answer the same questions.

    Returns:
        Plain data: ``split``; ``examples``, how many of what ``drawn`` says; ``measures``, by name
        a dict of ``value`` and ``interval``, the first being the one that people use;
        ``baselines``, a list of dicts of ``name``, ``measures`` and ``model_is_better_by``, of the
        first measure, with its ``interval`` over the same draws; and ``odd``, lines on what looks
        odd.
    """
    questions = feed.questions(split)
    answers = feed.answers(replies)
    measures = feed.measures(split, answers)
    beside = []
    for baseline in baselines:
        its = feed.measures(split, baseline.answers(questions))
        by, interval = measures[0].better_than(its[0])
        beside.append(
            {
                "name": baseline.name,
                "measures": _plain(its),
                "model_is_better_by": {"value": _rounded(by), "interval": _both(interval)},
            }
        )
    return {
        "split": split,
        "examples": len(measures[0].statistics),
        "drawn": feed.drawn,
        "measures": _plain(measures),
        "baselines": beside,
        "odd": feed.odd(split, answers),
    }


def lines_of(found: Mapping[str, Any], note: str = "") -> Iterator[str]:
    """What `score` found, for people: each measure, the verdict, and what looks odd.

    Args:
        found: what `score` returned.
        note: on the split, such as "which chose the epoch".
    """
    split = f"{found['split']}, {note}" if note else found["split"]
    yield f"{split}: {found['examples']:,} {found['drawn']}, intervals of 95 %"
    for name, value in found["measures"].items():
        yield f"  {name}: {_shown(value)}"
        for baseline in found["baselines"]:
            yield f"    {baseline['name']}: {_shown(baseline['measures'][name])}"
    if found["baselines"]:
        yield f"  {verdict(found)}"
    elif found.get("without"):
        yield f"  {found['without']}"
    yield from (f"  odd: {line}" for line in found["odd"])


def verdict(found: Mapping[str, Any]) -> str:
    """Whether the model is better than the best of the baselines, in one line."""
    best = min(found["baselines"], key=lambda b: b["model_is_better_by"]["value"])
    by, interval = best["model_is_better_by"].values()
    low, high = interval if by >= 0 else (-interval[1], -interval[0])
    apart = f"by {abs(by):.4g} ({low:.4g} to {high:.4g})"
    if by == 0 == low == high:
        return f"this model is as good as the {best['name']}"
    measure = next(iter(found["measures"]))
    if low <= 0:
        which = "better" if by >= 0 else "worse"
        return (
            f"this model's {measure} can't be told from that of the {best['name']} on so few rows: "
            f"{which} {apart}"
        )
    if by > 0:
        return f"this model has a better {measure} than the {best['name']}: {apart}"
    return (
        f"this model LOSES to the {best['name']} {apart}: take that, or try another model, other "
        "settings or more data"
    )


def _plain(measures: Sequence[Measure]) -> dict[str, Any]:
    return {
        measure.name: {"value": _rounded(measure.value), "interval": _both(measure.interval())}
        for measure in measures
    }


def _rounded(value):
    return round(float(value), 5)


def _both(interval):
    return [_rounded(bound) for bound in interval]


def _shown(measured):
    low, high = measured["interval"]
    return f"{measured['value']:.4g} ({low:.4g} to {high:.4g})"
