"""From texts to ids."""

from dataclasses import dataclass, replace

from rnnzoo.data import Text
from rnnzoo.errors import WrongType
from rnnzoo.tasks.arguments import strings
from rnnzoo.tasks.vocabulary import CharacterVocabulary


@dataclass(frozen=True)
class TextPreprocessor:
    """How a text generator reads: by a vocabulary of characters.

    Attributes:
        vocabulary: the characters that are known; None as long as none are.
    """

    vocabulary: CharacterVocabulary | None = None

    def splits(self, train=None, validation=None, test=None) -> Text:
        """What the feed takes, of what `fit` and `evaluate` are given."""
        return Text(
            name="the text", train=_text(train), validation=_text(validation), test=_text(test)
        )

    def learned_from(self, text: Text) -> "TextPreprocessor":
        """With all characters of the training split; those that were known stay so."""
        known = self.vocabulary.characters if self.vocabulary else ""
        return replace(self, vocabulary=CharacterVocabulary(known + text.train))


def _text(given):
    """The text of ``(x, y)``, where x is a text or a list of texts and y None; "" of None."""
    if given is None:
        return ""
    x, y = given
    several = isinstance(x, (list, tuple)) and len(x) > 0 and all(isinstance(t, str) for t in x)
    if y is not None or not (isinstance(x, str) or several):
        kinds = type(x).__name__ + ("" if y is None else f" and y of {type(y).__name__}")
        raise WrongType(
            "Expected a text, a list of texts, or a dataset of rnnzoo.data (contiguous, "
            f"shuffled_windows, in_order), got {kinds}."
        )
    return "\n".join(strings(x, "text"))
