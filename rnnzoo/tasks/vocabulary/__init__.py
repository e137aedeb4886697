"""What a model knows by number: characters, words, sentences of them, labels."""

from rnnzoo.tasks.vocabulary.characters import (
    MARKS,
    REPLACEMENT,
    CharacterVocabulary,
    check_encodable,
)
from rnnzoo.tasks.vocabulary.labels import LabelVocabulary, listed, news
from rnnzoo.tasks.vocabulary.pieces import PieceVocabulary
from rnnzoo.tasks.vocabulary.sentences import JOINED, SentenceVocabulary
from rnnzoo.tasks.vocabulary.words import WordVocabulary

__all__ = [
    "JOINED",
    "MARKS",
    "REPLACEMENT",
    "CharacterVocabulary",
    "LabelVocabulary",
    "PieceVocabulary",
    "SentenceVocabulary",
    "WordVocabulary",
    "check_encodable",
    "listed",
    "news",
]
