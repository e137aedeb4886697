"""A sentence into a sentence."""

from __future__ import annotations

import dataclasses
from collections.abc import Container, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from rnnzoo import data
from rnnzoo.errors import WrongValue
from rnnzoo.layers import BidirectionalStack, RecurrentStack
from rnnzoo.platform import keras, tf
from rnnzoo.tasks.encoder_decoder.alignments import draw_alignments
from rnnzoo.tasks.encoder_decoder.model import EncoderDecoder
from rnnzoo.tasks.encoder_decoder.translation.alignments import SourceAlignment
from rnnzoo.tasks.encoder_decoder.translation.endpoints import translator_endpoints
from rnnzoo.tasks.encoder_decoder.translation.feed import TranslationFeed
from rnnzoo.tasks.encoder_decoder.translation.preprocessor import (
    TranslationPreprocessor,
    sentences_of,
)
from rnnzoo.tasks.transfer import entries_copied
from rnnzoo.tasks.vocabulary import PieceVocabulary, SentenceVocabulary

CONDITIONS = ("input", "state", "both")


@keras.saving.register_keras_serializable("rnnzoo")
class Translator(EncoderDecoder):
    """A model of p(y_1 ... y_T' | x_1 ... x_T), with T' other than T (Sutskever et al. 2014).

        s = encoder(x_T ... x_1, EOS)       the final states of recurrent layers

        condition "state"           h_t = decoder(y_t-1, h_t-1), h_0 = s          (Sutskever)
                  "input"           h_t = decoder([y_t-1, c], h_t-1), h_0 = 0
                  "both"            h_t = decoder([y_t-1, c], h_t-1), h_0 = s     (Cho et al. 2014)

    y_0 is BOS, y_T' EOS, c the encoder's last output; p is as `rnnzoo.tasks.EncoderDecoder` has it.
    The source is read from its end, so that its beginning is close to the beginning of what is
    written.

    With `attention` each h_t looks at the encoder's outputs of all words of the source, and p sees
    what it finds, too; all steps of training look at once. See `rnnzoo.layers.Attention`.

    `fit` and `evaluate` take x, a list of sentences, and y, the translation of each.

    Args:
        encoder: a `rnnzoo.layers.RecurrentStack`, or a `rnnzoo.layers.BidirectionalStack`.
        decoder: a `rnnzoo.layers.RecurrentStack` with states of the encoder's sizes.
        embedding_size: length of a word's vector.
        condition: how what is written depends on what was read, see above.
        reverse_source: whether the source is read from its end; its EOS comes last all the same.
        shared: whether sources and targets have one vocabulary and one vector for a word.
        min_count: words that training meets less often are spelt, see
            `rnnzoo.tasks.vocabulary.SentenceVocabulary`.
        cased: whether upper and lower case are told apart; if not, all is in lower case.
        label_smoothing: see `rnnzoo.tasks.losses.word_loss`.
        attention: None, or how the fit of a word of the source is scored: "general", "scaled" or
            "additive".
        tied: whether a target word has one vector, by which it is read and chosen, or two.
        pieces: how many pieces of words the first `fit` learns at most, of each language unless
            `shared`; all words are read and written by them, see
            `rnnzoo.tasks.vocabulary.PieceVocabulary`, and later ones add characters alone. None:
            words.
        copying: whether placeholders such as ``%(name)s``, and addresses, are copied from the
            source as they are: the network reads and writes which one it is.
        words, source_words: dicts of words, or of pieces, with their counts; None takes them from
            the first `fit`. With `shared`, source_words stays None.
        characters, source_characters: what other words are spelt with.
        **kwargs: of keras.Model (name, dtype).

    Attributes:
        vocabulary, source_vocabulary: `SentenceVocabulary`, or None; the same one if `shared`.
        endpoints: dict of the compiled functions that an export holds and Python runs too, see
            `rnnzoo.tasks.encoder_decoder.translation.endpoints`.

    Example:
        >>> import rnnzoo
        >>> keras.utils.set_random_seed(1)
        >>> model = rnnzoo.create_model("translate_gru", units=16, embedding_size=16, layers=1)
        >>> model.compile(keras.optimizers.Adam(0.02))
        >>> sources, targets = ["a cat", "two dogs"] * 50, ["un chat", "deux chiens"] * 50
        >>> history = model.fit(sources, targets, epochs=15, verbose=0)
        >>> model.translate(["two dogs", "a cat"])
        ['deux chiens', 'un chat']
    """

    task = "translation"
    default_dataset = "ui_messages"
    nested = ("encoder", "decoder")
    feed_class = TranslationFeed
    source, target = "sources", "targets"
    length_power = 0.8
    max_words = 100
    with_attention = "translate_attention_gru"
    alignment_class = SourceAlignment
    aligned_names = (*EncoderDecoder.aligned_names, "source_tokens")

    def __init__(
        self,
        encoder: RecurrentStack | BidirectionalStack,
        decoder: RecurrentStack,
        embedding_size: int = 128,
        condition: Literal["input", "state", "both"] = "state",
        reverse_source: bool = True,
        shared: bool = False,
        min_count: int = 2,
        cased: bool = False,
        label_smoothing: float = 0.0,
        attention: Literal["general", "scaled", "additive"] | None = None,
        tied: bool = True,
        pieces: int | None = None,
        copying: bool = False,
        words: Mapping[str, int] | None = None,
        source_words: Mapping[str, int] | None = None,
        characters: str = "",
        source_characters: str = "",
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        if encoder.state_sizes != decoder.state_sizes:
            raise WrongValue(
                "encoder and decoder: expected as many layers, with states of the same sizes"
            )
        if condition not in CONDITIONS:
            raise WrongValue(f"condition={condition!r}: expected one of {', '.join(CONDITIONS)}")
        self.encoder = encoder
        self.decoder = decoder
        self.embedding_size = embedding_size
        self.condition = condition
        self.reverse_source = reverse_source
        self.label_smoothing = label_smoothing
        self._attend(attention, encoder.output_size)
        self.tied = tied
        self.source_embedding: Any = None
        self.preprocessor = TranslationPreprocessor(
            None, None, shared, min_count, cased, pieces, copying
        )
        if words is not None:
            if (source_words is None) != shared:
                raise WrongValue(
                    f"shared={shared!r}: expected words alone if vocabularies are shared, and "
                    "source_words with them if not"
                )
            kind = SentenceVocabulary if pieces is None else PieceVocabulary
            vocabulary = source_vocabulary = kind(words, characters, cased)
            if source_words is not None:
                source_vocabulary = kind(source_words, source_characters, cased)
            self.take_up(
                dataclasses.replace(
                    self.preprocessor, vocabulary=vocabulary, source_vocabulary=source_vocabulary
                )
            )

    # --- what is learned from the data ------------------------------------------------------------

    def take_up(self, preprocessor: TranslationPreprocessor, forget: bool = False) -> None:
        """Know the words of a preprocessor, and make the layers for them.

        Words that were known keep their vectors.
        """
        known, of_sources = self._known(), (self.source_vocabulary, self.source_embedding)
        self.preprocessor = preprocessor
        self.vocabulary = preprocessor.vocabulary
        self.let_go("embedding", "source_embedding", "output_layer", "own_output_words", "bias")
        size = self.embedding_size
        self._make_embedding(size)
        if not preprocessor.shared:
            self.source_embedding = keras.layers.Embedding(
                preprocessor.source_vocabulary.size,
                size,
                embeddings_initializer=keras.initializers.RandomNormal(stddev=size**-0.5),
                name="source_embedding",
                dtype=self.dtype_policy,
            )
            self.source_embedding.build((None, None))
        if not self.built:
            if self.condition != "state":
                self.context_size = self.encoder.output_size
            self.encoder.build((None, None, size))
            self.decoder.build((None, None, size + self.context_size))
            if self.attention is not None:
                sizes = self.decoder.output_size, self.encoder.output_size
                self.attention.build(*((None, None, size) for size in sizes))
        self._make_output(size)
        if known[0] is not None and not forget:
            self._carry_over(known)
            if not preprocessor.shared:
                here, there = self.source_vocabulary.shared(of_sources[0])
                entries_copied(self.source_embedding, of_sources[1], here, there)

    @property
    def source_vocabulary(self) -> SentenceVocabulary | Any:
        """The `SentenceVocabulary` of sources, or None."""
        return self.preprocessor.source_vocabulary

    # --- the network ------------------------------------------------------------------------------

    def encode(self, batch: dict[str, tf.Tensor], training: bool = False) -> dict[str, tf.Tensor]:
        """The decoder's state h_0 after a batch's int32 sources (batch, time), with EOS behind; and
        c, where that is told, and what attention looks at, in the order of the source.

        Returns:
            A flat dict of float32 (batch, ...) tensors.
        """
        sources = batch["sources"]
        ends = tf.cast(sources == SentenceVocabulary.EOS, tf.int32)
        real = tf.cumsum(ends, axis=-1, exclusive=True) == 0
        # What is before EOS; neither that nor what pads.
        lengths = tf.reduce_sum(tf.cast(real, tf.int32), axis=-1) - 1
        if self.reverse_source:
            sources = tf.reverse_sequence(sources, lengths, seq_axis=1)
        x = (self.embedding if self.preprocessor.shared else self.source_embedding)(sources)
        h, state = self.encoder(x, mask=real, training=training)
        if self.condition == "input":
            state = self.decoder.initial_state(tf.shape(x)[0])
        if self.context_size:
            state["context"] = tf.cast(self.encoder.last(h), tf.float32)
        if self.attention is not None:
            if self.reverse_source:
                h = tf.reverse_sequence(h, lengths, seq_axis=1)
            state |= self.attention.memory(h, real)
        return state

    def start(self, sources: tf.Tensor) -> dict[str, tf.Tensor]:
        """The state before the first word, of strings (batch,)."""
        return self.begun(*self.preprocessor.read_sources(sources))

    def begun(self, ids: tf.Tensor, to_copy: tf.Tensor) -> dict[str, tf.Tensor]:
        """The state before the first word, of what `TranslationPreprocessor.read_sources` read."""
        state = self.encode({"sources": ids})
        if self.preprocessor.marks:
            state["fields"] = tf.reduce_sum(tf.cast(to_copy != "", tf.int32), axis=-1)
        return state

    @property
    def state_spec(self) -> dict[str, tf.TensorSpec]:
        spec = super().state_spec
        if self.preprocessor.marks:
            spec["fields"] = tf.TensorSpec([None], tf.int32, "fields")
        return spec

    def cannot_write(self, state: dict[str, tf.Tensor]) -> tf.Tensor:
        """The marks of fields that a source doesn't have."""
        if not self.preprocessor.marks:
            return super().cannot_write(state)
        return self.preprocessor.number_of_mark > state["fields"][:, None]

    # --- answers ----------------------------------------------------------------------------------

    def translations(
        self,
        sources: Sequence[str],
        beam_width: int = 4,
        length_power: float | None = None,
        max_words: int | None = None,
        batch_size: int = 32,
    ) -> list[list[tuple[str, float]]]:
        """For each source its likeliest translations by beam search; see `ranked`.

        Args:
            sources: a list of sentences.
            beam_width, batch_size: as for `ranked`.
            length_power: as for `ranked`; None: 0.8.
            max_words: as for `ranked`; None: 100.
        """
        return self.ranked(sources, beam_width, length_power, max_words, batch_size)

    def translate(
        self,
        sources: Sequence[str],
        beam_width: int = 4,
        length_power: float | None = None,
        max_words: int | None = None,
        batch_size: int = 32,
    ) -> list[str]:
        """The best translation of each source; arguments as for `translations`.

        Warns:
            UserWarning: a translation doesn't hold what it is to copy of its source.
        """
        ranked = self.translations(sources, beam_width, length_power, max_words, batch_size)
        answers = [sentences[0][0] for sentences in ranked]
        self.preprocessor.warn_of_lost(sources, answers)
        return answers

    def predict_raw(self, x: Sequence[str], batch_size: int) -> list[str]:
        return self.translate(x, batch_size=batch_size)

    def aligned(
        self,
        sources: Sequence[str],
        beam_width: int = 4,
        length_power: float | None = None,
        max_words: int | None = None,
        batch_size: int = 32,
    ) -> list[SourceAlignment]:
        """The best translation of each source, and which of its words the model looked at.

        Args:
            sources, beam_width, length_power, max_words, batch_size: as for `translations`.

        Returns:
            Of each an `rnnzoo.tasks.encoder_decoder.translation.alignments.SourceAlignment`, with
            weights (target tokens, source tokens), which its ``draw`` makes a picture of.

        Raises:
            ValueError: the model has no attention.

        Warns:
            UserWarning: a translation doesn't hold what it is to copy of its source.
        """
        found = super().aligned(sources, beam_width, length_power, max_words, batch_size)
        self.preprocessor.warn_of_lost(sources, [alignment.target for alignment in found])
        return found

    def align(
        self, sources: Sequence[str], targets: Sequence[str], batch_size: int = 32
    ) -> list[SourceAlignment]:
        """What the model looks at where it is to write given targets; see `aligned`."""
        return super().align(sources, sentences_of(targets, "target"), batch_size)

    def log_prob(
        self, sources: Sequence[str], targets: Sequence[str], batch_size: int = 32
    ) -> np.ndarray:
        """Log p(target | source) in nats of each pair, float32 (pairs,); see `EncoderDecoder`."""
        return super().log_prob(sources, sentences_of(targets, "target"), batch_size)

    def states(self, sources: Sequence[str], batch_size: int = 32) -> np.ndarray:
        """What the model keeps of each source: its final states in a row, float32 (sources, size).

        Without attention, all that is written of a source is written from these numbers; with
        condition "input" and "both" from the encoder's last output, too, which stands before them.
        """
        names = ["context"] * bool(self.context_size) + self.decoder.state_names
        answers = self._answers("init", *self.given(sources), batch_size, names=names)
        return np.array([np.concatenate(states) for states in answers], np.float32)

    def given(self, x: Sequence[str]) -> tuple[dict[str, Sequence[Any]], list[int]]:
        """What endpoints take of sentences, and about how long each is."""
        self.require_ready()
        sources = sentences_of(x, "source")
        self.preprocessor.warn_of_unknown(sources)
        return {"sources": sources}, [len(source) // 32 for source in sources]

    answer_options = ("columns", "encoding", "beam_width", "alignments")

    def answer_lines(
        self,
        path: str,
        color: bool = False,
        beam_width: int = 4,
        alignments: Path | None = None,
        **reading: Any,
    ) -> Iterator[str]:
        """For `rnnzoo predict`: the best translation of each line of a file, or of a sentence.

        Args:
            path: of the file, - for the standard input, or the sentence.
            color: nothing; of a tagger's.
            beam_width: as for `translate`.
            alignments: a folder to draw in what was looked at, a picture a line; None: isn't drawn.
            **reading: further arguments of `rnnzoo.data.given_sources`.
        """
        sources = _lines(path, reading)
        filled = [i for i, source in enumerate(sources) if source.strip()]
        found = self._translated(path, sources, filled, beam_width, alignments)
        answers = dict(zip(filled, found, strict=True))
        yield from (answers.get(i, "") for i in range(len(sources)))

    answer_columns = ("source", "translation")

    def answer_rows(
        self,
        path: str,
        answered: Container[str] = (),
        beam_width: int = 4,
        alignments: Path | None = None,
        **reading: Any,
    ) -> Iterator[list[list[str]]]:
        """For `rnnzoo predict --out`: a file's lines: number, text, translation, in batches.

        Args:
            path: of a file.
            answered: numbers, from 1, of the lines to leave out.
            beam_width, alignments: as for `answer_lines`.
            **reading: further arguments of `rnnzoo.data.given_sources`.
        """
        lines = data.given_sources(path, **reading)
        left = [i for i in range(len(lines)) if lines[i].strip() and str(i + 1) not in answered]
        for first in range(0, len(left), 32):
            some = left[first : first + 32]
            translations = self._translated(path, lines, some, beam_width, alignments)
            yield [
                [str(i + 1), lines[i], translation]
                for i, translation in zip(some, translations, strict=True)
            ]

    def _translated(self, path, lines, numbers, beam_width, folder):
        """Translations of some lines, of which what was looked at may be drawn."""
        sources = [lines[i] for i in numbers]
        if folder is None:
            return self.translate(sources, beam_width)
        found = self.aligned(sources, beam_width)
        draw_alignments(folder, path, [i + 1 for i in numbers], found)
        return [alignment.target for alignment in found]

    def make_endpoints(self, xla: bool = True) -> dict[str, Any]:
        """New `endpoints`; they hold no XLA but that of their layers, which `xla` leaves alone."""
        self.require_ready()
        return translator_endpoints(self)

    def get_config(self) -> dict[str, Any]:
        known = self.preprocessor
        own = None if known.shared else known.source_vocabulary
        return {
            **super().get_config(),
            "embedding_size": self.embedding_size,
            "condition": self.condition,
            "reverse_source": self.reverse_source,
            "shared": known.shared,
            "min_count": known.min_count,
            "cased": known.cased,
            "label_smoothing": self.label_smoothing,
            "attention": self.attention and self.attention.score,
            "tied": self.tied,
            "pieces": known.pieces,
            "copying": known.copying,
            "words": self.vocabulary and self.vocabulary.counts,
            "source_words": own and own.counts,
            "characters": self.vocabulary.characters if self.vocabulary else "",
            "source_characters": own.characters if own else "",
        }


def _lines(given, reading):
    """Of a file, of the standard input for -, or what is given itself."""
    path = Path(given)
    if given == "-" or path.is_file():
        return data.given_sources(given, **reading)
    # What looks like a path was hardly meant to be translated.
    if path.suffix and not any(map(str.isspace, given)):
        raise FileNotFoundError(f"{given}: there is no such file, and a sentence it doesn't seem")
    return [given]
