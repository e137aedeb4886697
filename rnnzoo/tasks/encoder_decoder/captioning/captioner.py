"""A sentence about a picture or a video."""

from __future__ import annotations

import dataclasses
from collections.abc import Container, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from rnnzoo import data
from rnnzoo.errors import WrongType, WrongValue
from rnnzoo.layers import RecurrentStack
from rnnzoo.platform import keras, tf
from rnnzoo.tasks.arguments import no_path
from rnnzoo.tasks.encoder_decoder.alignments import draw_alignments
from rnnzoo.tasks.encoder_decoder.captioning.alignments import RegionAlignment
from rnnzoo.tasks.encoder_decoder.captioning.endpoints import captioner_endpoints
from rnnzoo.tasks.encoder_decoder.captioning.feed import CaptionFeed
from rnnzoo.tasks.encoder_decoder.captioning.places import Places
from rnnzoo.tasks.encoder_decoder.captioning.preprocessor import CaptionPreprocessor
from rnnzoo.tasks.encoder_decoder.model import EncoderDecoder
from rnnzoo.tasks.transfer import copied, rows_copied
from rnnzoo.tasks.vocabulary import SentenceVocabulary

CONDITIONS = ("step", "input", "state", "both")
FRAMES = ("mean", "steps")


@keras.saving.register_keras_serializable("rnnzoo")
class Captioner(EncoderDecoder):
    """A model of p(S_1 ... S_N | I) = prod_t p(S_t | I, S_1 ... S_t-1) (Vinyals et al. 2014).

        v = W encoder(I)            of a video: of each frame, averaged over them or one by one

        condition "step"            x_-1 = v, x_t = W_e S_t                           (Vinyals)
                  "input"           x_t = [W_e S_t, v]
                  "state"           h_0 = tanh(W_h v), for each state of each layer
                  "both"            the last two

    S_0 is BOS and S_N EOS; p is as `rnnzoo.tasks.EncoderDecoder` has it. With ``frames="steps"`` a
    video's vectors are read one after the other before the first word (Venugopalan et al. 2015,
    S2VT); "both" then has the last output beside each word, too.

    With `attention` each h_t looks at the regions of all frames, and p sees what it finds, too (Xu
    et al. 2015, Show, attend and tell); all steps of training look at once. See
    `rnnzoo.layers.Attention`. The region in row r and column c of the f-th frame of F is ::

        a_frc = W encoder(I_f)_rc + p_rc + f / F q

    where the learned p_rc and q say where and when it is. v is the mean of a frame's regions.

    `fit` and `evaluate` take x, media as `captions` does, and y, a sentence for each, or a list of
    several.

    Args:
        decoder: a `rnnzoo.layers.RecurrentStack`; with attention its layers may see between them
            what the lowest finds, of embedding_size.
        encoder: a layer from uint8 pictures (n, height, width, 3) to features (n, size), or with
            attention (n, rows, columns, size); None: the features are given, and each of (frames,
            size) is one region. One without trainable weights sees each picture before training
            and not in each step. On several devices a random layer of Keras's own, such as
            keras.layers.Dropout, draws the same on each: take `rnnzoo.layers.dropout.Dropout`.
        embedding_size: length of v and of a word's vector.
        condition: how the sentence depends on the picture, see above.
        frames: "mean" over a video's frames, or "steps", with condition "step" or "both".
        size: side of the square, in pixels, that pictures are resized to.
        min_count: words that training meets less often are unknown.
        words: dict of words with their counts; None takes them from the first `fit`.
        features: length of given features; None where there is an encoder, or takes it from the
            first `fit`.
        attention: None, or how the fit of a region is scored: "general", "scaled" or "additive".
        **kwargs: of keras.Model (name, dtype).

    Attributes:
        vocabulary: a `rnnzoo.tasks.vocabulary.SentenceVocabulary`, or None.
        endpoints: dict of the compiled functions that an export holds and Python runs too, see
            `rnnzoo.tasks.encoder_decoder.captioning.endpoints`.

    Example:
        >>> import numpy as np, rnnzoo
        >>> keras.utils.set_random_seed(1)
        >>> model = rnnzoo.create_model("caption_gru", units=16, embedding_size=16, encoder=None)
        >>> model.compile(keras.optimizers.Adam(0.02))
        >>> x, y = np.eye(2)[[0, 1] * 50], ["a cat", "two dogs"] * 50
        >>> history = model.fit(x, y, epochs=15, verbose=0)
        >>> model.caption(np.eye(2))
        ['a cat', 'two dogs']
    """

    task = "captioning"
    default_dataset = "emoji_captions"
    answers_folders = True  # the frames of a video
    nested = ("decoder", "encoder")
    feed_class = CaptionFeed
    source = "media"
    with_attention = "caption_attention_lstm"
    alignment_class = RegionAlignment

    def __init__(
        self,
        decoder: RecurrentStack,
        encoder: keras.layers.Layer | None = None,
        embedding_size: int = 128,
        condition: Literal["step", "input", "state", "both"] = "step",
        frames: Literal["mean", "steps"] = "mean",
        size: int = 64,
        min_count: int = 1,
        words: Mapping[str, int] | None = None,
        features: int | None = None,
        attention: Literal["general", "scaled", "additive"] | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        if condition not in CONDITIONS:
            raise WrongValue(f"condition={condition!r}: expected one of {', '.join(CONDITIONS)}")
        if frames not in FRAMES or (frames == "steps" and condition not in ("step", "both")):
            raise WrongValue(
                f"frames={frames!r}, condition={condition!r}: expected mean, or steps with "
                "condition step or both"
            )
        self.decoder = decoder
        self.encoder = encoder
        self.embedding_size = embedding_size
        self.condition = condition
        self.frames = frames
        self._attend(attention, embedding_size)
        self.places: Any = None
        self.to_state: dict[str, Any] = {}
        known = CaptionPreprocessor(None, min_count, encoder, size, features)
        self.preprocessor = known
        if words is not None:
            if encoder is None and features is None:
                raise WrongValue(
                    "words are given, and neither an encoder nor the length of the features: "
                    "expected features=..., or no words before the first fit"
                )
            self.take_up(dataclasses.replace(known, vocabulary=SentenceVocabulary(words)))

    # --- what is learned from the data ------------------------------------------------------------

    def take_up(self, preprocessor: CaptionPreprocessor, forget: bool = False) -> None:
        """Know the words of a preprocessor, and make the layers for them.

        Words that were known keep their vectors.
        """
        known, to_state = self._known(), dict(self.to_state)
        self.preprocessor = preprocessor
        self.vocabulary = preprocessor.vocabulary
        if not self.built:
            self._make_encoder(preprocessor)
        self.let_go("embedding", "to_state", "output_layer", "bias")
        size = self.embedding_size
        self._make_embedding(size)
        if self.condition in ("input", "both"):
            units = self.decoder.output_size
            self.context_size = units if self.frames == "steps" else size
        self.decoder.build((None, None, size + self.context_size))
        self.to_state = to_state or self._make_to_state(size)
        self._make_output(size)
        if known[0] is not None and not forget:
            self._carry_over(known)

    def _make_encoder(self, preprocessor):
        encoded = (None, preprocessor.features)
        if self.encoder is not None:
            shape = (None, preprocessor.size, preprocessor.size, 3)
            if not self.encoder.built:
                self.encoder.build(shape)
            encoded = self.encoder.compute_output_shape(shape)
        self.projection = keras.layers.Dense(
            self.embedding_size, name="projection", dtype=self.dtype_policy
        )
        self.projection.build(encoded)
        if self.attention is not None:
            size = self.embedding_size
            self.places = Places(name="places", dtype="float32")
            self.places.build((None, *encoded[:-1], size))
            self.attention.build((None, None, self.decoder.output_size), (None, None, size))

    def _make_to_state(self, size):
        """By name of each first state of the decoder the layer that makes it of the picture."""
        layers = {}
        if self.condition in ("state", "both") and self.frames == "mean":
            for name, value in self.decoder.initial_state(1).items():
                layers[name] = keras.layers.Dense(
                    value.shape[-1], activation="tanh", dtype="float32"
                )
                layers[name].build((None, size))
        return layers

    def take_over(self, other: Captioner) -> list[str]:
        """Start with what another captioner learned, where the two are alike.

        The encoder, what looks at its regions, the recurrent layers from the lowest on, and what
        leads in and out of them go over whole; a word's vector goes over to the same word.

        Returns:
            Names of what went over.

        Raises:
            TypeError: the other is no captioner.
            ValueError: nothing of it fits.
        """
        if not isinstance(other, Captioner):
            raise WrongType(f"expected a Captioner to start from, got a {type(other).__name__}")
        self.require_ready()
        pairs = {
            "encoder": (self.encoder, other.encoder),
            "projection": (self.projection, other.projection),
            "places": (self.places, other.places),
            "output layer": (self.output_layer, other.output_layer),
        }
        layers = zip(self.decoder.layers, other.decoder.layers, strict=False)
        pairs |= {
            f"recurrent layer {i}": (mine, theirs)
            for i, (mine, theirs) in enumerate(layers)
            if type(mine.cell) is type(theirs.cell)
        }
        pairs |= {
            f"first state {name}": (layer, other.to_state.get(name))
            for name, layer in self.to_state.items()
        }
        if self.attention and other.attention and self.attention.score == other.attention.score:
            pairs["attention"] = (self.attention, other.attention)
        taken = [name for name, (mine, theirs) in pairs.items() if copied(mine, theirs)]
        if self.embedding_size == other.embedding_size:
            here, there = self.vocabulary.shared(other.vocabulary)
            rows_copied(self.embedding.embeddings, other.embedding.embeddings, here, there)
            rows_copied(self.bias, other.bias, here, there)
            taken.append(f"{len(here):,} of {self.vocabulary.size:,} words")
        if not taken:
            raise WrongValue(
                "nothing of the captioner to start from fits: it has another encoder, other cells "
                "or units, and another embedding_size"
            )
        return taken

    # --- the network ------------------------------------------------------------------------------

    def encode(self, batch: dict[str, tf.Tensor], training: bool = False) -> dict[str, tf.Tensor]:
        """The state before the first word, of the frames of a batch; see `start`."""
        return self.start(batch["frames"], training)

    def start(self, frames: tf.Tensor, training: bool = False) -> dict[str, tf.Tensor]:
        """The state before the first word; "context" is what stands beside each word.

        Args:
            frames: uint8 (batch, frames, size, size, 3), or their features, float (batch, frames,
                size).
            training: whether dropout acts.

        Returns:
            A flat dict of float32 (batch, size) tensors, and with attention of what is looked at.
        """
        regions = self._regions(frames, training)
        vectors = tf.reduce_mean(regions, axis=range(2, regions.shape.rank - 1))
        if self.frames == "mean":
            vectors = tf.reduce_mean(vectors, axis=1, keepdims=True)
        memory = self._memory(regions)
        context, state = vectors[:, 0], self._initial_state(vectors)
        if self.condition == "step" or self.frames == "steps":
            x = vectors
            if self.context_size:  # where words will see the last output, nothing yet
                x = self._beside(x, tf.zeros((tf.shape(x)[0], self.context_size)))
            h, state, _ = self._decoded(self.decoder, x, state | memory, training=training)
            context = tf.cast(h[:, -1, : self.context_size], tf.float32)
        state |= memory
        return {**state, "context": context} if self.context_size else state

    def _regions(self, frames, training):
        """The vectors a of all regions of each frame, (batch, frames, ..., embedding_size)."""
        if frames.dtype == tf.uint8:
            frames = self.preprocessor.encode_frames(frames, training)
        regions = tf.cast(self.projection(frames), tf.float32)
        return regions if self.attention is None else self.places(regions)

    def _memory(self, regions):
        """What is looked at: all regions, which are all real, as frames of a batch are."""
        if self.attention is None:
            return {}
        in_a_row = tf.reshape(regions, (tf.shape(regions)[0], -1, self.embedding_size))
        return self.attention.memory(in_a_row, tf.ones(tf.shape(in_a_row)[:2], tf.bool))

    def _initial_state(self, vectors):
        if not self.to_state:
            return self.decoder.initial_state(tf.shape(vectors)[0])
        return {name: layer(vectors[:, 0]) for name, layer in self.to_state.items()}

    def alignments(self, batch: dict[str, tf.Tensor]) -> tf.Tensor:
        """As `EncoderDecoder` has them, by place: (sentences, time, frames, rows, columns)."""
        weights, grid = super().alignments(batch), self.places.p.shape[:-1]
        return tf.reshape(weights, (*tf.unstack(tf.shape(weights)[:2]), -1, *grid))

    # --- answers ----------------------------------------------------------------------------------

    def captions(
        self,
        media: Sequence[ArrayLike] | np.ndarray,
        beam_width: int = 4,
        length_power: float | None = None,
        max_words: int | None = None,
        batch_size: int = 32,
    ) -> list[list[tuple[str, float]]]:
        """For each of the media its likeliest sentences by beam search; see `ranked`.

        Args:
            media: pictures, videos or features: (media, ...), or a list of arrays.
            beam_width, batch_size: as for `ranked`.
            length_power: as for `ranked`; None: 0.
            max_words: as for `ranked`; None: 30.
        """
        return self.ranked(media, beam_width, length_power, max_words, batch_size)

    def caption(
        self,
        media: Sequence[ArrayLike] | np.ndarray,
        beam_width: int = 4,
        length_power: float | None = None,
        max_words: int | None = None,
        batch_size: int = 32,
    ) -> list[str]:
        """The best sentence for each of the media; arguments as for `captions`."""
        ranked = self.captions(media, beam_width, length_power, max_words, batch_size)
        return [sentences[0][0] for sentences in ranked]

    def given(
        self, x: Sequence[ArrayLike] | np.ndarray
    ) -> tuple[dict[str, Sequence[Any]], list[int]]:
        """What endpoints take of media, and the number of frames of each."""
        no_path(x, "[rnnzoo.data.read_media({!r})]")
        frames = [self.preprocessor.prepare(medium) for medium in x]
        return {"frames": frames}, [len(of_one) for of_one in frames]

    answer_options = ("beam_width", "alignments")

    def answer_lines(
        self, path: str, color: bool = False, beam_width: int = 4, alignments: Path | None = None
    ) -> Iterator[str]:
        """For `rnnzoo predict`: the best sentences for a picture or a video, and their scores.

        Args:
            path: of a file.
            color: nothing; of a tagger's.
            beam_width: as for `captions`.
            alignments: a folder to draw in what was looked at for the best sentence; None: isn't
                drawn.
        """
        for sentence, log_prob in self._captioned(path, beam_width, alignments):
            yield f"{path}\t{log_prob:.3f}\t{sentence}"

    answer_columns = ("log probability", "caption")

    def answer_rows(
        self,
        path: str,
        answered: Container[str] = (),
        beam_width: int = 4,
        alignments: Path | None = None,
    ) -> Iterator[list[list[str]]]:
        """For `rnnzoo predict --out`: the best sentence for a picture or a video, named 0.

        Args:
            path: of a file.
            answered: "0" where it is not wanted.
            beam_width, alignments: as for `answer_lines`.
        """
        if "0" not in answered:
            sentence, log_prob = self._captioned(path, beam_width, alignments)[0]
            yield [["0", f"{log_prob:.6f}", sentence]]

    def _captioned(self, path, beam_width, folder):
        """Sentences for what is in a file; what was looked at for the best may be drawn."""
        medium = data.read_media(path)
        self.preprocessor.check(medium, str(path))
        (ranked,) = self.captions([medium], beam_width)
        if folder is not None:
            draw_alignments(folder, path, [0], self.align([medium], [ranked[0][0]]))
        return ranked

    def make_endpoints(self, xla: bool = True) -> dict[str, Any]:
        """New `endpoints`; they hold no XLA but that of their layers, which `xla` leaves alone."""
        self.require_ready()
        return captioner_endpoints(self)

    def get_config(self) -> dict[str, Any]:
        known = self.preprocessor
        return {
            **super().get_config(),
            "embedding_size": self.embedding_size,
            "condition": self.condition,
            "frames": self.frames,
            "attention": self.attention and self.attention.score,
            "size": known.size,
            "min_count": known.min_count,
            "words": self.vocabulary and self.vocabulary.counts,
            "features": known.features,
        }
