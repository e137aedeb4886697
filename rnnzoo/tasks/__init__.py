"""Raw input to answer, as one keras.Model: vocabulary, network and decoding together."""

import rnnzoo.layers  # noqa: F401  a saved task holds them: they must be known to Keras's loader
from rnnzoo.tasks.encoder_decoder.captioning.captioner import Captioner
from rnnzoo.tasks.encoder_decoder.captioning.pretrained import Preprocessing
from rnnzoo.tasks.encoder_decoder.model import EncoderDecoder
from rnnzoo.tasks.encoder_decoder.translation.translator import Translator
from rnnzoo.tasks.feed import Feed
from rnnzoo.tasks.forecasting.forecaster import Forecaster
from rnnzoo.tasks.names.generator import NameGenerator
from rnnzoo.tasks.pictures.classifier import PictureClassifier
from rnnzoo.tasks.series.classifier import SequenceClassifier
from rnnzoo.tasks.series.hidden_markov.classifier import HiddenMarkovClassifier
from rnnzoo.tasks.series.regressor import SequenceRegressor
from rnnzoo.tasks.tagging.feedback.memoryless import Memoryless
from rnnzoo.tasks.tagging.feedback.tagger import FeedbackTagger
from rnnzoo.tasks.tagging.hidden_markov.tagger import HiddenMarkovTagger
from rnnzoo.tasks.tagging.random_field import RandomFieldTagger
from rnnzoo.tasks.tagging.tagger import SequenceTagger
from rnnzoo.tasks.task import Task
from rnnzoo.tasks.text.conditioned import ConditionedGenerator
from rnnzoo.tasks.text.generator import TextGenerator
from rnnzoo.tasks.text.hidden_markov import HiddenMarkovGenerator
from rnnzoo.tasks.text.markov.chain import MarkovChain
from rnnzoo.tasks.text.pooled import PooledGenerator
from rnnzoo.tasks.vocabulary import (
    CharacterVocabulary,
    LabelVocabulary,
    PieceVocabulary,
    SentenceVocabulary,
    WordVocabulary,
)

__all__ = [
    "Captioner",
    "CharacterVocabulary",
    "ConditionedGenerator",
    "EncoderDecoder",
    "Feed",
    "FeedbackTagger",
    "Forecaster",
    "HiddenMarkovClassifier",
    "HiddenMarkovGenerator",
    "HiddenMarkovTagger",
    "LabelVocabulary",
    "MarkovChain",
    "Memoryless",
    "NameGenerator",
    "PieceVocabulary",
    "PictureClassifier",
    "PooledGenerator",
    "Preprocessing",
    "RandomFieldTagger",
    "SentenceVocabulary",
    "SequenceClassifier",
    "SequenceRegressor",
    "SequenceTagger",
    "Task",
    "TextGenerator",
    "Translator",
    "WordVocabulary",
]
