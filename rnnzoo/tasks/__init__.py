"""Raw input to answer, as one keras.Model: vocabulary, network and decoding together."""

import rnnzoo.layers  # noqa: F401  a saved task holds them: they must be known to Keras's loader
from rnnzoo.tasks.captioner import Captioner
from rnnzoo.tasks.encoders import Preprocessing
from rnnzoo.tasks.sequence_classifier import SequenceClassifier
from rnnzoo.tasks.sequence_tagger import SequenceTagger
from rnnzoo.tasks.task import Feed, Task
from rnnzoo.tasks.text_generator import TextGenerator
from rnnzoo.tasks.translator import Translator
from rnnzoo.tasks.vocabulary import CharacterVocabulary, SentenceVocabulary, WordVocabulary
from rnnzoo.tasks.writer import Writer

__all__ = [
    "Captioner",
    "CharacterVocabulary",
    "Feed",
    "Preprocessing",
    "SentenceVocabulary",
    "SequenceClassifier",
    "SequenceTagger",
    "Task",
    "TextGenerator",
    "Translator",
    "WordVocabulary",
    "Writer",
]
