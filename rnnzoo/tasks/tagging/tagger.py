"""A tag for each element of a sequence: words of a sentence, or characters of a text."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from rnnzoo import layers
from rnnzoo.layers.dropout import Dropout
from rnnzoo.platform import keras, tf
from rnnzoo.replicas import drawn
from rnnzoo.tasks.recurrent import output_size, outputs_of, streams
from rnnzoo.tasks.tagging.affixes import BUCKETS, FEATURES
from rnnzoo.tasks.tagging.model import Tagger
from rnnzoo.tasks.tagging.preprocessor import TaggerPreprocessor
from rnnzoo.tasks.transfer import entries_copied
from rnnzoo.tasks.vocabulary import CharacterVocabulary, LabelVocabulary, WordVocabulary

ops = keras.ops


@keras.saving.register_keras_serializable("rnnzoo")
class SequenceTagger(Tagger):
    """A model of p(tag_t | x_1 ... x_T) for each element x_t of a sequence.

        words        e_t = [word vector, spelling read in both directions]     (Plank et al. 2016)
                           and, with `vectors`, the given vector, with `affix_size` vectors of how
                           the word begins, ends and is shaped
        characters   e_t = character vector

        h_t from e_1 ... e_t, g_t from e_T ... e_t;  p = softmax([h_t, g_t] V + b)

    `fit` and `evaluate` take x, a list of sentences as lists of words, or of strings, whose
    elements are their characters; and y, for each as many tags as it has elements. What the
    elements are, the first training set says. A word that training didn't know is known by its
    spelling.

    Args:
        recurrent: a `rnnzoo.layers.RecurrentStack`, which has h only and streams, or
            keras.layers.Bidirectional of a recurrent layer with return_sequences.
        embedding_size: length of a word's or a character's vector.
        spelling_units: of the LSTM that reads a word's characters, in each direction; 0: words have
            no spelling.
        affix_size: length of the vector of each of a word's affixes (its first 1 to 3 and last 1 to
            4 characters in lower case) and of its shape, which are found by hashing, see
            `rnnzoo.tasks.tagging.affixes`; 0: there are none.
        dropout: share dropped, in training, of e_t and of [h_t, g_t].
        word_dropout: in training a word that occurred n times there is taken for unknown with
            probability word_dropout / (word_dropout + n) (Kiperwasser & Goldberg 2016).
        vectors: None, or a file of vectors of words that were learned elsewhere (word2vec, GloVe,
            fastText; text or binary), which the first `fit` reads: those of its own words and of
            the 50,000 words that the file begins with. A word without one has zeros. Saved models
            hold them as weights, and need the file no more.
        tune_vectors: whether those are trained further.
        tags: their names; None takes them from the first `fit`.
        characters: a string; None takes it from the first `fit`.
        words: dict of words in lower case with their counts; None, with `characters`, for a tagger
            of characters, else taken from the first `fit`.
        more_moves: pairs of tags that may follow each other beyond what they mark, see
            `rnnzoo.tasks.tagging.spans`; None: all may, until the first `fit` finds them.
        **kwargs: of keras.Model (name, dtype).

    Attributes:
        tags: the names of the tags, or None as long as there are none.
        reads_words: whether the elements are words, or else characters.
        endpoints: dict of the compiled functions that an export holds and Python runs too, see
            `rnnzoo.tasks.tagging.endpoints`.

    Example:
        >>> import rnnzoo
        >>> keras.utils.set_random_seed(1)
        >>> model = rnnzoo.create_model("tagger_birnn", units=8)
        >>> model.compile(keras.optimizers.Adam(0.02))
        >>> history = model.fit(["f(x)", "g + f(y)"] * 50, ["cppp", "vpppcppp"] * 50, verbose=0)
        >>> model.tag("f(x)")
        ('c', 'p', 'p', 'p')
    """

    nested: ClassVar[tuple[str, ...]] = ("recurrent",)

    def __init__(
        self,
        recurrent: keras.layers.Layer,
        embedding_size: int = 64,
        spelling_units: int = 64,
        dropout: float = 0.0,
        word_dropout: float = 0.25,
        vectors: str | os.PathLike[str] | Mapping[str, Any] | None = None,
        tune_vectors: bool = False,
        tags: Iterable[str] | None = None,
        characters: str | None = None,
        words: Mapping[str, int] | None = None,
        more_moves: Iterable[Sequence[str | None]] | None = None,
        affix_size: int = 0,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.recurrent = recurrent
        self.embedding_size = embedding_size
        self.spelling_units = spelling_units
        self.affix_size = affix_size
        self.dropout = dropout
        self.word_dropout = word_dropout
        self.drop_input = Dropout(dropout, dtype=self.dtype_policy)
        self.drop_output = Dropout(dropout, dtype=self.dtype_policy)
        self.seed_generator = keras.random.SeedGenerator()
        self.tune_vectors = tune_vectors
        self.embedding: Any = None
        self.vectors: Any = None
        self.letters: Any = None
        self.spelling: Any = None
        self.affixes: Any = None
        self.output_layer: Any = None
        self.vector_size: Any = None
        self.preprocessor = TaggerPreprocessor(
            spells=bool(spelling_units), affixes=bool(affix_size)
        )
        if isinstance(vectors, Mapping):  # as `get_config` has them
            self.vector_size = vectors["size"]
            words_of_vectors = WordVocabulary(dict.fromkeys(vectors["words"], 0))
            self.preprocessor = replace(self.preprocessor, vectors=words_of_vectors)
        elif vectors is not None:
            self.preprocessor = replace(self.preprocessor, vector_file=os.fspath(vectors))
        self._know(tags, characters, words, more_moves)

    def _know(self, tags, characters, words, more_moves):
        """Take up what is known from the beginning."""
        if tags is not None and characters is not None:
            known = replace(
                self.preprocessor,
                labels=LabelVocabulary(tags, "tags"),
                characters=CharacterVocabulary(characters),
                words=None if words is None else WordVocabulary(words),
                more_moves=None if more_moves is None else tuple(map(tuple, more_moves)),
            )
            self.take_up(known.with_vectors())

    # --- what is learned from the data ------------------------------------------------------------

    def take_up(self, preprocessor: TaggerPreprocessor, forget: bool = False) -> None:
        """Know the tags, characters and words of a preprocessor, and make the layers for them.

        What was known keeps its vectors and what tells its tag.
        """
        known, self.preprocessor = self.preprocessor, preprocessor
        embedding, letters, output_layer = self.embedding, self.letters, self.output_layer
        spelling = self.spelling
        self.let_go("embedding", "vectors", "letters", "spelling", "affixes", "output_layer")
        vectors = {"dtype": self.dtype_policy}
        size = self.embedding_size
        elements = preprocessor.words if self.reads_words else preprocessor.characters
        self.embedding = keras.layers.Embedding(elements.size, size, name="embedding", **vectors)
        self.embedding.build((None, None))
        if preprocessor.vectors is not None:
            self._take_vectors(preprocessor.vectors, preprocessor.read)
            size += self.vector_size
        if self.reads_words and self.spelling_units:
            self.letters = keras.layers.Embedding(
                preprocessor.characters.size, self.spelling_units // 2, name="letters", **vectors
            )
            self.letters.build((None, None))
            self.spelling = spelling or keras.layers.Bidirectional(
                layers.LSTM(self.spelling_units, **vectors), name="spelling", **vectors
            )
            if spelling is None:
                self.spelling.build((None, None, self.spelling_units // 2))
            size += 2 * self.spelling_units
        if self.reads_words and self.affix_size:
            self._make_affixes(forget)
            size += FEATURES * self.affix_size
        size = self._build_recurrent(size)
        self.output_layer = keras.layers.Dense(len(self.tags), dtype="float32", name="output")
        self.output_layer.build((None, None, size))
        if output_layer is not None and not forget:
            tags = preprocessor.labels.ids(known.labels.labels)
            entries_copied(self.output_layer, output_layer, tags, axis=-1)
            elements = characters = [0, *preprocessor.characters.ids(known.characters.characters)]
            if self.reads_words:
                elements = [0, *preprocessor.words.ids(known.words.counts)]
            entries_copied(self.embedding, embedding, elements)
            if letters is not None:
                entries_copied(self.letters, letters, characters)
        self.built = True

    def _take_vectors(self, known, read):
        """The layer of given vectors, of known words: those that are there, or that were read."""
        if self.vectors is not None:
            self.track_again("vectors")
            return
        self.vector_size = self.vector_size if read is None else read.size
        self.vectors = keras.layers.Embedding(
            known.size,
            self.vector_size,
            trainable=self.tune_vectors,
            dtype=self.dtype_policy,
            name="vectors",
        )
        self.vectors.build((None, None))
        if read is not None:
            self.vectors.embeddings.assign(np.pad(read.values, ((1, 0), (0, 0))))

    def _make_affixes(self, forget):
        """The layer of affixes, which has a row for each bucket, whatever words are known."""
        if self.affixes is not None and not forget:
            self.track_again("affixes")
            return
        self.affixes = keras.layers.Embedding(
            BUCKETS, self.affix_size, dtype=self.dtype_policy, name="affixes"
        )
        self.affixes.build((None, None))

    def _build_recurrent(self, size):
        """Make what is between the e_t, of this size, and what tells the tag; its output size."""
        if not self.recurrent.built:
            self.recurrent.build((None, None, size))
        return output_size(self.recurrent, size)

    @property
    def streams(self) -> bool:  # type: ignore[override]
        """Whether the model can answer as a sequence comes, element by element."""
        return streams(self.recurrent)

    # --- the network ------------------------------------------------------------------------------

    def call(self, batch: dict[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """Logits of the tags, float32 (batch, time, tags).

        Args:
            batch: what `TaggerPreprocessor.encode` returns.
            training: whether dropout acts.
        """
        mask = tf.sequence_mask(batch["lengths"], ops.shape(batch["ids"])[1])
        x = self._embed(batch, training)
        x = outputs_of(self.recurrent, x, mask, training)
        return self.output_layer(self.drop_output(x, training=training))

    def _embed(self, batch, training=False):
        ids = batch["ids"]
        if training and self.reads_words and self.word_dropout:
            rate = tf.gather(self.preprocessor.words.dropout_rates(self.word_dropout), ids)
            chance = drawn(
                lambda shape: keras.random.uniform(shape, seed=self.seed_generator), ops.shape(ids)
            )
            ids = tf.where(chance < rate, WordVocabulary.UNKNOWN, ids)
        x = self.embedding(ids)
        if self.vectors is not None:
            x = tf.concat([x, self.vectors(batch["vectors"])], axis=-1)
        if self.spelling is not None:
            letters = self.letters(batch["spellings"])
            mask = tf.sequence_mask(batch["spelling_lengths"], ops.shape(letters)[1])
            spelled = self.spelling(letters, mask=mask, training=training)
            x = tf.concat([x, tf.gather(spelled, batch["which"])], axis=-1)
        if self.affixes is not None:
            vectors = self.affixes(tf.gather(batch["affixes"], batch["which"]))
            vectors = ops.reshape(vectors, (*ops.shape(ids), FEATURES * self.affix_size))
            x = tf.concat([x, vectors], axis=-1)
        return self.drop_input(x, training=training)

    def initial_state(self, batch_size: int | tf.Tensor) -> dict[str, tf.Tensor]:
        """The state before any element: a flat dict of float32 (batch_size, ...) tensors."""
        return self.recurrent.initial_state(batch_size)

    def step(
        self, batch: dict[str, tf.Tensor], state: dict[str, tf.Tensor]
    ) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        """Logits (batch, tags) and new state after one more element, of a batch with one each."""
        x, state = self.recurrent.step(self._embed(batch)[:, 0], state)
        return self.output_layer(x), state

    def get_config(self) -> dict[str, Any]:
        known = self.preprocessor
        vectors: Any = known.vector_file
        if known.vectors is not None:
            vectors = {"words": list(known.vectors.counts), "size": self.vector_size}
        return {
            **super().get_config(),
            "embedding_size": self.embedding_size,
            "spelling_units": self.spelling_units,
            "affix_size": self.affix_size,
            "dropout": self.dropout,
            "word_dropout": self.word_dropout,
            "vectors": vectors,
            "tune_vectors": self.tune_vectors,
            "tags": self.tags and list(self.tags),
            "characters": known.characters and known.characters.characters,
            "words": known.words and known.words.counts,
            "more_moves": None if known.more_moves is None else list(map(list, known.more_moves)),
        }
