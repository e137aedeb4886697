"""Raw input to answer, as one keras.Model: vocabulary, network and decoding together."""

from rnnzoo.tasks.text_generator import TextGenerator
from rnnzoo.tasks.vocabulary import CharacterVocabulary

__all__ = ["CharacterVocabulary", "TextGenerator"]
