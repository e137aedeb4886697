"""A sentence into a sentence."""

import sys
import warnings
from pathlib import Path

import numpy as np

from rnnzoo import data
from rnnzoo.platform import keras, tf
from rnnzoo.tasks.encoder_decoder.endpoints import MAX_WORDS
from rnnzoo.tasks.encoder_decoder.model import SentenceExamples, Writer, filled, ids_of
from rnnzoo.tasks.encoder_decoder.translation.endpoints import translator_endpoints
from rnnzoo.tasks.encoder_decoder.translation.feed import TranslationFeed
from rnnzoo.tasks.vocabulary import SentenceVocabulary, check_encodable

CONDITIONS = ("state", "both")


@keras.saving.register_keras_serializable("rnnzoo")
class Translator(Writer):
    """A model of p(y_1 ... y_T' | x_1 ... x_T), with T' other than T (Sutskever et al. 2014).

        s = reader(x_T ... x_1, stop)       the final states of recurrent layers

        condition "state"           h_t = writer(y_t-1, h_t-1), h_0 = s          (Sutskever)
                  "both"            h_t = writer([y_t-1, c], h_t-1), h_0 = s     (Cho et al. 2014)

    y_0 is the start, y_T' the stop, c the reader's last output; p is as `rnnzoo.tasks.Writer` has
    it. The source is read from its end, so that its beginning is close to the beginning of what is
    written.

    Args:
        reader, writer: `rnnzoo.layers.RecurrentStack` with states of the same sizes.
        embedding_size: length of a word's vector.
        condition: how what is written depends on what was read, see above.
        reverse_source: whether the source is read from its end; its stop comes last all the same.
        shared: whether sources and targets have one vocabulary and one vector for a word.
        least: words that training meets less often are spelt, see
            `rnnzoo.tasks.vocabulary.SentenceVocabulary`.
        cased: whether upper and lower case are told apart; if not, all is in lower case.
        label_smoothing: see `rnnzoo.tasks.losses.word_loss`.
        words, source_words: dicts of words with their counts; None takes them from the first `fit`.
            With `shared`, source_words stays None.
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

    def __init__(
        self,
        reader,
        writer,
        embedding_size=128,
        condition="state",
        reverse_source=True,
        shared=False,
        least=2,
        cased=False,
        label_smoothing=0.0,
        words=None,
        source_words=None,
        characters="",
        source_characters="",
        **kwargs,
    ):
        super().__init__(**kwargs)
        if [layer.state_size for layer in reader.layers] != [
            layer.state_size for layer in writer.layers
        ]:
            raise ValueError(
                "reader and writer: expected as many layers, with states of the same sizes"
            )
        if condition not in CONDITIONS:
            raise ValueError(f"condition={condition!r}: expected one of {', '.join(CONDITIONS)}")
        self.reader = reader
        self.writer = writer
        self.embedding_size = embedding_size
        self.condition = condition
        self.reverse_source = reverse_source
        self.shared = shared
        self.least = least
        self.cased = cased
        self.label_smoothing = label_smoothing
        self.source_vocabulary = None
        if words is not None:
            if (source_words is None) != shared:
                raise ValueError(
                    f"shared={shared!r}: expected words alone if vocabularies are shared, and "
                    "source_words with them if not"
                )
            self._make_layers(
                SentenceVocabulary(words, characters, cased),
                None if shared else SentenceVocabulary(source_words, source_characters, cased),
            )

    # --- what is taken from the data --------------------------------------------------------------

    def adapt(self, pairs):
        """Take up the words of a training set, unless the model knows some already.

        Args:
            pairs: `rnnzoo.data.Pairs`.
        """
        if self.vocabulary is not None:
            return
        if self.shared:
            self._make_layers(self._vocabulary_of([*pairs.sources, *pairs.targets]), None)
        else:
            self._make_layers(
                self._vocabulary_of(pairs.targets), self._vocabulary_of(pairs.sources)
            )

    def _vocabulary_of(self, sentences):
        counts = SentenceVocabulary.count(sentences, cased=self.cased)
        if not counts:
            raise ValueError("the sentences to train on hold no word")
        known = {word: n for word, n in counts.items() if n >= self.least}
        # A word that all is spelt of is better than none.
        known = known or dict([max(counts.items(), key=lambda item: item[1])])
        characters = "".join(set("".join(counts))) if self.least > 1 else ""
        return SentenceVocabulary(known, characters, self.cased)

    def _make_layers(self, vocabulary, source_vocabulary):
        size = self.embedding_size
        self.vocabulary = vocabulary
        self.source_vocabulary = source_vocabulary or vocabulary
        self._make_vectors(size)
        if source_vocabulary is not None:
            self.source_words = keras.layers.Embedding(
                source_vocabulary.size,
                size,
                embeddings_initializer=keras.initializers.RandomNormal(stddev=size**-0.5),
                name="source_words",
                dtype=self.dtype_policy,
            )
            self.source_words.build((None, None))
        if self.condition == "both":
            self.seen_size = self.reader.layers[-1].cell.output_size
        self.reader.build((None, None, size))
        self.writer.build((None, None, size + self.seen_size))
        self._make_output(size, self.writer.layers[-1].cell.output_size)

    # --- the network ------------------------------------------------------------------------------

    def read(self, batch, training=False):
        """The state s of a batch's int32 sources (batch, time), with stops behind.

        Returns:
            A flat dict of float32 (batch, size) tensors.
        """
        sources = batch["sources"]
        stops = tf.cast(sources == SentenceVocabulary.STOP, tf.int32)
        real = tf.cumsum(stops, axis=-1, exclusive=True) == 0
        if self.reverse_source:  # what is before the stop; neither that nor what pads
            lengths = tf.reduce_sum(tf.cast(real, tf.int32), axis=-1) - 1
            sources = tf.reverse_sequence(sources, lengths, seq_axis=1)
        x = (self.words if self.shared else self.source_words)(sources)
        h, state = self.reader(x, mask=real, training=training)
        if self.seen_size:  # the last output, which padding repeats
            state["seen"] = tf.cast(h[:, -1], tf.float32)
        return state

    def start(self, sources):
        """The state before the first word, of strings (batch,)."""
        ids = self.source_vocabulary.encode(sources).to_tensor(SentenceVocabulary.STOP)
        return self.read({"sources": ids})

    # --- training and answers ---------------------------------------------------------------------

    def paired(self, x, y):
        """Sources and targets as `rnnzoo.data.Pairs`."""
        if y is None or len(x) != len(y) or not len(x):
            given = "none" if y is None else len(y)
            raise ValueError(f"expected a target for each of the {len(x)} sources, got {given}")
        return data.Pairs(_checked(x, "source"), _checked(y, "target"))

    def examples(self, pairs):
        """What training reads of `rnnzoo.data.Pairs`; batches hold sources of about one length.

        Warns:
            UserWarning: pairs with more than MAX_WORDS words, which are
                left out, as a batch would be as long as its longest.
        """
        sources = ids_of(self.source_vocabulary, pairs.sources)
        ids = ids_of(self.vocabulary, pairs.targets)
        lengths = np.stack([of.row_lengths().numpy() for of in (sources, ids)])
        (fits,) = np.nonzero(lengths.max(axis=0) <= MAX_WORDS)
        if len(fits) < len(pairs):
            warnings.warn(
                f"{len(pairs) - len(fits)} of {len(pairs)} pairs have more than {MAX_WORDS} words "
                "and are left out",
                stacklevel=2,
            )
            sources, ids, lengths = tf.gather(sources, fits), tf.gather(ids, fits), lengths[:, fits]
        # By the source's length, and among equal ones by the target's.
        by_length = lengths[0] * (MAX_WORDS + 1) + lengths[1]

        def read(rows):
            return {"sources": filled(tf.gather(sources, rows), rows.shape[0])}

        return SentenceExamples(tf.expand_dims(ids, 1), by_length, read)

    def translations(self, sources, beam_width=4, length_power=0.8, max_words=100, batch_size=32):
        """The likeliest translations by beam search, with their log-probabilities.

        Args:
            sources: a list of sentences.
            beam_width: hypotheses that are gone on from, and translations returned.
            length_power: translations are ranked by log-probability / words ** length_power, a
                spelt word and the stop counted as one; 0 ranks by probability, which favors short
                ones, 1 by the mean, which favors long ones.
            max_words: the most words of a translation, signs and spelt characters counted.
            batch_size: sources that are read together.

        Returns:
            For each source a list of (sentence, log-probability in nats), the best first; a
            sentence that was found in several spellings is there once, with the likeliest.
        """
        given = self._sources(sources)
        return self._ranked(*given, batch_size, beam_width, length_power, max_words)

    def translate(self, sources, **how):
        """The best translation of each source; arguments as for `translations`."""
        return [ranked[0][0] for ranked in self.translations(sources, **how)]

    def sample(
        self, sources, temperature=1.0, top_k=0, top_p=1.0, seed=0, max_words=100, batch_size=32
    ):
        """A translation of each source, each word drawn given those before it.

        Args:
            sources, max_words, batch_size: as for `translations`.
            temperature: below 1 favors likely words; 0 takes the likeliest always (greedy).
            top_k: draw from the k likeliest words only; 0 means all.
            top_p: draw from the fewest likeliest words with at least this probability in all.
            seed: same seed, sources and batch_size: same sentences.
        """
        given = self._sources(sources)
        return self._drawn(*given, batch_size, temperature, top_k, top_p, seed, max_words)

    def log_prob(self, sources, targets, batch_size=32):
        """The log-likelihood log p(target | source) in nats, the stop included: float32 (pairs,).

        With it, translations that others made can be ranked again. Words are read, and scored, as
        known words where they are, and as spelt where not.
        """
        given, sizes = self._sources(sources)
        targets = _checked(targets, "target")
        if len(sources) != len(targets):
            raise ValueError(
                f"{len(sources)} sources and {len(targets)} targets: expected as many of both"
            )
        return self._scored(given | {"targets": targets}, sizes, batch_size)

    def states(self, sources, batch_size=32):
        """What the model keeps of each source: its final states in a row, float32 (sources, size).

        All that is written of a source is written from these numbers; with condition "both" from
        the reader's last output, too, which stands before them.
        """
        given, sizes = self._sources(sources)
        answers = self._answers("init", given, sizes, batch_size)
        return np.array([np.concatenate(states) for states in answers], np.float32)

    def _sources(self, sources):
        """What endpoints take of sentences, and about how long each is."""
        sources = _checked(sources, "source")
        return {"sources": sources}, [len(source) // 32 for source in sources]

    def answer_lines(self, given, color=False):
        """For `rnnzoo predict`: the best translation of each line of a file, or of a sentence."""
        sources = _lines(given)
        answers = iter(self.translate([source for source in sources if source.strip()]))
        yield from (next(answers) if source.strip() else "" for source in sources)

    def feed(self, source, batch_size, window=None, seed=0):
        """What `rnnzoo.train` trains on; `source` as `rnnzoo.load_pairs` takes it."""
        return TranslationFeed(self, source, batch_size, window, seed)

    def make_endpoints(self, xla=True):
        """New `endpoints`; they hold no XLA but that of their layers, which `xla` leaves alone."""
        self.require_words()
        return translator_endpoints(self)

    def get_config(self):
        own = None if self.shared else self.source_vocabulary
        return {
            **super().get_config(),
            "reader": keras.saving.serialize_keras_object(self.reader),
            "writer": keras.saving.serialize_keras_object(self.writer),
            "embedding_size": self.embedding_size,
            "condition": self.condition,
            "reverse_source": self.reverse_source,
            "shared": self.shared,
            "least": self.least,
            "cased": self.cased,
            "label_smoothing": self.label_smoothing,
            "words": self.vocabulary and self.vocabulary.counts,
            "source_words": own and own.counts,
            "characters": self.vocabulary.characters if self.vocabulary else "",
            "source_characters": own.characters if own else "",
        }

    @classmethod
    def from_config(cls, config):
        stacks = {k: keras.saving.deserialize_keras_object(config[k]) for k in ("reader", "writer")}
        return cls(**{**config, **stacks})


def _checked(sentences, what):
    """A tuple of sentences, none of them empty."""
    if isinstance(sentences, str):
        raise ValueError(f"expected a list of sentences, got one: {sentences[:40]!r}")
    for i, sentence in enumerate(sentences):
        if not isinstance(sentence, str) or not sentence.strip():
            raise ValueError(f"{what} {i}: expected a sentence, got {sentence!r}")
        check_encodable(sentence)
    return tuple(sentences)


def _lines(given):
    """Of a file, of the standard input for -, or what is given itself."""
    if given == "-":
        return data.lines_of(sys.stdin.buffer.read(), "the standard input")
    path = Path(given)
    if path.is_file():
        return data.lines_of(path.read_bytes(), given)
    # What looks like a path was hardly meant to be translated.
    if path.suffix and not any(map(str.isspace, given)):
        raise FileNotFoundError(f"{given}: there is no such file, and a sentence it doesn't seem")
    return [given]
