"""Units of a language model along a text, and what they track."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from rnnzoo.analysis.watching import recurrent_layers, watching
from rnnzoo.errors import WrongType, WrongValue
from rnnzoo.layers import Recurrent
from rnnzoo.platform import tf
from rnnzoo.tasks.text.model import CharacterModel

# From -1 to 1: blue, white, orange, which are told apart by eyes that don't tell red from green.
BLUE, ORANGE = (33, 102, 172), (230, 97, 1)
_OPENS, _CLOSES = "([{", ")]}"


def place_in_line(text: str) -> np.ndarray:
    r"""Of each character how many of its line come before it.

    >>> place_in_line("ab\nc").tolist()
    [0, 1, 2, 0]
    """
    places, start = [], 0
    for at, character in enumerate(text):
        places.append(at - start)
        if character == "\n":
            start = at + 1
    return np.array(places)


def in_quotes(text: str) -> np.ndarray:
    """1 from behind a double quote up to the next one, else 0; a blank line ends it, too.

    >>> in_quotes('a "b" c').tolist()
    [0, 0, 1, 1, 0, 0, 0]
    """
    inside, found = 0, []
    for at, character in enumerate(text):
        if character in '"\u201c\u201d':
            inside = int(character == "\u201c") if character != '"' else 1 - inside
        elif text[at - 1 : at + 1] == "\n\n":
            inside = 0
        found.append(inside)
    return np.array(found)


def depth_of_brackets(text: str) -> np.ndarray:
    """How many brackets are open behind each character.

    >>> depth_of_brackets("f(x[0])").tolist()
    [0, 1, 1, 2, 2, 1, 0]
    """
    steps = [(c in _OPENS) - (c in _CLOSES) for c in text]
    return np.maximum(np.cumsum(steps), 0)


def indentation(text: str) -> np.ndarray:
    r"""Of each character the blanks that its line begins with.

    >>> indentation("a\n  b").tolist()
    [0, 0, 2, 2, 2]
    """
    return np.concatenate(
        [np.zeros(0, int)]
        + [np.full(len(line), len(line) - len(line.lstrip(" "))) for line in text.splitlines(True)]
    )


def place_in_word(text: str) -> np.ndarray:
    """Of each character how many of its word come before it; 0 between words.

    >>> place_in_word("ab c").tolist()
    [0, 1, 0, 0]
    """
    places, place = [], 0
    for character in text:
        places.append(place if character.isalnum() else 0)
        place = place + 1 if character.isalnum() else 0
    return np.array(places)


# What may be tracked of a text, behind each of its characters.
TRACKED: dict[str, Callable[[str], np.ndarray]] = {
    "place in the line": place_in_line,
    "inside quotes": in_quotes,
    "depth of brackets": depth_of_brackets,
    "indentation": indentation,
    "place in the word": place_in_word,
}


@dataclass(frozen=True, eq=False)
class TextActivity:
    """The hidden states of a language model behind each character of a text."""

    text: str = field(repr=False)
    layer: str
    states: np.ndarray = field(repr=False)
    """(characters, units)."""

    @property
    def tracks(self) -> dict[str, tuple[int, float]]:
        """Of what the text has, the unit that follows it best, and their correlation.

        The best of many units has some correlation with anything: believe in large ones.
        """
        found = {}
        units = self.states - self.states.mean(axis=0)
        spread = np.sqrt((units**2).sum(axis=0))
        for name, of_text in TRACKED.items():
            wanted = of_text(self.text) - of_text(self.text).mean()
            size = np.sqrt((wanted**2).sum())
            if not size:
                continue
            with np.errstate(invalid="ignore", divide="ignore"):
                r = np.nan_to_num(wanted @ units / (spread * size))
            best = int(np.abs(r).argmax())
            found[name] = (best, float(r[best]))
        return found

    def of_unit(self, unit: int) -> np.ndarray:
        """(characters,): a unit's state, divided by its largest size.

        Raises:
            ValueError: there is no such unit.
        """
        units = self.states.shape[1]
        if not 0 <= unit < units:
            raise WrongValue(f"unit={unit!r}: {self.layer} has units 0 to {units - 1}")
        values = self.states[:, unit]
        return values / (np.abs(values).max(initial=0) or 1)

    def html(self, unit: int, title: str = "") -> str:
        """A page on which each character has the colour of a unit's state behind it."""
        spans = []
        for character, value in zip(self.text, self.of_unit(unit), strict=True):
            red, green, blue = colour(value)
            shown = "\u21b5\n" if character == "\n" else html.escape(character)
            ink = "#fff" if abs(value) > 0.7 else "#000"
            style = f"background:#{red:02x}{green:02x}{blue:02x};color:{ink}"
            spans.append(f'<span style="{style}" title="{value:+.2f}">{shown}</span>')
        heading = html.escape(title or f"{self.layer}, unit {unit}")
        low, high = (f"#{r:02x}{g:02x}{b:02x}" for r, g, b in (BLUE, ORANGE))
        return (
            f'<!doctype html>\n<meta charset="utf-8">\n<title>{heading}</title>\n'
            f"<h1>{heading}</h1>\n"
            f'<p>Its state behind each character, by its largest size: <span style="background:'
            f'{low};color:#fff">-1</span>, white is 0, <span style="background:{high};color:#fff">'
            "+1</span>.</p>\n"
            f'<pre style="white-space:pre-wrap">{"".join(spans)}</pre>\n'
        )

    def terminal(self, unit: int) -> str:
        """The text with the same colours, for a terminal of 24 bits."""
        shown = []
        for character, value in zip(self.text, self.of_unit(unit), strict=True):
            ink = 15 if abs(value) > 0.7 else 0
            red, green, blue = colour(value)
            here = f"\x1b[48;2;{red};{green};{blue}m\x1b[38;5;{ink}m"
            if character < " " and character != "\n":  # else a text could steer the terminal
                character = chr(0x2400 + ord(character))
            shown.append(f"{here}\u21b5\x1b[0m\n" if character == "\n" else f"{here}{character}")
        return "".join(shown) + "\x1b[0m"


def colour(value: float) -> tuple[int, int, int]:
    """Red, green and blue of a number from -1 to 1.

    >>> colour(0.0), colour(1.0)
    ((255, 255, 255), (230, 97, 1))
    """
    end = ORANGE if value > 0 else BLUE
    return tuple(round(255 + abs(float(value)) * (part - 255)) for part in end)  # type: ignore[return-value]


def text_activity(
    model: CharacterModel, text: str, layer: str | Recurrent | None = None
) -> TextActivity:
    r"""The states of a language model's units along a text, read from its beginning.

    As in Karpathy, Johnson & Fei-Fei (2015), Visualizing and understanding recurrent networks: some
    units follow the place in a line, or whether a quotation is open.

    Args:
        model: a model of characters with recurrent layers, such as char_lstm.
        text: one character at least.
        layer: the recurrent layer, or its name; default the last one.

    Raises:
        TypeError: another model. ValueError: no text; no such layer.

    Example:
        >>> import rnnzoo
        >>> model = rnnzoo.create_model("char_gru", units=8, vocabulary="def f():\n")
        >>> rnnzoo.analysis.text_activity(model, "def f():\n").states.shape
        (9, 8)
    """
    if not isinstance(model, CharacterModel):
        raise WrongType(
            f"expected a model of characters, such as char_lstm, got a {type(model).__name__}"
        )
    if not isinstance(text, str) or not text:
        raise WrongValue("text: expected a string of one character at least")
    model.require_ready()
    model.vocabulary.warn_of_unknown(text, "The text")
    found: Any = recurrent_layers(model, layer)
    name = list(found)[-1]
    with watching([found[name]]) as readings:
        model(tf.constant(model.vocabulary.ids(text))[None])
    return TextActivity(text, name, readings[0].states[0].numpy()[0].astype(np.float64))
