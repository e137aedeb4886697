"""The tables of a Markov chain as the weights of a layer, and how the graph reads them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnzoo.platform import keras, tf
from rnnzoo.tasks.text.markov.grams import Grams
from rnnzoo.tasks.text.markov.kneser_ney import levels


@keras.saving.register_keras_serializable("rnnzoo")
class MarkovTable(keras.layers.Layer):
    """p(x | the last `order` characters), looked up: see `rnnzoo.tasks.text.markov.kneser_ney`.

    A context is a number at each length up to the order. What follows it is one stretch of the next
    length's contexts, at most `widths` of them long: a character is found in it by halving, in as
    many steps as the longest takes, and XLA compiles it.

    Args:
        order: characters of the longest context.
        size: how many characters there are, the unknown one among them.
        sizes: how many contexts of 1, 2, ... characters there are, last the sequences of
            ``order + 1``; None: none.
        widths: how many entries the longest stretch of contexts of 0, 1, ... characters has.
        **kwargs: of keras.layers.Layer.
    """

    def __init__(
        self,
        order: int,
        size: int,
        sizes: Sequence[int] | None = None,
        widths: Sequence[int] | None = None,
        **kwargs: Any,
    ):
        super().__init__(dtype="float32", trainable=False, **kwargs)
        self.order = order
        self.size = size
        self.sizes = [0] * (order + 1) if sizes is None else list(sizes)
        self.widths = [0] * (order + 1) if widths is None else list(widths)

    @classmethod
    def of(cls, grams: Grams, order: int) -> MarkovTable:
        """The table of counted sequences of ``order + 1`` characters."""
        tables = levels(grams)
        sizes = [len(level.characters) for level in tables]
        widths = [int(np.diff(level.first).max()) for level in tables]
        layer = cls(order, grams.size, sizes, widths, name="table")
        layer.build(None)
        for depth, level in enumerate(tables):
            for name, weight in layer.by_depth[depth].items():
                # Behind the entries one that is none, for stretches that are shorter than widths.
                behind = [-1] if name == "characters" else [0]
                values = getattr(level, name)
                whole = len(values) == weight.shape[0]
                weight.assign(values if whole else np.append(values, behind).astype(values.dtype))
        layer.counts.assign(grams.counts.astype(np.int32))
        return layer

    def build(self, _):
        def weight(name, length, dtype, start="zeros"):
            return self.add_weight(
                shape=(length,), dtype=dtype, initializer=start, trainable=False, name=name
            )

        contexts = [1, *self.sizes[:-1]]
        self.by_depth = [
            {
                "first": weight(f"first_{depth}", known + 2, "int32"),
                "left": weight(f"left_{depth}", known + 1, "float32", "ones"),
                "characters": weight(f"characters_{depth}", following + 1, "int32"),
                "shares": weight(f"shares_{depth}", following + 1, "float32"),
            }
            for depth, (known, following) in enumerate(zip(contexts, self.sizes, strict=True))
        ]
        # Of no answer, but more text may be counted on top.
        self.counts = weight("counts", self.sizes[-1], "int32")
        self.built = True

    @property
    def unseen(self) -> list[int]:
        """By length from 1 to the order, the number of the context that was never seen."""
        return self.sizes[:-1]

    def grams(self) -> Grams:
        """What was counted."""
        ids, nodes = [], np.arange(self.sizes[-1])
        for depth in range(self.order, -1, -1):
            level = self.by_depth[depth]
            ids.append(level["characters"].numpy()[nodes])
            nodes = np.searchsorted(level["first"].numpy(), nodes, side="right") - 1
        counts = self.counts.numpy().astype(np.int64)
        return Grams(np.stack(ids[::-1], axis=1), counts, self.size)

    def _following(self, depth, contexts):
        """Places (..., width) of what follows contexts, and which of them are real."""
        first = self.by_depth[depth]["first"]
        begin, end = tf.gather(first, contexts), tf.gather(first, contexts + 1)
        at = begin[..., None] + tf.range(self.widths[depth])
        real = at < end[..., None]
        return tf.where(real, at, self.sizes[depth]), real

    def longer(self, depth: int, contexts: tf.Tensor, ids: tf.Tensor) -> tf.Tensor:
        """The contexts of a character more: `ids` behind `contexts` of `depth` characters."""
        first, characters = (self.by_depth[depth][name] for name in ("first", "characters"))
        low, high = tf.gather(first, contexts), tf.gather(first, contexts + 1)
        end = high
        # The characters of a stretch ascend.
        for _ in range(self.widths[depth].bit_length()):
            middle = (low + high) // 2
            below = (low < high) & (tf.gather(characters, middle) < ids)
            low, high = tf.where(below, middle + 1, low), tf.where(below, high, middle)
        found = (low < end) & (tf.gather(characters, low) == ids)
        return tf.where(found, low, self.sizes[depth])

    def log_probs(self, contexts: tf.Tensor) -> tf.Tensor:
        """Log-probabilities (n, size) of what follows.

        Args:
            contexts: int32 (n, order), their numbers at lengths from 1 to the order.
        """
        rows = tf.shape(contexts)[0]
        contexts = tf.concat([tf.zeros((rows, 1), tf.int32), contexts], axis=1)
        probabilities = tf.fill((rows, self.size), 1 / self.size)
        for depth, level in enumerate(self.by_depth):
            at, real = self._following(depth, contexts[:, depth])
            characters = tf.where(real, tf.gather(level["characters"], at), 0)
            shares = tf.gather(level["shares"], at)
            places = tf.range(rows)[:, None] * self.size + characters
            shares = tf.math.unsorted_segment_sum(shares, places, rows * self.size)
            left = tf.gather(level["left"], contexts[:, depth])[:, None]
            probabilities = left * probabilities + tf.reshape(shares, (rows, self.size))
        return tf.math.log(probabilities)

    def get_config(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "order": self.order,
            "size": self.size,
            "sizes": self.sizes,
            "widths": self.widths,
        }
