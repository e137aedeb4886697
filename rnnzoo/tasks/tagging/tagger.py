"""A tag for each element of a sequence: words of a sentence, or characters of a text."""

import itertools
import json
import operator
import sys
from pathlib import Path

import numpy as np

from rnnzoo import data, layers
from rnnzoo.platform import keras, tf
from rnnzoo.tasks.metrics import Accuracy, MacroF1
from rnnzoo.tasks.tagging.endpoints import tagger_endpoints
from rnnzoo.tasks.tagging.feed import TaggedFeed
from rnnzoo.tasks.task import Task
from rnnzoo.tasks.vocabulary import CharacterVocabulary, WordVocabulary

ops = keras.ops

# Characters of a word that are looked at, from its beginning; only links and the like have more.
LONGEST_SPELLING = 32

# Of a terminal of 256, readable on black and on white.
_COLORS = (33, 166, 37, 160, 244, 64, 127, 136, 98, 30, 170, 100, 69, 131)


@keras.saving.register_keras_serializable("rnnzoo")
class SequenceTagger(Task):
    """A model of p(tag_t | x_1 ... x_T) for each element x_t of a sequence.

        words        e_t = [word vector, spelling read in both directions]     (Plank et al. 2016)
        characters   e_t = character vector

        h_t from e_1 ... e_t, g_t from e_T ... e_t;  p = softmax([h_t, g_t] V + b)

    What the elements are, the first training set says: sentences as lists of words, or strings,
    whose elements are their characters. A word that training didn't know is known by its spelling.

    Args:
        recurrent: a `rnnzoo.layers.RecurrentStack`, which has h only and streams, or
            keras.layers.Bidirectional of a recurrent layer with return_sequences.
        embedding_size: length of a word's or a character's vector.
        spelling_units: of the LSTM that reads a word's characters, in each direction; 0: words have
            no spelling.
        dropout: share dropped, in training, of e_t and of [h_t, g_t].
        word_dropout: in training a word that occurred n times there is taken for unknown with
            probability word_dropout / (word_dropout + n) (Kiperwasser & Goldberg 2016).
        tags: their names; None takes them from the first `fit`.
        characters: a string; None takes it from the first `fit`.
        words: dict of words in lower case with their counts; None, with `characters`, for a tagger
            of characters, else taken from the first `fit`.
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

    task = "sequence-tagging"
    default_dataset = "python_tokens"

    def __init__(
        self,
        recurrent,
        embedding_size=64,
        spelling_units=64,
        dropout=0.0,
        word_dropout=0.25,
        tags=None,
        characters=None,
        words=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.autocast = False  # the state stays float32 under every dtype policy
        self.recurrent = recurrent
        self.embedding_size = embedding_size
        self.spelling_units = spelling_units
        self.dropout = dropout
        self.word_dropout = word_dropout
        self.tags = None
        self.words = self.characters = None
        self.drop_input = keras.layers.Dropout(dropout, dtype=self.dtype_policy)
        self.drop_output = keras.layers.Dropout(dropout, dtype=self.dtype_policy)
        self.seed_generator = keras.random.SeedGenerator()
        if tags is not None and characters is not None:
            self._make_layers(tuple(tags), characters, words)

    # --- what is taken from the data --------------------------------------------------------------

    def adapt(self, sequences, tags=()):
        """Take up tags, characters and words of a training set.

        Args:
            sequences: list of `rnnzoo.data.Tagged`.
            tags: further ones to know, which no sequence has.

        Raises:
            ValueError: a tagger that knows its tags gets others, or words instead of characters.
        """
        of_words = not isinstance(sequences[0].tokens, str)
        tags = sorted(set(tags).union(*(sequence.tags for sequence in sequences)))
        if self.tags is not None:
            if of_words != self.reads_words:
                kinds = ("characters of strings", "lists of words")
                raise ValueError(
                    f"the tagger reads {kinds[self.reads_words]}, got {kinds[of_words]}"
                )
            self.places(tags)
            return
        if len(tags) < 2:
            raise ValueError(f"expected at least two different tags, got {tags}")
        tokens = {token for sequence in sequences for token in sequence.tokens}
        characters = "".join(sorted(set("".join(tokens))))
        words = None
        if of_words:
            words = WordVocabulary.count(
                token for sequence in sequences for token in sequence.tokens
            )
        self._make_layers(tuple(tags), characters, words)

    def _make_layers(self, tags, characters, words):
        self.tags = tags
        self.characters = CharacterVocabulary(characters)
        self.words = None if words is None else WordVocabulary(words)
        vectors = {"dtype": self.dtype_policy}
        size = self.embedding_size
        known = self.words if self.reads_words else self.characters
        self.embedding = keras.layers.Embedding(known.size, size, name="embedding", **vectors)
        self.embedding.build((None, None))
        self.spelling = None
        if self.reads_words and self.spelling_units:
            self.letters = keras.layers.Embedding(
                self.characters.size, self.spelling_units // 2, name="letters", **vectors
            )
            self.letters.build((None, None))
            self.spelling = keras.layers.Bidirectional(
                layers.LSTM(self.spelling_units, **vectors), name="spelling", **vectors
            )
            self.spelling.build((None, None, self.spelling_units // 2))
            size += 2 * self.spelling_units
        self.recurrent.build((None, None, size))
        if self.streams:
            size = self.recurrent.layers[-1].cell.output_size
        else:
            size = self.recurrent.compute_output_shape((None, 1, size))[-1]
        self.output_layer = keras.layers.Dense(len(tags), dtype="float32", name="output")
        self.output_layer.build((None, None, size))
        self.built = True

    @property
    def reads_words(self):
        return self.words is not None

    @property
    def streams(self):
        """Whether the model can answer as a sequence comes, element by element."""
        return isinstance(self.recurrent, layers.RecurrentStack)

    def build(self, input_shape=None):
        self.require_tags()

    def require_tags(self):
        """Raise a ValueError if the model can't answer yet."""
        if self.tags is None:
            raise ValueError(
                "The model knows no tags yet: fit it on tagged sequences first, or load a trained "
                "one."
            )

    def places(self, tags):
        """Tags as their places in `self.tags`, int32 (n,)."""
        at = {tag: i for i, tag in enumerate(self.tags)}
        if unknown := sorted(set(tags) - at.keys()):
            raise ValueError(
                f"the model knows the tags {', '.join(self.tags)}, not {', '.join(unknown)}"
            )
        return np.array([at[tag] for tag in tags], np.int32)

    # --- from strings to ids ----------------------------------------------------------------------

    def encode(self, sequences):
        """What the network reads, from what a user has; graph code.

        Args:
            sequences: words: a RaggedTensor (batch, None) of strings; characters: strings (batch,).

        Returns:
            A dict of lengths (batch,) and ids (batch, time), 0 where unknown; of words also
            spellings (distinct, characters) of the distinct ones among them, with spelling_lengths
            (distinct,), and which (batch, time) they are.
        """
        if not self.reads_words:
            ids, lengths = _padded(self.characters.encode(sequences))
            return {"ids": ids, "lengths": lengths}
        tokens, lengths = _padded(sequences, default="")
        batch = {"ids": self.words.encode(tokens), "lengths": lengths}
        if self.spelling is not None:
            distinct, which = tf.unique(tf.reshape(tokens, (-1,)))
            spellings, spelling_lengths = _padded(
                self.characters.encode(distinct)[:, :LONGEST_SPELLING]
            )
            batch |= {
                "spellings": spellings,
                "spelling_lengths": spelling_lengths,
                "which": tf.reshape(which, tf.shape(tokens)),
            }
        return batch

    # --- the network ------------------------------------------------------------------------------

    def call(self, batch, training=False):
        """Logits of the tags, float32 (batch, time, tags), of what `encode` returns."""
        mask = tf.sequence_mask(batch["lengths"], ops.shape(batch["ids"])[1])
        x = self._embed(batch, training)
        if self.streams:
            x, _ = self.recurrent(x, mask=mask, training=training)
        else:
            x = self.recurrent(x, mask=mask, training=training)
        return self.output_layer(self.drop_output(x, training=training))

    def _embed(self, batch, training=False):
        ids = batch["ids"]
        if training and self.reads_words and self.word_dropout:
            rate = tf.gather(self.words.rates_of_loss(self.word_dropout), ids)
            lost = keras.random.uniform(ops.shape(ids), seed=self.seed_generator) < rate
            ids = tf.where(lost, WordVocabulary.UNKNOWN, ids)
        x = self.embedding(ids)
        if self.spelling is not None:
            letters = self.letters(batch["spellings"])
            mask = tf.sequence_mask(batch["spelling_lengths"], ops.shape(letters)[1])
            spelled = self.spelling(letters, mask=mask, training=training)
            x = tf.concat([x, tf.gather(spelled, batch["which"])], axis=-1)
        return self.drop_input(x, training=training)

    def initial_state(self, batch_size):
        """The state before any element: a flat dict of float32 (batch_size, ...) tensors."""
        return self.recurrent.initial_state(batch_size)

    def step(self, batch, state):
        """Logits (batch, tags) and new state after one more element, of a batch with one each."""
        x, state = self.recurrent.step(self._embed(batch)[:, 0], state)
        return self.output_layer(x), state

    # --- training and answers ---------------------------------------------------------------------

    def compile(self, optimizer=None, loss=None, jit_compile=False, **kwargs):
        kwargs.setdefault("weighted_metrics", [Accuracy(), MacroF1()])
        super().compile(optimizer, loss, jit_compile, **kwargs)

    def fit(
        self,
        x,
        y=None,
        *,
        batch_size=None,
        window=None,
        seed=0,
        validation_data=None,
        steps_per_epoch=None,
        **kwargs,
    ):
        """Train on tagged sequences.

        Args:
            x: list of sentences, each a list of words; or of strings, whose elements are their
                characters; or a dataset that `batches` made.
            y: for each sequence as many tags as it has elements, each a string.
            batch_size: sequences in a batch, default 32.
            window: None, or the elements of the pieces that training cuts long sequences to.
            seed: of the order of the sequences.
            validation_data: a tuple (x, y), or a dataset.
            steps_per_epoch: default one pass over the sequences.
            **kwargs: of keras.Model.fit: epochs, callbacks, verbose, ...

        Returns:
            keras.callbacks.History.

        Raises:
            ValueError: sequences and tags don't go together, or the model doesn't know them.
        """
        batch_size = batch_size or 32
        if not isinstance(x, tf.data.Dataset):
            sequences = _tagged(x, y)
            self.adapt(sequences)
            pieces = _cut(sequences, window)
            steps_per_epoch = steps_per_epoch or data.sequences_per_epoch(pieces, batch_size)
            x = self.batches(pieces, batch_size, seed)
        if isinstance(validation_data, tuple):
            validation_data = self.in_order(_cut(_tagged(*validation_data), window), batch_size)
        if not self.compiled:
            self.compile()
        kwargs.setdefault("shuffle", False)  # Keras warns that it can't shuffle a dataset
        return super().fit(
            x, validation_data=validation_data, steps_per_epoch=steps_per_epoch, **kwargs
        )

    def evaluate(self, x=None, y=None, *, batch_size=None, window=None, **kwargs):
        """Loss (nats), accuracy and macro F1 over all elements.

        Args:
            x, y, batch_size, window: as in `fit`.
            **kwargs: of keras.Model.evaluate: return_dict, verbose, ...
        """
        self.require_tags()
        if not isinstance(x, tf.data.Dataset):
            x = self.in_order(_cut(_tagged(x, y), window), batch_size or 32)
        if not self.compiled:
            self.compile()
        return super().evaluate(x, **kwargs)

    def batches(self, sequences, batch_size, seed=0, start_step=0):
        """Endless training batches of `rnnzoo.data.Tagged`, ready for `fit`.

        Sequences of about the same length come together, so that little is padding. A batch is a
        function of the seed and its number.
        """
        rows = data.shuffled_rows([len(s.tags) for s in sequences], batch_size, seed, start_step)
        return self._encoded(rows, sequences)

    def in_order(self, sequences, batch_size):
        """All sequences once, ready for `evaluate`."""
        rows = tf.data.Dataset.range(len(sequences)).batch(batch_size)
        return self._encoded(rows, sequences)

    def _encoded(self, rows, sequences):
        tokens, tags = self._tensors([s.tokens for s in sequences]), [s.tags for s in sequences]
        lengths = np.array([len(of_one) for of_one in tags])
        with tf.device("cpu"):  # where tf.data runs, also when there is a GPU
            places = tf.RaggedTensor.from_row_lengths(
                self.places([tag for of_one in tags for tag in of_one]), lengths
            )

        def element(rows):
            batch = self.encode(tf.gather(tokens, rows))
            y, lengths = _padded(tf.gather(places, rows))
            return batch, y, tf.sequence_mask(lengths, tf.shape(y)[1], tf.float32)

        return rows.map(element, num_parallel_calls=2).prefetch(2)

    def _tensors(self, sequences):
        """What `encode` takes, from lists of words or strings."""
        with tf.device("cpu"):
            if not self.reads_words:
                return tf.constant(list(sequences), tf.string)
            return tf.RaggedTensor.from_row_lengths(
                tf.constant([word for words in sequences for word in words], tf.string),
                [len(words) for words in sequences],
            )

    def tag(self, sequences, batch_size=32):
        """The likeliest tags.

        Args:
            sequences: one sequence or a list of them: lists of words, or strings.
            batch_size: sequences that are read together.

        Returns:
            A tuple of tags, or a list of tuples.
        """
        self.require_tags()
        one = isinstance(sequences, str) if not self.reads_words else _is_sentence(sequences)
        todo = [sequences] if one else list(sequences)
        for sequence in todo:
            self._check(sequence)
        # Those of about the same length together.
        order = sorted(range(len(todo)), key=lambda i: len(todo[i]))
        answers = [()] * len(todo)
        for i in range(0, len(order), batch_size):
            rows = order[i : i + batch_size]
            tokens = self._tensors([todo[row] for row in rows])
            if self.reads_words:
                tokens = tokens.to_tensor("")
            tags = self.endpoints["serve"](tokens)["tags"].numpy()
            for row, of_row in zip(rows, tags, strict=True):
                answers[row] = tuple(tag.decode() for tag in of_row[: len(todo[row])])
        return answers[0] if one else answers

    def _check(self, sequence):
        if self.reads_words:
            if not _is_sentence(sequence) or "" in sequence:
                raise TypeError(f"expected a list of words, none empty, got {sequence!r}")
        elif not isinstance(sequence, str):
            raise TypeError(f"expected a string, whose characters are tagged, got {sequence!r}")

    def answer_lines(self, path, color=False):
        """For `rnnzoo predict`: the lines of a file with their tags.

        Of characters, in colour: the text, each tag in its own. Without: a line for each run of
        characters with the same tag, which begins with the tag. Of words, in a ``.conllu`` file or
        one sentence a line: a line for each word and its tag, an empty one after a sentence.
        """
        try:
            text = sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise ValueError(f"{path} is not UTF-8 text: {error.reason}") from None
        if self.reads_words:
            if Path(path).suffix.lower() == ".conllu":
                sentences = [sentence.tokens for sentence in data.read_conll(path)]
            else:
                sentences = [line.split() for line in text.splitlines() if line.strip()]
            for words, tags in zip(sentences, self.tag(sentences), strict=True):
                yield from (f"{word}\t{tag}" for word, tag in zip(words, tags, strict=True))
                yield ""
            return
        runs = [
            (tag, "".join(character for character, _ in run))
            for tag, run in itertools.groupby(
                zip(text, self.tag(text), strict=True), key=operator.itemgetter(1)
            )
        ]
        if not color:
            yield from (f"{tag}\t{json.dumps(run, ensure_ascii=False)}" for tag, run in runs)
            return
        colors = {tag: _COLORS[i % len(_COLORS)] for i, tag in enumerate(self.tags)}
        painted = "".join(
            run if run.isspace() else f"\x1b[38;5;{colors[tag]}m{run}\x1b[0m" for tag, run in runs
        )
        yield painted.removesuffix("\n")
        yield ""
        yield "  ".join(f"\x1b[38;5;{color}m{tag}\x1b[0m" for tag, color in colors.items())

    def feed(self, source, batch_size, window=None, seed=0):
        """What `rnnzoo.train` trains on; `source` as `rnnzoo.load_tagged` takes it."""
        return TaggedFeed(self, source, batch_size, window, seed)

    def make_endpoints(self, xla=True):
        """New `endpoints`; they hold no XLA but that of their layers, which `xla` leaves alone."""
        self.require_tags()
        return tagger_endpoints(self)

    def get_config(self):
        return {
            **super().get_config(),
            "recurrent": keras.saving.serialize_keras_object(self.recurrent),
            "embedding_size": self.embedding_size,
            "spelling_units": self.spelling_units,
            "dropout": self.dropout,
            "word_dropout": self.word_dropout,
            "tags": self.tags and list(self.tags),
            "characters": self.characters and self.characters.characters,
            "words": self.words and self.words.counts,
        }

    @classmethod
    def from_config(cls, config):
        recurrent = keras.saving.deserialize_keras_object(config["recurrent"])
        return cls(**{**config, "recurrent": recurrent})


def _padded(ragged, default=None):
    """A ragged tensor as (batch, time), a step at least, and its lengths (batch,)."""
    lengths = tf.cast(ragged.row_lengths(), tf.int32)
    time = tf.maximum(tf.reduce_max(lengths), 1)  # a recurrent layer needs a step
    return ragged.to_tensor(default, shape=tf.stack([-1, time])), lengths


def _tagged(x, y):
    """Sequences and tags as a list of `rnnzoo.data.Tagged`."""
    if y is None or len(x) != len(y) or not len(x):
        given = "none" if y is None else len(y)
        raise ValueError(f"expected tags for each of the {len(x)} sequences, got {given}")
    for i, (tokens, tags) in enumerate(zip(x, y, strict=True)):
        if len(tokens) != len(tags) or not len(tokens):
            raise ValueError(f"sequence {i} has {len(tokens)} elements and {len(tags)} tags")
        for value in (*tokens, *tags):
            if not isinstance(value, str) or not value:
                raise TypeError(f"sequence {i} holds {value!r}: expected strings, none empty")
    return [
        data.Tagged(tokens if isinstance(tokens, str) else tuple(tokens), tuple(tags))
        for tokens, tags in zip(x, y, strict=True)
    ]


def _cut(sequences, window):
    if window is None:
        return sequences
    return [piece for sequence in sequences for piece in data.pieces(sequence, window)]


def _is_sentence(words):
    return isinstance(words, (list, tuple)) and all(isinstance(word, str) for word in words)
