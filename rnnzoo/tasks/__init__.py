"""Raw input to answer, as one keras.Model: vocabulary, network and decoding together."""

import rnnzoo.layers  # noqa: F401  a saved task holds them: they must be known to Keras's loader
from rnnzoo.tasks.encoder_decoder.captioning.captioner import Captioner
from rnnzoo.tasks.encoder_decoder.captioning.pictures import Preprocessing
from rnnzoo.tasks.encoder_decoder.model import EncoderDecoder
from rnnzoo.tasks.encoder_decoder.translation.translator import Translator
from rnnzoo.tasks.feed import Feed
from rnnzoo.tasks.pictures.classifier import PictureClassifier
from rnnzoo.tasks.series.classifier import SequenceClassifier
from rnnzoo.tasks.tagging.hidden_markov.tagger import HiddenMarkovTagger
from rnnzoo.tasks.tagging.tagger import SequenceTagger
from rnnzoo.tasks.task import Task
from rnnzoo.tasks.text.generator import TextGenerator
from rnnzoo.tasks.text.hidden_markov import HiddenMarkovGenerator
from rnnzoo.tasks.text.markov.chain import MarkovChain
from rnnzoo.tasks.vocabulary import (
    CharacterVocabulary,
    LabelVocabulary,
    SentenceVocabulary,
    WordVocabulary,
)

__all__ = [
    "Captioner",
    "CharacterVocabulary",
    "EncoderDecoder",
    "Feed",
    "HiddenMarkovGenerator",
    "HiddenMarkovTagger",
    "LabelVocabulary",
    "MarkovChain",
    "PictureClassifier",
    "Preprocessing",
    "SentenceVocabulary",
    "SequenceClassifier",
    "SequenceTagger",
    "Task",
    "TextGenerator",
    "Translator",
    "WordVocabulary",
]
